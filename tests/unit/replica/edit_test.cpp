#include "shared/base/text.h"
#include "shared/merge/view.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {
namespace {

std::string capture_visit(Person& person, const Json& more = Json::object()) {
    Json fields = {{"date", "2026-11-21"}, {"site_type", "farm"}};
    fields.update(more);
    return person.capture("visit", fields);
}

void edit(Person& person, const std::string& record, const Json& fields) {
    person.call("edit", {{"record", record}, {"fields", fields}});
}

Error refused_edit(Person& person, const std::string& record, const Json& fields) {
    return person.refused("edit", {{"record", record}, {"fields", fields}});
}

}  // namespace

TEST_CASE("an edit replaces what its author had seen", "[replica]") {
    Team team;
    const std::string record = capture_visit(team.bela, {{"site_name", "Block 7"}});
    edit(team.bela, record, {{"site_name", "Block 9"}, {"site_type", "factory"}});
    CHECK(team.bela.value(record, "site_name") == "Block 9");
    CHECK(team.bela.value(record, "site_type") == "factory");
    CHECK(team.bela.value(record, "date") == "2026-11-21");
    const Json shown = team.bela.call("show", {{"record", record}, {"siblings", true}});
    CHECK(shown["fields"]["site_name"]["siblings"].size() == 1);
}

TEST_CASE("the history keeps what was replaced", "[replica]") {
    Team team;
    const std::string record = capture_visit(team.bela, {{"site_name", "Block 7"}});
    team.bela.clock.ms += 60'000;
    edit(team.bela, record, {{"site_name", "Block 9"}});
    const Json history = team.bela.call("show", {{"record", record}, {"history", true}})["history"];
    REQUIRE(history.size() == 2);
    CHECK(history[0]["author"] == to_text(team.bela.self.id));
    CHECK(history[0]["claimed"] < history[1]["claimed"]);
    const auto said = [](const Json& line, const std::string& field) {
        for (const Json& each : line["fields"]) {
            if (each["field"] == field) return each["value"];
        }
        return Json();
    };
    CHECK(said(history[0], "site_name") == "Block 7");
    CHECK(said(history[1], "site_name") == "Block 9");
}

TEST_CASE("sets grow and shrink, and only by what is in them", "[replica]") {
    Team team;
    const std::string record = capture_visit(team.bela, {{"languages_used", {"ne"}}});
    const Json bn = {{"record", record}, {"field", "languages_used"}, {"value", "bn"}};
    team.bela.call("add", bn);
    CHECK(team.bela.value(record, "languages_used").size() == 2);
    team.bela.call("remove", bn);
    CHECK(team.bela.value(record, "languages_used") == Json::array({"ne"}));
    const Error error = team.bela.refused("remove", bn);
    CHECK(error.code == ErrorCode::wrong_value);
    CHECK(error.detail.find("languages_used") != std::string::npos);
    team.bela.call("add", bn);
    CHECK(team.bela.value(record, "languages_used").size() == 2);
}

TEST_CASE("counts add up, corrections included", "[replica]") {
    Team team;
    const std::string record = capture_visit(team.bela, {{"people_reached", 10}});
    team.bela.call("count", {{"record", record}, {"field", "people_reached"}, {"by", 5}});
    team.bela.call("count", {{"record", record}, {"field", "people_reached"}, {"by", -3}});
    CHECK(team.bela.value(record, "people_reached") == 12);
    CHECK(team.bela.refused("count", {{"record", record}, {"field", "people_reached"}, {"by", "5"}})
              .code == ErrorCode::wrong_value);
    CHECK(team.bela.refused("count", {{"record", record}, {"field", "people_reached"}}).code ==
          ErrorCode::wrong_parameters);
}

TEST_CASE("notes append, and bare words stand for a note's text", "[replica]") {
    Team team;
    const std::string record = capture_visit(team.bela);
    team.bela.call("note", {{"record", record}, {"field", "notes"}, {"value", "First."}});
    team.bela.clock.ms += 1000;
    team.bela.call("note", {{"record", record},
                            {"field", "notes"},
                            {"value", {{"text", "Second."}, {"on", "2026-11-22"}}}});
    const Json notes = team.bela.value(record, "notes");
    REQUIRE(notes.size() == 2);
    CHECK(notes[0] == Json{{"text", "First."}});
    CHECK(notes[1] == Json{{"text", "Second."}, {"on", "2026-11-22"}});
    CHECK(team.bela
              .refused("note", {{"record", record}, {"field", "materials_given"}, {"value", "x"}})
              .code == ErrorCode::wrong_value);
}

TEST_CASE("each method keeps to the fields of its rule", "[replica]") {
    Team team;
    const std::string record = capture_visit(team.bela);
    const auto code = [&](const char* method, const Json& parameters) {
        Json all = {{"record", record}};
        all.update(parameters);
        return team.bela.refused(method, all).code;
    };
    CHECK(code("add", {{"field", "site_name"}, {"value", "x"}}) == ErrorCode::rule_does_not_allow);
    CHECK(code("count", {{"field", "site_name"}, {"by", 1}}) == ErrorCode::rule_does_not_allow);
    CHECK(code("note", {{"field", "languages_used"}, {"value", "ne"}}) ==
          ErrorCode::rule_does_not_allow);
    CHECK(code("remove", {{"field", "notes"}, {"value", "x"}}) == ErrorCode::rule_does_not_allow);
    CHECK(code("add", {{"field", "no_such"}, {"value", "x"}}) == ErrorCode::unknown_field);
    CHECK(code("edit", {{"fields", Json::object()}}) == ErrorCode::wrong_parameters);
}

