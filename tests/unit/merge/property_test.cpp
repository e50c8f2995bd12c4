#include <rapidcheck.h>
#include <rapidcheck/detail/TestListenerAdapter.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include <unistd.h>

#include "tests/support/catch.h"
#include "tests/unit/merge/history.h"
#include "tests/unit/merge/naive_model.h"

namespace godwit::test {

namespace {

using Script = std::vector<std::uint32_t>;

constexpr int cases_ordinary = 500;
constexpr int cases_batch = 5'000;

struct NamedRule {
    Rule rule;
    const char* name;
};

constexpr std::array<NamedRule, 9> rules{{{Rule::latest, "latest"},
                                          {Rule::keep_both, "keep_both"},
                                          {Rule::union_, "union"},
                                          {Rule::sum, "sum"},
                                          {Rule::append, "append"},
                                          {Rule::most_restrictive, "most_restrictive"},
                                          {Rule::write_once, "write_once"},
                                          {Rule::supervisor_first, "supervisor_first"},
                                          {Rule::state_machine, "state_machine"}}};

/// Safest last; the drawn value `s` is one that a newer version knows and this order does not.
constexpr std::array<std::string_view, 3> order{"r", "p", "q"};

FieldSpec spec_of(Rule rule) {
    const bool is_ordered = rule == Rule::most_restrictive || rule == Rule::state_machine;
    return field_of(rule, rule == Rule::sum ? ValueType::integer : ValueType::code,
                    is_ordered ? std::span<const std::string_view>(order)
                               : std::span<const std::string_view>());
}

int cases_wanted() {
    const char* text = std::getenv("GODWIT_CASES");
    return text == nullptr ? cases_ordinary : std::max(1, std::atoi(text));
}

void tell_progress(const char* rule, int done, int wanted) {
    if (isatty(STDERR_FILENO) == 0) return;
    std::fprintf(stderr, "\r%-18s %d of %d%s", rule, done, wanted, done == wanted ? "\n" : "");
}

/// Holds `property` to as many drawn cases as are wanted, a batch at a time, each with its seed.
template <typename Property>
void hold(const char* rule, Property&& property) {
    const int wanted = cases_wanted();
    rc::detail::TestParams params = rc::detail::configuration().testParams;
    for (int done = 0; done < wanted; done += params.maxSuccess, ++params.seed) {
        params.maxSuccess = std::min(cases_batch, wanted - done);
        rc::detail::TestListenerAdapter quiet;
        const auto result =
            rc::detail::checkTestable(property, rc::detail::TestMetadata{}, params, quiet);
        std::ostringstream told;
        rc::detail::printResultMessage(result, told);
        INFO("seed " << params.seed << "\n" << told.str());
        REQUIRE(result.template is<rc::detail::SuccessResult>());
        tell_progress(rule, done + params.maxSuccess, wanted);
    }
    if (wanted > cases_ordinary) std::cout << rule << ": " << wanted << " cases\n";
}

/// A state with only the fields of `state` that `keeps` names.
RecordState delta_of(const RecordState& state, std::uint32_t field) {
    RecordState out = state;
    std::erase_if(out.fields, [&](const auto& each) { return each.first != field; });
    return out;
}

RecordState merged_by_fields(const RecordState& left, const RecordState& right) {
    RecordState out = left;
    merge_into(out, delta_of(right, any_field + 1));
    merge_into(out, delta_of(right, any_field));
    return out;
}

bool every_value_is_accounted_for(const History& history, const RecordState& state) {
    if (state.is_erased) return true;
    const auto changes = history.changes(history.all());
    for (const Said& each : changes) {
        for (const Operation& operation : each.change.operations) {
            if (operation.kind == OperationKind::remove) continue;
            const auto standing = sibling_dots(state, operation.field);
            const bool stands = std::count(standing.begin(), standing.end(), each.dot()) == 1;
            const bool is_covered = std::any_of(
                changes.begin(), changes.end(),
                [&](const Said& later) { return takes_away(later, each, operation.field); });
            if (stands == is_covered) return false;
        }
    }
    return true;
}

/// Every readable sibling of a rule that shows all stands behind something shown; any rule shows
/// something of what it can read, and names whose it is.
bool view_is_whole(Rule rule, const std::vector<OpenedSibling>& siblings) {
    const FieldView shown = view(spec_of(rule), siblings);
    if (shown.values.size() != shown.sources.size()) return false;
    std::vector<std::size_t> told;
    for (const auto& sources : shown.sources) {
        if (sources.empty()) return false;
        told.insert(told.end(), sources.begin(), sources.end());
    }
    if (siblings.empty()) return shown.values.empty() && !shown.needs_review;
    if (rule == Rule::sum) return true;  // A kind of a newer version need not be an integer.
    const bool shows_all = rule == Rule::keep_both || rule == Rule::write_once ||
                           rule == Rule::union_ || rule == Rule::append;
    for (std::size_t index = 0; index < siblings.size(); ++index) {
        const bool is_told = std::count(told.begin(), told.end(), index) > 0;
        if (shows_all && !is_told) return false;
    }
    return !shown.values.empty() && !(siblings.size() == 1 && shown.needs_review);
}

void check_history(Rule rule, const Script& script, const Script& first, const Script& second) {
    const History history = history_of(rule, script);
    const Prefix all = history.all();
    const RecordState whole = naive_state(history.changes(all));

    // Any interleaving of the logs gives the state the naive model tells.
    RC_ASSERT(interleaved_state(history, all, first) == whole);
    RC_ASSERT(interleaved_state(history, all, second) == whole);
    RC_ASSERT(every_value_is_accounted_for(history, whole));

    std::array<RecordState, replicas_count> states;
    for (std::size_t who = 0; who < replicas_count; ++who) {
        states[who] = interleaved_state(history, history.held[who], first);
    }
    const auto& [a, b, c] = states;
    // Merging states is accepting both sides' changes.
    const Prefix of_both = joined(history.held[0], history.held[1]);
    RC_ASSERT(merge(a, b) == naive_state(history.changes(of_both)));
    RC_ASSERT(merge(a, b) == merge(b, a));
    RC_ASSERT(merge(merge(a, b), c) == merge(a, merge(b, c)));
    RC_ASSERT(merge(a, a) == a);
    RC_ASSERT(merge(merge(a, b), b) == merge(a, b));
    RC_ASSERT(merge(a, RecordState{}) == a);
    if (!b.is_erased) RC_ASSERT(merged_by_fields(a, b) == merge(a, b));

    // Applying again changes nothing and says so.
    RecordState again = whole;
    for (const Said& each : history.changes(all)) RC_ASSERT(apply(again, each).empty());
    RC_ASSERT(again == whole);

    const Bytes encoded = encode_state(whole);
    const auto decoded = decode_state(encoded);
    RC_ASSERT(static_cast<bool>(decoded));
    RC_ASSERT(*decoded == whole);
    RC_ASSERT(encode_state(*decoded) == encoded);
    RC_ASSERT(view_is_whole(rule, opened_siblings(whole)));
}

}  // namespace

TEST_CASE("merging is commutative, associative and idempotent, and equals the naive model",
          "[merge][property]") {
    const auto [rule, name] = GENERATE(from_range(rules.begin(), rules.end()));
    const Rule of = rule;
    hold(name, [of](const Script& script, const Script& first, const Script& second) {
        check_history(of, script, first, second);
    });
}

namespace {

/// A state that no honest replica can hold: dots, authors and values drawn without any regard.
RecordState drawn_state(const Script& script) {
    RecordState out;
    for (const std::uint32_t word : script) {
        FieldState& field = out.fields[any_field + word % 2];
        Person by = person(static_cast<char>('a' + word / 2 % 2));
        by.replica.bytes[0] = static_cast<std::uint8_t>(word / 4 % 2);
        const Dot dot{by.log, word / 8 % 3 + 1};
        if (word / 24 % 3 == 0) {
            field.seen.add(dot);
        } else if (word / 24 % 3 == 1 && !field.has_seen(dot)) {
            field.seen_early.push_back(dot);
            std::sort(field.seen_early.begin(), field.seen_early.end());
        } else if (!field.has_seen(dot)) {
            const Said made = said(by, dot.sequence, {set(text(word / 72 % 2 == 0 ? "p" : "q"))});
            field.siblings.push_back({dot,
                                      by.replica,
                                      by.role,
                                      OperationKind::set,
                                      Form::open,
                                      Mark::none,
                                      made.change.time,
                                      {},
                                      made.change.operations.front().value});
            std::sort(field.siblings.begin(), field.siblings.end(),
                      [](const Sibling& l, const Sibling& r) { return l.dot < r.dot; });
        }
        for (const Sibling& each : field.siblings) field.seen.add(each.dot);
        std::erase_if(field.seen_early, [&](const Dot& each) { return field.seen.covers(each); });
    }
    out.type = static_cast<std::uint32_t>(script.size() % 3);
    return out;
}

}  // namespace

TEST_CASE("merging is commutative, associative and idempotent even on states that contradict",
          "[merge][property]") {
    hold("contradicting", [](const Script& first, const Script& second, const Script& third) {
        const RecordState a = drawn_state(first);
        const RecordState b = drawn_state(second);
        const RecordState c = drawn_state(third);
        RC_ASSERT(merge(a, b) == merge(b, a));
        RC_ASSERT(merge(merge(a, b), c) == merge(a, merge(b, c)));
        RC_ASSERT(merge(a, a) == a);
        const Bytes encoded = encode_state(merge(a, b));
        const auto decoded = decode_state(encoded);
        RC_ASSERT(static_cast<bool>(decoded));
        RC_ASSERT(*decoded == merge(a, b));
        RC_ASSERT(encode_state(*decoded) == encoded);
    });
}

TEST_CASE("bytes that decode as a state are the bytes that state encodes to", "[merge][property]") {
    hold("bent bytes", [](const Script& script, std::uint32_t where, std::uint8_t byte) {
        Bytes bytes = encode_state(drawn_state(script));
        bytes[where % bytes.size()] = byte;
        const auto decoded = decode_state(bytes);
        if (decoded) RC_ASSERT(encode_state(*decoded) == bytes);
    });
}

}  // namespace godwit::test
