#include "shared/base/text.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {
namespace {

Json visit_with(const Json& more = Json::object()) {
    Json fields = {{"date", "2026-11-21"}, {"site_type", "farm"}};
    fields.update(more);
    return fields;
}

Error refused_visit(Team& team, const Json& fields) {
    const Error error = team.bela.refused("capture", {{"type", "visit"}, {"fields", fields}});
    CHECK(team.bela.call("status")["saved"] == 0);
    CHECK(team.bela.call("status")["records"] == 0);
    return error;
}

}  // namespace

TEST_CASE("what is captured is shown as it was said", "[replica]") {
    Team team;
    const Json fields = {
        {"date", "2026-11-21"},
        {"site_type", "labour_camp"},
        {"started_at", "2026-11-21T14:30:00.000Z"},
        {"site_name", "Block 7"},
        {"narrative", "ሁሉም ሰዎች ነፃ ሆነው ተወለዱ።\nالناس جميعاً يولدون أحراراً."},
        {"narrative_language", "am"},
        {"purposes", {"information", "monitoring"}},
        {"people_reached", 12},
        {"latitude_microdegrees", 25276987},
        {"longitude_microdegrees", 55296249},
        {"risk_to_workers", "high"},
        {"team_members", {"Dina"}},
        {"materials_given", {{{"material", "leaflet"}, {"quantity", 30}}}},
        {"notes", {{{"text", "Come back after dark."}, {"on", "2026-11"}}}},
    };
    const std::string record = team.bela.capture("visit", fields);

    const Json shown = team.bela.call("show", {{"record", record}});
    CHECK(shown["record"] == record);
    CHECK(shown["type"] == "visit");
    CHECK(shown["team"] == to_text(team.id));
    CHECK(shown["owner"] == to_text(team.bela.self.member));
    CHECK(shown["review"] == "submitted");
    CHECK(shown["archived"] == false);
    CHECK(shown["erased"] == false);
    CHECK(shown["saved"] == "saved");
    for (const char* name :
         {"date", "site_type", "started_at", "site_name", "narrative", "narrative_language",
          "people_reached", "latitude_microdegrees", "longitude_microdegrees", "risk_to_workers",
          "materials_given", "notes"}) {
        CAPTURE(name);
        CHECK(shown["fields"][name]["value"] == fields[name]);
        CHECK(shown["fields"][name]["needs_review"] == false);
        CHECK(shown["fields"][name]["readable"] == true);
    }
    CHECK(shown["fields"]["purposes"]["value"].size() == 2);
    CHECK(shown["fields"]["team_members"]["value"] ==
          Json::array({to_text(team.dina.self.member)}));
    CHECK(shown["fields"].contains("location_source") == false);
}

TEST_CASE("several elements of a set take several changes in one transaction", "[replica]") {
    Team team;
    const std::string record =
        team.bela.capture("visit", visit_with({{"languages_used", {"ne", "bn", "ar", "bn"}}}));
    CHECK(team.bela.value(record, "languages_used").size() == 3);
    CHECK(team.bela.call("status")["saved"] == 3);
}

TEST_CASE("capture names the change through which the record is saved", "[replica]") {
    Team team;
    const Json answer = team.bela.call("capture", {{"type", "visit"}, {"fields", visit_with()}});
    const std::string log = team.bela.call("status")["log"];
    CHECK(answer["change"] == log + ":1");
}

TEST_CASE("sealed fields are sealed in the change, open ones are not", "[replica]") {
    Team team;
    team.bela.capture("visit", visit_with({{"narrative", "Nobody was paid."}}));
    OpenStore open = team.bela.open();
    const auto changes = open.store->changes(*open.store->log(), 0, 1);
    const auto change = decode_change(changes->front().body);
    REQUIRE(change);
    const RecordType* type = record_type("visit");
    bool has_sealed = false;
    for (const Operation& operation : change->operations) {
        const bool is_sealed = type->field(operation.field)->is_sealed;
        CHECK((operation.form == Form::sealed) == is_sealed);
        has_sealed = has_sealed || is_sealed;
    }
    CHECK(has_sealed);
    CHECK(text_of(changes->front().body).find("Nobody was paid.") == std::string_view::npos);
    CHECK(change->role == Role::worker);
    CHECK(change->schema_version == schema_version());
    CHECK(change->time.wall_ms == test_now_ms);
}

