#include <algorithm>
#include <iostream>
#include <unordered_set>

#include "shared/base/sha256.h"
#include "tests/support/catch.h"
#include "tests/unit/merge/enumeration.h"
#include "tests/unit/merge/naive_model.h"

namespace godwit::test {

namespace {

/// Counts what was gone through; a mismatch is told with the history's first differing order.
struct Tally {
    std::size_t histories{};
    std::size_t merges{};
    std::unordered_set<std::string> states;

    void note(const RecordState& state) {
        const Digest digest = sha256({encode_state(state)});
        states.emplace(text_of(digest).substr(0, 16));
    }
};

/// Catch's macros are too slow for millions of checks; this one says as much when it fails.
void expect(bool holds, const char* what) {
    if (!holds) FAIL(what);
}

RecordState state_of(const History& history, const Prefix& prefix) {
    return state_after(history.changes(prefix));
}

/// The three replicas' states merge to one, whoever merges with whom first.
void check_merge_orders(const History& history, const RecordState& whole, Tally& tally) {
    std::array<RecordState, replicas_count> states;
    for (std::size_t who = 0; who < replicas_count; ++who) {
        states[who] = state_of(history, history.held[who]);
    }
    for (std::size_t first = 0; first < replicas_count; ++first) {
        const RecordState& a = states[first];
        const RecordState& b = states[(first + 1) % replicas_count];
        const RecordState& c = states[(first + 2) % replicas_count];
        const RecordState of_two = merge(a, b);
        expect(of_two == merge(b, a), "two states merge differently the other way round");
        expect(merge(of_two, c) == whole, "an order of merging gives another state");
        expect(merge(c, of_two) == whole, "an order of merging gives another state");
        tally.merges += 4;
    }
}

/// Every pair of states that any replica could hold merges to the state of both sides' changes.
void check_all_pairs(const History& history, Tally& tally) {
    std::vector<Prefix> prefixes;
    const Prefix all = history.all();
    for (std::size_t a = 0; a <= all[0]; ++a) {
        for (std::size_t b = 0; b <= all[1]; ++b) {
            for (std::size_t c = 0; c <= all[2]; ++c) prefixes.push_back({a, b, c});
        }
    }
    std::map<Prefix, RecordState> states;
    for (const Prefix& each : prefixes) {
        states[each] = naive_state(history.changes(each));
        expect(state_of(history, each) == states[each], "applying differs from the naive model");
    }
    for (const Prefix& left : prefixes) {
        for (const Prefix& right : prefixes) {
            expect(merge(states[left], states[right]) == states[joined(left, right)],
                   "merging differs from the naive model");
            ++tally.merges;
        }
    }
}

/// Each value stands as a sibling, or a later change that can be named took it away.
void check_nothing_is_lost(const History& history, const RecordState& whole) {
    const auto changes = history.changes(history.all());
    const auto standing = sibling_dots(whole);
    for (const Said& each : changes) {
        if (each.change.operations.front().kind == OperationKind::remove) continue;
        const bool stands = std::count(standing.begin(), standing.end(), each.dot()) == 1;
        const bool is_taken = std::any_of(changes.begin(), changes.end(), [&](const Said& later) {
            return takes_away(later, each, any_field);
        });
        expect(stands != is_taken, "a value is neither standing nor taken away");
    }
}

/// Under rules that show everything each sibling is shown; under others something is, and the
/// values stand on siblings that exist.
void check_views(const std::vector<Rule>& rules, const RecordState& whole) {
    static constexpr std::array<std::string_view, 4> order{"p", "q", "r", "s"};
    const auto siblings = opened_siblings(whole);
    for (const Rule rule : rules) {
        const FieldView shown = view(field_of(rule, ValueType::code, order), siblings);
        std::vector<bool> is_shown(siblings.size());
        for (const auto& sources : shown.sources) {
            for (const std::size_t index : sources) is_shown.at(index) = true;
        }
        const auto shown_count = std::count(is_shown.begin(), is_shown.end(), true);
        const bool shows_all = rule == Rule::keep_both || rule == Rule::write_once ||
                               rule == Rule::union_ || rule == Rule::append || rule == Rule::sum;
        const std::size_t least =
            shows_all ? siblings.size() : std::min<std::size_t>(siblings.size(), 1);
        expect(static_cast<std::size_t>(shown_count) >= least, "a sibling is not shown");
        expect(!shown.is_partial, "an open value is not read");
    }
}

/// The logs one after another, the last replica's first.
RecordState state_of_logs_backwards(const History& history) {
    RecordState state;
    for (auto log = history.logs.rbegin(); log != history.logs.rend(); ++log) {
        for (const Said& each : *log) apply(state, each);
    }
    return state;
}

Tally go_through(const Enumeration& what, const std::vector<Rule>& rules, bool with_all_pairs) {
    Tally tally;
    tally.histories = enumerate(what, [&](const History& history) {
        const RecordState whole = naive_state(history.changes(history.all()));
        expect(state_of(history, history.all()) == whole, "applying differs from the naive model");
        expect(state_of_logs_backwards(history) == whole, "another order of logs, another state");
        check_merge_orders(history, whole, tally);
        if (with_all_pairs) check_all_pairs(history, tally);
        check_nothing_is_lost(history, whole);
        check_views(rules, whole);
        tally.note(whole);
    });
    return tally;
}

void tell(const char* what, const Tally& tally) {
    std::cout << what << ": " << tally.histories << " histories, " << tally.states.size()
              << " distinct states, " << tally.merges << " merges\n";
}

const std::vector<Rule> register_rules{Rule::latest,           Rule::keep_both,
                                       Rule::most_restrictive, Rule::write_once,
                                       Rule::supervisor_first, Rule::state_machine};

}  // namespace

TEST_CASE("three replicas that set a register three times each agree in every order of merging",
          "[merge][enumeration]") {
    const Tally tally =
        go_through({{OperationKind::set}, 3, Delivery::causal}, register_rules, false);
    tell("set, 3 each", tally);
    CHECK(tally.histories > 200'000);
}

TEST_CASE("three replicas that add and remove three times each agree in every order of merging",
          "[merge][enumeration]") {
    const Tally tally = go_through(
        {{OperationKind::add, OperationKind::remove}, 3, Delivery::causal}, {Rule::union_}, false);
    tell("add and remove, 3 each", tally);
    CHECK(tally.histories > 30'000);
}

TEST_CASE("three replicas that count or note three times each agree in every order of merging",
          "[merge][enumeration]") {
    const auto [kind, rule] = GENERATE(table<OperationKind, Rule>(
        {{OperationKind::increment, Rule::sum}, {OperationKind::append, Rule::append}}));
    const Tally tally = go_through({{kind}, 3, Delivery::any}, {rule}, true);
    tell(rule == Rule::sum ? "increment, 3 each" : "append, 3 each", tally);
    CHECK(tally.histories > 10);
}

TEST_CASE("setting and settling twice each merge alike in every order", "[merge][enumeration]") {
    const Tally tally = go_through(
        {{OperationKind::set, OperationKind::settle}, 2, Delivery::causal}, register_rules, false);
    tell("set and settle, 2 each", tally);
    CHECK(tally.histories > 10'000);
}

TEST_CASE("any two states any replica could hold merge to both sides' changes",
          "[merge][enumeration]") {
    const Tally sets = go_through({{OperationKind::set}, 2, Delivery::any}, register_rules, true);
    tell("set, 2 each, out of causal order", sets);
    const Tally elements = go_through(
        {{OperationKind::add, OperationKind::remove}, 2, Delivery::any}, {Rule::union_}, true);
    tell("add and remove, 2 each, out of causal order", elements);
    CHECK(sets.histories > 1'000);
    CHECK(elements.histories > 400);
}

}  // namespace godwit::test
