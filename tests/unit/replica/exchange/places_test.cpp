// Places that change: who may see what from then on, and what becomes of the work of those who
// leave.

#include "tests/support/catch.h"
#include "tests/unit/replica/exchange/world.h"

namespace godwit {

TEST_CASE("a finished testimony is handed over: its author opens it no more", "[exchange]") {
    Team team;
    const std::string told = team.bela().capture("testimony", testimony("A worker's words."));
    const Json draft = team.bela().call(
        "capture", {{"type", "testimony"}, {"fields", testimony("Not yet.")}, {"draft", true}});
    CHECK(team.bela().value(told, "narrative_original") == "A worker's words.");
    team.bela().sync();
    CHECK(team.bela().value(told, "narrative_original") == nullptr);
    CHECK(team.bela().value(draft["record"], "narrative_original") == "Not yet.");
    team.caro().sync();
    CHECK(team.caro().value(told, "narrative_original") == "A worker's words.");

    team.caro().call("review", {{"record", told}, {"step", "start"}});
    team.caro().call("review", {{"record", told}, {"step", "return"}, {"note", "Which month?"}});
    team.caro().sync();
    team.bela().sync();
    CHECK(team.bela().value(told, "narrative_original") == "A worker's words.");
    team.settle();
    team.check_agreement();
}

TEST_CASE("a place withdrawn takes the team's records along, and unsent work is parked, not lost",
          "[exchange]") {
    Team team;
    const std::string shared = team.caro().capture("visit", visit("Caro's."));
    team.settle();
    CHECK(team.bela().value(shared, "narrative") == "Caro's.");
    const std::string own = team.bela().capture("visit", visit("Bela's unsent words."));
    team.asha.call("member",
                   {{"name", "bela"}, {"member", team.bela().member}, {"places", Json::array()}});
    team.asha.sync();

    const Json told = team.bela().sync();
    CHECK(told["parked"].size() == 1);
    CHECK(told["parked"][0]["reason"] == "not_permitted");
    CHECK(team.bela().refused("show", {{"record", shared}}).code == ErrorCode::unknown_record);
    team.settle();
    const Json parked = team.caro().call("parked");
    REQUIRE(parked.size() == 1);
    CHECK(parked[0]["author"] == team.bela().id);
    CHECK(team.bela().refused("adopt", {{"change", parked[0]["change"]}}).code !=
          ErrorCode::unknown_method);

    team.caro().call("adopt", {{"change", parked[0]["change"]}});
    team.settle();
    CHECK(team.caro().call("show", {{"record", own}})["fields"]["site_type"]["value"] == "farm");
    CHECK(team.caro().value(own, "narrative") == "Bela's unsent words.");
    CHECK(team.caro().call("parked")[0]["adopted"].is_string());
    CHECK(team.caro().refused("adopt", {{"change", parked[0]["change"]}}).code ==
          ErrorCode::rule_does_not_allow);
    team.check_agreement();
}

TEST_CASE("a retired replica's remaining work enters", "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit());
    team.asha.call("revoke", {{"replica", team.bela().id}, {"manner", "retired"}});
    team.asha.sync();
    const Json told = team.bela().sync();
    CHECK(told["standing"] == "retired");
    CHECK(told["delivered"] == 1);
    CHECK(team.bela().call("status")["standing"] == "retired");
    CHECK(team.bela().value(record, "narrative") == "They sleep in shifts.");
    CHECK(team.bela().sync()["delivered"] == 0);
    team.caro().sync();
    CHECK(team.caro().value(record, "site_type") == "farm");
    CHECK(team.caro().value(record, "narrative") == "They sleep in shifts.");
}

TEST_CASE("a retired replica that erased something says so once", "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit());
    team.bela().sync();
    team.asha.call("revoke", {{"replica", team.bela().id}, {"manner", "retired"}});
    team.asha.sync();
    team.bela().call("erase", {{"record", record}});
    team.bela().sync();
    team.bela().sync();
    CHECK(team.bela().wire.requests.back().erased.empty());
    team.caro().sync();
    CHECK(team.caro().call("show", {{"record", record}})["erased"] == true);
}

TEST_CASE("an erasure that was not the author's to make any more is taken back", "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit("Not bela's any more."));
    team.settle();
    team.caro().call("edit", {{"record", record}, {"fields", {{"owner", team.dina().member}}}});
    team.caro().sync();
    team.bela().call("erase", {{"record", record}});

    const Json told = team.bela().sync();
    REQUIRE(told["parked"].size() == 1);
    CHECK(told["parked"][0]["reason"] == "not_permitted");
    team.settle();
    CHECK(team.bela().value(record, "narrative") == "Not bela's any more.");
    CHECK(team.caro().value(record, "narrative") == "Not bela's any more.");
    CHECK(team.bela().sync()["round_trips"] == 1);
    team.check_agreement();
}

TEST_CASE("whose record it is hears its maker, also where a restored server heard of that first",
          "[exchange]") {
    Team team;
    team.server.backup("yesterday");
    const std::string record = team.bela().capture("testimony", testimony());
    team.settle();
    team.caro().call("edit", {{"record", record}, {"fields", {{"owner", team.dina().member}}}});
    team.server.restore("yesterday");

    team.caro().sync();
    team.settle();

    CHECK(team.dina().call("show", {{"record", record}})["owner"] == team.dina().member);
    CHECK(team.bela().refused("show", {{"record", record}}).code == ErrorCode::unknown_record);
    team.check_agreement();
}

TEST_CASE("a copy that was demoted keeps no shell of what the other copy had brought for it",
          "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("testimony", testimony());
    team.settle();
    team.caro().wire.is_down = true;
    team.caro().call("edit", {{"record", record}, {"fields", {{"occupation", "welder"}}}});
    const auto copy = team.caro().copy();
    for (Person* person : {&team.caro(), copy.get()}) person->capture("visit", visit());
    team.asha.call("member", {{"name", "caro"},
                              {"member", team.caro().member},
                              {"places", Json::array({{{"team", "North"}, {"role", "worker"}}})}});
    team.asha.sync();

    team.caro().wire.is_down = false;
    team.caro().sync();
    copy->wire.is_down = false;
    copy->sync();

    for (Person* person : {&team.caro(), copy.get()}) {
        CHECK(person->refused("show", {{"record", record}}).code == ErrorCode::unknown_record);
    }
    team.settle();
    team.check_agreement();
    CHECK(copy->digest() == team.server.digest(copy->id));
}

TEST_CASE("a compromised replica is told to destroy its keys, and what it brought is parked",
          "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit("Said before it was taken."));
    team.asha.call("revoke", {{"replica", team.bela().id}, {"manner", "compromised"}});
    team.asha.sync();
    CHECK(team.bela().sync()["standing"] == "compromised");
    CHECK(team.bela().refused("status").code == ErrorCode::not_enrolled);
    CHECK(team.bela().refused("unlock", {{"phrase", Person::phrase}}).code !=
          ErrorCode::wrong_phrase);
    team.caro().sync();
    const Json parked = team.caro().call("parked");
    REQUIRE(parked.size() == 1);
    CHECK(parked[0]["reason"] == "replica_revoked");
    CHECK(parked[0]["record"] == record);
}

TEST_CASE("a worker made supervisor sees the team's testimonies, and again when no longer one",
          "[exchange]") {
    Team team;
    const std::string told = team.bela().capture("testimony", testimony("A worker's words."));
    team.settle();
    CHECK(team.dina().refused("show", {{"record", told}}).code == ErrorCode::unknown_record);
    const auto place = [&](const char* role) {
        team.asha.call("member", {{"name", "dina"},
                                  {"member", team.dina().member},
                                  {"places", Json::array({{{"team", "North"}, {"role", role}}})}});
        team.settle();
        team.settle();
    };
    place("supervisor");
    CHECK(team.dina().value(told, "narrative_original") == "A worker's words.");
    team.check_agreement();
    place("worker");
    CHECK(team.dina().refused("show", {{"record", told}}).code == ErrorCode::unknown_record);
    team.check_agreement();
}

TEST_CASE("who leaves while still asking anew for what another role sees keeps nothing",
          "[exchange]") {
    Team team;
    const std::string shared = team.caro().capture("visit", visit("Caro's."));
    team.settle();
    REQUIRE(team.dina().value(shared, "narrative") == "Caro's.");
    const auto place = [&](const Json& places) {
        team.asha.call("member",
                       {{"name", "dina"}, {"member", team.dina().member}, {"places", places}});
        team.asha.sync();
    };
    place(Json::array({{{"team", "North"}, {"role", "supervisor"}}}));
    team.dina().wire.requests_before_cut = 1;
    CHECK(team.dina().refused("sync").code == ErrorCode::unreachable);
    team.dina().wire.requests_before_cut = -1;

    place(Json::array());
    team.dina().sync();
    CHECK(team.dina().refused("show", {{"record", shared}}).code == ErrorCode::unknown_record);
    team.check_agreement();
}

TEST_CASE("a record given to another owner leaves who may no longer see it", "[exchange]") {
    Team team;
    const std::string told = team.bela().capture("testimony", testimony());
    team.settle();
    team.caro().call("edit", {{"record", told}, {"fields", {{"owner", team.dina().member}}}});
    team.settle();
    CHECK(team.bela().refused("show", {{"record", told}}).code == ErrorCode::unknown_record);
    CHECK(team.dina().call("show", {{"record", told}})["owner"] == team.dina().member);
    team.check_agreement();
}

TEST_CASE("who has a place that a restored server forgot misses nothing said there since",
          "[exchange]") {
    Team team;
    const std::string shared = team.caro().capture("visit", visit("As first told."));
    team.settle();
    team.asha.call("team", {{"name", "South"}});
    Person& erin = team.join("erin", "worker", "South");
    team.server.backup("before");
    team.asha.call("member", {{"name", "erin"},
                              {"member", erin.member},
                              {"places", Json::array({{{"team", "North"}, {"role", "worker"}}})}});
    team.asha.sync();
    // What she hears carries her cursor on; whoever said it never comes again.
    for (int count = 0; count < 3; ++count) team.caro().capture("visit", visit("Of the lost."));
    team.caro().sync();
    erin.sync();
    team.people.erase("caro");
    team.server.restore("before");

    erin.sync();
    team.dina().call("edit", {{"record", shared}, {"fields", {{"narrative", "Said since."}}}});
    team.dina().sync();
    team.settle();

    CHECK(erin.value(shared, "narrative") == "Said since.");
}

}  // namespace godwit
