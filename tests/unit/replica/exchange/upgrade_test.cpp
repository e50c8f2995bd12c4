// Record types that come: who is told of their records before programs know them, and after.

#include "field-client/replica/session.h"
#include "field-client/replica/store.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/exchange/world.h"

namespace godwit {
namespace {

Json later_record(int number, const char* words) {
    return {{"later_number", number}, {"later_words", words}};
}

std::string capture_later(Person& person, std::string_view type = later::first_type_name) {
    return person.capture(std::string(type), later_record(7, "Words of tomorrow."));
}

bool holds(Person& person, const std::string& record) {
    bool is_held = false;
    person.with_session([&](Session& session) {
        is_held = session.store.record(*parse_id<RecordId>(record)).value().has_value();
    });
    return is_held;
}

void upgrade_everybody(Team& team) {
    for (Person* person : {&team.asha, &team.bela(), &team.caro(), &team.dina()}) {
        person->upgrade();
    }
}

}  // namespace

TEST_CASE("of a type the server does not know it tells owners only", "[exchange]") {
    Team team;
    choose_later_audiences(Audience::members, Audience::supervisors);
    team.bela().upgrade();
    const std::string record = capture_later(team.bela());
    team.settle();
    CHECK_FALSE(holds(team.caro(), record));
    team.check_agreement();

    SECTION("once it knows the type, those it is for, from the start") {
        const std::string other = capture_later(team.bela(), later::second_type_name);
        team.settle();
        team.server.upgrade();
        upgrade_everybody(team);
        team.settle();
        CHECK(team.caro().value(record, "later_number") == 7);
        CHECK(team.caro().value(record, "later_words") == "Words of tomorrow.");
        CHECK(team.caro().value(other, "later_number") == 7);
        team.check_agreement();
    }
    SECTION("and again after somebody went back to the earlier program for a while") {
        team.server.upgrade();
        team.server.downgrade();
        const std::string meanwhile = capture_later(team.bela());
        team.settle();
        team.server.upgrade();
        upgrade_everybody(team);
        team.settle();
        CHECK(team.caro().value(record, "later_number") == 7);
        CHECK(team.caro().value(meanwhile, "later_number") == 7);
        team.check_agreement();
    }
}

TEST_CASE("a replica asks for what it let go, once it knows the type", "[exchange]") {
    Team team;
    choose_later_audiences(Audience::members, Audience::supervisors);
    team.server.upgrade();
    team.bela().upgrade();
    const std::string record = capture_later(team.bela());
    team.settle();
    CHECK_FALSE(holds(team.caro(), record));
    const std::string own = team.caro().capture("visit", visit("Caro's."));
    team.settle();

    team.caro().upgrade();
    team.caro().sync();

    CHECK(team.caro().value(record, "later_words") == "Words of tomorrow.");
    CHECK(team.caro().value(own, "narrative") == "Caro's.");
    upgrade_everybody(team);
    team.settle();
    team.check_agreement();
    const int before = team.caro().wire.count;
    CHECK(team.caro().sync()["received"] == 0);
    CHECK(team.caro().wire.count == before + 1);
}

TEST_CASE("who gives away what only its owner sees forgets it, once that is delivered",
          "[exchange]") {
    Team team;
    choose_later_audiences(Audience::owner, Audience::owner);
    team.server.upgrade();
    upgrade_everybody(team);
    const std::string kept = capture_later(team.caro());
    const std::string given = capture_later(team.caro());
    team.caro().call("edit", {{"record", given}, {"fields", {{"owner", team.bela().member}}}});
    CHECK(holds(team.caro(), given));

    team.caro().sync();

    CHECK_FALSE(holds(team.caro(), given));
    CHECK(holds(team.caro(), kept));
    team.settle();
    CHECK(team.bela().value(given, "later_number") == 7);
    team.check_agreement();
}

TEST_CASE("an upgrade that changes nothing for anybody tells nothing anew", "[exchange]") {
    Team team;
    team.bela().capture("visit", visit("Bela's."));
    team.settle();
    const std::string epoch = team.server.store().status().value().epoch;

    team.server.upgrade();

    CHECK(team.server.store().status().value().epoch == epoch);
    team.caro().upgrade();
    CHECK(team.caro().sync()["received"] == 0);
    team.check_agreement();
}

}  // namespace godwit
