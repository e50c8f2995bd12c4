#include "shared/model/common_fields.h"
#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

struct Team {
    World world;
    TeamId team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& caro = world.join("caro", {{team, Role::supervisor}});
    RecordId record = asha.capture(team);

    Team() {
        REQUIRE(asha.sync());
        REQUIRE(caro.sync());
        asha.write(record, visit::type, team, {set_text(visit::date, "2026-11-02")});
    }
};

}  // namespace

TEST_CASE("a retired replica's remaining work enters with a mark, and it hears no more",
          "[reconcile]") {
    Team t;
    t.world.revoke(t.asha, Manner::retired);
    t.caro.write(t.record, visit::type, t.team, {set_archived(true)});
    REQUIRE(t.caro.sync());

    REQUIRE(t.asha.sync());
    REQUIRE(t.caro.sync());

    CHECK(t.asha.answered.standing == Standing::retired);
    CHECK(t.asha.answered.records.empty());
    CHECK(t.asha.answered.statements.empty());
    CHECK(t.asha.delivered == 2);
    CHECK_FALSE(t.asha.base.at(t.record).fields.contains(common_field::archived));
    const auto& siblings = t.caro.base.at(t.record).fields.at(visit::date).siblings;
    REQUIRE(siblings.size() == 1);
    CHECK(siblings.front().mark == Mark::after_retirement);
    CHECK(t.world.digest_for(t.caro) == t.caro.digest());
    CHECK(t.world.verify().problems.empty());
}

TEST_CASE("a retired replica's new record comes with the key that opens it", "[reconcile]") {
    Team t;
    const RecordId late = t.asha.capture(t.team);
    RecordKey key;
    t.world.random.fill(key.bytes);
    Bytes bytes;
    cbor::Encoder out(bytes);
    encode(out, state_record_key(t.world.cipher, key, late, t.team, t.asha.replica,
                                 t.asha.signing.secret_key));
    t.asha.keys.push_back(bytes);
    t.world.revoke(t.asha, Manner::retired);

    REQUIRE(t.asha.sync());
    REQUIRE(t.caro.sync());

    bool has_key = false;
    for (const auto& [team, delta] : t.caro.answered.records) {
        if (delta.record == late) has_key = delta.key == bytes;
    }
    CHECK(has_key);
}

TEST_CASE("past the cut everything of a compromised replica is parked, and it hears its standing",
          "[reconcile]") {
    Team t;
    t.world.revoke(t.asha, Manner::compromised);

    REQUIRE(t.asha.sync());
    REQUIRE(t.caro.sync());

    const Answer& answer = t.asha.answered;
    CHECK(answer.standing == Standing::compromised);
    CHECK(answer.receipts.empty());
    CHECK(answer.records.empty());
    CHECK(answer.parked.empty());
    CHECK(answer.cursors.empty());
    CHECK(answer.head == LogHead{});
    REQUIRE(t.caro.parked_items.size() == 1);
    const ParkedItem& item = t.caro.parked_items.begin()->second;
    CHECK(item.reason == ErrorCode::replica_revoked);
    CHECK(item.dot.sequence == 2);
    CHECK_FALSE(t.caro.base.at(t.record).fields.contains(visit::date));
    // What it said before the cut stands.
    CHECK(t.caro.base.at(t.record).fields.contains(common_field::owner));
    CHECK(t.world.verify().problems.empty());
}

TEST_CASE("a compromised replica that only asks hears its standing and nothing else",
          "[reconcile]") {
    Team t;
    REQUIRE(t.asha.sync());
    t.caro.write(t.record, visit::type, t.team, {set_archived(true)});
    REQUIRE(t.caro.sync());
    t.world.revoke(t.asha, Manner::compromised);

    const auto answer = t.asha.exchange(t.asha.request());

    REQUIRE(answer);
    CHECK(answer->standing == Standing::compromised);
    CHECK(answer->records.empty());
    CHECK(answer->statements.empty());
    CHECK(answer->head == LogHead{});
}

TEST_CASE("a compromised replica can neither confirm, nor give keys, nor state anything",
          "[reconcile]") {
    Team t;
    t.world.revoke(t.asha, Manner::compromised);
    const std::uint64_t teams = t.world.status().teams;
    t.asha.statements.push_back(t.asha.state(
        TeamStatement{t.world.random.id<TeamId>(), Bytes(64, 1), t.world.clock.now_ms()}));

    REQUIRE(t.asha.sync());

    CHECK(t.asha.answered.verdicts.empty());
    CHECK(t.world.status().teams == teams);
}

}  // namespace godwit
