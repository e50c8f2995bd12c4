#include "tests/simulation/person.h"

#include "field-client/replica/session.h"
#include "field-client/replica/store.h"

namespace godwit::simulation {
namespace {

constexpr const char* store_folder = "/store";

}  // namespace

Person::Person(std::size_t with_number, std::string with_name, const Cipher& cipher,
               Transport& road, const std::int64_t& true_ms, std::uint64_t seed,
               const DiskImage& image)
    : number(with_number),
      name(std::move(with_name)),
      disk(seed, image),
      clock(true_ms),
      host_{clock, chance, cipher, road, {}, "simulation", disk} {
    disk.tell_time([this] { return clock.now_ms(); });
}

Person::~Person() = default;

Result<Replica*> Person::opened() {
    if (!replica_) {
        faults_known_ = disk.faults_done();
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
    Replica* replica_open = TRY(opened());
    last_answer_ = TRY(replica_open->call(method, format_json(parameters)));
    return parse_json(last_answer_);
}

Result<void> Person::with_session(const std::function<Result<void>(Session&)>& work) {
    close();
    faults_known_ = disk.faults_done();
    auto store = TRY(Store::open(store_folder, host_));
    TRY(store->unlock(everybodys_phrase));
    auto session = TRY(Session::open(host_, *store));
    return work(*session);
}

void Person::kill() {
    disk.stop();
    close();
    disk.start();
}

void Person::return_from_power_cut() {
    disk.stop();
    close();
    disk.heal();
    disk.start_after_power_cut();
}

bool Person::has_suffered() const {
    return disk.is_stopped() || disk.faults_done() != faults_known_;
}

}  // namespace godwit::simulation
