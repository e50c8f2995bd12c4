#include <limits>

#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

struct Written {
    World world;
    TeamId team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& caro = world.join("caro", {{team, Role::supervisor}});

    Receipt receipt_in(const Answer& answer) {
        REQUIRE(answer.receipts.size() == 1);
        return decode_receipt(answer.receipts.front()).value();
    }
    Receipt send() {
        const Request request = asha.request();
        const auto answer = asha.exchange(request);
        REQUIRE(answer);
        asha.absorb(request, *answer);
        return receipt_in(*answer);
    }
};

}  // namespace

TEST_CASE("a receipt says through what, when, and how wrong the clock was", "[reconcile]") {
    Written w;
    w.asha.capture(w.team);
    w.asha.capture(w.team);
    w.asha.clock_ahead_ms = 3'600'000;

    const Receipt first = w.send();
    const std::int64_t first_ms = w.world.clock.now_ms();
    w.world.clock.advance(9'000);
    w.asha.clock_ahead_ms = 0;
    w.asha.capture(w.team);
    const Receipt second = w.send();

    CHECK(first.after == 0);
    CHECK(first.through == 2);
    CHECK(first.floor_ms == 0);
    CHECK(first.received_ms == first_ms);
    CHECK(first.offset_ms == -3'600'000);
    CHECK(second.after == 2);
    CHECK(second.through == 3);
    CHECK(second.hash == w.asha.head().hash);
    CHECK(second.floor_ms == first.received_ms);
    CHECK(second.received_ms == w.world.clock.now_ms());
    CHECK(second.offset_ms == 0);
}

TEST_CASE("a clock within two seconds is right, one beyond is corrected", "[reconcile]") {
    Written w;
    w.asha.capture(w.team);
    SECTION("within") {
        w.asha.clock_ahead_ms = GENERATE(-2'000, -1, 1'999, 2'000);
        CHECK(w.send().offset_ms == 0);
    }
    SECTION("beyond") {
        w.asha.clock_ahead_ms = GENERATE(-2'001, 2'001);
        CHECK(w.send().offset_ms == -w.asha.clock_ahead_ms);
    }
}

TEST_CASE("a server whose clock steps back still gives receipts that never do", "[reconcile]") {
    Written w;
    w.asha.capture(w.team);
    const Receipt first = w.send();
    w.world.clock.advance(-86'400'000);
    w.asha.capture(w.team);

    const Receipt second = w.send();

    CHECK(second.received_ms == first.received_ms);
    CHECK(second.floor_ms == first.received_ms);
}

TEST_CASE("a clock at 1970 or 2099 or beyond all reason wins nothing", "[reconcile]") {
    Written w;
    const RecordId record = w.asha.capture(w.team);
    REQUIRE(w.asha.sync());
    REQUIRE(w.caro.sync());
    w.world.clock.advance(60'000);
    const auto claimed_ms = GENERATE(std::int64_t{0}, std::int64_t{4'070'908'800'000});
    Change change =
        w.asha.draft(record, visit::type, w.team, {set_text(visit::date, "2026-11-02")});
    change.time = {claimed_ms, 7};
    w.asha.append(change);
    REQUIRE(w.asha.sync());
    REQUIRE(w.caro.sync());

    const Sibling& sibling = w.caro.base.at(record).fields.at(visit::date).siblings.front();
    CHECK(sibling.claimed.wall_ms == claimed_ms);
    CHECK(sibling.effective.wall_ms <= w.world.clock.now_ms());
    CHECK(sibling.effective.wall_ms >= w.world.clock.now_ms() - 60'000);
    CHECK(w.asha.digest() == w.caro.digest());
    CHECK(w.world.verify().problems.empty());
}

TEST_CASE("a request that claims an impossible clock is answered like any other", "[reconcile]") {
    Written w;
    w.asha.capture(w.team);
    Request request = w.asha.request();
    request.clock_ms = GENERATE(std::numeric_limits<std::int64_t>::min(),
                                std::numeric_limits<std::int64_t>::max());

    const auto answer = w.asha.exchange(request);

    REQUIRE(answer);
    CHECK(answer->receipts.size() == 1);
    CHECK(w.world.verify().problems.empty());
}

TEST_CASE("receipts are given again to who offers again, and to nobody else", "[reconcile]") {
    Written w;
    w.asha.capture(w.team);
    const Receipt first = w.send();
    w.asha.capture(w.team);
    const Receipt second = w.send();

    const auto again = w.asha.exchange(w.asha.request(1));
    const auto quiet = w.asha.exchange(w.asha.request());

    REQUIRE(again);
    CHECK(w.receipt_in(*again) == second);
    REQUIRE(quiet);
    CHECK(quiet->receipts.empty());
    CHECK(first != second);
}

TEST_CASE("a receipt that this server never signed counts for nothing", "[reconcile]") {
    Written w;
    w.asha.capture(w.team);
    Receipt forged;
    forged.epoch = w.world.random.id<EpochId>();
    forged.replica = w.asha.replica;
    forged.log = w.asha.log;
    forged.through = 1;
    forged.hash = w.asha.head().hash;
    forged.received_ms = 4'070'908'800'000;
    const SigningKeyPair other = w.world.cipher.make_signing_keys(w.world.random);
    sign(w.world.cipher, forged, other.secret_key);
    Request request = w.asha.request();
    request.receipts = {encode_receipt(forged)};

    const auto answer = w.asha.exchange(request);

    REQUIRE(answer);
    CHECK(w.receipt_in(*answer).received_ms == w.world.clock.now_ms());
}

}  // namespace godwit
