#include "shared/base/sha256.h"
#include "shared/change/field_value.h"
#include "shared/model/common_fields.h"
#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

struct ParkingTeam {
    World world;
    TeamId team = world.add_team();
    TeamId other_team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& caro = world.join("caro", {{team, Role::supervisor}});

    RecordId shared_record() {
        const RecordId record = asha.capture(team);
        REQUIRE(asha.sync());
        REQUIRE(caro.sync());
        return record;
    }

    /// Sends what `author` has; the reason of its only parked change.
    ErrorCode reason_for(Person& author) {
        REQUIRE(author.sync());
        REQUIRE(author.parked_items.size() == 1);
        CHECK(world.digest_for(author) == author.digest());
        const auto report = world.verify();
        CAPTURE(report.problems);
        CHECK(report.problems.empty());
        return author.parked_items.begin()->second.reason;
    }
    void check_none_parked(Person& author) {
        REQUIRE(author.sync());
        for (const auto& [number, item] : author.parked_items) {
            FAIL_CHECK(facts(item.reason).key << ": " << item.detail);
        }
        CHECK(world.digest_for(author) == author.digest());
        CHECK(world.verify().problems.empty());
    }
};

}  // namespace

TEST_CASE("one change the server must park among five hundred good ones costs only itself",
          "[reconcile]") {
    ParkingTeam t;
    RecordId last;
    for (int count = 0; count < 500; ++count) {
        if (count == 250) {
            t.asha.write(last, visit::type, t.team, {set_text(visit::date, "no day at all")});
        }
        last = t.asha.capture(t.team);
    }

    REQUIRE(t.asha.sync());
    REQUIRE(t.caro.sync());

    CHECK(t.world.status().changes == 501);
    CHECK(t.world.status().records == 500);
    CHECK(t.asha.delivered == 501);
    REQUIRE(t.asha.parked_items.size() == 1);
    const ParkedItem& item = t.asha.parked_items.begin()->second;
    CHECK(item.dot == Dot{t.asha.log, 251});
    CHECK(item.reason == ErrorCode::wrong_value);
    CHECK(item.detail.find("date") != std::string::npos);
    CHECK(item.detail.find("no day") == std::string::npos);
    CHECK(item.body == t.asha.body_of(251));
    CHECK(t.caro.base.size() == 500);
    CHECK(t.caro.parked_items.size() == 1);
    CHECK(t.asha.digest() == t.caro.digest());
}

TEST_CASE("a body that does not decode is parked with the decoder's reason", "[reconcile]") {
    ParkingTeam t;
    const Change good =
        t.asha.draft(t.world.random.record_id(), visit::type, t.team, {set_owner(t.asha.member)});
    SECTION("bytes that are no change") {
        Bytes cut = encode_change(good);
        cut.pop_back();
        t.asha.append_body(cut);
        CHECK(t.reason_for(t.asha) == ErrorCode::malformed);
    }
    SECTION("a change in another place than its sequence") {
        Change misplaced = good;
        misplaced.sequence = 7;
        t.asha.append(misplaced);
        CHECK(t.reason_for(t.asha) == ErrorCode::malformed);
    }
    SECTION("a body longer than any change") {
        Change long_one = good;
        long_one.operations.push_back(
            set_sealed(visit::narrative, std::string(change_bytes_max, 'x')));
        t.asha.append(long_one);
        CHECK(t.reason_for(t.asha) == ErrorCode::too_large);
    }
    SECTION("the same change as it should be lands") {
        t.asha.append(good);
        t.check_none_parked(t.asha);
    }
}

