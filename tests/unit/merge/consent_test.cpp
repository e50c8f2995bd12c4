#include <algorithm>
#include <map>

#include "shared/change/field_value.h"
#include "tests/support/catch.h"
#include "tests/unit/merge/people.h"

namespace godwit::test {

namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t midnight_ms = 1'795'219'200'000;  ///< Of 2026-11-21, its beginning.
constexpr std::int64_t noon_ms = midnight_ms + day_ms / 2;

const FieldSpec& consent_field() {
    return *record_type("testimony")->field("consent_events");
}

std::uint64_t key_of(std::string_view part) {
    const auto parts = consent_field().parts;
    const auto at = std::find_if(parts.begin(), parts.end(),
                                 [&](const EventPart& each) { return each.name == part; });
    return static_cast<std::uint64_t>(at - parts.begin());
}

/// An event by the names of its parts.
Bytes event(const std::map<std::string, Bytes>& parts, const std::vector<Dot>& cites = {}) {
    std::map<std::uint64_t, Bytes> entries;
    for (const auto& [name, item] : parts) entries[key_of(name)] = item;
    if (!cites.empty()) {
        cbor::Encoder dots(entries[event_cites_key]);
        dots.array(cites.size());
        for (const Dot& each : cites) encode(dots, each);
    }
    Bytes out;
    cbor::Encoder encoder(out);
    encoder.map(entries.size());
    for (const auto& [key, item] : entries) encoder.unsigned_integer(key).raw(item);
    return out;
}

Bytes decided(std::string_view decision, const std::vector<Dot>& cites = {},
              std::string_view scope = "named_advocacy") {
    return event({{"scope", text(scope)}, {"decision", text(decision)}}, cites);
}

class Events {
public:
    Events& add(const Person& by, Sequence sequence, Bytes item) {
        apply(state_, said(by, sequence, {note(std::move(item))}));
        return *this;
    }

    [[nodiscard]] std::string decision(std::string_view scope, std::int64_t now_ms) const {
        return find(effective_consent(consent_field(), opened_siblings(state_), now_ms), scope);
    }
    [[nodiscard]] std::string decision() const { return decision("named_advocacy", noon_ms); }
    [[nodiscard]] std::string decision_with_last_sealed() const {
        auto siblings = opened_siblings(state_);
        siblings.back().is_readable = false;
        siblings.back().item = {};
        return find(effective_consent(consent_field(), siblings, noon_ms), "named_advocacy");
    }

private:
    static std::string find(const std::vector<Consent>& consents, std::string_view scope) {
        for (const Consent& each : consents) {
            if (each.scope == scope) return each.decision;
        }
        return "no such scope";
    }

    RecordState state_;
};

}  // namespace

TEST_CASE("the scopes of the vocabulary all read not_asked before anybody was asked", "[merge]") {
    const auto consents = effective_consent(consent_field(), {}, 0);
    const auto& terms = vocabulary("consent_scopes")->terms;

    REQUIRE(consents.size() == terms.size());
    for (std::size_t index = 0; index < terms.size(); ++index) {
        CHECK(consents[index].scope == terms[index].code);
        CHECK(consents[index].decision == "not_asked");
    }
}

TEST_CASE("consent to one scope says nothing of another", "[merge]") {
    const std::string scope(vocabulary("consent_scopes")->terms[0].code);
    const std::string other(vocabulary("consent_scopes")->terms[1].code);
    Events events;
    events.add(asha, 1, decided("granted", {}, scope));

    CHECK(events.decision(scope, 0) == "granted");
    CHECK(events.decision(other, 0) == "not_asked");
}

TEST_CASE("a refusal beats a concurrent grant, and a withdrawal both", "[merge]") {
    Events events;
    events.add(asha, 1, decided("refused")).add(bela, 1, decided("granted"));
    CHECK(events.decision() == "refused");
    events.add(caro, 1, decided("withdrawn"));
    CHECK(events.decision() == "withdrawn");
}

TEST_CASE("whatever is no grant beats a concurrent grant", "[merge]") {
    const auto code = GENERATE(as<std::string>(), "refused", "withdrawn", "not_asked", "expired",
                               "not_competent", "of_a_newer_version");
    Events events;
    events.add(bela, 1, decided(code))
        .add(caro, 1, decided("granted"))
        .add(asha, 1, decided("granted"));
    CHECK(events.decision() == code);
}

TEST_CASE("a grant overrides a refusal that its author had seen", "[merge]") {
    Events events;
    events.add(asha, 1, decided("refused")).add(bela, 1, decided("granted", {{asha.log, 1}}));
    CHECK(events.decision() == "granted");

    events.add(caro, 1, decided("refused"));
    CHECK(events.decision() == "refused");
}

