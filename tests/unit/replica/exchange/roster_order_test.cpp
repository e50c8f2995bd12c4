// Statements hold in the order the server has them in. It may tell them in parts, and a server that
// was restored may have them in another order than it had.

#include <algorithm>

#include "field-client/replica/session.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/exchange/world.h"

namespace godwit {
namespace {

bool is_revoked(Person& observer, const Person& person) {
    const Json replicas = observer.call("roster")["replicas"];
    return std::any_of(replicas.begin(), replicas.end(), [&](const Json& each) {
        return each["replica"] == person.id && !each["revoked"].is_null();
    });
}

void retire(Person& administrator, const Person& person) {
    administrator.call("revoke", {{"replica", person.id}, {"manner", "retired"}});
}

}  // namespace

TEST_CASE("an own statement counts from where the server tells it, though it tells in parts",
          "[exchange]") {
    Team team;
    team.server.bounds.statement_bytes = 0;  // One in every answer.
    team.server.restart();
    const Json places = Json::array({{{"team", "North"}, {"role", "supervisor"}}});
    const std::string invitation = team.invite("erin", places);
    team.asha.sync();
    const auto erin = team.stranger();
    erin->call("enrol", {{"invitation", invitation}, {"phrase", Person::phrase}});
    team.caro().sync();  // Who grants Erin the reader keys.

    retire(team.asha, team.caro());
    team.asha.sync();

    CHECK(is_revoked(team.asha, team.caro()));
    erin->sync();
    CHECK(is_revoked(*erin, team.caro()));
    const int before = team.asha.wire.count;
    team.asha.sync();
    CHECK(team.asha.wire.count == before + 1);
    CHECK(team.asha.wire.requests.back().statements.empty());
}

TEST_CASE("a copy of a store speaks to a restored server in the place of what that forgot",
          "[exchange]") {
    Team team;
    const auto copy = team.asha.copy();
    team.server.backup("yesterday");
    retire(team.asha, team.dina());
    team.asha.sync();
    team.caro().sync();
    team.server.restore("yesterday");
    retire(*copy, team.bela());
    copy->sync();

    // Caro, who has heard of it, is the first to meet the server; or the administrator is.
    Person* first = GENERATE(0, 1) == 0 ? &team.asha : &team.caro();
    first->sync();
    team.asha.sync();
    team.caro().sync();
    copy->sync();

    for (Person* person : {&team.asha, &team.caro(), copy.get()}) {
        CHECK(is_revoked(*person, team.dina()));
        CHECK(is_revoked(*person, team.bela()));
    }
}

TEST_CASE("a roster that waits to be told anew is told from the start, and keeps its order",
          "[exchange]") {
    Team team;
    // Erin's enrolment, and behind it what nobody understands without it.
    Person& erin = team.join("erin", "worker");
    team.asha.sync();
    retire(team.asha, erin);
    team.asha.sync();
    for (Person* person : {&team.caro(), &team.bela()}) {
        person->sync();
        person->with_session([](Session& session) {
            REQUIRE(
                session.store.transaction([&] { return session.store.queue_all_statements(); }));
        });
        person->sync();
        person->close();
        CHECK(is_revoked(*person, erin));
        CHECK(person->call("verify")["problems"].empty());
    }
}

TEST_CASE("what is said behind statements that a restored server forgot is said all the same",
          "[exchange]") {
    Team team;
    team.server.backup("yesterday");
    retire(team.asha, team.dina());
    team.asha.sync();
    team.server.restore("yesterday");
    retire(team.asha, team.bela());
    team.asha.sync();

    team.asha.close();
    team.asha.sync();
    team.caro().sync();
    for (Person* person : {&team.asha, &team.caro()}) {
        CHECK(is_revoked(*person, team.dina()));
        CHECK(is_revoked(*person, team.bela()));
    }
}

TEST_CASE("what is said of somebody whom a restored server forgot is said all the same",
          "[exchange]") {
    Team team;
    const std::string invitation =
        team.invite("erin", Json::array({{{"team", "North"}, {"role", "worker"}}}));
    team.asha.sync();
    team.server.backup("invited");
    const auto erin = team.stranger();
    erin->id =
        erin->call("enrol", {{"invitation", invitation}, {"phrase", Person::phrase}})["replica"];
    team.asha.sync();
    team.server.restore("invited");
    retire(team.asha, *erin);

    CHECK_FALSE(team.asha.sync().contains("refused"));

    team.caro().sync();
    CHECK(is_revoked(team.asha, *erin));
    CHECK(is_revoked(team.caro(), *erin));
}

TEST_CASE("what a copy said in the place of what was forgotten is believed, though told in parts",
          "[exchange]") {
    Team team;
    team.server.bounds.statement_bytes = 0;  // One in every answer.
    team.server.restart();
    const std::string invitation =
        team.invite("erin", Json::array({{{"team", "North"}, {"role", "supervisor"}}}));
    team.asha.sync();
    const auto erin = team.stranger();
    erin->call("enrol", {{"invitation", invitation}, {"phrase", Person::phrase}});
    const auto copy = team.caro().copy();
    team.server.backup("before");
    team.caro().sync();  // Grants Erin the reader keys.
    team.server.restore("before");

    // What stands before that is told in more answers than the one to all that is held.
    for (const char* name : {"South", "West"}) team.asha.call("team", {{"name", name}});
    team.asha.sync();
    erin->sync();
    copy->sync();  // Grants them in the place of that.
    team.caro().sync();

    team.settle();
    erin->sync();
    copy->sync();

    for (Person* person : {&team.caro(), &team.asha, erin.get()}) {
        CHECK_FALSE(person->sync().contains("refused"));
    }
    team.check_agreement();
}

TEST_CASE("who joined before a restore hears what was said in the place of what they know",
          "[exchange]") {
    Team team;
    const auto copy = team.asha.copy();
    team.server.backup("before");
    const Json places = Json::array({{{"team", "North"}, {"role", "worker"}}});
    const std::string invitation = team.invite("erin", places);
    team.asha.sync();
    const auto erin = team.stranger();
    erin->call("enrol", {{"invitation", invitation}, {"phrase", Person::phrase}});
    team.server.restore("before");
    copy->call("member", {{"name", "fred"}, {"places", places}});
    copy->sync();
    team.asha.sync();

    erin->sync();

    CHECK(erin->sync()["round_trips"] == 1);
    CHECK(erin->call("verify")["problems"].empty());
}

}  // namespace godwit
