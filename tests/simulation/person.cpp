#include "tests/simulation/person.h"

#include <utility>

#include "field-client/replica/session.h"
#include "field-client/replica/store.h"

namespace godwit::simulation {
namespace {

constexpr const char* store_folder = "/store";

}  // namespace

Person::Person(std::size_t with_number, std::string with_name, const Cipher& cipher,
               Transport& road, const std::int64_t& true_ms, std::uint64_t seed,
               const DiskImage& image)
    : Machine(true_ms, seed, image),
      number(with_number),
      name(std::move(with_name)),
      host_{clock, chance, cipher, road, {}, "simulation", disk} {}

Person::~Person() = default;

Result<Replica*> Person::opened() {
    if (!replica_) {
        note_start();
        auto fresh = TRY(Replica::open(store_folder, host_));
        replica_ = std::move(fresh);
        const auto unlocked =
            replica_->call("unlock", format_json({{"phrase", std::string(everybodys_phrase)}}));
        if (!unlocked && unlocked.error().code != ErrorCode::not_enrolled) {
            replica_.reset();
            return unlocked.error();
        }
    }
    return replica_.get();
}

Result<Json> Person::call(std::string_view method, const Json& parameters) {
    const Running program(schema);
    Replica* replica_open = TRY(opened());
    Replica::Call call = replica_open->begin(method, format_json(parameters));
    while (const Post* wanted = call.wanted()) call.take(post(*wanted));
    last_answer_ = TRY(call.result());
    return parse_json(last_answer_);
}

/// What happens amid may end the replica, and the call with it.
Heard Person::post(const Post& wanted) {
    Transport& road = host_.transport;
    Heard heard{road.post(wanted.server, wanted.pin, wanted.path, wanted.body)};
    heard.may_have_sent = road.may_have_sent();
    if (amid && amid_after-- == 0) std::exchange(amid, nullptr)();
    return heard;
}

Result<void> Person::with_session(const std::function<Result<void>(Session&)>& work) {
    const Running program(schema);
    stop();
    note_start();
    auto store = TRY(Store::open(store_folder, host_));
    TRY(store->unlock(everybodys_phrase));
    auto session = TRY(Session::open(host_, *store));
    return work(*session);
}

}  // namespace godwit::simulation
