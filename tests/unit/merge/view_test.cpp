#include "shared/merge/view.h"

#include <limits>

#include "tests/support/catch.h"
#include "tests/unit/merge/people.h"

namespace godwit::test {

namespace {

/// Siblings that stand beside one another, with the values they point to.
class Standing {
public:
    /// Each person says one thing; what is said later in the test has the greater effective time.
    Standing& says(const Person& by, Operation operation) {
        at_ms_ += 10;
        return says_at(by, std::move(operation), at_ms_);
    }
    Standing& says_at(const Person& by, Operation operation, std::int64_t at_ms) {
        Said made = said(by, next_++, {std::move(operation)}, {}, at_ms);
        made.change.cites = Citation{{caro.log, 1}, {}};  // Nothing is implied to be superseded.
        apply(state_, made);
        return *this;
    }

    [[nodiscard]] std::vector<OpenedSibling> siblings() const { return opened_siblings(state_); }

    [[nodiscard]] FieldView under(const FieldSpec& field) const { return view(field, siblings()); }
    [[nodiscard]] FieldView under(Rule rule) const { return under(field_of(rule)); }

private:
    RecordState state_;
    Sequence next_ = 1;
    std::int64_t at_ms_ = 0;
};

using Values = std::vector<Bytes>;
using Sources = std::vector<std::vector<std::size_t>>;

constexpr std::array<std::string_view, 4> risk_order{"unknown", "low", "medium", "high"};

}  // namespace

TEST_CASE("a field nobody has said anything of shows nothing under any rule", "[merge]") {
    const auto rule = GENERATE(Rule::latest, Rule::keep_both, Rule::union_, Rule::sum, Rule::append,
                               Rule::most_restrictive, Rule::write_once, Rule::supervisor_first,
                               Rule::state_machine);
    const FieldView shown = Standing().under(rule);

    CHECK(shown.values.empty());
    CHECK(shown.sources.empty());
    CHECK_FALSE(shown.needs_review);
    CHECK_FALSE(shown.is_partial);
}

TEST_CASE("latest shows the greatest effective time, and of equal times the greater dot",
          "[merge]") {
    const FieldView by_time = Standing()
                                  .says_at(caro, set(text("early")), 10)
                                  .says_at(asha, set(text("late")), 20)
                                  .under(Rule::latest);
    CHECK(by_time.values == Values{text("late")});
    CHECK(by_time.sources == Sources{{0}});
    CHECK_FALSE(by_time.needs_review);

    const FieldView by_dot = Standing()
                                 .says_at(bela, set(text("b")), 10)
                                 .says_at(asha, set(text("a")), 10)
                                 .under(Rule::latest);
    CHECK(by_dot.values == Values{text("b")});
}

TEST_CASE("keep_both and write_once show all values, greatest first, and want review", "[merge]") {
    const auto rule = GENERATE(Rule::keep_both, Rule::write_once);
    const FieldView shown = Standing()
                                .says(caro, set(text("first")))
                                .says(asha, set(text("second")))
                                .says(bela, set(text("first")))
                                .under(rule);

    CHECK(shown.values == Values{text("first"), text("second")});
    CHECK(shown.sources == Sources{{1, 2}, {0}});
    CHECK(shown.needs_review);
}

TEST_CASE("keep_both and write_once want no review of one value or of equal ones", "[merge]") {
    const auto rule = GENERATE(Rule::keep_both, Rule::write_once);
    CHECK_FALSE(Standing().says(asha, set(text("one"))).under(rule).needs_review);

    const FieldView equal =
        Standing().says(asha, set(text("one"))).says(bela, set(text("one"))).under(rule);
    CHECK(equal.values == Values{text("one")});
    CHECK(equal.sources == Sources{{0, 1}});
    CHECK_FALSE(equal.needs_review);
}

TEST_CASE("values that a supervisor lets stand want no more review", "[merge]") {
    const auto rule =
        GENERATE(Rule::latest, Rule::keep_both, Rule::write_once, Rule::supervisor_first);
    const FieldView shown =
        Standing().says(dina, settle(array({text("one"), text("two")}))).under(rule);

    CHECK(shown.values == Values{text("one"), text("two")});
    CHECK(shown.sources == Sources{{0}, {0}});
    CHECK_FALSE(shown.needs_review);
}

TEST_CASE("of values that stand together, a rule of safety shows the safest", "[merge]") {
    const auto rule = GENERATE(Rule::most_restrictive, Rule::state_machine);
    const FieldSpec field = field_of(rule, ValueType::code, risk_order);
    const auto both = GENERATE(as<Bytes>(), array({text("high"), text("low")}),
                               array({text("low"), text("high")}));
    const FieldView shown = Standing().says(dina, settle(both)).under(field);

    CHECK(shown.values == Values{text("high")});
    CHECK(shown.sources == Sources{{0}});
    CHECK_FALSE(shown.needs_review);
}

TEST_CASE("a value beside settled ones wants review again, and none is hidden", "[merge]") {
    const auto late = GENERATE(as<std::string>(), "one", "three");
    const FieldView shown = Standing()
                                .says(dina, settle(array({text("one"), text("two")})))
                                .says(asha, set(text(late)))
                                .under(Rule::keep_both);

    CHECK(shown.values.front() == text(late));
    CHECK(shown.values.size() == (late == "one" ? 2 : 3));
    CHECK(shown.needs_review);
}

TEST_CASE("two supervisors who settle the same conflict alike agree, otherwise not", "[merge]") {
    Standing standing;
    standing.says(dina, settle(array({text("one"), text("two")})));
    SECTION("alike, in whatever order") {
        standing.says(person('e', Role::supervisor), settle(array({text("two"), text("one")})));
        CHECK_FALSE(standing.under(Rule::keep_both).needs_review);
    }
    SECTION("differently") {
        standing.says(person('e', Role::supervisor), set(text("one")));
        const FieldView shown = standing.under(Rule::keep_both);
        CHECK(shown.needs_review);
        CHECK(shown.values == Values{text("one"), text("two")});
        CHECK(shown.sources == Sources{{0, 1}, {0}});
    }
}

TEST_CASE("a settlement that is no array counts as one value", "[merge]") {
    const FieldView shown = Standing().says(dina, settle(text("one"))).under(Rule::keep_both);
    CHECK(shown.values == Values{text("one")});
}

TEST_CASE("a settlement for nothing shows nothing", "[merge]") {
    const auto rule = GENERATE(Rule::latest, Rule::most_restrictive);
    const auto other = person('e', Role::supervisor);
    const FieldView shown =
        Standing().says(dina, settle(array({}))).says(other, settle(array({}))).under(rule);
    CHECK(shown.values.empty());
    CHECK_FALSE(shown.needs_review);
}

TEST_CASE("union shows distinct elements by their bytes", "[merge]") {
    const FieldView shown = Standing()
                                .says(asha, add(text("wages")))
                                .says(bela, add(text("passport")))
                                .says(caro, add(text("wages")))
                                .under(Rule::union_);

    CHECK(shown.values == Values{text("wages"), text("passport")});  // Shorter heads sort first.
    CHECK(shown.sources == Sources{{0, 2}, {1}});
    CHECK_FALSE(shown.needs_review);
}

TEST_CASE("append shows every entry by time, then dot, equal ones too", "[merge]") {
    const FieldView shown = Standing()
                                .says_at(bela, note(text("same")), 10)
                                .says_at(asha, note(text("same")), 10)
                                .says_at(caro, note(text("before")), 5)
                                .under(Rule::append);

    CHECK(shown.values == Values{text("before"), text("same"), text("same")});
    CHECK(shown.sources == Sources{{2}, {0}, {1}});
    CHECK_FALSE(shown.needs_review);
}

TEST_CASE("sum adds up what everybody counted", "[merge]") {
    const FieldView shown = Standing()
                                .says(asha, count(7))
                                .says(bela, count(-2))
                                .says(caro, count(7))
                                .under(field_of(Rule::sum, ValueType::integer));

    CHECK(shown.values == Values{integer(12)});
    CHECK(shown.sources == Sources{{0, 1, 2}});
    CHECK_FALSE(shown.is_partial);
}

TEST_CASE("a sum beyond 64 bits shows the nearest they hold, whatever the order", "[merge]") {
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const std::int64_t least = std::numeric_limits<std::int64_t>::min();
    const FieldSpec field = field_of(Rule::sum, ValueType::integer);

    CHECK(Standing().says(asha, count(most)).says(bela, count(1)).under(field).values ==
          Values{integer(most)});
    CHECK(Standing().says(asha, count(least)).says(bela, count(-1)).under(field).values ==
          Values{integer(least)});
    CHECK(Standing()
              .says(asha, count(most))
              .says(bela, count(most))
              .says(caro, count(-most))
              .under(field)
              .values == Values{integer(most)});
}

TEST_CASE("a sum leaves out what is no integer and says that it is partial", "[merge]") {
    Operation odd = count(1);
    odd.value = text("many");
    const FieldView some =
        Standing().says(asha, odd).says(bela, count(4)).under(field_of(Rule::sum));
    CHECK(some.values == Values{integer(4)});
    CHECK(some.sources == Sources{{1}});
    CHECK(some.is_partial);

    const FieldView none = Standing().says(asha, odd).under(field_of(Rule::sum));
    CHECK(none.values.empty());
    CHECK(none.is_partial);
}

TEST_CASE("a sum leaves out what is sealed to others", "[merge]") {
    Standing standing;
    standing.says(asha, count(3)).says(bela, count(4));
    std::vector<OpenedSibling> siblings = standing.siblings();
    siblings[0].is_readable = false;
    const FieldView shown = view(field_of(Rule::sum), siblings);

    CHECK(shown.values == Values{integer(4)});
    CHECK(shown.is_partial);
}

TEST_CASE("most_restrictive shows the last in the declared order", "[merge]") {
    const FieldSpec field = field_of(Rule::most_restrictive, ValueType::code, risk_order);
    const FieldView shown = Standing()
                                .says(asha, set(text("high")))
                                .says(bela, set(text("low")))
                                .says(caro, set(text("high")))
                                .under(field);

    CHECK(shown.values == Values{text("high")});
    CHECK(shown.sources == Sources{{0, 2}});
    CHECK_FALSE(shown.needs_review);
}

TEST_CASE("what nobody has assessed never beats what somebody has", "[merge]") {
    static constexpr std::array<std::string_view, 2> unknown_last{"low", "unknown"};
    for (const auto order : {std::span<const std::string_view>(risk_order),
                             std::span<const std::string_view>(unknown_last)}) {
        const FieldSpec field = field_of(Rule::most_restrictive, ValueType::code, order);
        CHECK(Standing()
                  .says(asha, set(text("low")))
                  .says(bela, set(text("unknown")))
                  .under(field)
                  .values == Values{text("low")});
        CHECK(Standing().says(bela, set(text("unknown"))).under(field).values ==
              Values{text("unknown")});
    }
}

TEST_CASE("a value that only a newer version can place counts as safest", "[merge]") {
    const FieldSpec field = field_of(Rule::most_restrictive, ValueType::code, risk_order);
    CHECK(Standing()
              .says(asha, set(text("extreme")))
              .says(bela, set(text("high")))
              .under(field)
              .values == Values{text("extreme")});
    CHECK(Standing()
              .says(asha, set(text("extreme")))
              .says(bela, set(text("beyond")))
              .under(field)
              .values == Values{text("beyond")});  // Of equals the greatest.
}

TEST_CASE("most_restrictive orders booleans as true and false", "[merge]") {
    static constexpr std::array<std::string_view, 2> order{"false", "true"};
    const FieldSpec field = field_of(Rule::most_restrictive, ValueType::boolean, order);

    CHECK(Standing()
              .says(asha, set(boolean(true)))
              .says(bela, set(boolean(false)))
              .under(field)
              .values == Values{boolean(true)});
    CHECK(Standing()
              .says(asha, set(boolean(true)))
              .says(bela, set(text("of another kind")))
              .under(field)
              .values == Values{text("of another kind")});
}

TEST_CASE("most_restrictive may order dates by the earlier", "[merge]") {
    static constexpr std::array<std::string_view, 1> order{"earlier"};
    const FieldSpec field = field_of(Rule::most_restrictive, ValueType::date, order);
    const auto [safer, other] =
        GENERATE(table<std::string, std::string>({{"2026-11-20", "2026-11-21"},
                                                  {"2026-11", "2026-11-01"},
                                                  {"2026", "2026-01"},
                                                  {"2025", "2026-01-01"},
                                                  {"no date", "2026-01-01"}}));

    CHECK(
        Standing().says(asha, set(text(safer))).says(bela, set(text(other))).under(field).values ==
        Values{text(safer)});
    CHECK(
        Standing().says(asha, set(text(other))).says(bela, set(text(safer))).under(field).values ==
        Values{text(safer)});
}

TEST_CASE("most_restrictive may order integers and moments by size", "[merge]") {
    static constexpr std::array<std::string_view, 1> greater{"greater"};
    static constexpr std::array<std::string_view, 1> smaller{"smaller"};
    static constexpr std::array<std::string_view, 1> earlier{"earlier"};
    const std::int64_t least = std::numeric_limits<std::int64_t>::min();
    const Standing standing =
        Standing().says(asha, set(integer(least))).says(bela, set(integer(5)));

    CHECK(standing.under(field_of(Rule::most_restrictive, ValueType::integer, greater)).values ==
          Values{integer(5)});
    CHECK(standing.under(field_of(Rule::most_restrictive, ValueType::integer, smaller)).values ==
          Values{integer(least)});
    CHECK(standing.under(field_of(Rule::most_restrictive, ValueType::moment, earlier)).values ==
          Values{integer(least)});
    CHECK(Standing()
              .says(asha, set(integer(5)))
              .says(bela, set(text("2026")))
              .under(field_of(Rule::most_restrictive, ValueType::date, earlier))
              .values == Values{integer(5)});
    CHECK(Standing()
              .says(asha, set(text("of another kind")))
              .says(bela, set(integer(5)))
              .under(field_of(Rule::most_restrictive, ValueType::integer, greater))
              .values == Values{text("of another kind")});
}

TEST_CASE("integers of a field that orders none are all equally safe", "[merge]") {
    const FieldView shown = Standing()
                                .says(asha, set(integer(9)))
                                .says(bela, set(integer(5)))
                                .under(field_of(Rule::most_restrictive, ValueType::integer));
    CHECK(shown.values == Values{integer(5)});
}

TEST_CASE("supervisor_first shows the greatest of the supervisors", "[merge]") {
    const auto role = GENERATE(Role::supervisor, Role::administrator);
    const FieldView shown = Standing()
                                .says(person('e', role), set(text("supervisor's")))
                                .says(asha, set(text("worker's")))
                                .under(Rule::supervisor_first);

    CHECK(shown.values == Values{text("supervisor's")});
    CHECK(shown.sources == Sources{{1}});
    CHECK(shown.needs_review);
}

TEST_CASE("supervisor_first without a supervisor shows the greatest and wants no review",
          "[merge]") {
    const FieldView shown = Standing()
                                .says(asha, set(text("one")))
                                .says(person('e', Role::advocate), set(text("two")))
                                .under(Rule::supervisor_first);
    CHECK(shown.values == Values{text("two")});
    CHECK_FALSE(shown.needs_review);
}

TEST_CASE("supervisor_first wants review when two supervisors differ, not when all agree",
          "[merge]") {
    const auto second = GENERATE(as<std::string>(), "one", "two");
    const FieldView shown = Standing()
                                .says(dina, set(text("one")))
                                .says(person('e', Role::supervisor), set(text(second)))
                                .says(asha, set(text("one")))
                                .under(Rule::supervisor_first);
    CHECK(shown.values == Values{text(second)});
    CHECK(shown.needs_review == (second == "two"));
}

TEST_CASE("a state machine joins to the safest state and wants review when states differ",
          "[merge]") {
    static constexpr std::array<std::string_view, 3> order{"approved", "submitted", "returned"};
    const FieldSpec field = field_of(Rule::state_machine, ValueType::code, order);

    const FieldView differ =
        Standing().says(dina, set(text("returned"))).says(asha, set(text("approved"))).under(field);
    CHECK(differ.values == Values{text("returned")});
    CHECK(differ.needs_review);

    const FieldView agree = Standing()
                                .says(dina, set(text("submitted")))
                                .says(asha, set(text("submitted")))
                                .under(field);
    CHECK(agree.values == Values{text("submitted")});
    CHECK(agree.sources == Sources{{0, 1}});
    CHECK_FALSE(agree.needs_review);
}

TEST_CASE("what cannot be read here is left out, and the view says so", "[merge]") {
    Standing standing;
    standing.says(asha, set(text("readable"))).says(bela, set(text("sealed")));
    std::vector<OpenedSibling> siblings = standing.siblings();
    siblings[1].is_readable = false;
    siblings[1].item = {};
    const FieldView shown = view(field_of(Rule::keep_both), siblings);

    CHECK(shown.values == Values{text("readable")});
    CHECK(shown.sources == Sources{{0}});
    CHECK(shown.is_partial);
    CHECK_FALSE(shown.needs_review);
    CHECK_FALSE(standing.under(Rule::keep_both).is_partial);
}

TEST_CASE("what was opened but is no item counts as unreadable", "[merge]") {
    Standing standing;
    standing.says(asha, set(text("readable"))).says(bela, set(text("broken")));
    std::vector<OpenedSibling> siblings = standing.siblings();
    siblings[1].item = siblings[1].item.first(3);
    const FieldView shown = view(field_of(Rule::latest), siblings);

    CHECK(shown.values == Values{text("readable")});
    CHECK(shown.is_partial);
}

TEST_CASE("a sealed sibling is not readable as it stands", "[merge]") {
    Said made = said(asha, 1, {set(text("open"))});
    made.change.operations.front().form = Form::sealed;
    const RecordState state = state_after({made});
    const auto siblings = opened_siblings(state);

    REQUIRE(siblings.size() == 1);
    CHECK_FALSE(siblings.front().is_readable);
    CHECK(siblings.front().item.empty());
}

}  // namespace godwit::test
