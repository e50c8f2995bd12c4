#include <algorithm>

#include "shared/model/common_fields.h"
#include "shared/seal/key_batch.h"
#include "sync-server/store/engine.h"
#include "sync-server/store/key_table.h"
#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

struct RevokingTeam {
    World world;
    TeamId team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& caro = world.join("caro", {{team, Role::supervisor}});
    RecordId record = asha.capture(team);

    RevokingTeam() {
        REQUIRE(asha.sync());
        REQUIRE(caro.sync());
        asha.write(record, visit::type, team, {set_text(visit::date, "2026-11-02")});
    }

    /// Asha's statement of a new key for `of`.
    Bytes key_statement(const RecordId& of) {
        RecordKey key;
        world.random.fill(key.bytes);
        return encoded(
            state_record_key(world.cipher, key, of, team, asha.replica, asha.signing.secret_key));
    }
    [[nodiscard]] Bytes wrap_for(const RecordId& of, Recipient recipient) const {
        Wrap wrap;
        wrap.record = of;
        wrap.recipient = recipient;
        wrap.recipient_id = team.bytes;
        wrap.epoch = 1;
        wrap.box = Bytes(81, 2);
        return encoded(wrap);
    }
    /// How many wraps of `of` the server holds.
    std::size_t wrap_count(const RecordId& of) {
        const Engine::Reading reading = world.store->engine().read().value();
        const auto keys = load_record_keys(reading.database(), of).value();
        return keys ? keys->wraps.size() : 0;
    }
};

}  // namespace