TEST_CASE("a record is named by how its id begins, if that is enough", "[replica]") {
    Team team;
    const std::string record = capture_visit(team.bela);
    CHECK(team.bela.value(record.substr(0, 6), "site_type") == "farm");
    CHECK(team.bela.refused("show", {{"record", record.substr(0, 3)}}).code ==
          ErrorCode::wrong_parameters);
    CHECK(team.bela.refused("show", {{"record", "nothex"}}).code == ErrorCode::wrong_parameters);
    CHECK(team.bela.refused("show", {{"record", "00000000"}}).code == ErrorCode::unknown_record);
}

TEST_CASE("only a supervisor loosens what protects", "[replica]") {
    Team team;
    const std::string record = capture_visit(team.bela, {{"risk_to_workers", "high"}});
    edit(team.bela, record, {{"risk_to_workers", "critical"}});
    const Error error = refused_edit(team.bela, record, {{"risk_to_workers", "low"}});
    CHECK(error.code == ErrorCode::not_permitted);
    CHECK(error.detail.find("risk_to_workers") != std::string::npos);
    CHECK(team.bela.value(record, "risk_to_workers") == "critical");
    carry(team.bela, team.caro);
    edit(team.caro, record, {{"risk_to_workers", "low"}});
    CHECK(team.caro.value(record, "risk_to_workers") == "low");
}

TEST_CASE("only a supervisor gives a record another owner", "[replica]") {
    Team team;
    const std::string record = capture_visit(team.bela);
    CHECK(refused_edit(team.bela, record, {{"owner", "Dina"}}).code == ErrorCode::not_permitted);
    carry(team.bela, team.caro);
    edit(team.caro, record, {{"owner", "Dina"}});
    CHECK(team.caro.call("show", {{"record", record}})["owner"] == to_text(team.dina.self.member));
}

TEST_CASE("a referral takes only the steps that are declared", "[replica]") {
    Team team;
    const RecordType* type = record_type("referral");
    const FieldSpec* state = type->field("state");
    Json fields = Json::object();
    for (const FieldSpec& field : type->fields) {
        if (!field.is_required || field.number == state->number) continue;
        if (field.type == ValueType::code) {
            fields[std::string(field.name)] =
                std::string(vocabulary(field.vocabulary)->terms.front().code);
        } else if (field.type == ValueType::date) {
            fields[std::string(field.name)] = "2026-11-21";
        } else {
            fields[std::string(field.name)] = "words";
        }
    }
    std::string first;
    std::string never;
    for (const std::string_view each : state->order) {
        if (first.empty() && may_step(*state, "", each, Role::worker, true)) first = each;
    }
    for (const std::string_view each : state->order) {
        const bool is_open = may_step(*state, "", each, Role::worker, true) ||
                             may_step(*state, first, each, Role::worker, true);
        if (!is_open) never = each;
    }
    REQUIRE_FALSE(first.empty());
    REQUIRE_FALSE(never.empty());
    fields["state"] = never;
    const Error error = team.bela.refused("capture", {{"type", "referral"}, {"fields", fields}});
    CHECK(error.code == ErrorCode::transition_not_allowed);
    CHECK(error.detail.find(first) != std::string::npos);
    fields["state"] = first;
    const std::string record = team.bela.capture("referral", fields);
    CHECK(team.bela.value(record, "state") == first);
    CHECK(refused_edit(team.bela, record, {{"state", never}}).code ==
          ErrorCode::transition_not_allowed);
}

TEST_CASE("fields that stand together share the change, so that they never part", "[replica]") {
    Team team;
    const std::string record = team.bela.capture("testimony", {{"taken_on", "2026-11-21"},
                                                               {"wage_paid", "1200.50"},
                                                               {"wage_paid_currency", "AED"},
                                                               {"wage_paid_period", "month"}});
    edit(team.bela, record, {{"wage_paid", "900"}});
    const Json shown = team.bela.call("show", {{"record", record}, {"siblings", true}})["fields"];
    CHECK(shown["wage_paid"]["value"] == "900");
    CHECK(shown["wage_paid_currency"]["value"] == "AED");
    const Json dot = shown["wage_paid"]["siblings"][0]["dot"];
    CHECK(shown["wage_paid_currency"]["siblings"][0]["dot"] == dot);
    CHECK(shown["wage_paid_period"]["siblings"][0]["dot"] == dot);
}

TEST_CASE("a record that was put away comes back", "[replica]") {
    Team team;
    const std::string record = capture_visit(team.bela);
    team.bela.call("archive", {{"record", record}});
    CHECK(team.bela.call("show", {{"record", record}})["archived"] == true);
    CHECK(team.bela.call("list")["records"].empty());
    CHECK(team.bela.call("list", {{"archived", true}})["records"].size() == 1);
    team.bela.call("archive", {{"record", record}, {"archived", false}});
    CHECK(team.bela.call("list")["records"].size() == 1);
    CHECK(team.bela.refused("archive", {{"record", record}, {"archived", "yes"}}).code ==
          ErrorCode::wrong_parameters);
}

}  // namespace godwit
