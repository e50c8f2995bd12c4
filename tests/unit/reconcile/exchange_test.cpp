#include "shared/base/sha256.h"
#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

struct SyncedTeam {
    World world;
    TeamId team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& bela = world.join("bela", {{team, Role::worker}});
    Person& caro = world.join("caro", {{team, Role::supervisor}});

    void sync_all() {
        for (int round = 0; round < 2; ++round) {
            for (Person* each : {&asha, &bela, &caro}) REQUIRE(each->sync());
        }
    }
    void check_agreement() {
        for (Person* each : {&asha, &bela, &caro}) {
            CAPTURE(each->name);
            CHECK(world.digest_for(*each) == each->digest());
        }
        const auto report = world.verify();
        CAPTURE(report.problems);
        CHECK(report.problems.empty());
    }
};

}  // namespace

TEST_CASE("what one worker sends, the server and the supervisor show alike", "[reconcile]") {
    SyncedTeam t;
    const RecordId record = t.asha.capture(t.team);
    t.asha.write(record, visit::type, t.team, {set_sealed(visit::narrative, "first words")});

    t.sync_all();

    CHECK(t.caro.base.at(record) == t.asha.base.at(record));
    CHECK(t.bela.base.at(record) == t.asha.base.at(record));
    t.check_agreement();
}

TEST_CASE("concurrent edits of every kind meet in one state on all replicas", "[reconcile]") {
    SyncedTeam t;
    const RecordId record = t.asha.capture(t.team);
    t.sync_all();
    int number = 0;
    for (Person* each : {&t.asha, &t.bela, &t.caro}) {
        t.world.clock.advance(5'000);
        each->write(
            record, visit::type, t.team,
            {set_text(visit::date, "2026-11-1" + std::to_string(++number)),
             set_sealed(visit::narrative, each->name), count_by(visit::people_reached, number)});
    }

    t.sync_all();

    const RecordState& state = t.caro.base.at(record);
    CHECK(state.fields.at(visit::date).siblings.size() == 3);
    CHECK(state.fields.at(visit::narrative).siblings.size() == 3);
    CHECK(state.fields.at(visit::people_reached).siblings.size() == 3);
    t.check_agreement();
}

TEST_CASE("an answer lost after the commit costs one repetition and changes nothing",
          "[reconcile]") {
    SyncedTeam t;
    t.asha.capture(t.team);
    t.asha.capture(t.team);
    t.asha.lose_answer();
    const Digest held = t.world.store->digest(std::nullopt).value();
    const std::uint64_t changes = t.world.status().changes;

    const bool is_restarted = GENERATE(false, true);
    if (is_restarted) t.world.restart();
    REQUIRE(t.asha.sync());

    CHECK(t.world.store->digest(std::nullopt).value() == held);
    CHECK(t.world.status().changes == changes);
    CHECK(t.asha.delivered == 2);
    t.sync_all();
    t.check_agreement();
}

TEST_CASE("answers lost again and again still end in the same state", "[reconcile]") {
    SyncedTeam t;
    t.asha.request_segments_max = 1;
    t.asha.segment_changes_max = 2;
    for (int round = 0; round < 4; ++round) {
        t.asha.capture(t.team);
        t.asha.capture(t.team);
        t.asha.capture(t.team);
        t.asha.lose_answer();
        t.asha.lose_answer();
    }
    t.sync_all();

    CHECK(t.world.status().records == 12);
    t.check_agreement();
}

TEST_CASE("segments cut elsewhere the second time are taken for what they are", "[reconcile]") {
    SyncedTeam t;
    for (int count = 0; count < 10; ++count) t.asha.capture(t.team);
    t.asha.segment_changes_max = 4;
    t.asha.request_segments_max = 1;
    t.asha.lose_answer();
    t.asha.segment_changes_max = 7;
    t.asha.request_segments_max = 1000;

    t.sync_all();

    CHECK(t.world.status().changes == 10);
    t.check_agreement();
}

TEST_CASE("a segment past the head is left, and the answer says where to go on", "[reconcile]") {
    SyncedTeam t;
    for (int count = 0; count < 6; ++count) t.asha.capture(t.team);
    Request request = t.asha.request(0);
    request.segments = {encode_segment(t.asha.segment(4, 6))};

    const auto answer = t.asha.exchange(request);

    REQUIRE(answer);
    CHECK(answer->head == t.asha.head_at(0));
    CHECK(answer->receipts.empty());
    CHECK(t.world.status().changes == 0);

    REQUIRE(t.asha.sync());
    CHECK(t.world.status().changes == 6);
}

TEST_CASE("one segment with a wrong signature refuses the whole exchange", "[reconcile]") {
    SyncedTeam t;
    t.asha.capture(t.team);
    t.asha.capture(t.team);
    Request request = t.asha.request(0);
    Segment forged = t.asha.segment(2, 2);
    forged.signature[5] ^= 1U;
    request.segments = {encode_segment(t.asha.segment(1, 1)), encode_segment(forged)};

    const auto answer = t.asha.exchange(request);

    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::bad_signature);
    CHECK(t.world.status().changes == 0);
    CHECK(t.world.status().records == 0);
    REQUIRE(t.asha.sync());
    CHECK(t.world.status().changes == 2);
}

TEST_CASE("a log belongs to the replica that opened it", "[reconcile]") {
    SyncedTeam t;
    t.asha.capture(t.team);
    REQUIRE(t.asha.sync());

    SECTION("another replica's segments are refused") {
        Request request = t.bela.request();
        request.segments = {encode_segment(t.asha.segment(1, 1))};
        const auto answer = t.bela.exchange(request);
        REQUIRE_FALSE(answer);
        CHECK(answer.error().code == ErrorCode::unknown_log);
    }
    SECTION("and another replica cannot write on") {
        t.bela.log = t.asha.log;
        t.bela.capture(t.team);
        const auto answer = t.bela.exchange(t.bela.request());
        REQUIRE_FALSE(answer);
        CHECK(answer.error().code == ErrorCode::unknown_log);
    }
    CHECK(t.world.status().changes == 1);
}

