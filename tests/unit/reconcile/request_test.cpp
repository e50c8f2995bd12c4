#include "shared/protocol/frame.h"
#include "shared/protocol/short_answer.h"
#include "shared/protocol/short_request.h"
#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

/// The nonce a refusal hands out.
RequestNonceBytes nonce_in(const Reply& reply) {
    const auto message = decode_frame(reply.body);
    REQUIRE(message);
    const auto refusal = decode_refusal(*message);
    REQUIRE(refusal);
    REQUIRE(refusal->nonce);
    return *refusal->nonce;
}

struct Signed {
    World world;
    TeamId team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});

    Reply send(const Person& person, const RequestNonceBytes& nonce) {
        Person& sender = const_cast<Person&>(person);
        return world.service->answer(path::exchange, sender.envelope(sender.request(), nonce));
    }
    RequestNonceBytes fresh(const Person& person) { return nonce_in(send(person, {})); }
};

}  // namespace

TEST_CASE("a request without a nonce is refused and handed one that works", "[reconcile]") {
    Signed s;

    const Reply refused = s.send(s.asha, {});
    REQUIRE(refusal_in(refused)->code == ErrorCode::stale_nonce);

    CHECK(s.send(s.asha, nonce_in(refused)).http_status == 200);
}

TEST_CASE("a request played again is refused", "[reconcile]") {
    Signed s;
    const RequestNonceBytes nonce = s.fresh(s.asha);
    const Bytes body = s.asha.envelope(s.asha.request(), nonce);
    REQUIRE(s.world.service->answer(path::exchange, body).http_status == 200);

    const auto refused = refusal_in(s.world.service->answer(path::exchange, body));

    REQUIRE(refused);
    CHECK(refused->code == ErrorCode::stale_nonce);
}

TEST_CASE("a nonce older than one already used is refused", "[reconcile]") {
    Signed s;
    const RequestNonceBytes older = s.fresh(s.asha);
    const RequestNonceBytes newer = s.fresh(s.asha);
    REQUIRE(s.send(s.asha, newer).http_status == 200);

    CHECK(refusal_in(s.send(s.asha, older))->code == ErrorCode::stale_nonce);
}

TEST_CASE("a nonce made for another replica, or by nobody, is refused", "[reconcile]") {
    Signed s;
    Person& bela = s.world.join("bela", {{s.team, Role::worker}});
    const RequestNonceBytes for_bela = s.fresh(bela);
    RequestNonceBytes invented = s.fresh(s.asha);
    invented[20] ^= 1U;

    CHECK(refusal_in(s.send(s.asha, for_bela))->code == ErrorCode::stale_nonce);
    CHECK(refusal_in(s.send(s.asha, invented))->code == ErrorCode::stale_nonce);
    CHECK(s.send(bela, for_bela).http_status == 200);
}

TEST_CASE("a restart makes every nonce stale", "[reconcile]") {
    Signed s;
    const RequestNonceBytes nonce = s.fresh(s.asha);

    s.world.restart();

    CHECK(refusal_in(s.send(s.asha, nonce))->code == ErrorCode::stale_nonce);
    CHECK(s.send(s.asha, s.fresh(s.asha)).http_status == 200);
}

TEST_CASE("a request signed with another key is refused, and costs its victim no nonce",
          "[reconcile]") {
    Signed s;
    const RequestNonceBytes nonce = s.fresh(s.asha);
    Person& mallory = s.world.join("mallory", {{s.team, Role::worker}});
    const ReplicaId own = mallory.replica;
    mallory.replica = s.asha.replica;

    CHECK(refusal_in(s.send(mallory, nonce))->code == ErrorCode::bad_signature);
    mallory.replica = own;
    CHECK(s.send(s.asha, nonce).http_status == 200);
}

TEST_CASE("a replica the roster does not know is refused", "[reconcile]") {
    Signed s;
    Person stranger(s.world, "stranger");

    CHECK(refusal_in(s.send(stranger, {}))->code == ErrorCode::unknown_replica);
}

TEST_CASE("every cut or flipped envelope is refused and nothing of it is stored", "[reconcile]") {
    Signed s;
    s.asha.capture(s.team);
    const std::uint64_t changes = s.world.status().changes;
    const Bytes whole = s.asha.envelope(s.asha.request(), s.fresh(s.asha));

    for (std::size_t size = 0; size < whole.size(); size += 7) {
        const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        CHECK(s.world.service->answer(path::exchange, cut).http_status != 200);
    }
    for (std::size_t index = 0; index < whole.size(); index += 5) {
        Bytes flipped = whole;
        flipped[index] ^= 0x10U;
        CHECK(s.world.service->answer(path::exchange, flipped).http_status != 200);
    }
    CHECK(s.world.status().changes == changes);
    CHECK(s.world.service->answer(path::exchange, whole).http_status == 200);
    CHECK(s.world.status().changes == changes + 1);
}

TEST_CASE("a request need not name the log that its segment names", "[reconcile]") {
    Signed s;
    s.asha.capture(s.team);
    const Request whole = s.asha.request();
    Request sent = whole;
    shorten(sent);
    REQUIRE(sent.log.is_zero());

    const Reply reply =
        s.world.service->answer(path::exchange, s.asha.envelope(sent, s.fresh(s.asha)));

    REQUIRE(reply.http_status == 200);
    Answer answer = decode_answer(decode_frame(reply.body).value()).value();
    REQUIRE(restore(answer, whole, s.asha.replica));
    CHECK(answer.head == whole.head);
    CHECK(answer.receipts.size() == 1);
}

TEST_CASE("a path that is none of ours is not found", "[reconcile]") {
    Signed s;
    CHECK(refusal_in(s.world.service->answer("/v1/nothing", {}))->code == ErrorCode::not_found);
}

TEST_CASE("a service that stops answers nobody any more", "[reconcile]") {
    Signed s;
    const RequestNonceBytes nonce = s.fresh(s.asha);
    s.world.service->stop();

    CHECK(refusal_in(s.send(s.asha, nonce))->code == ErrorCode::stopping);
}

TEST_CASE("a replica that only asks costs no commit, and its contact is known all the same",
          "[reconcile]") {
    Signed s;
    REQUIRE(s.asha.sync());
    const std::uint64_t commits = s.world.service->counts().commits;
    s.world.clock.advance(60'000);

    REQUIRE(s.asha.sync());

    CHECK(s.world.service->counts().commits == commits);
    bool is_seen = false;
    for (const auto& row : s.world.status().contacts) {
        if (row.replica == s.asha.replica) {
            is_seen = row.last_contact_ms == s.world.clock.now_ms() && row.app_version == "test";
        }
    }
    CHECK(is_seen);
}

TEST_CASE("a program says its version once, and it stays known", "[reconcile]") {
    Signed s;
    REQUIRE(s.asha.sync());
    s.asha.app_version.clear();
    const auto version = [&] {
        for (const auto& row : s.world.status().contacts) {
            if (row.replica == s.asha.replica) return row.app_version;
        }
        return std::string();
    };

    REQUIRE(s.asha.sync());
    CHECK(version() == "test");
    s.asha.capture(s.team);
    REQUIRE(s.asha.sync());
    CHECK(version() == "test");
    s.asha.capture(s.team);
    REQUIRE(s.asha.sync());
    CHECK(version() == "test");
}

}  // namespace godwit