TEST_CASE("a record that outgrows an answer takes no more, and can still be erased",
          "[reconcile]") {
    ParkingTeam t;
    const RecordId record = t.shared_record();
    const std::string long_words(500'000, 'x');
    for (int count = 0; count < 18; ++count) {
        Operation note = set_sealed(visit::notes, long_words);
        note.kind = OperationKind::append;
        t.asha.write(record, visit::type, t.team, {note});
    }
    t.asha.segment_changes_max = 1;
    t.asha.request_segments_max = 2;
    REQUIRE(t.asha.sync());
    REQUIRE(t.caro.sync());
    CHECK(t.asha.parked_items.size() == 2);
    CHECK(t.asha.parked_items.begin()->second.reason == ErrorCode::too_large);
    CHECK(t.caro.base.at(record) == t.asha.base.at(record));

    t.asha.write(record, visit::type, t.team, {erase_record()});
    REQUIRE(t.asha.sync());
    REQUIRE(t.caro.sync());
    CHECK(t.caro.base.at(record).is_erased);
    CHECK(t.world.verify().problems.empty());
}

TEST_CASE("only who has a place in the team writes there, in a role they hold", "[reconcile]") {
    ParkingTeam t;
    const RecordId record = t.world.random.record_id();
    SECTION("a team the author does not belong to") {
        t.asha.write(record, visit::type, t.other_team, {set_owner(t.asha.member)});
        CHECK(t.reason_for(t.asha) == ErrorCode::not_permitted);
    }
    SECTION("a role the author does not hold") {
        t.asha.role = Role::supervisor;
        t.asha.write(record, visit::type, t.team, {set_owner(t.asha.member)});
        CHECK(t.reason_for(t.asha) == ErrorCode::not_permitted);
    }
    SECTION("a supervisor's work from before the promotion counts") {
        t.caro.role = Role::worker;
        t.caro.write(record, visit::type, t.team, {set_owner(t.caro.member)});
        t.check_none_parked(t.caro);
    }
}

TEST_CASE("access withdrawn while edits wait parks them, and the team is left", "[reconcile]") {
    ParkingTeam t;
    const RecordId record = t.shared_record();
    t.asha.write(record, visit::type, t.team, {set_text(visit::date, "2026-11-02")});
    t.world.place(t.asha, {});

    REQUIRE(t.asha.sync());
    REQUIRE(t.caro.sync());

    CHECK(t.asha.parked_items.begin()->second.reason == ErrorCode::not_permitted);
    CHECK(t.asha.base.empty());
    CHECK(t.asha.cursors.empty());
    CHECK(t.asha.delivered == 2);
    CHECK(t.caro.parked_items.size() == 1);
    CHECK_FALSE(t.caro.base.at(record).fields.contains(visit::date));
    CHECK(t.world.digest_for(t.caro) == t.caro.digest());
}

TEST_CASE("a record keeps its type and its team", "[reconcile]") {
    ParkingTeam t;
    const RecordId record = t.shared_record();
    SECTION("another type") {
        t.asha.write(record, testimony::type, t.team, {set_archived(true)});
        CHECK(t.reason_for(t.asha) == ErrorCode::rule_does_not_allow);
    }
    SECTION("another team") {
        t.world.place(t.asha, {{t.team, Role::worker}, {t.other_team, Role::worker}});
        t.asha.write(record, visit::type, t.other_team, {set_archived(true)});
        CHECK(t.reason_for(t.asha) == ErrorCode::rule_does_not_allow);
    }
    SECTION("its own") {
        t.asha.write(record, visit::type, t.team, {set_archived(true)});
        t.check_none_parked(t.asha);
    }
}

TEST_CASE("an operation is of a kind its field's rule takes", "[reconcile]") {
    ParkingTeam t;
    const RecordId record = t.shared_record();
    SECTION("a set on a counter") {
        t.asha.write(record, visit::type, t.team, {set_text(visit::people_reached, "many")});
        CHECK(t.reason_for(t.asha) == ErrorCode::rule_does_not_allow);
    }
    SECTION("an increment on a text") {
        t.asha.write(record, visit::type, t.team, {count_by(visit::date, 1)});
        CHECK(t.reason_for(t.asha) == ErrorCode::rule_does_not_allow);
    }
    SECTION("a set on notes") {
        t.asha.write(record, visit::type, t.team, {set_sealed(visit::notes, "words")});
        CHECK(t.reason_for(t.asha) == ErrorCode::rule_does_not_allow);
    }
    SECTION("an increment on a counter") {
        t.asha.write(record, visit::type, t.team, {count_by(visit::people_reached, 2)});
        t.check_none_parked(t.asha);
    }
}

TEST_CASE("open values keep to their declaration, sealed ones stay sealed", "[reconcile]") {
    ParkingTeam t;
    const RecordId record = t.shared_record();
    SECTION("a code that its vocabulary does not have") {
        t.asha.write(record, visit::type, t.team, {add_text(visit::purposes, "mischief")});
        CHECK(t.reason_for(t.asha) == ErrorCode::wrong_value);
    }
    SECTION("what somebody said, in the clear: it is kept back from everybody's records") {
        t.asha.write(record, visit::type, t.team, {set_text(visit::narrative, "in the clear")});
        CHECK(t.reason_for(t.asha) == ErrorCode::wrong_value);
    }
    SECTION("an open field that cannot be read") {
        t.asha.write(record, visit::type, t.team, {set_sealed(visit::date, "2026-11-02")});
        CHECK(t.reason_for(t.asha) == ErrorCode::wrong_value);
    }
    SECTION("an open value as declared") {
        t.asha.write(record, visit::type, t.team, {set_text(visit::date, "2026-11-02")});
        t.check_none_parked(t.asha);
    }
}

TEST_CASE("fields, types and kinds from a newer version pass byte for byte", "[reconcile]") {
    ParkingTeam t;
    const RecordId record = t.shared_record();
    Operation unknown_kind = set_text(777, "later");
    unknown_kind.kind = static_cast<OperationKind>(99);
    t.asha.write(record, visit::type, t.team, {set_text(900, "later"), unknown_kind});
    t.check_none_parked(t.asha);
    const RecordId unknown = t.world.random.record_id();
    t.caro.write(unknown, 4711, t.team, {set_owner(t.asha.member), set_text(20, "later")});
    REQUIRE(t.caro.sync());
    CHECK(t.caro.parked.empty());

    REQUIRE(t.asha.sync());
    REQUIRE(t.asha.base.contains(unknown));
    CHECK(t.asha.base.at(unknown) == t.caro.base.at(unknown));
    CHECK(t.caro.base.at(record) == t.asha.base.at(record));
    CHECK(t.caro.base.at(record).fields.at(777).siblings.front().value == unknown_kind.value);
}

TEST_CASE("a worker takes the worker's steps of a review and no others", "[reconcile]") {
    ParkingTeam t;
    const RecordId record = t.shared_record();
    SECTION("submit") {
        t.asha.write(record, visit::type, t.team, {set_review("submitted")});
        t.check_none_parked(t.asha);
    }
    SECTION("approve") {
        t.asha.write(record, visit::type, t.team,
                     {set_review("approved", t.asha.base.at(record).context())});
        CHECK(t.reason_for(t.asha) == ErrorCode::not_permitted);
    }
    SECTION("approve, claiming to have seen nothing") {
        Change change = t.asha.draft(record, visit::type, t.team,
                                     {set_review("approved", t.asha.base.at(record).context())});
        change.context = {};
        t.asha.append(change);
        CHECK(t.reason_for(t.asha) == ErrorCode::not_permitted);
    }
}

TEST_CASE("a supervisor steps from what they had seen", "[reconcile]") {
    ParkingTeam t;
    const RecordId record = t.shared_record();
    SECTION("a draft is not approved") {
        t.caro.write(record, visit::type, t.team,
                     {set_review("approved", t.caro.base.at(record).context())});
        CHECK(t.reason_for(t.caro) == ErrorCode::transition_not_allowed);
    }
    SECTION("what was submitted is, by naming what was seen") {
        t.asha.write(record, visit::type, t.team, {set_review("submitted")});
        REQUIRE(t.asha.sync());
        REQUIRE(t.caro.sync());
        t.caro.write(record, visit::type, t.team,
                     {set_review("approved", t.caro.base.at(record).context())});
        t.check_none_parked(t.caro);
    }
    SECTION("one that stepped beside another is judged by what it started from") {
        t.asha.write(record, visit::type, t.team, {set_review("submitted")});
        REQUIRE(t.asha.sync());
        REQUIRE(t.caro.sync());
        t.caro.write(record, visit::type, t.team, {set_review("in_review")});
        REQUIRE(t.caro.sync());
        t.asha.write(record, visit::type, t.team, {set_review("withdrawn")});
        t.check_none_parked(t.asha);
        CHECK(t.asha.base.at(record).fields.at(common_field::review).siblings.size() == 2);
    }
}

TEST_CASE("only a supervisor gives a record another owner", "[reconcile]") {
    ParkingTeam t;
    Person& bela = t.world.join("bela", {{t.team, Role::worker}});
    const RecordId record = t.shared_record();
    SECTION("a worker takes another's") {
        REQUIRE(bela.sync());
        bela.write(record, visit::type, t.team, {set_owner(bela.member)});
        CHECK(t.reason_for(bela) == ErrorCode::not_permitted);
    }
    SECTION("a worker takes one, claiming to have seen nothing") {
        REQUIRE(bela.sync());
        Change change = bela.draft(record, visit::type, t.team, {set_owner(bela.member)});
        change.context = {};
        bela.append(change);
        CHECK(t.reason_for(bela) == ErrorCode::not_permitted);
    }
    SECTION("a worker makes one for somebody else") {
        bela.write(t.world.random.record_id(), visit::type, t.team, {set_owner(t.asha.member)});
        CHECK(t.reason_for(bela) == ErrorCode::not_permitted);
    }
    SECTION("a supervisor") {
        t.caro.write(record, visit::type, t.team, {set_owner(bela.member)});
        t.check_none_parked(t.caro);
    }
}

TEST_CASE("only a supervisor loosens what only supervisors may", "[reconcile]") {
    ParkingTeam t;
    const FieldSpec* field = record_type(visit::type)->field(visit::confidentiality);
    REQUIRE(field->loosens_by_supervisor);
    const auto loose = field->order.front();
    const auto strict = field->order.back();
    const RecordId record = t.shared_record();
    t.asha.write(record, visit::type, t.team, {set_text(visit::confidentiality, strict)});
    t.check_none_parked(t.asha);
    REQUIRE(t.caro.sync());
    SECTION("a worker loosens") {
        t.asha.write(record, visit::type, t.team, {set_text(visit::confidentiality, loose)});
        CHECK(t.reason_for(t.asha) == ErrorCode::not_permitted);
    }
    SECTION("a supervisor loosens") {
        t.caro.write(record, visit::type, t.team, {set_text(visit::confidentiality, loose)});
        t.check_none_parked(t.caro);
    }
}

TEST_CASE("a supervisor sees what is parked in the team, issues it again, and it is linked",
          "[reconcile]") {
    ParkingTeam t;
    const RecordId record = t.shared_record();
    t.asha.write(record, visit::type, t.team, {set_text(visit::date, "2026-11-03")});
    t.world.place(t.asha, {});
    REQUIRE(t.asha.sync());
    REQUIRE(t.caro.sync());
    const ParkedItem item = t.caro.parked_items.begin()->second;

    const auto parked = decode_change(item.body);
    REQUIRE(parked);
    Change again = reissue(*parked, item.dot.log, item.dot.sequence - 1, sha256({item.body}));
    again.sequence = t.caro.entries.size() + 1;
    again.role = Role::supervisor;
    const Dot adopting = t.caro.append(again);
    REQUIRE(t.caro.sync());

    CHECK(t.caro.base.at(record).fields.at(visit::date).siblings.size() == 1);
    REQUIRE(t.caro.parked_items.at(item.number).adopted);
    CHECK(*t.caro.parked_items.at(item.number).adopted == adopting);
    CHECK(t.world.digest_for(t.caro) == t.caro.digest());
    CHECK(t.world.verify().problems.empty());
}

TEST_CASE("what is parked is nobody else's business", "[reconcile]") {
    ParkingTeam t;
    Person& bela = t.world.join("bela", {{t.team, Role::worker}});
    Person& dora = t.world.join("dora", {{t.other_team, Role::supervisor}});
    const RecordId record = t.shared_record();
    t.asha.write(record, visit::type, t.team, {add_text(visit::purposes, "mischief")});
    REQUIRE(t.asha.sync());
    for (Person* each : {&bela, &dora, t.world.dina}) {
        REQUIRE(each->sync());
        CHECK(each->parked_items.empty());
    }
}

TEST_CASE("a supervisor who comes later is told what was parked before", "[reconcile]") {
    ParkingTeam t;
    Person& dora = t.world.join("dora", {{t.other_team, Role::supervisor}});
    const RecordId record = t.shared_record();
    t.asha.write(record, visit::type, t.team, {add_text(visit::purposes, "mischief")});
    REQUIRE(t.asha.sync());
    REQUIRE(dora.sync());
    REQUIRE(dora.parked_items.empty());

    t.world.place(dora, {{t.team, Role::supervisor}, {t.other_team, Role::supervisor}});
    REQUIRE(dora.sync());

    CHECK(dora.parked_items.size() == 1);
    CHECK(dora.base.contains(record));
}

TEST_CASE("what was parked of a log is told with the receipt that covers it, however often",
          "[reconcile]") {
    ParkingTeam t;
    const RecordId record = t.shared_record();
    t.asha.write(record, visit::type, t.team, {add_text(visit::purposes, "mischief")});
    t.asha.lose_answer();

    const auto answer = t.asha.exchange(t.asha.request());

    REQUIRE(answer);
    REQUIRE(answer->receipts.size() == 1);
    CHECK(answer->parked.size() == 1);
}

TEST_CASE("nobody supersedes what another has not said yet", "[reconcile]") {
    ParkingTeam t;
    const RecordId record = t.shared_record();
    Person& bela = t.world.join("bela", {{t.team, Role::worker}});
    REQUIRE(bela.sync());
    SECTION("by claiming to have seen it") {
        Change change =
            bela.draft(record, visit::type, t.team, {set_text(visit::date, "2026-11-02")});
        change.context.add({t.asha.log, 1000});
        bela.append(change);
    }
    SECTION("by removing it") {
        Operation remove;
        remove.field = visit::purposes;
        remove.kind = OperationKind::remove;
        remove.removed = {{t.asha.log, 1000}};
        bela.append(bela.draft(record, visit::type, t.team, {remove}));
    }
    SECTION("by claiming to have seen a log that nobody has") {
        Change change =
            bela.draft(record, visit::type, t.team, {set_text(visit::date, "2026-11-02")});
        change.context.add({t.world.random.id<LogId>(), 1});
        bela.append(change);
    }
    CHECK(t.reason_for(bela) == ErrorCode::claims_unheard);

    t.asha.write(record, visit::type, t.team, {set_text(visit::date, "2026-11-03")});
    t.check_none_parked(t.asha);
    REQUIRE(t.caro.sync());
    const auto& siblings = t.caro.base.at(record).fields.at(visit::date).siblings;
    REQUIRE(siblings.size() == 1);
    CHECK(siblings.front().author == t.asha.replica);
}

TEST_CASE("what was heard, in this exchange or before, may be claimed", "[reconcile]") {
    ParkingTeam t;
    const RecordId record = t.shared_record();
    t.caro.write(record, visit::type, t.team, {set_text(visit::date, "2026-11-02")});
    t.check_none_parked(t.caro);
    REQUIRE(t.asha.sync());
    t.asha.write(record, visit::type, t.team, {set_text(visit::date, "2026-11-03")});
    t.check_none_parked(t.asha);
}

}  // namespace godwit