TEST_CASE("a grant of another scope overrides no refusal, though it cites it", "[merge]") {
    Events events;
    events.add(asha, 1, decided("refused"))
        .add(bela, 1, decided("granted", {{asha.log, 1}}, "another_scope"))
        .add(bela, 2, decided("granted"));
    CHECK(events.decision() == "refused");
    CHECK(events.decision("another_scope", 0) == "granted");
}

TEST_CASE("an event that cites itself still counts", "[merge]") {
    Events events;
    events.add(asha, 1, decided("withdrawn", {{asha.log, 1}})).add(bela, 1, decided("granted"));
    CHECK(events.decision() == "withdrawn");
}

TEST_CASE("events that all cite one another permit nothing", "[merge]") {
    Events events;
    events.add(asha, 1, decided("granted", {{bela.log, 1}}))
        .add(bela, 1, decided("granted", {{asha.log, 1}}));
    CHECK(events.decision() == "refused");
}

TEST_CASE("a grant holds through its last day and no longer", "[merge]") {
    const auto [expires, end_ms] =
        GENERATE(table<std::string, std::int64_t>({{"2026-11-21", midnight_ms + day_ms},
                                                   {"2026-11-20", midnight_ms},
                                                   {"2026-11", midnight_ms + 10 * day_ms},
                                                   {"2026-12", midnight_ms + 41 * day_ms},
                                                   {"2026", midnight_ms + 41 * day_ms}}));
    Events events;
    events.add(asha, 1,
               event({{"scope", text("named_advocacy")},
                      {"decision", text("granted")},
                      {"expires", text(expires)}}));

    CHECK(events.decision("named_advocacy", end_ms - 1) == "granted");
    CHECK(events.decision("named_advocacy", end_ms) == "expired");
}

TEST_CASE("a grant whose last day cannot be read is expired, a refusal stays a refusal",
          "[merge]") {
    const auto [decision, effective] =
        GENERATE(table<std::string, std::string>({{"granted", "expired"}, {"refused", "refused"}}));
    Events events;
    events.add(asha, 1,
               event({{"scope", text("named_advocacy")},
                      {"decision", text(decision)},
                      {"expires", text("next spring")}}));
    CHECK(events.decision() == effective);
}

TEST_CASE("parts that do not decide, and those of a newer version, change nothing", "[merge]") {
    Bytes item;
    cbor::Encoder(item)
        .map(4)
        .unsigned_integer(key_of("scope"))
        .text("named_advocacy")
        .unsigned_integer(key_of("decision"))
        .text("granted")
        .unsigned_integer(key_of("witness"))
        .text("Caro")
        .unsigned_integer(999)
        .array(0);
    Events events;
    events.add(asha, 1, item);
    CHECK(events.decision() == "granted");
}

TEST_CASE("an event that cannot be read may be a withdrawal, so no grant stands beside it",
          "[merge]") {
    Events events;
    events.add(asha, 1, decided("granted")).add(bela, 1, decided("granted"));
    REQUIRE(events.decision() == "granted");
    CHECK(events.decision_with_last_sealed() == "refused");

    Events withdrawn;
    withdrawn.add(asha, 1, decided("withdrawn")).add(bela, 1, decided("granted"));
    CHECK(withdrawn.decision_with_last_sealed() == "withdrawn");
}

TEST_CASE("what is no event of consent counts as one that cannot be read", "[merge]") {
    Bytes text_key;
    cbor::Encoder(text_key).map(1).text("scope").text("named_advocacy");
    Bytes longer = decided("granted");
    longer.push_back(0);
    const Bytes item = GENERATE_COPY(
        as<Bytes>{}, longer, text("granted"), event({{"scope", text("named_advocacy")}}),
        event({{"decision", text("granted")}}),
        event({{"scope", integer(1)}, {"decision", text("granted")}}),
        event({{"scope", text("named_advocacy")}, {"decision", integer(1)}}),
        event({{"scope", text("s")}, {"decision", text("granted")}, {"expires", integer(1)}}),
        event({{"scope", text("s")}, {"decision", text("granted")}, {"witness", Bytes{0xff}}}),
        text_key, Bytes{0xff});
    Events events;
    events.add(asha, 1, decided("granted"));
    REQUIRE(events.decision() == "granted");
    events.add(bela, 1, item);
    CHECK(events.decision() == "refused");
}

TEST_CASE("an event whose citations are no dots counts as one that cannot be read", "[merge]") {
    const Bytes cites = GENERATE(text("x"), array({text("x")}));
    Bytes item;
    cbor::Encoder(item)
        .map(3)
        .unsigned_integer(key_of("scope"))
        .text("named_advocacy")
        .unsigned_integer(key_of("decision"))
        .text("granted")
        .unsigned_integer(event_cites_key)
        .raw(cites);
    Events events;
    events.add(asha, 1, decided("granted")).add(bela, 1, item);
    CHECK(events.decision() == "refused");
}

}  // namespace godwit::test
