#include <algorithm>

#include "field-client/replica/session.h"
#include "shared/base/text.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/exchange/world.h"

namespace godwit {

TEST_CASE("a supervisor's first sync makes the team's reader keys, and nobody waits for one",
          "[exchange]") {
    Team team;
    const Json roster = team.bela().call("roster");
    CHECK(roster["teams"][0]["readers"].size() == 2);
    CHECK(roster["waiting"].empty());
    CHECK(team.caro().call("grant")["waiting"].empty());
}

TEST_CASE("what one saved another reads, and both ends print one digest", "[exchange]") {
    Team team;
    const std::string seen = team.bela().capture("visit", visit("Bela's words."));
    const std::string told = team.bela().capture("testimony", testimony("A worker's words."));
    CHECK(team.bela().sync()["delivered"] == 2);
    team.settle();
    CHECK(team.caro().value(seen, "narrative") == "Bela's words.");
    CHECK(team.caro().value(told, "narrative_original") == "A worker's words.");
    CHECK(team.dina().value(seen, "narrative") == "Bela's words.");
    CHECK(team.dina().refused("show", {{"record", told}}).code == ErrorCode::unknown_record);
    team.check_agreement();
}

TEST_CASE("work done before the team had reader keys becomes readable when it has them",
          "[exchange]") {
    World world;
    world.found();
    Person& bela = world.join("bela", "worker");
    const std::string record = bela.capture("visit", visit("Before anyone could read."));
    bela.sync();
    Person& caro = world.join("caro", "supervisor");
    CHECK(caro.value(record, "narrative") == nullptr);
    bela.sync();
    caro.sync();
    CHECK(caro.value(record, "narrative") == "Before anyone could read.");
    world.settle();
    world.check_agreement();
}

TEST_CASE("concurrent edits of one field stand side by side on every replica", "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit("As first told."));
    team.settle();
    team.bela().call("edit", {{"record", record}, {"fields", {{"narrative", "As Bela heard."}}}});
    team.dina().call("edit", {{"record", record}, {"fields", {{"narrative", "As Dina heard."}}}});
    team.settle();
    for (Person* person : {&team.bela(), &team.caro(), &team.dina()}) {
        CHECK(person->sibling_count(record, "narrative") == 2);
    }
    team.check_agreement();

    const Json conflicts = team.caro().call("conflicts");
    REQUIRE(conflicts.size() == 1);
    const std::string dot = conflicts[0]["siblings"][0]["dot"];
    team.caro().call("resolve", {{"record", record}, {"field", "narrative"}, {"keep", {dot}}});
    team.settle();
    CHECK(team.bela().call("conflicts").empty());
    team.check_agreement();
}

TEST_CASE("nothing new is one round trip that brings nothing", "[exchange]") {
    Team team;
    const Json quiet = team.bela().sync();
    CHECK(quiet["round_trips"] == 1);
    CHECK(quiet["delivered"] == 0);
    CHECK(quiet["received"] == 0);
    CHECK(quiet["bytes_up"].get<int>() + quiet["bytes_down"].get<int>() < 600);
}

TEST_CASE("a small edit is one round trip", "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit());
    team.settle();
    team.bela().call("edit", {{"record", record}, {"fields", {{"site_type", "shelter"}}}});
    const Json told = team.bela().sync();
    CHECK(told["delivered"] == 1);
    CHECK(told["round_trips"] == 1);
}

TEST_CASE("a server that was started anew is asked once more, with its fresh nonce", "[exchange]") {
    Team team;
    team.server.restart();
    const Json told = team.bela().sync();
    CHECK(told["round_trips"] == 2);
    CHECK(team.bela().sync()["round_trips"] == 1);
}

TEST_CASE("a reply lost after the commit loses and doubles nothing", "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit());
    team.bela().call("count", {{"record", record}, {"field", "people_reached"}, {"by", 4}});
    team.bela().wire.replies_to_lose = 1;
    CHECK(team.bela().refused("sync").code == ErrorCode::unreachable);
    CHECK(team.bela().call("status")["delivered"] == 0);
    team.bela().call("count", {{"record", record}, {"field", "people_reached"}, {"by", 3}});
    team.bela().sync();
    CHECK(team.bela().call("status")["delivered"] == 3);
    CHECK(team.bela().call("status")["unsent"] == 0);
    team.settle();
    CHECK(team.caro().value(record, "people_reached") == 7);
    team.check_agreement();
}

TEST_CASE("keys made offline go up under few signatures, and every reader opens every record",
          "[exchange]") {
    Team team;
    std::vector<std::string> visits;
    for (int index = 0; index < 70; ++index) {
        visits.push_back(team.bela().capture("visit", visit("Visit " + std::to_string(index))));
    }
    const std::string told = team.bela().capture("testimony", testimony("A worker's words."));
    team.bela().sync();
    std::size_t signatures = 0;
    for (const Request& request : team.bela().wire.requests) signatures += request.keys.size();
    // Trees of 64, 4 and 2 visits; the testimony is not signed with what others see, and is sent
    // again when it is handed over.
    CHECK(signatures == 5);

    team.settle();
    for (std::size_t index = 0; index < visits.size(); ++index) {
        const std::string words = "Visit " + std::to_string(index);
        CHECK(team.caro().value(visits[index], "narrative") == words);
        CHECK(team.dina().value(visits[index], "narrative") == words);
        CHECK(team.bela().value(visits[index], "narrative") == words);
    }
    CHECK(team.caro().value(told, "narrative_original") == "A worker's words.");
    team.check_agreement();
}

TEST_CASE("keys whose delivery was not heard of are signed anew, and the first ones stay",
          "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit("Bela's words."));
    team.bela().wire.replies_to_lose = 1;
    CHECK(team.bela().refused("sync").code == ErrorCode::unreachable);
    // One more, so that what is signed now is another tree.
    const std::string second = team.bela().capture("visit", visit("More words."));
    team.bela().sync();
    team.settle();

    const std::vector<Request>& requests = team.bela().wire.requests;
    const auto carries_keys = [](const Request& request) { return !request.keys.empty(); };
    CHECK(std::count_if(requests.begin(), requests.end(), carries_keys) >= 2);
    for (Person* each : {&team.bela(), &team.caro(), &team.dina()}) {
        CHECK(each->value(record, "narrative") == "Bela's words.");
        CHECK(each->value(second, "narrative") == "More words.");
    }
    team.check_agreement();
}

TEST_CASE("a long request whose reply was lost goes up once more, not twice", "[exchange]") {
    Team team;
    team.bela().capture("visit", visit(std::string(45'000, 'a')));
    team.bela().wire.replies_to_lose = 1;
    CHECK(team.bela().refused("sync").code == ErrorCode::unreachable);
    const Json told = team.bela().sync();
    CHECK(told["delivered"] == 1);
    CHECK(told["round_trips"] == 2);  // One for a nonce.
    CHECK(told["bytes_up"].get<int>() < 48'000);

    team.bela().capture("visit", visit(std::string(45'000, 'b')));
    CHECK(team.bela().sync()["round_trips"] == 1);
    SECTION("a request that never left costs nothing either") {
        team.bela().capture("visit", visit(std::string(45'000, 'c')));
        team.bela().wire.is_down = true;
        CHECK(team.bela().refused("sync").code == ErrorCode::unreachable);
        team.bela().wire.is_down = false;
        CHECK(team.bela().sync()["round_trips"] == 1);
    }
    team.settle();
    team.check_agreement();
}

TEST_CASE("a sync cut between any two requests goes on where it stopped", "[exchange]") {
    Team team;
    for (int number = 0; number < 90; ++number) {
        team.bela().capture("visit", visit(std::string(45'000, 'a') + std::to_string(number)));
    }
    std::uint64_t before = 0;
    int cuts = 0;  // A link that is cut so often is asked for little at a time.
    for (bool is_done = false; !is_done; ++cuts) {
        REQUIRE(cuts < 95);
        team.bela().wire.requests_before_cut = 1;
        const auto outcome = team.bela().replica().call("sync", "{}");
        is_done = static_cast<bool>(outcome);
        const std::uint64_t delivered = team.bela().call("status")["delivered"];
        CHECK(delivered >= before);
        before = delivered;
    }
    CHECK(cuts > 2);
    team.bela().wire.requests_before_cut = -1;
    CHECK(before == 90);
    team.settle();
    CHECK(team.caro().call("list", {{"type", "visit"}, {"limit", 1000}})["records"].size() == 90);
    team.check_agreement();
}

TEST_CASE("a wire that always breaks before a long request's end carries everything",
          "[exchange]") {
    Team team;
    for (int number = 0; number < 40; ++number) {
        team.bela().capture("visit", visit(std::string(45'000, 'a') + std::to_string(number)));
    }
    team.bela().wire.request_bytes_max = 900'000;  // Long enough for requests to grow, at first.
    CHECK(team.bela().refused("sync").code == ErrorCode::unreachable);
    team.bela().wire.request_bytes_max = 130'000;
    std::uint64_t before = team.bela().call("status")["delivered"];
    CHECK(before > 0);
    while (before < 40) {
        static_cast<void>(team.bela().replica().call("sync", "{}"));
        const std::uint64_t delivered = team.bela().call("status")["delivered"];
        REQUIRE(delivered > before);
        before = delivered;
    }
    team.settle();
    CHECK(team.caro().call("list", {{"type", "visit"}, {"limit", 1000}})["records"].size() == 40);
    team.check_agreement();
}

TEST_CASE("work that takes many requests reaches its readers whole", "[exchange]") {
    Team team;
    Json batch = Json::array();
    for (int number = 0; number < 1600; ++number) {
        batch.push_back({{"type", "visit"}, {"fields", visit(std::string(900, 'w'))}});
    }
    team.bela().call("capture_many", {{"records", batch}});
    const Json told = team.bela().sync();
    CHECK(told["delivered"] == 1600);
    CHECK(told["round_trips"].get<int>() > 1);
    CHECK(told["received"] == 0);  // It said all of it itself.
    CHECK(team.caro().sync()["round_trips"].get<int>() > 1);
    const Json list = team.caro().call("list", {{"type", "visit"}, {"limit", 10'000}})["records"];
    REQUIRE(list.size() == 1600);
    std::size_t whole = 0;
    for (const Json& row : list) {
        if (row["review"] == "submitted" && row["owner"] == team.bela().member) ++whole;
    }
    CHECK(whole == 1600);
    team.settle();
    team.check_agreement();
}

TEST_CASE("one change the server parks costs its five hundred neighbours nothing", "[exchange]") {
    Team team;
    Json batch = Json::array();
    for (int number = 0; number < 250; ++number) {
        batch.push_back({{"type", "visit"}, {"fields", visit()}});
    }
    const Json many = team.bela().call("capture_many", {{"records", batch}});
    const std::string record = many["records"][0]["record"].is_string()
                                   ? many["records"][0]["record"].get<std::string>()
                                   : many["records"][0].get<std::string>();
    team.bela().with_session([&](Session& session) {
        // A wrong open value, as a broken or hostile replica would write it.
        Bytes item;
        cbor::Encoder(item).text("no_such_site");
        Intent intent;
        intent.record = *parse_id<RecordId>(record);
        intent.record_type = 1;
        intent.team = session.record(intent.record)->shown.team;
        intent.operations.push_back({17, OperationKind::set, item, {}});
        REQUIRE(session.store.transaction([&]() -> Result<void> {
            TRY(session.write(intent));
            return ok();
        }));
    });
    team.bela().call("capture_many", {{"records", batch}});
    CHECK(team.bela().value(record, "site_type") == "no_such_site");

    const Json told = team.bela().sync();
    CHECK(told["delivered"] == 501);
    REQUIRE(told["parked"].size() == 1);
    CHECK(told["parked"][0]["reason"] == "wrong_value");
    CHECK(told["parked"][0]["record"] == record);
    CHECK(team.bela().value(record, "site_type") == "farm");
    CHECK(team.bela().call("status")["parked"] == 1);
    CHECK(team.bela().call("parked")[0]["own"] == true);
    team.settle();
    CHECK(team.caro().call("list", {{"type", "visit"}, {"limit", 1000}})["records"].size() == 500);
    team.check_agreement();
}

TEST_CASE("a change that claims what nobody has said is adopted without the claim", "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit("As bela wrote it."));
    team.settle();
    const auto log = parse_id<LogId>(team.bela().call("status")["log"].get<std::string>());
    team.dina().with_session([&](Session& session) {
        // A hostile replica would write so: what bela says next is to be superseded unheard.
        const RecordId id = *parse_id<RecordId>(record);
        StoredRecord kept = *session.store.record(id).value();
        Change change;
        change.role = Role::worker;
        change.time = {session.host.wall.now_ms(), 0};
        change.schema_version = schema_version();
        change.record_type = kept.shown.type;
        change.record = id;
        change.team = kept.shown.team;
        change.context.add({*log, 1000});
        Operation operation;
        operation.field = 17;
        cbor::Encoder(operation.value).text("shelter");
        change.operations.push_back(operation);
        REQUIRE(session.store.transaction([&]() -> Result<void> {
            TRY(session.issue(change, kept));
            return ok();
        }));
    });
    const Json told = team.dina().sync();
    REQUIRE(told["parked"].size() == 1);
    CHECK(told["parked"][0]["reason"] == "claims_unheard");

    team.caro().sync();
    const Json parked = team.caro().call("parked");
    REQUIRE(parked.size() == 1);
    team.caro().call("adopt", {{"change", parked[0]["change"]}});
    CHECK(team.caro().sync()["parked"].empty());
    team.bela().call("edit", {{"record", record}, {"fields", {{"site_type", "factory"}}}});
    team.settle();
    team.check_agreement();
    // What bela said since stands beside what was adopted, unheard of by it.
    CHECK(team.caro().sibling_count(record, "site_type") == 2);
}

TEST_CASE("clocks of 1970 and 2099 win nothing and stay in evidence", "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit());
    Person& emil = team.join("emil", "worker");
    team.settle();
    emil.clock.ms = 0;
    team.dina().clock.ms = 4'070'908'800'000;
    team.server.clock.ms += 60'000;
    team.dina().call("edit", {{"record", record}, {"fields", {{"narrative", "From 2099."}}}});
    const Json ahead = team.dina().sync();
    CHECK(ahead["clock_offset_ms"].get<std::int64_t>() < 0);
    team.server.clock.ms += 60'000;
    emil.call("edit", {{"record", record}, {"fields", {{"narrative", "From 1970."}}}});
    CHECK(emil.sync()["clock_offset_ms"].get<std::int64_t>() > 0);
    team.settle();
    const Json siblings = team.caro().call(
        "show", {{"record", record}, {"siblings", true}})["fields"]["narrative"]["siblings"];
    REQUIRE(siblings.size() == 2);
    for (const Json& sibling : siblings) {
        CHECK(sibling["effective"].get<std::string>().substr(0, 10) == "2026-11-21");
        CHECK(sibling["claimed"].get<std::string>().substr(0, 4) !=
              sibling["effective"].get<std::string>().substr(0, 4));
    }
    team.check_agreement();
}

TEST_CASE("what others built on a statement whose answer was lost holds for its author",
          "[exchange]") {
    Team team;
    const std::string south = team.asha.call("team", {{"name", "South"}})["team"];
    team.settle();
    team.asha.call("member",
                   {{"name", "bela"},
                    {"member", team.bela().member},
                    {"places", Json::array({{{"team", south}, {"role", "supervisor"}}})}});
    team.asha.wire.replies_to_lose = 1;
    team.asha.refused("sync");
    // Bela hears that she supervises South, and makes its reader keys.
    team.bela().sync();

    CHECK_FALSE(team.asha.sync().contains("refused"));
    for (const Json& each : team.asha.call("roster")["teams"]) {
        if (each["team"] == south) CHECK(each["readers"].size() == 2);
    }
    team.check_agreement();
}

TEST_CASE("what is parked in a team without records is told its supervisor once", "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit());
    team.settle();
    team.bela().call("edit", {{"record", record}, {"fields", {{"site_type", "shelter"}}}});
    team.bela().call("erase", {{"record", record}});
    const std::string south = team.asha.call("team", {{"name", "South"}})["team"];
    team.asha.call("member",
                   {{"name", "bela"},
                    {"member", team.bela().member},
                    {"places", Json::array({{{"team", south}, {"role", "supervisor"}}})}});
    team.asha.sync();
    CHECK_FALSE(team.bela().sync()["parked"].empty());
    team.settle();
    CHECK(team.bela().sync()["parked"].empty());
}

TEST_CASE("a record erased by its owner is gone on every replica, edits under way included",
          "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit("To be forgotten."));
    team.settle();
    team.dina().call("edit", {{"record", record}, {"fields", {{"site_name", "Block 7"}}}});
    team.bela().call("erase", {{"record", record}});
    team.bela().sync();
    CHECK(team.caro().value(record, "narrative") == "To be forgotten.");
    team.caro().sync();
    CHECK(team.caro().call("show", {{"record", record}})["erased"] == true);
    CHECK(team.caro().call("show", {{"record", record}})["unconfirmed"].size() >= 1);
    team.settle();
    team.settle();
    for (Person* person : {&team.bela(), &team.caro(), &team.dina()}) {
        CHECK(person->call("show", {{"record", record}})["erased"] == true);
    }
    CHECK(team.caro().call("show", {{"record", record}})["unconfirmed"].empty());
    team.check_agreement();
}

}  // namespace godwit
