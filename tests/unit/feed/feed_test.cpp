#include "shared/model/common_fields.h"
#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

struct Teams {
    World world;
    TeamId team = world.add_team();
    TeamId other_team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& bela = world.join("bela", {{team, Role::worker}});
    Person& caro = world.join("caro", {{team, Role::supervisor}});

    void sync_all() {
        for (int round = 0; round < 2; ++round) {
            for (Person* each : {&asha, &bela, &caro}) REQUIRE(each->sync());
        }
    }
    void check_agreement(const Person& person) {
        CAPTURE(person.name);
        CHECK(world.digest_for(person) == person.digest());
    }
    /// One more exchange; what it told.
    std::vector<std::pair<TeamId, RecordDelta>> told(Person& person) {
        const Request request = person.request();
        const auto answer = person.exchange(request);
        REQUIRE(answer);
        person.absorb(request, *answer);
        return answer->records;
    }
    static std::vector<std::uint32_t> fields_in(const RecordDelta& delta) {
        std::vector<std::uint32_t> out;
        const auto state = decode_state(delta.state);
        REQUIRE(state);
        for (const auto& [number, field] : state->fields) out.push_back(number);
        return out;
    }
};

}  // namespace

TEST_CASE("records of the audience `members` are seen by everybody in the team and nobody else",
          "[feed]") {
    Teams t;
    Person& dora = t.world.join("dora", {{t.other_team, Role::supervisor}});
    const RecordId record = t.asha.capture(t.team);
    t.sync_all();
    REQUIRE(dora.sync());
    REQUIRE(t.world.dina->sync());

    CHECK(t.bela.base.contains(record));
    CHECK(t.caro.base.contains(record));
    CHECK(dora.base.empty());
    CHECK(t.world.dina->base.empty());
    for (const Person* each : {&t.asha, &t.bela, &t.caro, &dora}) t.check_agreement(*each);
}

TEST_CASE("records of the audience `supervisors` are seen by them and the owner", "[feed]") {
    Teams t;
    REQUIRE(record_type(testimony::type)->audience == Audience::supervisors);
    const RecordId record = t.asha.capture(t.team, testimony::type);
    t.sync_all();

    CHECK(t.asha.base.contains(record));
    CHECK(t.caro.base.contains(record));
    CHECK_FALSE(t.bela.base.contains(record));
    for (const Person* each : {&t.asha, &t.bela, &t.caro}) t.check_agreement(*each);
}

TEST_CASE("types this server does not know are for their owners, until it knows better", "[feed]") {
    Teams t;
    const RecordId record = t.world.random.record_id();
    t.asha.write(record, 4711, t.team, {set_owner(t.asha.member)});
    t.sync_all();

    CHECK(t.asha.base.contains(record));
    CHECK_FALSE(t.bela.base.contains(record));
    CHECK_FALSE(t.caro.base.contains(record));
    for (const Person* each : {&t.asha, &t.bela, &t.caro}) t.check_agreement(*each);
}

TEST_CASE("a replica is not told what it said, and only told the fields others changed", "[feed]") {
    Teams t;
    const RecordId record = t.asha.capture(t.team);
    t.sync_all();
    t.asha.write(record, visit::type, t.team, {set_text(visit::date, "2026-11-02")});
    CHECK(t.told(t.asha).empty());
    t.caro.write(record, visit::type, t.team, {set_archived(true)});
    REQUIRE(t.caro.sync());

    const auto told = t.told(t.asha);
    REQUIRE(told.size() == 1);
    CHECK(Teams::fields_in(told.front().second) == std::vector{common_field::archived});
    REQUIRE(t.caro.sync());
    t.check_agreement(t.asha);
    t.check_agreement(t.caro);
}

TEST_CASE("a field both changed is told, though the last word was one's own", "[feed]") {
    Teams t;
    const RecordId record = t.asha.capture(t.team);
    t.sync_all();
    t.caro.write(record, visit::type, t.team, {set_text(visit::date, "2026-11-02")});
    REQUIRE(t.caro.sync());
    t.asha.write(record, visit::type, t.team, {set_text(visit::date, "2026-11-03")});

    const auto told = t.told(t.asha);

    REQUIRE(told.size() == 1);
    CHECK(Teams::fields_in(told.front().second) == std::vector{visit::date});
    CHECK(t.asha.base.at(record).fields.at(visit::date).siblings.size() == 2);
    t.check_agreement(t.asha);
    // And once told, one's own next word is not.
    t.asha.write(record, visit::type, t.team, {set_text(visit::date, "2026-11-04")});
    CHECK(t.told(t.asha).empty());
    t.check_agreement(t.asha);
}