TEST_CASE("a log that a chain does not carry on is not taken", "[reconcile]") {
    SyncedTeam t;
    t.asha.capture(t.team);
    Segment segment = t.asha.segment(1, 1);
    segment.previous[0] ^= 1U;
    // Signed all the same: the replica itself is wrong.
    Request request = t.asha.request(0);
    Person liar(t.world, "liar");
    request.segments = {encode_segment(segment)};

    CHECK_FALSE(t.asha.exchange(request));
    CHECK(t.world.status().changes == 0);
}

TEST_CASE("a long log goes up in pieces and down in pieces", "[reconcile]") {
    SyncedTeam t;
    t.asha.request_segments_max = 2;
    t.asha.segment_changes_max = 8;
    for (int count = 0; count < 100; ++count) t.asha.capture(t.team);
    t.caro.budget_bytes = 2'000;

    REQUIRE(t.asha.sync());
    CHECK(t.asha.exchanges >= 7);
    REQUIRE(t.caro.sync());

    CHECK(t.caro.base.size() == 100);
    CHECK(t.caro.exchanges > 5);
    t.sync_all();
    t.check_agreement();
}

TEST_CASE("statements get a verdict each, in order", "[reconcile]") {
    SyncedTeam t;
    Person& dina = *t.world.dina;
    REQUIRE(dina.sync());
    const auto team = t.world.random.id<TeamId>();
    const Bytes good = dina.state(TeamStatement{team, Bytes(64, 1), t.world.clock.now_ms()});
    Bytes broken = good;
    broken.back() ^= 1U;
    Request request = dina.request();
    request.statements = {broken, good, good};

    const auto answer = dina.exchange(request);

    REQUIRE(answer);
    REQUIRE(answer->verdicts.size() == 3);
    REQUIRE(answer->verdicts[0]);
    CHECK(answer->verdicts[0]->code == ErrorCode::bad_signature);
    CHECK_FALSE(answer->verdicts[1]);
    CHECK_FALSE(answer->verdicts[2]);
    // Told in its place: that is where it counts from.
    CHECK(answer->statements == std::vector<Bytes>{good});
    REQUIRE(t.asha.sync());
    CHECK(t.asha.roster_heard.back() == good);
}

TEST_CASE("a worker's statement about others is refused and changes nothing", "[reconcile]") {
    SyncedTeam t;
    const std::uint64_t teams = t.world.status().teams;
    Request request = t.asha.request();
    request.statements = {t.asha.state(
        TeamStatement{t.world.random.id<TeamId>(), Bytes(64, 1), t.world.clock.now_ms()})};

    const auto answer = t.asha.exchange(request);

    REQUIRE(answer);
    REQUIRE(answer->verdicts.front());
    CHECK(answer->verdicts.front()->code == ErrorCode::not_permitted);
    CHECK(t.world.status().teams == teams);
}

// Whoever sends it has not heard of a restore: what they say might stand where others have seen
// something else (decisions/0029).
TEST_CASE("from a request of another epoch nothing is added to a log, but it is laid against it",
          "[reconcile]") {
    SyncedTeam t;
    t.asha.capture(t.team);
    REQUIRE(t.asha.sync());
    t.asha.capture(t.team);
    const auto sent_from = [&](const EpochId& epoch) {
        Request request = t.asha.request(0);
        request.epoch = epoch;
        request.receipts.clear();
        return t.asha.exchange(request);
    };

    const auto of_another = sent_from(t.world.random.id<EpochId>());

    REQUIRE(of_another);
    CHECK(of_another->head == t.asha.head_at(1));
    CHECK_FALSE(of_another->is_forked);
    REQUIRE(of_another->receipts.size() == 1);
    CHECK(decode_receipt(of_another->receipts.front())->through == 1);
    CHECK(t.world.status().changes == 1);

    // Whoever has not met the server knows no epoch.
    const bool is_known = GENERATE(false, true);
    const auto of_this = sent_from(is_known ? of_another->epoch : EpochId{});
    REQUIRE(of_this);
    CHECK(of_this->head == t.asha.head_at(2));
    CHECK(of_this->receipts.size() == 2);
}

TEST_CASE("a branch in a request of another epoch is kept as any other", "[reconcile]") {
    SyncedTeam t;
    t.asha.capture(t.team);
    REQUIRE(t.asha.sync());
    Person& copy = t.world.clone(t.asha);
    t.asha.capture(t.team);
    copy.capture(t.team);
    REQUIRE(t.asha.sync());
    Request request = copy.request();
    request.epoch = t.world.random.id<EpochId>();

    const auto answer = copy.exchange(request);

    REQUIRE(answer);
    CHECK(answer->is_forked);
    CHECK(answer->forked_after == 1);
    CHECK(t.world.status().parked == 1);
}

// It hears of no epoch, and all it says is parked.
TEST_CASE("what a compromised replica brings from another epoch is kept", "[reconcile]") {
    SyncedTeam t;
    t.asha.capture(t.team);
    t.world.revoke(t.asha, Manner::compromised);
    Request request = t.asha.request();
    request.epoch = t.world.random.id<EpochId>();

    const auto answer = t.asha.exchange(request);

    REQUIRE(answer);
    CHECK(answer->head == t.asha.head_at(1));
    CHECK(t.world.status().parked == 1);
}

}  // namespace godwit
