#include <algorithm>

#include "shared/base/text.h"
#include "shared/merge/view.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {
namespace {

/// Bela's visit, known to caro and dina too.
std::string shared_visit(Team& team, const Json& more = Json::object()) {
    Json fields = {{"date", "2026-11-21"}, {"site_type", "farm"}, {"site_name", "Block 7"}};
    fields.update(more);
    const std::string record = team.bela.capture("visit", fields);
    carry(team.bela, team.caro);
    carry(team.bela, team.dina);
    return record;
}

void edit_later(Person& person, const std::string& record, const Json& fields) {
    person.clock.ms += 1'000;
    person.call("edit", {{"record", record}, {"fields", fields}});
}

/// Two edits that neither author has seen, both known to caro.
void edit_apart(Team& team, const std::string& record, const Json& belas, const Json& dinas) {
    edit_later(team.bela, record, belas);
    team.dina.clock.ms += 5'000;
    edit_later(team.dina, record, dinas);
    carry(team.bela, team.caro);
    carry(team.dina, team.caro);
}

std::string dot_of(const Json& siblings, const Json& value) {
    const auto found = std::find_if(siblings.begin(), siblings.end(),
                                    [&](const Json& each) { return each["value"] == value; });
    REQUIRE(found != siblings.end());
    return (*found)["dot"];
}

}  // namespace

TEST_CASE("edits that nobody could have known of stand side by side", "[replica]") {
    Team team;
    const std::string record = shared_visit(team);
    edit_apart(team, record, {{"site_name", "Block 8"}}, {{"site_name", "Block 9"}});

    const Json conflicts = team.caro.call("conflicts");
    REQUIRE(conflicts.size() == 1);
    CHECK(conflicts[0]["record"] == record);
    CHECK(conflicts[0]["type"] == "visit");
    CHECK(conflicts[0]["field"] == "site_name");
    CHECK(conflicts[0]["rule"] == "keep_both");
    CHECK(conflicts[0]["base"] == "Block 7");
    REQUIRE(conflicts[0]["siblings"].size() == 2);
    for (const Json& sibling : conflicts[0]["siblings"]) {
        const Person& author = sibling["value"] == "Block 8" ? team.bela : team.dina;
        CHECK(sibling["author"] == to_text(author.self.id));
        CHECK(sibling["role"] == "worker");
        CHECK(sibling["mark"].is_null());
        CHECK(sibling["claimed"].is_string());
    }
    const Json shown = team.caro.fields(record)["site_name"];
    CHECK(shown["needs_review"] == true);
    CHECK(shown["value"] == Json::array({"Block 9", "Block 8"}));  // The later one first.
    CHECK(team.caro.call("status")["conflicts"] == 1);
    CHECK(team.caro.call("list")["records"][0]["conflicts"] == 1);
    CHECK(team.caro.call("conflicts", {{"record", record}}).size() == 1);
}

TEST_CASE("equal values said apart are no conflict", "[replica]") {
    Team team;
    const std::string record = shared_visit(team);
    edit_apart(team, record, {{"site_name", "Block 8"}}, {{"site_name", "Block 8"}});
    CHECK(team.caro.call("conflicts").empty());
    CHECK(team.caro.value(record, "site_name") == "Block 8");
}

TEST_CASE("keeping one value settles a conflict, everywhere", "[replica]") {
    Team team;
    const std::string record = shared_visit(team);
    edit_apart(team, record, {{"site_name", "Block 8"}}, {{"site_name", "Block 9"}});
    const Json siblings = team.caro.call("conflicts")[0]["siblings"];
    team.caro.call(
        "resolve",
        {{"record", record}, {"field", "site_name"}, {"keep", {dot_of(siblings, "Block 8")}}});
    CHECK(team.caro.call("conflicts").empty());
    CHECK(team.caro.value(record, "site_name") == "Block 8");
    carry(team.dina, team.bela);
    carry(team.caro, team.bela);
    CHECK(team.bela.call("conflicts").empty());
    CHECK(team.bela.value(record, "site_name") == "Block 8");
}