TEST_CASE("an answer lost in between does not hide what others said", "[feed]") {
    Teams t;
    const RecordId record = t.asha.capture(t.team);
    t.sync_all();
    t.caro.write(record, visit::type, t.team, {set_text(visit::date, "2026-11-02")});
    REQUIRE(t.caro.sync());
    t.asha.write(record, visit::type, t.team, {set_text(visit::date, "2026-11-03")});
    t.asha.lose_answer();
    t.asha.write(record, visit::type, t.team, {count_by(visit::people_reached, 1)});
    t.asha.lose_answer();

    t.sync_all();

    for (const Person* each : {&t.asha, &t.bela, &t.caro}) t.check_agreement(*each);
}

TEST_CASE("a new owner is told the whole record, a former one that it is another's", "[feed]") {
    Teams t;
    const RecordId record = t.asha.capture(t.team, testimony::type);
    t.asha.write(record, testimony::type, t.team, {set_archived(true)});
    t.sync_all();
    REQUIRE_FALSE(t.bela.base.contains(record));

    t.caro.write(record, testimony::type, t.team, {set_owner(t.bela.member)});
    REQUIRE(t.caro.sync());
    const auto farewell = t.told(t.asha);
    REQUIRE(t.bela.sync());

    REQUIRE(farewell.size() == 1);
    CHECK(Teams::fields_in(farewell.front().second) == std::vector{common_field::owner});
    CHECK_FALSE(t.asha.base.contains(record));
    CHECK(t.bela.base.at(record) == t.caro.base.at(record));
    for (const Person* each : {&t.asha, &t.bela, &t.caro}) t.check_agreement(*each);
    // From here on it is none of asha's business.
    t.bela.write(record, testimony::type, t.team, {set_archived(false)});
    REQUIRE(t.bela.sync());
    CHECK(t.told(t.asha).empty());
    t.check_agreement(t.asha);
}

TEST_CASE("who owns a record by their own words is told what others said before", "[feed]") {
    // As where a restored server hears a supervisor's edit sooner than the capture it is of.
    Teams t;
    t.sync_all();
    const RecordId record = t.asha.capture(t.team, testimony::type);
    t.caro.write(record, testimony::type, t.team, {set_archived(true)});
    REQUIRE(t.caro.sync());
    const RecordId other = t.caro.capture(t.team, visit::type);
    REQUIRE(t.caro.sync());
    const Request without = t.asha.request(t.asha.entries.size());
    const auto answer = t.asha.exchange(without);
    REQUIRE(answer);
    t.asha.absorb(without, *answer);
    REQUIRE(t.asha.base.contains(other));  // Told past the edit: nothing made her an owner yet.

    const auto told = t.told(t.asha);

    REQUIRE(told.size() == 1);
    CHECK(Teams::fields_in(told.front().second) == std::vector{common_field::archived});
    t.check_agreement(t.asha);
    CHECK(t.told(t.asha).empty());
}

TEST_CASE("a former owner who was away is still told to erase", "[feed]") {
    Teams t;
    const RecordId record = t.asha.capture(t.team, testimony::type);
    t.sync_all();
    t.caro.write(record, testimony::type, t.team, {set_owner(t.bela.member)});
    t.caro.write(record, testimony::type, t.team, {erase_record()});
    REQUIRE(t.caro.sync());

    REQUIRE(t.asha.sync());

    CHECK(t.asha.base.at(record).is_erased);
    t.sync_all();
    for (const Person* each : {&t.asha, &t.bela, &t.caro}) t.check_agreement(*each);
}