TEST_CASE("a retired replica's remaining work enters with a mark, and it hears no more",
          "[reconcile]") {
    RevokingTeam t;
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

TEST_CASE("a retired replica hears which of its last changes were parked", "[reconcile]") {
    RevokingTeam t;
    const Dot bad = t.asha.write(t.record, visit::type, t.team, {set_text(visit::date, "no day")});
    t.world.revoke(t.asha, Manner::retired);

    REQUIRE(t.asha.sync());
    REQUIRE(t.asha.parked_items.size() == 1);
    CHECK(t.asha.parked_items.begin()->second.dot == bad);
    CHECK(t.asha.base.at(t.record).fields.at(visit::date).siblings.size() == 1);
    CHECK(t.asha.answered.records.empty());
    CHECK(t.asha.answered.statements.empty());
}

TEST_CASE("a retired replica's new record comes with the key that opens it", "[reconcile]") {
    RevokingTeam t;
    const RecordId late = t.asha.capture(t.team);
    const Bytes bytes = t.key_statement(late);
    t.asha.keys.push_back(bytes);
    t.world.revoke(t.asha, Manner::retired);

    REQUIRE(t.asha.sync());
    REQUIRE(t.caro.sync());

    REQUIRE(t.caro.keys_held.contains(late));
    CHECK(encoded(t.caro.keys_held.at(late)) == bytes);
}

TEST_CASE("past the cut everything of a compromised replica is parked, and it hears its standing",
          "[reconcile]") {
    RevokingTeam t;
    t.world.revoke(t.asha, Manner::compromised);

    REQUIRE(t.asha.sync());
    REQUIRE(t.caro.sync());

    const Answer& answer = t.asha.answered;
    CHECK(answer.standing == Standing::compromised);
    CHECK(answer.receipts.empty());
    CHECK(answer.records.empty());
    CHECK(answer.parked.empty());
    CHECK(answer.cursors.empty());
    CHECK(answer.head == t.asha.head());
    CHECK(t.world.roster.check_compromised(answer.statements, t.asha.replica));
    REQUIRE(t.caro.parked_items.size() == 1);
    const ParkedItem& item = t.caro.parked_items.begin()->second;
    CHECK(item.reason == ErrorCode::replica_revoked);
    CHECK(item.dot.sequence == 2);
    CHECK_FALSE(t.caro.base.at(t.record).fields.contains(visit::date));
    // What it said before the cut stands.
    CHECK(t.caro.base.at(t.record).fields.contains(common_field::owner));
    CHECK(t.world.verify().problems.empty());
}

TEST_CASE("a compromised replica that only asks is shown its revocation and nothing else",
          "[reconcile]") {
    RevokingTeam t;
    REQUIRE(t.asha.sync());
    t.caro.write(t.record, visit::type, t.team, {set_archived(true)});
    REQUIRE(t.caro.sync());
    t.world.revoke(t.asha, Manner::compromised);

    const auto answer = t.asha.exchange(t.asha.request());

    REQUIRE(answer);
    CHECK(answer->standing == Standing::compromised);
    CHECK(answer->records.empty());
    CHECK(answer->parked.empty());
    CHECK(answer->cursors.empty());
    CHECK(answer->head == t.asha.head());
    // Of the roster it hears what shows the revocation, and not who joined since.
    const auto is_of = [](const Bytes& statement, auto body) {
        return std::holds_alternative<decltype(body)>(decode_statement(statement)->body);
    };
    const auto& told = answer->statements;
    REQUIRE_FALSE(told.empty());
    CHECK(is_of(told.back(), Revocation{}));
    CHECK(std::none_of(told.begin(), told.end(),
                       [&](const Bytes& each) { return is_of(each, Enrolment{}); }));
}

TEST_CASE("the keys of what only a compromised replica has are taken, of the rest none",
          "[reconcile]") {
    RevokingTeam t;
    REQUIRE(t.asha.sync());
    const RecordId alone = t.asha.capture(t.team);
    for (const RecordId& record : {alone, t.record}) {
        t.asha.keys.push_back(t.key_statement(record));
        t.asha.wraps.push_back(t.wrap_for(record, Recipient::members));
    }
    t.world.revoke(t.asha, Manner::compromised);
    REQUIRE(t.asha.sync());

    // A supervisor adopts what is parked: the key comes with it.
    REQUIRE(t.caro.sync());
    t.caro.write(alone, visit::type, t.team, {set_owner(t.caro.member)});
    t.caro.write(t.record, visit::type, t.team, {set_archived(true)});
    REQUIRE(t.caro.sync());
    Person& dina = t.world.join("dina", {{t.team, Role::worker}});
    REQUIRE(dina.sync());
    CHECK(dina.wraps_held[alone].size() == 1);
    CHECK(dina.wraps_held[t.record].empty());

    // What it offers again changes nothing, now that others have the record.
    t.asha.wraps = {t.wrap_for(alone, Recipient::supervisors)};
    REQUIRE(t.asha.sync());
    CHECK(t.wrap_count(alone) == 1);
    CHECK(t.wrap_count(t.record) == 0);
}

TEST_CASE("of a batch that a compromised replica signed, what others have is passed over",
          "[reconcile]") {
    RevokingTeam t;
    REQUIRE(t.asha.sync());
    const RecordId alone = t.asha.capture(t.team);
    std::vector<RecordKeyStatement> batch;
    for (const RecordId& record : {alone, t.record}) {
        RecordKey key;
        t.world.random.fill(key.bytes);
        batch.push_back(commit_to_record_key(t.world.cipher, key, record, t.team, t.asha.replica));
        t.asha.wraps.push_back(t.wrap_for(record, Recipient::members));
    }
    RecordKeyStatement* const all[] = {&batch[0], &batch[1]};
    sign_record_keys(t.world.cipher, all, t.asha.signing.secret_key);
    t.asha.keys = encode_batches(batch);
    REQUIRE(t.asha.keys.size() == 1);
    t.world.revoke(t.asha, Manner::compromised);
    REQUIRE(t.asha.sync());

    CHECK(t.wrap_count(alone) == 1);
    CHECK(t.wrap_count(t.record) == 0);
    const Engine::Reading reading = t.world.store->engine().read().value();
    CHECK_FALSE(load_record_keys(reading.database(), t.record).value());
}

TEST_CASE("a compromised replica can neither confirm nor state anything", "[reconcile]") {
    RevokingTeam t;
    t.world.revoke(t.asha, Manner::compromised);
    const std::uint64_t teams = t.world.status().teams;
    t.asha.statements.push_back(t.asha.state(
        TeamStatement{t.world.random.id<TeamId>(), Bytes(64, 1), t.world.clock.now_ms()}));

    REQUIRE(t.asha.sync());

    CHECK(t.asha.answered.verdicts.empty());
    CHECK(t.world.status().teams == teams);
}

}  // namespace godwit
