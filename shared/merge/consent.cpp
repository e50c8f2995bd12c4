#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>

#include "shared/change/cbor.h"
#include "shared/change/field_value.h"
#include "shared/merge/view.h"

namespace godwit {

namespace {

namespace decision {
constexpr std::string_view granted = "granted";
constexpr std::string_view refused = "refused";
constexpr std::string_view withdrawn = "withdrawn";
constexpr std::string_view not_asked = "not_asked";
constexpr std::string_view expired = "expired";
}  // namespace decision

/// Sensitive.
struct ConsentEvent {
    Dot dot;
    std::string scope;
    std::string decision;
    std::optional<std::string> expires;
    std::vector<Dot> cites;
};

/// Where the parts of the event stand that decide.
struct PartKeys {
    explicit PartKeys(const FieldSpec& consent)
        : scope(key(consent, "scope")),
          decision(key(consent, "decision")),
          expires(key(consent, "expires")) {}

    std::uint64_t scope;
    std::uint64_t decision;
    std::uint64_t expires;

private:
    static std::uint64_t key(const FieldSpec& consent, std::string_view name) {
        const auto at = std::find_if(consent.parts.begin(), consent.parts.end(),
                                     [&](const EventPart& each) { return each.name == name; });
        GODWIT_ASSERT(at != consent.parts.end());
        return static_cast<std::uint64_t>(at - consent.parts.begin());
    }
};

Result<std::vector<Dot>> read_cites(cbor::Decoder& in) {
    std::vector<Dot> cites;
    for (std::size_t left = TRY(in.array()); left > 0; --left) cites.push_back(TRY(decode_dot(in)));
    return cites;
}

/// Fails with the decoder's errors, or malformed for an event without scope or decision.
Result<ConsentEvent> read_event(const OpenedSibling& sibling, const PartKeys& keys) {
    if (!sibling.is_readable) return ErrorCode::cannot_open;
    cbor::Decoder in(sibling.item);
    cbor::MapReader entries = TRY(cbor::MapReader::open(in));
    ConsentEvent event;
    event.dot = sibling.dot;
    while (const auto key = TRY(entries.next())) {
        if (*key == keys.scope) {
            event.scope = TRY(in.text());
        } else if (*key == keys.decision) {
            event.decision = TRY(in.text());
        } else if (*key == keys.expires) {
            event.expires = TRY(in.text());
        } else if (*key == event_cites_key) {
            event.cites = TRY(read_cites(in));
        } else {
            static_cast<void>(TRY(in.item()));
        }
    }
    TRY(in.finish());
    if (event.scope.empty() || event.decision.empty()) return ErrorCode::malformed;
    return event;
}

int number_at(std::string_view text, std::size_t offset) {
    int number = 0;
    std::from_chars(text.data() + offset, text.data() + text.size(), number);
    return number;
}

/// The first moment after the day, month or year that `date` names.
std::chrono::sys_days end_of(std::string_view date) {
    using namespace std::chrono;
    const year named_year{number_at(date, 0)};
    if (date.size() == 4) return sys_days{(named_year + years{1}) / January / 1};
    const year_month named_month{named_year, month{static_cast<unsigned>(number_at(date, 5))}};
    if (date.size() == 7) return sys_days{(named_month + months{1}) / 1};
    return sys_days{named_month / number_at(date, 8)} + days{1};
}

/// A grant without a date holds; one whose date nobody can read does not.
bool is_past(const std::optional<std::string>& expires, std::int64_t now_ms) {
    if (!expires) return false;
    if (!is_date(*expires)) return true;
    const std::chrono::milliseconds end = end_of(*expires).time_since_epoch();
    return now_ms >= end.count();
}

bool is_cited(const ConsentEvent& event, const std::vector<ConsentEvent>& events) {
    return std::any_of(events.begin(), events.end(), [&](const ConsentEvent& other) {
        // An event that cited itself would be gone without anything in its place.
        return other.dot != event.dot && other.scope == event.scope &&
               std::find(other.cites.begin(), other.cites.end(), event.dot) != other.cites.end();
    });
}

/// Of decisions that stand beside one another, the one with the greatest weight is in force.
/// A code of a newer version weighs as much as a refusal.
int weight(std::string_view code) {
    if (code == decision::withdrawn) return 5;
    if (code == decision::refused) return 4;
    if (code == decision::expired) return 2;
    if (code == decision::not_asked) return 1;
    if (code == decision::granted) return 0;
    return 3;
}

/// The weightiest decision of each scope that `events` name; empty where they all cite one another.
std::map<std::string, std::string> decisions_of(const std::vector<ConsentEvent>& events,
                                                std::int64_t now_ms) {
    std::map<std::string, std::string> decisions;
    for (const ConsentEvent& each : events) {
        std::string& in_force = decisions[each.scope];
        if (is_cited(each, events)) continue;
        const bool has_expired =
            each.decision == decision::granted && is_past(each.expires, now_ms);
        const std::string_view decided = has_expired ? decision::expired : each.decision;
        if (in_force.empty() || weight(decided) > weight(in_force)) in_force = decided;
    }
    return decisions;
}

}  // namespace

std::vector<Consent> effective_consent(const FieldSpec& consent,
                                       const std::vector<OpenedSibling>& events,
                                       std::int64_t now_ms) {
    const PartKeys keys(consent);
    std::vector<ConsentEvent> readable;
    for (const OpenedSibling& each : events) {
        auto event = read_event(each, keys);
        if (event) readable.push_back(std::move(*event));
    }
    const bool has_unread = readable.size() < events.size();
    auto decisions = decisions_of(readable, now_ms);
    for (auto& [scope, decided] : decisions) {
        const bool may_be_withdrawn = has_unread && decided == decision::granted;
        if (decided.empty() || may_be_withdrawn) decided = decision::refused;
    }

    const Vocabulary* scopes = vocabulary(consent.parts[keys.scope].vocabulary);
    GODWIT_ASSERT(scopes != nullptr);
    std::vector<Consent> out;
    for (const Term& term : scopes->terms) {
        Consent& told = out.emplace_back();
        told.scope = term.code;
        told.decision = decision::not_asked;
        const auto decided = decisions.find(told.scope);
        if (decided == decisions.end()) continue;
        told.decision = decided->second;
        decisions.erase(decided);
    }
    for (const auto& [scope, decided] : decisions) out.push_back(Consent{scope, decided});
    return out;
}

}  // namespace godwit