TEST_CASE("a budget is kept, position by position, and nothing is left out", "[feed]") {
    Teams t;
    for (int count = 0; count < 40; ++count) t.asha.capture(t.team);
    REQUIRE(t.asha.sync());
    REQUIRE(t.caro.sync());
    for (int count = 0; count < 40; ++count) t.asha.capture(t.team);
    REQUIRE(t.asha.sync());
    t.caro.budget_bytes = 1'500;

    std::size_t records = 0;
    for (int round = 0; round < 100; ++round) {
        const auto told = t.told(t.caro);
        CHECK(!told.empty());
        Position last = 0;
        std::size_t bytes = 0;
        for (const auto& [team, delta] : told) {
            CHECK(delta.position > last);
            last = delta.position;
            bytes += delta.state.size();
        }
        CHECK(bytes <= 1'500);
        const bool is_finished = !t.caro.unfinished.contains(t.team);
        CHECK((is_finished ? t.caro.cursors : t.caro.unfinished).at(t.team) == last);
        records += told.size();
        if (!t.caro.answered.has_more) break;
    }

    CHECK(records == 40);
    t.check_agreement(t.caro);
}

TEST_CASE("a record touched again while its team is being told arrives whole", "[feed]") {
    Teams t;
    std::vector<RecordId> records;
    for (int count = 0; count < 12; ++count) records.push_back(t.asha.capture(t.team));
    REQUIRE(t.asha.sync());
    const std::size_t touched = GENERATE(0U, 5U, 11U);
    t.caro.budget_bytes = 700;
    REQUIRE(t.told(t.caro).empty());  // First the roster.
    REQUIRE_FALSE(t.told(t.caro).empty());
    REQUIRE(t.caro.answered.has_more);

    // Its last change moves it behind all that is still to be told.
    t.asha.write(records[touched], visit::type, t.team, {set_text(visit::date, "2026-11-02")});
    REQUIRE(t.asha.sync());
    REQUIRE(t.caro.sync());

    CHECK(t.caro.base == t.asha.base);
    t.check_agreement(t.caro);
}

TEST_CASE("a record touched again since is told whole, however the telling is cut", "[feed]") {
    Teams t;
    std::vector<RecordId> records;
    for (int count = 0; count < 40; ++count) records.push_back(t.asha.capture(t.team));
    REQUIRE(t.asha.sync());
    // These now stand behind all others, with one new field and many old ones.
    for (std::size_t index = 0; index < 40; index += 3) {
        t.asha.write(records[index], visit::type, t.team,
                     {set_sealed(visit::narrative, "Said later.")});
    }
    REQUIRE(t.asha.sync());
    t.caro.budget_bytes = 1'500;

    REQUIRE(t.caro.sync());

    CHECK(t.caro.base.size() == 40);
    t.check_agreement(t.caro);
}

TEST_CASE("a record larger than the budget is told alone", "[feed]") {
    Teams t;
    const RecordId record = t.asha.capture(t.team);
    t.asha.write(record, visit::type, t.team,
                 {set_sealed(visit::narrative, std::string(50'000, 'x'))});
    t.asha.capture(t.team);
    REQUIRE(t.asha.sync());
    t.caro.budget_bytes = 100;

    REQUIRE(t.caro.sync());

    CHECK(t.caro.base.size() == 2);
    t.check_agreement(t.caro);
}

TEST_CASE("the roster is told before records are told by it", "[feed]") {
    Teams t;
    const RecordId record = t.asha.capture(t.team, testimony::type);
    t.sync_all();
    t.world.place(t.bela, {{t.team, Role::supervisor}});

    const auto told = t.told(t.bela);

    CHECK(told.empty());
    CHECK(t.bela.answered.has_more);
    CHECK_FALSE(t.bela.answered.statements.empty());
    // Knowing the new role, the replica begins the team anew.
    t.bela.cursors[t.team] = 0;
    REQUIRE(t.bela.sync());
    CHECK(t.bela.base.contains(record));
    t.check_agreement(t.bela);
}

TEST_CASE("who leaves a team is told so, and begins anew on coming back", "[feed]") {
    Teams t;
    const RecordId record = t.asha.capture(t.team);
    t.sync_all();
    t.world.place(t.asha, {});

    REQUIRE(t.asha.sync());

    CHECK(t.asha.answered.left.empty());  // Told once; the cursor is gone since.
    CHECK(t.asha.base.empty());
    t.check_agreement(t.asha);

    t.world.place(t.asha, {{t.team, Role::worker}});
    REQUIRE(t.asha.sync());
    CHECK(t.asha.base.at(record) == t.caro.base.at(record));
    t.check_agreement(t.asha);
}

TEST_CASE("statements are told once, in the server's order", "[feed]") {
    Teams t;
    REQUIRE(t.asha.sync());
    const std::size_t heard = t.asha.roster_heard.size();
    const TeamId third = t.world.add_team();

    REQUIRE(t.asha.sync());
    CHECK(t.asha.roster_heard.size() == heard + 1);
    REQUIRE(t.asha.sync());
    CHECK(t.asha.roster_heard.size() == heard + 1);

    Roster roster(t.world.cipher, t.world.organisation);
    for (const Bytes& statement : t.asha.roster_heard) {
        REQUIRE(roster.accept(statement, std::nullopt));
    }
    CHECK(roster.teams().contains(third));
}

}  // namespace godwit