TEST_CASE("keeping several values lets them stand and asks no more", "[replica]") {
    Team team;
    const std::string record = shared_visit(team);
    edit_apart(team, record, {{"site_name", "Block 8"}}, {{"site_name", "Block 9"}});
    const Json siblings = team.caro.call("conflicts")[0]["siblings"];
    team.caro.call("resolve",
                   {{"record", record},
                    {"field", "site_name"},
                    {"keep", {siblings[0]["dot"], siblings[1]["dot"], siblings[0]["dot"]}}});
    CHECK(team.caro.call("conflicts").empty());
    const Json shown = team.caro.fields(record)["site_name"];
    CHECK(shown["needs_review"] == false);
    REQUIRE(shown["value"].size() == 2);
    CHECK(std::count(shown["value"].begin(), shown["value"].end(), "Block 8") == 1);
    CHECK(std::count(shown["value"].begin(), shown["value"].end(), "Block 9") == 1);
}

TEST_CASE("a third value settles a conflict too", "[replica]") {
    Team team;
    const std::string record = shared_visit(team);
    edit_apart(team, record, {{"site_name", "Block 8"}}, {{"site_name", "Block 9"}});
    team.caro.call("resolve",
                   {{"record", record}, {"field", "site_name"}, {"value", "Blocks 8 and 9"}});
    CHECK(team.caro.call("conflicts").empty());
    CHECK(team.caro.value(record, "site_name") == "Blocks 8 and 9");
}

TEST_CASE("two supervisors who settle differently leave one conflict more and no value less",
          "[replica]") {
    Team team;
    Organisation& organisation = team.organisation;
    const std::string record = shared_visit(team);
    edit_apart(team, record, {{"site_name", "Block 8"}}, {{"site_name", "Block 9"}});
    Person second(organisation,
                  organisation.enrol(organisation.add_member(0xe0, {{team.id, Role::supervisor}})),
                  22);
    second.enrol();
    // The second supervisor was not granted the team's key: open fields only are theirs to settle.
    carry(team.bela, second);
    carry(team.dina, second);
    const Json unread = second.fields(record)["site_name"];
    CHECK(unread["readable"] == false);
    CHECK(unread["value"].is_null());
    CHECK(second.refused("resolve", {{"record", record}, {"field", "site_name"}, {"value", "x"}})
              .code == ErrorCode::cannot_open);

    // Dina and caro settle apart; bela hears of both.
    carry(team.bela, team.dina);
    team.caro.call("resolve", {{"record", record}, {"field", "site_name"}, {"value", "Block 8"}});
    team.dina.call("resolve", {{"record", record}, {"field", "site_name"}, {"value", "Block 9"}});
    carry(team.caro, team.bela);
    carry(team.dina, team.bela);
    const Json conflicts = team.bela.call("conflicts");
    REQUIRE(conflicts.size() == 1);
    CHECK(conflicts[0]["siblings"].size() == 2);
}

TEST_CASE("a resolution names values that stand, and either keeps or replaces", "[replica]") {
    Team team;
    const std::string record = shared_visit(team, {{"languages_used", {"ne"}}});
    edit_apart(team, record, {{"site_name", "Block 8"}}, {{"site_name", "Block 9"}});
    const std::string log = team.caro.call("status")["log"];
    const auto code = [&](const Json& parameters) {
        Json all = {{"record", record}, {"field", "site_name"}};
        all.update(parameters);
        return team.caro.refused("resolve", all).code;
    };
    CHECK(code(Json::object()) == ErrorCode::wrong_parameters);
    CHECK(code({{"keep", Json::array()}}) == ErrorCode::wrong_parameters);
    CHECK(code({{"keep", "all"}}) == ErrorCode::wrong_parameters);
    CHECK(code({{"keep", {"nonsense"}}}) == ErrorCode::wrong_parameters);
    CHECK(code({{"keep", {log + ":1"}}}) == ErrorCode::unknown_change);
    CHECK(code({{"keep", {log + ":1"}}, {"value", "x"}}) == ErrorCode::wrong_parameters);
    CHECK(code({{"field", "languages_used"}, {"value", "ne"}}) == ErrorCode::rule_does_not_allow);
    CHECK(code({{"field", "review"}, {"value", "approved"}}) == ErrorCode::rule_does_not_allow);
    CHECK(code({{"field", "no_such"}, {"value", "x"}}) == ErrorCode::unknown_field);
    CHECK(code({{"value", std::string(300, 'a')}}) == ErrorCode::wrong_value);
    CHECK(team.caro.call("conflicts").size() == 1);
}

