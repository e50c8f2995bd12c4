#include "tests/disk/campaign/stage.h"

#include "shared/protocol/frame.h"
#include "shared/protocol/messages.h"
#include "shared/protocol/packed_segment.h"
#include "shared/protocol/short_answer.h"
#include "shared/protocol/short_request.h"
#include "shared/seal/receipt.h"
#include "shared/seal/request_envelope.h"
#include "tests/simulation/known_cipher.h"
#include "tests/support/transport_answer.h"

namespace godwit::campaign {

namespace {

/// What a server's answer says, and what it leaves out because its request said it.
Result<Answer> whole_answer(ByteView body, ByteView message) {
    const Envelope envelope = TRY(read_envelope(body));
    Request request = TRY(decode_request(TRY(decode_frame(envelope.payload))));
    if (!request.segments.empty()) {
        restore(request, TRY(decode_packed_segment(request.segments.back())));
    }
    Answer answer = TRY(decode_answer(message));
    TRY(restore(answer, request, envelope.replica));
    return answer;
}

}  // namespace

/// One replica: its program runs while `replica` is there.
class Stage::Actor final : public Transport {
public:
    Actor(Stage& stage, Who who, std::uint64_t seed)
        : stage_(stage), random_(seed), host_{stage.clock, random_, stage.tools_.cipher, *this,
                                              {},          "story", stage.disk(who)} {}

    Result<Answer> post(const std::string&, const std::optional<ServerPin>&, std::string_view path,
                        ByteView body) override {
        auto reply = stage_.ask_server(path, body);
        // A server that does not start answers nobody.
        if (!reply) return ErrorCode::unreachable;
        return transport_answer(*std::move(reply), body);
    }

    Result<Json> call(std::string_view method, const Json& parameters) {
        if (!replica_) {
            replica_ = TRY(Replica::open(store_folder, host_));
            if (method != "enrol") TRY(unlock());
        }
        return parse_json(TRY(replica_->call(method, format_json(parameters))));
    }

    void close() { replica_.reset(); }

private:
    Result<void> unlock() {
        const auto unlocked = replica_->call("unlock", format_json({{"phrase", phrase}}));
        if (unlocked) return ok();
        replica_.reset();
        return unlocked.error();
    }

    Stage& stage_;
    DrawnRandom random_;
    Host host_;
    std::unique_ptr<Replica> replica_;
};

Stage::Stage(const Tools& tools, const Moment& moment, std::uint64_t with_seed)
    : names(moment.names),
      seed(with_seed),
      tools_(tools),
      server_random_(with_seed ^ 0x5e5eU),
      promises_(moment.promises) {
    clock.ms = moment.now_ms;
    for (std::size_t index = 0; index < who_count; ++index) {
        disks_[index] = std::make_unique<SimulatedDisk>(seed + index, moment.disks[index]);
    }
    for (const Who who : replicas) {
        const std::uint64_t own_seed = seed * who_count + static_cast<std::uint64_t>(who);
        actors_[who] = std::make_unique<Actor>(*this, who, own_seed);
    }
    seed_sqlite(static_cast<std::uint32_t>(seed));
    simulation::begin_sodium_chance(seed);
}

Stage::~Stage() {
    close();
}

Result<Json> Stage::call(Who who, std::string_view method, const Json& parameters) {
    clock.ms += 1'000;
    auto outcome = actors_.at(who)->call(method, parameters);
    if (!outcome) refused.push_back({who, std::string(method), outcome.error()});
    return outcome;
}

Result<ServerStore*> Stage::server() {
    if (store_) return store_.get();
    store_ = TRY(ServerStore::open(promises_->server_folder, false, tools_.cipher, server_random_,
                                   clock, disk(Who::server)));
    service_ =
        std::make_unique<Service>(*store_, tools_.keys, tools_.cipher, server_random_, clock);
    return store_.get();
}

Result<Reply> Stage::ask_server(std::string_view path, ByteView body) {
    if (const auto started = server(); !started) {
        refused.push_back({Who::server, "start", started.error()});
        return started.error();
    }
    Reply reply = service_->answer(path, body);
    hear(path, body, reply);
    return reply;
}

void Stage::hear(std::string_view path, ByteView body, const Reply& reply) {
    const auto message = decode_frame(reply.body);
    GODWIT_ASSERT(message);
    if (reply.http_status != 200) {
        const auto refusal = decode_refusal(*message);
        GODWIT_ASSERT(refusal);
        // The replica puts these right by itself, the second after a restore.
        if (refusal->error.code == ErrorCode::stale_nonce) return;
        if (refusal->error.code == ErrorCode::unknown_replica) return;
        refused.push_back({Who::server, std::string(path), refusal->error});
        return;
    }
    if (path != path::exchange) return;
    const auto answer = whole_answer(body, *message);
    GODWIT_ASSERT(answer);
    if (answer->receipts.empty()) return;
    promise([&](Promises& all) {
        for (const Bytes& bytes : answer->receipts) {
            const auto receipt = decode_receipt(bytes);
            GODWIT_ASSERT(receipt);
            all.delivered.receipts[receipt->log][receipt->through] = receipt->hash;
            ++all.count;
        }
    });
}

void Stage::stop_server() {
    service_.reset();
    store_.reset();
}

void Stage::close() {
    for (auto& [who, actor] : actors_) actor->close();
    stop_server();
}

Moment Stage::moment() const {
    Moment out;
    for (std::size_t index = 0; index < who_count; ++index) {
        out.disks[index] = disks_[index]->image();
    }
    out.promises = promises_;
    out.names = names;
    out.now_ms = clock.ms;
    return out;
}

void Stage::promise(const std::function<void(Promises&)>& change) {
    auto fresh = std::make_shared<Promises>(*promises_);
    change(*fresh);
    promises_ = std::move(fresh);
}

}  // namespace godwit::campaign
