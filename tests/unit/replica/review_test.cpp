#include "shared/base/text.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {
namespace {

std::string submitted_visit(Team& team) {
    const std::string record = team.bela.capture(
        "visit", {{"date", "2026-11-21"}, {"site_type", "farm"}, {"site_name", "Block 7"}});
    carry(team.bela, team.caro);
    return record;
}

void step(Person& person, const std::string& record, const char* name) {
    person.clock.ms += 1'000;
    person.call("review", {{"record", record}, {"step", name}});
}

Error refused_step(Person& person, const std::string& record, const char* name) {
    return person.refused("review", {{"record", record}, {"step", name}});
}

Json state(Person& person, const std::string& record) {
    return person.call("show", {{"record", record}})["review"];
}

}  // namespace

TEST_CASE("a supervisor reviews and approves", "[replica]") {
    Team team;
    const std::string record = submitted_visit(team);
    step(team.caro, record, "start");
    CHECK(state(team.caro, record) == "in_review");
    step(team.caro, record, "approve");
    CHECK(state(team.caro, record) == "approved");
    carry(team.caro, team.bela);
    CHECK(state(team.bela, record) == "approved");
}

TEST_CASE("a worker neither starts, approves nor returns", "[replica]") {
    Team team;
    const std::string record = submitted_visit(team);
    CHECK(refused_step(team.bela, record, "start").code == ErrorCode::transition_not_allowed);
    CHECK(refused_step(team.bela, record, "approve").code == ErrorCode::transition_not_allowed);
    CHECK(
        team.bela.refused("review", {{"record", record}, {"step", "return"}, {"note", "x"}}).code ==
        ErrorCode::transition_not_allowed);
    CHECK(refused_step(team.bela, record, "submit").code == ErrorCode::transition_not_allowed);
    CHECK(state(team.bela, record) == "submitted");
}

TEST_CASE("an approval that a late edit overtakes is reopened, and can be given again",
          "[replica]") {
    Team team;
    const std::string record = submitted_visit(team);
    step(team.caro, record, "approve");
    team.bela.clock.ms += 500;
    team.bela.call("edit", {{"record", record}, {"fields", {{"site_name", "Block 8"}}}});
    carry(team.bela, team.caro);
    CHECK(state(team.caro, record) == "reopened");
    CHECK(team.caro.value(record, "site_name") == "Block 8");
    CHECK(team.caro.call("list", {{"where", {{"review", "reopened"}}}})["records"].size() == 1);
    step(team.caro, record, "approve");
    CHECK(state(team.caro, record) == "approved");
}

TEST_CASE("archiving and notes of the review do not reopen an approval", "[replica]") {
    Team team;
    const std::string record = submitted_visit(team);
    step(team.caro, record, "approve");
    team.caro.call("archive", {{"record", record}});
    team.caro.call("note", {{"record", record}, {"field", "review_notes"}, {"value", "Thanks."}});
    CHECK(state(team.caro, record) == "approved");
}

TEST_CASE("a record goes back with a reason and comes again", "[replica]") {
    Team team;
    const std::string record = submitted_visit(team);
    CHECK(refused_step(team.caro, record, "return").code == ErrorCode::wrong_parameters);
    CHECK(
        team.caro.refused("review", {{"record", record}, {"step", "return"}, {"note", ""}}).code ==
        ErrorCode::wrong_parameters);
    team.caro.clock.ms += 1'000;
    team.caro.call("review", {{"record", record}, {"step", "return"}, {"note", "Which block?"}});
    carry(team.caro, team.bela);
    CHECK(state(team.bela, record) == "returned");
    CHECK(team.bela.value(record, "review_notes") == Json::array({{{"text", "Which block?"}}}));
    team.bela.call("edit", {{"record", record}, {"fields", {{"site_name", "Block 8, east"}}}});
    team.bela.clock.ms += 5'000;
    step(team.bela, record, "submit");
    carry(team.bela, team.caro);
    CHECK(state(team.caro, record) == "submitted");
}