TEST_CASE("a refused capture names the field and what it takes, and saves nothing", "[replica]") {
    Team team;
    struct RefusedCase {
        Json more;
        ErrorCode code;
        const char* names;
    };
    const std::vector<RefusedCase> cases = {
        {{{"weather", "hot"}}, ErrorCode::unknown_field, "weather"},
        {{{"date", "2026-02-30"}}, ErrorCode::wrong_value, "date"},
        {{{"date", 20261121}}, ErrorCode::wrong_value, "date"},
        {{{"site_type", "moon_base"}}, ErrorCode::wrong_value, "site_type"},
        {{{"started_at", "2026-11-21T14:30"}}, ErrorCode::wrong_value, "started_at"},
        {{{"people_on_site", -1}}, ErrorCode::wrong_value, "people_on_site"},
        {{{"people_on_site", 1.5}}, ErrorCode::wrong_value, "people_on_site"},
        {{{"people_on_site", 9223372036854775808ULL}}, ErrorCode::wrong_value, "people_on_site"},
        {{{"people_reached", {1, 2}}}, ErrorCode::wrong_value, "people_reached"},
        {{{"languages_used", "ne"}}, ErrorCode::wrong_value, "languages_used"},
        {{{"site_name", nullptr}}, ErrorCode::wrong_value, "site_name"},
        {{{"site_name", std::string(300, 'a')}}, ErrorCode::wrong_value, "site_name"},
        {{{"team_members", {"Nobody"}}}, ErrorCode::wrong_value, "team_members"},
        {{{"testimonies", {"1234"}}}, ErrorCode::wrong_value, "testimonies"},
        {{{"notes", {{{"on", "2026-11-21"}}}}}, ErrorCode::missing_field, "notes.text"},
        {{{"notes", {{{"text", "x"}, {"mood", "y"}}}}}, ErrorCode::unknown_field, "mood"},
        {{{"owner", "Dina"}}, ErrorCode::rule_does_not_allow, "owner"},
        {{{"review", "approved"}}, ErrorCode::rule_does_not_allow, "review"},
        {{{"archived", true}}, ErrorCode::rule_does_not_allow, "archived"},
        {{{"authority_in_charge", "Police"}}, ErrorCode::wrong_value, "authority_in_charge"},
    };
    for (const RefusedCase& refusal : cases) {
        CAPTURE(format_json(refusal.more));
        const Error error = refused_visit(team, visit_with(refusal.more));
        CHECK(error.code == refusal.code);
        CHECK(error.detail.find(refusal.names) != std::string::npos);
    }
}

TEST_CASE("a refusal never repeats what somebody said", "[replica]") {
    Team team;
    const std::string secret = "Meena Kumari 9841";
    for (const Json& fields :
         {Json{{"date", secret}}, Json{{"site_type", secret}}, Json{{secret, "x"}},
          Json{{"team_members", {secret}}}, Json{{"testimonies", {secret}}},
          Json{{"started_at", secret}}, Json{{"people_on_site", secret}},
          Json{{"notes", {{{"text", "x"}, {secret, secret}}}}}}) {
        const Error error = refused_visit(team, visit_with(fields));
        CHECK(error.detail.find("Meena") == std::string::npos);
        CHECK_FALSE(error.detail.empty());
    }
}

TEST_CASE("a field belongs only where another one calls for it", "[replica]") {
    Team team;
    const Error error = refused_visit(team, visit_with({{"authority_in_charge", "Police"}}));
    CHECK(error.code == ErrorCode::wrong_value);
    CHECK(error.detail.find("site_type") != std::string::npos);
    const std::string record = team.bela.capture(
        "visit", visit_with({{"site_type", "prison"}, {"authority_in_charge", "Police"}}));
    CHECK(team.bela.value(record, "authority_in_charge") == "Police");
}

TEST_CASE("required fields may wait in a draft and are asked for when it is submitted",
          "[replica]") {
    Team team;
    const Error error = refused_visit(team, {{"site_name", "Block 7"}});
    CHECK(error.code == ErrorCode::missing_field);
    CHECK(error.detail == "date, site_type");

    const std::string record = team.bela.capture("visit", {{"site_name", "Block 7"}}, true);
    CHECK(team.bela.call("show", {{"record", record}})["review"] == "draft");
    const Error early = team.bela.refused("review", {{"record", record}, {"step", "submit"}});
    CHECK(early.code == ErrorCode::missing_field);
    CHECK(early.detail == "date, site_type");
    team.bela.call("edit", {{"record", record}, {"fields", visit_with()}});
    team.bela.call("review", {{"record", record}, {"step", "submit"}});
    CHECK(team.bela.call("show", {{"record", record}})["review"] == "submitted");
}

TEST_CASE("many records are captured together or not at all", "[replica]") {
    Team team;
    const Json one = {{"type", "visit"}, {"fields", visit_with()}};
    Json bad = one;
    bad["fields"]["date"] = "never";
    const Error error = team.bela.refused("capture_many", {{"records", {one, bad, one}}});
    CHECK(error.code == ErrorCode::wrong_value);
    CHECK(error.detail.find("records[1]") != std::string::npos);
    CHECK(team.bela.call("status")["records"] == 0);

    const Json answer = team.bela.call("capture_many", {{"records", {one, one, one}}});
    REQUIRE(answer["records"].size() == 3);
    CHECK(answer["records"][0]["record"] != answer["records"][1]["record"]);
    CHECK(team.bela.call("status")["records"] == 3);
}

