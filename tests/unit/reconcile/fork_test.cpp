#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

struct Cloned {
    World world;
    TeamId team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& caro = world.join("caro", {{team, Role::supervisor}});

    /// A copy of asha's store, and both have written on; asha has delivered her branch.
    Person& part() {
        asha.capture(team);
        REQUIRE(asha.sync());
        Person& copy = world.clone(asha);
        asha.capture(team);
        copy.capture(team);
        REQUIRE(asha.sync());
        return copy;
    }

    void check_agreement() {
        for (Person& each : world.people) {
            if (each.role == Role::administrator) continue;
            REQUIRE(each.sync());
        }
        for (Person& each : world.people) {
            if (each.role == Role::administrator) continue;
            REQUIRE(each.sync());
            CHECK(world.digest_for(each) == each.digest());
        }
        const auto report = world.verify();
        CAPTURE(report.problems);
        CHECK(report.problems.empty());
    }
};

}  // namespace

TEST_CASE("two copies of a store both sync, and nothing either wrote is lost or doubled",
          "[reconcile]") {
    Cloned c;
    const RecordId record = c.asha.capture(c.team);
    REQUIRE(c.asha.sync());
    Person& copy = c.world.clone(c.asha);
    for (Person* each : {&c.asha, &copy}) {
        c.world.clock.advance(10'000);
        for (int count = 0; count < 3; ++count) {
            each->write(record, visit::type, c.team, {count_by(visit::people_reached, 1)});
        }
        each->write(record, visit::type, c.team, {set_text(visit::date, "2026-11-20")});
    }
    const bool is_copy_first = GENERATE(false, true);
    Person& first = is_copy_first ? copy : c.asha;
    Person& second = is_copy_first ? c.asha : copy;

    REQUIRE(first.sync());
    const LogId log = second.log;
    REQUIRE(second.sync());

    CHECK(second.log != log);
    CHECK(first.log == log);
    c.check_agreement();
    const RecordState& state = c.caro.base.at(record);
    CHECK(state.fields.at(visit::people_reached).siblings.size() == 6);
    CHECK(state.fields.at(visit::date).siblings.size() == 2);
    // The branch stays as evidence, each change of it linked to the one that issued it again.
    CHECK(c.world.status().parked == 4);
    std::size_t adopted = 0;
    for (const auto& [number, item] : c.caro.parked_items) {
        CHECK(item.reason == ErrorCode::forked_log);
        if (item.adopted) ++adopted;
    }
    CHECK(adopted == 4);
}

TEST_CASE("to its author a branch is told by the fork alone, never as parked dots", "[reconcile]") {
    Cloned c;
    Person& copy = c.part();

    const auto answer = copy.exchange(copy.request());

    REQUIRE(answer);
    CHECK(answer->is_forked);
    CHECK(answer->forked_after == 1);
    CHECK(answer->head == c.asha.head());
    CHECK(answer->parked.empty());
    CHECK(answer->receipts.empty());
    REQUIRE(c.asha.sync());
    CHECK(c.asha.parked_items.empty());
}

TEST_CASE("nor does its author hear of it as a supervisor who comes later", "[reconcile]") {
    Cloned c;
    Person& copy = c.part();
    REQUIRE(copy.sync());
    REQUIRE(c.world.status().parked == 1);
    REQUIRE(c.asha.sync());  // It lies behind her cursor from here on.

    c.world.place(c.asha, {{c.team, Role::supervisor}});
    c.asha.cursors.clear();  // As a replica does whose place has changed.
    REQUIRE(c.asha.sync());

    CHECK(c.asha.parked_items.empty());
    c.check_agreement();
}

TEST_CASE("a branch offered twice is kept once", "[reconcile]") {
    Cloned c;
    Person& copy = c.part();
    copy.lose_answer();
    REQUIRE(c.world.status().parked == 1);

    copy.lose_answer();

    CHECK(c.world.status().parked == 1);
    c.check_agreement();
}

TEST_CASE("copies that share unsent changes part only where they differ", "[reconcile]") {
    Cloned c;
    c.asha.capture(c.team);
    REQUIRE(c.asha.sync());
    c.asha.capture(c.team);
    c.asha.capture(c.team);
    Person& copy = c.world.clone(c.asha);
    c.asha.capture(c.team);
    copy.capture(c.team);
    copy.capture(c.team);
    REQUIRE(c.asha.sync());

    const auto answer = copy.exchange(copy.request());

    REQUIRE(answer);
    CHECK(answer->is_forked);
    CHECK(answer->forked_after == 3);
    c.check_agreement();
    CHECK(c.world.status().records == 6);
}

TEST_CASE("an older copy learns that the server is ahead, and is told what it no longer has",
          "[reconcile]") {
    Cloned c;
    const RecordId record = c.asha.capture(c.team);
    REQUIRE(c.asha.sync());
    Person& older = c.world.clone(c.asha);
    c.asha.write(record, visit::type, c.team, {set_text(visit::date, "2026-11-20")});
    const RecordId later = c.asha.capture(c.team);
    REQUIRE(c.asha.sync());

    REQUIRE(older.sync());

    CHECK(older.log != c.asha.log);
    CHECK(older.base.contains(later));
    CHECK(older.base.at(record).fields.contains(visit::date));
    CHECK(c.world.status().parked == 0);
    c.check_agreement();
}

TEST_CASE("an older copy that lacks some of what it once sent is not told receipts it cannot check",
          "[reconcile]") {
    Cloned c;
    c.asha.capture(c.team);
    c.asha.capture(c.team);
    Person& older = c.world.clone(c.asha);
    c.asha.capture(c.team);
    REQUIRE(c.asha.sync());

    const auto answer = older.exchange(older.request());

    REQUIRE(answer);
    CHECK(answer->receipts.empty());
    CHECK(answer->head == c.asha.head());
    c.check_agreement();
}

TEST_CASE("where a log parted before what is offered, the replica is asked for more",
          "[reconcile]") {
    Cloned c;
    for (int count = 0; count < 8; ++count) c.asha.capture(c.team);
    REQUIRE(c.asha.sync());
    Person& copy = c.world.clone(c.asha);
    for (int count = 0; count < 20; ++count) {
        c.asha.capture(c.team);
        copy.capture(c.team);
    }
    REQUIRE(c.asha.sync());
    // As after a restore: the copy believes that more of its log is held than is.
    copy.delivered = 24;
    copy.segment_changes_max = 3;
    copy.request_segments_max = 1;

    REQUIRE(copy.sync());

    c.check_agreement();
    CHECK(c.world.status().records == 48);
}

TEST_CASE("a copy with nothing to offer still learns that its head is another's", "[reconcile]") {
    Cloned c;
    for (int count = 0; count < 4; ++count) c.asha.capture(c.team);
    REQUIRE(c.asha.sync());
    Person& copy = c.world.clone(c.asha);
    c.asha.capture(c.team);
    copy.capture(c.team);
    REQUIRE(c.asha.sync());
    copy.delivered = 5;

    REQUIRE(copy.sync());

    CHECK(copy.log != c.asha.log);
    c.check_agreement();
    CHECK(c.world.status().records == 6);
}

}  // namespace godwit
