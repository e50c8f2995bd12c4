#include <algorithm>

#include "shared/base/text.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {
namespace {

std::string visit(Person& person, const Json& more = Json::object()) {
    Json fields = {{"date", "2026-11-21"}, {"site_type", "farm"}};
    fields.update(more);
    return person.capture("visit", fields);
}

}  // namespace

TEST_CASE("find looks through opened values, whatever case, accents or digits", "[replica]") {
    Team team;
    const std::string record = visit(team.bela, {{"site_name", "Señor José, bloque ٧"},
                                                 {"narrative", "তারা আমার পাসপোর্ট রেখেছে।"}});
    visit(team.bela, {{"site_name", "Elsewhere"}});
    const auto fields_with = [&](const char* text) {
        std::vector<std::string> names;
        const Json found = team.bela.call("find", {{"text", text}});
        for (const Json& each : found["records"]) {
            CHECK(each["record"] == record);
            CHECK(each["type"] == "visit");
            names.push_back(each["field"]);
        }
        return names;
    };
    CHECK(fields_with("senor jose") == std::vector<std::string>{"site_name"});
    CHECK(fields_with("bloque 7") == std::vector<std::string>{"site_name"});
    CHECK(fields_with("পাসপোর্ট") == std::vector<std::string>{"narrative"});
    CHECK(fields_with("senora").empty());
    CHECK(team.bela.refused("find", {{"text", "  "}}).code == ErrorCode::wrong_parameters);
    CHECK(team.bela.refused("find").code == ErrorCode::wrong_parameters);
}

TEST_CASE("find sees only what this replica may open", "[replica]") {
    Team team;
    team.bela.capture("testimony", {{"taken_on", "2026-11-21"}, {"occupation", "Welder"}});
    carry(team.bela, team.caro);
    carry(team.bela, team.dina);
    CHECK(team.caro.call("find", {{"text", "welder"}})["records"].size() == 1);
    CHECK(team.dina.call("find", {{"text", "welder"}})["records"].empty());
}

TEST_CASE("a list keeps to its type, team, owner, review and values", "[replica]") {
    Team team;
    const std::string farm = visit(team.bela, {{"languages_used", {"ne", "bn"}}});
    const std::string ship = visit(team.bela, {{"site_type", "factory"}});
    const std::string draft = team.bela.capture("visit", {{"site_name", "x"}}, true);
    const std::string testimony =
        team.bela.capture("testimony", {{"taken_on", "2026-11-20"}, {"is_interpreted", true}});
    carry(team.bela, team.caro);
    const auto count = [&](const Json& parameters) {
        return team.caro.call("list", parameters)["records"].size();
    };
    CHECK(count(Json::object()) == 4);
    CHECK(count({{"type", "visit"}}) == 3);
    CHECK(count({{"type", "testimony"}}) == 1);
    CHECK(count({{"where", {{"site_type", "factory"}}}}) == 1);
    CHECK(count({{"type", "visit"}, {"where", {{"languages_used", "bn"}}}}) == 1);
    CHECK(count({{"where", {{"languages_used", "ar"}}}}) == 0);
    CHECK(count({{"where", {{"is_interpreted", true}}}}) == 1);
    CHECK(count({{"where", {{"review", "draft"}}}}) == 1);
    CHECK(count({{"where", {{"review", "submitted"}, {"site_type", "farm"}}}}) == 1);
    CHECK(count({{"where", {{"owner", "Bela"}}}}) == 4);
    CHECK(count({{"where", {{"owner", "caro"}}}}) == 0);
    CHECK(count({{"where", {{"team", to_text(team.id)}}}}) == 4);

    CHECK(team.caro.refused("list", {{"type", "song"}}).code == ErrorCode::unknown_type);
    CHECK(team.caro.refused("list", {{"where", {{"weather", "hot"}}}}).code ==
          ErrorCode::unknown_field);
    CHECK(team.caro.refused("list", {{"type", "visit"}, {"where", {{"is_interpreted", true}}}})
              .code == ErrorCode::unknown_field);
    CHECK(team.caro.refused("list", {{"where", {{"team", "nowhere"}}}}).code ==
          ErrorCode::unknown_team);
    CHECK(team.caro.refused("list", {{"limit", 0}}).code == ErrorCode::wrong_parameters);
    CHECK(team.caro.refused("list", {{"after", "x"}}).code == ErrorCode::wrong_parameters);
}

TEST_CASE("a line of a list tells the fields it is asked for, as far as they can be read",
          "[replica]") {
    Team team;
    visit(team.bela, {{"languages_used", {"ne", "bn"}}, {"site_name", "Block 7"}});
    team.bela.capture("testimony", {{"taken_on", "2026-11-20"}, {"occupation", "welder"}});
    carry(team.bela, team.caro);
    carry(team.bela, team.dina);
    const auto summaries = [](auto& person) {
        Json out = Json::object();
        const Json fields = {"languages_used", "site_name", "occupation", "narrative"};
        const Json lines = person.call("list", {{"fields", fields}})["records"];
        for (const Json& line : lines) {
            out[line["type"].get<std::string>()] = line["summary"];
        }
        return out;
    };
    const Json told = summaries(team.caro);
    CHECK(told["visit"]["site_type"] == "farm");  // Required, as ever.
    CHECK(told["visit"]["languages_used"] == Json({"bn", "ne"}));
    CHECK(told["visit"]["site_name"] == "Block 7");
    CHECK_FALSE(told["visit"].contains("narrative"));
    CHECK(told["testimony"]["occupation"] == "welder");
    CHECK_FALSE(summaries(team.dina)["testimony"].contains("occupation"));

    CHECK(team.caro.refused("list", {{"fields", {"weather"}}}).code == ErrorCode::unknown_field);
    CHECK(team.caro.refused("list", {{"type", "visit"}, {"fields", {"occupation"}}}).code ==
          ErrorCode::unknown_field);
    CHECK(team.caro.refused("list", {{"fields", {7}}}).code == ErrorCode::wrong_parameters);
    CHECK(team.caro.refused("list", {{"fields", "narrative"}}).code == ErrorCode::wrong_parameters);
}

TEST_CASE("a list comes in pages that meet without gap or double", "[replica]") {
    Team team;
    std::vector<std::string> all;
    for (int number = 0; number < 7; ++number) all.push_back(visit(team.bela));
    std::sort(all.begin(), all.end());
    std::vector<std::string> seen;
    Json after = nullptr;
    int pages = 0;
    do {
        const Json page = team.bela.call("list", {{"limit", 3}, {"after", after}});
        for (const Json& each : page["records"]) seen.push_back(each["record"]);
        after = page["after"];
        ++pages;
    } while (!after.is_null() && pages < 10);
    CHECK(pages == 3);
    CHECK(seen == all);
}

TEST_CASE("a line of a list says what names the record", "[replica]") {
    Team team;
    visit(team.bela);
    const Json line = team.bela.call("list")["records"][0];
    CHECK(line["summary"] == Json{{"date", "2026-11-21"}, {"site_type", "farm"}});
    CHECK(line["owner"] == to_text(team.bela.self.member));
    CHECK(line["updated"] == "2027-01-15T08:00:00.000Z");
    CHECK(line["review"] == "submitted");
    CHECK(line["archived"] == false);
}

}  // namespace godwit