TEST_CASE("a returned testimony opens again for its author", "[replica]") {
    Team team;
    const std::string record = team.bela.capture(
        "testimony",
        {{"taken_on", "2026-11-21"}, {"narrative_original", "They kept my passport."}});
    carry(team.bela, team.caro);
    const RecordId id = *parse_id<RecordId>(record);
    const auto own_wrap = [&](const Wrap& wrap) {
        return wrap.recipient == Recipient::replica && wrap.recipient_id == team.bela.self.id.bytes;
    };
    {
        // Handed over: bela's replica gave its own wrap up.
        OpenStore open = team.bela.open();
        StoredRecord kept = *open.session->record(id);
        std::erase_if(kept.wraps, own_wrap);
        REQUIRE(open.store->save(id, kept));
    }
    const Json sealed = team.bela.fields(record)["narrative_original"];
    CHECK(sealed["readable"] == false);
    CHECK(sealed["value"].is_null());
    CHECK(team.bela.refused("edit", {{"record", record}, {"fields", {{"occupation", "cook"}}}})
              .code == ErrorCode::cannot_open);
    {
        OpenStore open = team.caro.open();
        StoredRecord kept = *open.session->record(id);
        std::erase_if(kept.wraps, own_wrap);
        REQUIRE(open.store->save(id, kept));
        REQUIRE(open.store->clear_queued_keys(*open.store->queued_keys()));
    }
    team.caro.clock.ms += 1'000;
    team.caro.call("review", {{"record", record}, {"step", "return"}, {"note", "When was it?"}});
    {
        OpenStore open = team.caro.open();
        CHECK(*open.store->queued_keys() == std::vector<RecordId>{id});
    }
    carry(team.caro, team.bela);
    CHECK(team.bela.value(record, "narrative_original") == "They kept my passport.");
    team.bela.call("edit", {{"record", record}, {"fields", {{"occupation", "cook"}}}});
}

TEST_CASE("steps that are none, and records that are none, are refused", "[replica]") {
    Team team;
    const std::string record = submitted_visit(team);
    CHECK(refused_step(team.caro, record, "applaud").code == ErrorCode::wrong_parameters);
    CHECK(refused_step(team.caro, "00000000", "approve").code == ErrorCode::unknown_record);
    const std::string draft = team.bela.capture("visit", {{"site_name", "x"}}, true);
    carry(team.bela, team.caro);
    CHECK(refused_step(team.caro, draft, "approve").code == ErrorCode::transition_not_allowed);
}

// --- Consent ---------------------------------------------------------------------------------

namespace {

std::string testimony(Person& person, const Json& events) {
    return person.capture("testimony", {{"taken_on", "2026-11-21"}, {"consent_events", events}});
}

Json event(const char* scope, const char* decision) {
    return {{"scope", scope}, {"decision", decision}};
}

Json consent(Person& person, const std::string& record) {
    return person.call("show", {{"record", record}})["consent"];
}

void decide(Person& person, const std::string& record, const Json& value) {
    person.clock.ms += 1'000;
    person.call("note", {{"record", record}, {"field", "consent_events"}, {"value", value}});
}

}  // namespace

TEST_CASE("what nobody was asked about is not granted", "[replica]") {
    Team team;
    const std::string record = testimony(team.bela, Json::array());
    const Json found = consent(team.bela, record);
    REQUIRE_FALSE(found.empty());
    for (const auto& [scope, decision] : found.items()) {
        CAPTURE(scope);
        CHECK(decision == "not_asked");
    }
}

TEST_CASE("a later word answers the earlier one of its scope, and of no other", "[replica]") {
    Team team;
    const std::string record =
        testimony(team.bela, {event("internal_casework", "granted"), event("referral", "granted")});
    CHECK(consent(team.bela, record)["internal_casework"] == "granted");
    decide(team.bela, record, event("internal_casework", "withdrawn"));
    CHECK(consent(team.bela, record)["internal_casework"] == "withdrawn");
    CHECK(consent(team.bela, record)["referral"] == "granted");
    decide(team.bela, record, event("internal_casework", "granted"));
    CHECK(consent(team.bela, record)["internal_casework"] == "granted");
}

TEST_CASE("a refusal beats a grant that had not heard of it", "[replica]") {
    Team team;
    const std::string record = testimony(team.bela, Json::array());
    carry(team.bela, team.caro);
    decide(team.bela, record, event("internal_casework", "refused"));
    team.caro.clock.ms += 60'000;
    decide(team.caro, record, event("internal_casework", "granted"));  // Later, but unaware.
    carry(team.bela, team.caro);
    CHECK(consent(team.caro, record)["internal_casework"] == "refused");
    decide(team.caro, record, event("internal_casework", "granted"));  // Now aware.
    CHECK(consent(team.caro, record)["internal_casework"] == "granted");
}

TEST_CASE("an event of consent says its scope and its decision", "[replica]") {
    Team team;
    const std::string record = testimony(team.bela, Json::array());
    const auto code = [&](const Json& value) {
        return team.bela
            .refused("note", {{"record", record}, {"field", "consent_events"}, {"value", value}})
            .code;
    };
    CHECK(code({{"scope", "internal_casework"}}) == ErrorCode::missing_field);
    CHECK(code(event("internal_casework", "perhaps")) == ErrorCode::wrong_value);
    CHECK(code(event("everything", "granted")) == ErrorCode::wrong_value);
    CHECK(code("granted") == ErrorCode::wrong_value);
}

}  // namespace godwit