TEST_CASE("a type, a team and a place in it are needed to capture", "[replica]") {
    Team team;
    CHECK(team.bela.refused("capture", {{"type", "song"}}).code == ErrorCode::unknown_type);
    CHECK(team.bela.refused("capture", {{"fields", visit_with()}}).code ==
          ErrorCode::wrong_parameters);
    CHECK(team.bela.refused("capture", {{"type", "visit"}, {"team", "ffff"}}).code ==
          ErrorCode::unknown_team);
    const TeamId other = team.organisation.add_team(0x99);
    Person stranger(
        team.organisation,
        team.organisation.enrol(team.organisation.add_member(0xe0, {{other, Role::worker}})), 21);
    stranger.enrol();
    CHECK(stranger
              .refused("capture",
                       {{"type", "visit"}, {"team", to_text(team.id)}, {"fields", visit_with()}})
              .code == ErrorCode::not_permitted);
    stranger.call("capture", {{"type", "visit"}, {"team", "9999"}, {"fields", visit_with()}});
}

TEST_CASE("who belongs to several teams says which", "[replica]") {
    Team team;
    Organisation& organisation = team.organisation;
    const TeamId other = organisation.add_team(0x99);
    Person both(organisation,
                organisation.enrol(organisation.add_member(
                    0xe0, {{team.id, Role::worker}, {other, Role::supervisor}})),
                21);
    both.enrol();
    CHECK(both.refused("capture", {{"type", "visit"}, {"fields", visit_with()}}).code ==
          ErrorCode::wrong_parameters);
    const Json answer = both.call(
        "capture", {{"type", "visit"}, {"team", to_text(other)}, {"fields", visit_with()}});
    CHECK(both.call("show", {{"record", answer["record"]}})["team"] == to_text(other));
}

TEST_CASE("who only reads in a team captures nothing there", "[replica]") {
    Team team;
    Organisation& organisation = team.organisation;
    Person reader(organisation,
                  organisation.enrol(organisation.add_member(0xe0, {{TeamId{}, Role::advocate}})),
                  21);
    const Json given = {{"type", "visit"}, {"team", to_text(team.id)}, {"fields", visit_with()}};
    CHECK(reader.refused("capture", given).code == ErrorCode::not_permitted);
    CHECK(reader.call("status")["role"] == "advocate");
}

TEST_CASE("a replica that was revoked writes no more", "[replica]") {
    Team team;
    team.organisation.say(team.organisation.asha,
                          Revocation{team.bela.self.id, Manner::retired, test_now_ms});
    {
        OpenStore open = team.bela.open();
        REQUIRE(open.store->add_statement(team.organisation.statements.back(), false));
    }
    CHECK(team.bela.refused("capture", {{"type", "visit"}, {"fields", visit_with()}}).code ==
          ErrorCode::replica_revoked);
}

TEST_CASE("texts too large for one change are spread over several", "[replica]") {
    Team team;
    const std::string account(99'000, 'a');
    const Json fields = {
        {"taken_on", "2026-11-21"},
        {"narrative_original", account},
        {"narrative_public", account},
        {"contract_promised", std::string(20'000, 'b')},
        {"narrative_translations", {{{"text", std::string(50'000, 'c')}, {"language", "en"}}}}};
    Json burmese = fields;
    std::string long_text;
    for (int count = 0; count < 95'000; ++count) long_text += "က";
    burmese["narrative_original"] = long_text;
    burmese["narrative_public"] = long_text;
    const std::string record = team.bela.capture("testimony", burmese);
    CHECK(team.bela.value(record, "narrative_original") == long_text);
    CHECK(team.bela.value(record, "narrative_public") == long_text);
    CHECK(team.bela.call("status")["saved"].get<int>() > 1);
}

TEST_CASE("a clock that stands still or runs back never gives one time to two changes",
          "[replica]") {
    Team team;
    team.bela.capture("visit", visit_with());
    team.bela.capture("visit", visit_with());
    team.bela.clock.ms -= 86'400'000;
    team.bela.capture("visit", visit_with());
    OpenStore open = team.bela.open();
    const auto changes = open.store->changes(*open.store->log(), 0, 9);
    REQUIRE(changes->size() == 3);
    HybridTime last{};
    for (const LoggedChange& logged : *changes) {
        const HybridTime time = decode_change(logged.body)->time;
        CHECK(last < time);
        last = time;
    }
}

}  // namespace godwit