TEST_CASE("fields that stand together conflict and are settled as one", "[replica]") {
    Team team;
    const std::string record =
        shared_visit(team, {{"people_on_site", 100}, {"people_on_site_method", "counted"}});
    edit_apart(team, record, {{"people_on_site", 140}},
               {{"people_on_site", 90}, {"people_on_site_method", "told"}});
    CHECK(team.caro.call("conflicts").size() == 2);
    const Error partly =
        team.caro.refused("edit", {{"record", record}, {"fields", {{"people_on_site", 120}}}});
    CHECK(partly.code == ErrorCode::missing_field);
    CHECK(partly.detail.find("people_on_site_method") != std::string::npos);

    SECTION("by keeping one of them") {
        const Json all = team.caro.call("conflicts");
        const std::string dot = dot_of(all[0]["siblings"], 90);
        team.caro.call("resolve",
                       {{"record", record}, {"field", "people_on_site"}, {"keep", {dot}}});
        CHECK(team.caro.call("conflicts").empty());
        CHECK(team.caro.value(record, "people_on_site") == 90);
        CHECK(team.caro.value(record, "people_on_site_method") == "told");
    }
    SECTION("by giving all of them anew") {
        team.caro.call(
            "resolve",
            {{"record", record},
             {"field", "people_on_site"},
             {"value", {{"people_on_site", 120}, {"people_on_site_method", "counted"}}}});
        CHECK(team.caro.call("conflicts").empty());
        CHECK(team.caro.value(record, "people_on_site") == 120);
    }
    SECTION("but not with a field that stands elsewhere") {
        const Error error =
            team.caro.refused("resolve", {{"record", record},
                                          {"field", "people_on_site"},
                                          {"value", {{"people_on_site", 1}, {"site_name", "x"}}}});
        CHECK(error.code == ErrorCode::wrong_value);
    }
}

TEST_CASE("states reached apart show the safest, and a supervisor may let either stand",
          "[replica]") {
    Team team;
    const std::string record = team.bela.capture(
        "referral", {{"opened_on", "2026-11-21"}, {"kind", "legal"}, {"state", "offered"}});
    carry(team.bela, team.caro);
    const FieldSpec& state = *record_type("referral")->field("state");
    std::vector<std::string> next;
    for (const std::string_view each : state.order) {
        if (may_step(state, "offered", each, Role::worker, true) &&
            may_step(state, "offered", each, Role::supervisor, false)) {
            next.emplace_back(each);
        }
    }
    REQUIRE(next.size() >= 2);
    const std::string& safest = next.back();
    edit_later(team.bela, record, {{"state", next.front()}});
    edit_later(team.caro, record, {{"state", safest}});
    carry(team.bela, team.caro);
    REQUIRE(team.caro.call("conflicts").size() == 1);
    CHECK(team.caro.fields(record)["state"]["needs_review"] == true);
    const Json siblings = team.caro.call("conflicts")[0]["siblings"];
    const bool is_kept_as_it_is = GENERATE(true, false);
    const std::string wanted = is_kept_as_it_is ? safest : next.front();
    team.caro.call("resolve",
                   {{"record", record}, {"field", "state"}, {"keep", {dot_of(siblings, wanted)}}});
    CHECK(team.caro.call("conflicts").empty());
    CHECK(team.caro.value(record, "state") == wanted);
}

TEST_CASE("sets and counts made apart add up without a conflict", "[replica]") {
    Team team;
    const std::string record = shared_visit(team, {{"people_reached", 3}});
    team.bela.call("count", {{"record", record}, {"field", "people_reached"}, {"by", 4}});
    team.dina.call("count", {{"record", record}, {"field", "people_reached"}, {"by", 5}});
    team.bela.call("add", {{"record", record}, {"field", "languages_used"}, {"value", "ne"}});
    team.dina.call("add", {{"record", record}, {"field", "languages_used"}, {"value", "bn"}});
    carry(team.bela, team.caro);
    carry(team.dina, team.caro);
    CHECK(team.caro.value(record, "people_reached") == 12);
    CHECK(team.caro.value(record, "languages_used").size() == 2);
    CHECK(team.caro.call("conflicts").empty());
}

TEST_CASE("a removal spares what its author had not seen", "[replica]") {
    Team team;
    const std::string record = shared_visit(team, {{"languages_used", {"ne"}}});
    team.bela.call("remove", {{"record", record}, {"field", "languages_used"}, {"value", "ne"}});
    team.dina.call("add", {{"record", record}, {"field", "languages_used"}, {"value", "ne"}});
    carry(team.bela, team.caro);
    carry(team.dina, team.caro);
    CHECK(team.caro.value(record, "languages_used") == Json::array({"ne"}));
}

TEST_CASE("what was written while somebody archived the record is told, until a person looks",
          "[replica]") {
    Team team;
    const std::string record = shared_visit(team);
    team.bela.call("archive", {{"record", record}});
    edit_later(team.dina, record, {{"site_name", "Block 9"}});
    carry(team.bela, team.caro);
    carry(team.dina, team.caro);

    const Json conflicts = team.caro.call("conflicts");
    REQUIRE(conflicts.size() == 1);
    CHECK(conflicts[0]["record"] == record);
    CHECK(conflicts[0]["field"] == "archived");
    CHECK(team.caro.value(record, "site_name") == "Block 9");
    CHECK(team.caro.call("show", {{"record", record}})["archived"] == true);
    CHECK(team.caro.call("status")["conflicts"] == 1);

    SECTION("archiving again settles it") {
        team.caro.call("archive", {{"record", record}});
    }
    SECTION("so does taking it back") {
        team.caro.call("archive", {{"record", record}, {"archived", false}});
    }
    SECTION("so does keeping it as it is") {
        team.caro.call("resolve", {{"record", record},
                                   {"field", "archived"},
                                   {"keep", {dot_of(conflicts[0]["siblings"], true)}}});
    }
    CHECK(team.caro.call("conflicts").empty());
}

TEST_CASE("archiving a record that was read tells nobody of a conflict", "[replica]") {
    Team team;
    const std::string record = shared_visit(team);
    edit_later(team.dina, record, {{"site_name", "Block 9"}});
    carry(team.dina, team.caro);
    team.caro.call("archive", {{"record", record}});
    CHECK(team.caro.call("conflicts").empty());
}

TEST_CASE("a foreign state that merges into the store shows at once", "[replica]") {
    Team team;
    const std::string record = shared_visit(team);
    edit_later(team.dina, record, {{"site_name", "Block 9"}});
    // As a feed would: the delta of one field, merged into base and shown.
    RecordState delta;
    {
        OpenStore theirs = team.dina.open();
        const RecordId id = *parse_id<RecordId>(record);
        const RecordState all = theirs.session->record(id)->shown;
        delta.type = all.type;
        delta.team = all.team;
        const std::uint32_t number = record_type("visit")->field("site_name")->number;
        delta.fields[number] = all.fields.at(number);
    }
    {
        OpenStore mine = team.bela.open();
        const RecordId id = *parse_id<RecordId>(record);
        StoredRecord kept = *mine.session->record(id);
        if (kept.base_apart) kept.base_apart = merge(*kept.base_apart, delta);
        kept.shown = merge(kept.shown, delta);
        REQUIRE(mine.store->save(id, kept));
    }
    CHECK(team.bela.value(record, "site_name") == "Block 9");
    CHECK(team.bela.value(record, "site_type") == "farm");
}

}  // namespace godwit
