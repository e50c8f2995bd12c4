#include "shared/merge/record_state.h"

#include "tests/support/catch.h"
#include "tests/unit/merge/naive_model.h"
#include "tests/unit/merge/people.h"

namespace godwit::test {

namespace {

const FieldState& field_in(const RecordState& state) {
    return state.fields.at(any_field);
}

using Numbers = std::vector<std::uint32_t>;
using Dots = std::vector<Dot>;

}  // namespace

TEST_CASE("a value supersedes what its author had seen and nothing else", "[merge]") {
    RecordState state = state_after({said(asha, 1, {set(text("one"))})});

    SECTION("seen") {
        apply(state, said(bela, 1, {set(text("two"))}, seen({{asha.log, 1}})));
        CHECK(sibling_dots(state) == Dots{{bela.log, 1}});
    }
    SECTION("not seen") {
        apply(state, said(bela, 1, {set(text("two"))}));
        CHECK(sibling_dots(state) == Dots{{asha.log, 1}, {bela.log, 1}});
    }
    SECTION("in the author's own log, which nobody needs to name") {
        apply(state, said(asha, 2, {set(text("two"))}));
        CHECK(sibling_dots(state) == Dots{{asha.log, 2}});
    }
    SECTION("on another field") {
        apply(state, said(bela, 1, {set(text("two"), any_field + 1)}, seen({{asha.log, 1}})));
        CHECK(sibling_dots(state) == Dots{{asha.log, 1}});
        CHECK(sibling_dots(state, any_field + 1) == Dots{{bela.log, 1}});
    }
}

TEST_CASE("a sibling keeps who said it, as whom, when, and how it came", "[merge]") {
    Said made = said(dina, 4, {settle(array({text("one"), text("two")}))}, {}, 77);
    made.acceptance.mark = Mark::after_retirement;
    made.change.operations.front().form = Form::open;
    const RecordState state = state_after({made});

    REQUIRE(field_in(state).siblings.size() == 1);
    const Sibling& sibling = field_in(state).siblings.front();
    CHECK(sibling.dot == Dot{dina.log, 4});
    CHECK(sibling.author == dina.replica);
    CHECK(sibling.role == Role::supervisor);
    CHECK(sibling.kind == OperationKind::settle);
    CHECK(sibling.form == Form::open);
    CHECK(sibling.mark == Mark::after_retirement);
    CHECK(sibling.claimed == made.change.time);
    CHECK(sibling.effective == HybridTime{77, 0});
    CHECK(sibling.value == made.change.operations.front().value);
    CHECK(state.type == made.change.record_type);
    CHECK(state.team == made.change.team);
}

TEST_CASE("a value that arrives after it was superseded is not shown again", "[merge]") {
    RecordState state = state_after({said(bela, 1, {set(text("two"))}, seen({{asha.log, 1}}))});

    CHECK(apply(state, said(asha, 1, {set(text("one"))})).empty());
    CHECK(sibling_dots(state) == Dots{{bela.log, 1}});
}

TEST_CASE("a late value still supersedes what its author had seen, though another superseded it",
          "[merge]") {
    RecordState state = state_after({said(caro, 1, {set(text("three"))}, seen({{bela.log, 1}})),
                                     said(asha, 1, {set(text("one"))})});
    REQUIRE(sibling_dots(state).size() == 2);

    const Said late = said(bela, 1, {set(text("two"))}, seen({{asha.log, 1}}));
    CHECK(apply(state, late) == Numbers{any_field});
    CHECK(sibling_dots(state) == Dots{{caro.log, 1}});
}

TEST_CASE("a late change still counts on the fields nobody had overwritten", "[merge]") {
    RecordState state = state_after({said(bela, 1, {set(text("two"))}, seen({{asha.log, 1}}))});

    const Said late = said(asha, 1, {set(text("one")), set(text("kept"), any_field + 1)});
    CHECK(apply(state, late) == Numbers{any_field + 1});
    CHECK(sibling_dots(state) == Dots{{bela.log, 1}});
    CHECK(sibling_dots(state, any_field + 1) == Dots{{asha.log, 1}});
}

TEST_CASE("additions, notes, counts and kinds of a newer version supersede nothing", "[merge]") {
    const auto kind = GENERATE(OperationKind::add, OperationKind::append, OperationKind::increment,
                               static_cast<OperationKind>(99));
    Operation operation = add(integer(1));
    operation.kind = kind;
    const RecordState state = state_after({said(asha, 1, {operation}), said(asha, 2, {operation}),
                                           said(bela, 1, {operation}, seen({{asha.log, 2}}))});

    CHECK(sibling_dots(state) == Dots{{asha.log, 1}, {asha.log, 2}, {bela.log, 1}});
    CHECK(field_in(state).siblings.front().kind == kind);
}

TEST_CASE("a removal takes out the additions it names and leaves the others", "[merge]") {
    RecordState state =
        state_after({said(asha, 1, {add(text("one"))}), said(asha, 2, {add(text("two"))})});

    const Said removal = said(bela, 1, {take_out({{asha.log, 1}})}, seen({{asha.log, 2}}));
    CHECK(apply(state, removal) == Numbers{any_field});
    CHECK(sibling_dots(state) == Dots{{asha.log, 2}});
    CHECK(field_in(state).seen_early.empty());
}

TEST_CASE("an addition that arrives after its removal stays removed", "[merge]") {
    RecordState state = state_after({said(bela, 1, {take_out({{asha.log, 2}})})});
    CHECK(field_in(state).seen_early == Dots{{asha.log, 2}});

    apply(state, said(asha, 1, {add(text("one"))}));
    CHECK(field_in(state).seen_early == Dots{{asha.log, 2}});
    apply(state, said(asha, 2, {add(text("two"))}));

    CHECK(sibling_dots(state) == Dots{{asha.log, 1}});
    CHECK(field_in(state).seen_early.empty());
    CHECK(field_in(state).seen == seen({{asha.log, 2}, {bela.log, 1}}));
}

TEST_CASE("a removal of what was removed early already changes only what was seen", "[merge]") {
    RecordState state = state_after({said(bela, 1, {take_out({{asha.log, 2}})})});

    CHECK(apply(state, said(caro, 1, {take_out({{asha.log, 1}, {asha.log, 2}})})) ==
          Numbers{any_field});
    CHECK(field_in(state).seen_early == Dots{{asha.log, 1}, {asha.log, 2}});
}

TEST_CASE("replacing an element removes the old and adds the new in one change", "[merge]") {
    const auto is_removal_first = GENERATE(true, false);
    std::vector<Operation> operations{take_out({{asha.log, 1}}), add(text("new"))};
    if (!is_removal_first) std::swap(operations[0], operations[1]);
    const RecordState state =
        state_after({said(asha, 1, {add(text("old"))}), said(asha, 2, operations)});

    CHECK(sibling_dots(state) == Dots{{asha.log, 2}});
}

TEST_CASE("a change that removes its own addition has added nothing, applied once or twice",
          "[merge]") {
    const auto is_removal_first = GENERATE(true, false);
    std::vector<Operation> operations{take_out({{asha.log, 1}}), add(text("new"))};
    if (!is_removal_first) std::swap(operations[0], operations[1]);
    const Said made = said(asha, 1, operations);
    RecordState state = state_after({made});

    CHECK(sibling_dots(state).empty());
    CHECK(state == naive_state({made}));
    CHECK(apply(state, made).empty());
}

TEST_CASE("a change never supersedes itself, whatever its context claims", "[merge]") {
    Said made = said(asha, 3, {set(text("one"))}, seen({{asha.log, 9}}));
    made.change.cites = Citation{{bela.log, 1}, {}};
    RecordState state = state_after({made});

    CHECK(sibling_dots(state) == Dots{{asha.log, 3}});
    CHECK(field_in(state).seen == seen({{asha.log, 3}}));
    CHECK(apply(state, made).empty());
    CHECK(sibling_dots(state) == Dots{{asha.log, 3}});
}

TEST_CASE("a change issued again supersedes only what its context names", "[merge]") {
    Said adopted = said(dina, 2, {set(text("two"))}, seen({{asha.log, 1}}));
    adopted.change.cites = Citation{{bela.log, 1}, {}};
    const RecordState state = state_after(
        {said(asha, 1, {set(text("one"))}), said(dina, 1, {set(text("dina's"))}), adopted});

    CHECK(sibling_dots(state) == Dots{{dina.log, 1}, {dina.log, 2}});
}

TEST_CASE("applying says which fields changed, each once and ascending", "[merge]") {
    RecordState state;
    const Said made =
        said(asha, 1, {add(text("b"), 30), set(text("a"), 20), take_out({{bela.log, 5}}, 30)});

    CHECK(apply(state, made) == Numbers{20, 30});
    CHECK(apply(state, made).empty());
    CHECK(sibling_dots(state, 30) == Dots{{asha.log, 1}});
}

TEST_CASE("an erasure empties the record for good", "[merge]") {
    RecordState state = state_after({said(asha, 1, {set(text("one"))})});

    CHECK(apply(state, said(asha, 2, {erase()})) == Numbers{0});
    CHECK(state.is_erased);
    CHECK(state.fields.empty());
    CHECK(apply(state, said(bela, 1, {set(text("two"))})).empty());
    CHECK(apply(state, said(asha, 2, {erase()})).empty());
    CHECK(state.fields.empty());
}

TEST_CASE("a context claims the changes that were applied", "[merge]") {
    CHECK(RecordState{}.context().is_empty());
    const RecordState state =
        state_after({said(asha, 1, {set(text("one"))}), said(asha, 2, {add(text("two"), 20)}),
                     said(bela, 1, {set(text("three"))}, seen({{asha.log, 1}})),
                     said(caro, 1, {take_out({{asha.log, 2}}, 20)}, seen({{asha.log, 2}}))});

    CHECK(state.context() == seen({{asha.log, 2}, {bela.log, 1}, {caro.log, 1}}));
}

TEST_CASE("a context does not claim what was superseded before it arrived", "[merge]") {
    RecordState state = state_after({said(bela, 1, {set(text("two"))}, seen({{asha.log, 7}}))});
    CHECK(field_in(state).seen.covers(Dot{asha.log, 7}));
    REQUIRE(state.context() == seen({{bela.log, 1}}));

    // Caro edits another field on a server that was restored, before Asha's phone is back.
    apply(state, said(caro, 1, {set(text("caro's"), 20)}, state.context()));
    apply(state, said(asha, 7, {set(text("asha's"), 20)}));
    CHECK(sibling_dots(state, 20) == Dots{{asha.log, 7}, {caro.log, 1}});
}

TEST_CASE("merging keeps what both sides have and what the other has never seen", "[merge]") {
    const Said first = said(asha, 1, {set(text("one"))});
    const Said second = said(bela, 1, {set(text("two"))}, seen({{asha.log, 1}}));
    const Said third = said(caro, 1, {set(text("three"))});
    const RecordState left = state_after({first, third});
    const RecordState right = state_after({first, second});

    CHECK(sibling_dots(merge(left, right)) == Dots{{bela.log, 1}, {caro.log, 1}});
    CHECK(merge(left, right) == merge(right, left));
    CHECK(merge(left.fields.at(any_field), right.fields.at(any_field)) ==
          merge(left, right).fields.at(any_field));
}

TEST_CASE("merging drops an addition that the other side removed before it arrived", "[merge]") {
    const RecordState left = state_after({said(bela, 1, {take_out({{asha.log, 1}})})});
    const RecordState right = state_after({said(asha, 1, {add(text("one"))})});

    CHECK(sibling_dots(merge(left, right)).empty());
    CHECK(merge(left, right) == merge(right, left));
    CHECK(merge(left, right).fields.at(any_field).seen_early.empty());
}

TEST_CASE("merging a delta of one field leaves the others as they are", "[merge]") {
    RecordState state = state_after({said(asha, 1, {set(text("one")), set(text("two"), 20)})});
    const RecordState before = state;
    RecordState delta = state_after({said(asha, 1, {set(text("one")), set(text("two"), 20)}),
                                     said(bela, 1, {set(text("three"), 20)}, seen({{asha.log, 1}})),
                                     said(bela, 2, {set(text("four"), 30)})});
    delta.fields.erase(any_field);
    merge_into(state, std::move(delta));

    CHECK(state.fields.at(any_field) == before.fields.at(any_field));
    CHECK(sibling_dots(state, 20) == Dots{{bela.log, 1}});
    CHECK(sibling_dots(state, 30) == Dots{{bela.log, 2}});
}

TEST_CASE("an erased side erases the other", "[merge]") {
    const RecordState erased = state_after({said(asha, 1, {erase()})});
    const RecordState edited = state_after({said(bela, 1, {set(text("one"))})});

    CHECK(merge(erased, edited) == erased);
    CHECK(merge(edited, erased) == erased);
}

TEST_CASE("of two siblings under one dot the same one stays, whichever side merges", "[merge]") {
    const RecordState left = state_after({said(asha, 1, {set(text("one"))})});
    const RecordState right = state_after({said(asha, 1, {set(text("two"))})});

    CHECK(merge(left, right) == left);
    CHECK(merge(right, left) == left);
}

TEST_CASE("states are equal only if all they hold is", "[merge]") {
    const RecordState state = state_after(
        {said(asha, 1, {set(text("one"))}), said(bela, 1, {take_out({{caro.log, 1}})})});
    RecordState other = state;
    REQUIRE(other == state);
    FieldState& field = other.fields.at(any_field);
    Sibling& sibling = field.siblings.front();
    SECTION("type") {
        other.type += 1;
    }
    SECTION("team") {
        other.team.bytes.fill(1);
    }
    SECTION("erasure") {
        other.is_erased = true;
    }
    SECTION("fields") {
        other.fields.clear();
    }
    SECTION("seen") {
        field.seen.add({caro.log, 1});
    }
    SECTION("seen early") {
        field.seen_early.clear();
    }
    SECTION("siblings") {
        field.siblings.clear();
    }
    SECTION("dot") {
        sibling.dot.sequence = 2;
    }
    SECTION("author") {
        sibling.author = bela.replica;
    }
    SECTION("role") {
        sibling.role = Role::supervisor;
    }
    SECTION("kind") {
        sibling.kind = OperationKind::settle;
    }
    SECTION("form") {
        sibling.form = Form::sealed;
    }
    SECTION("mark") {
        sibling.mark = Mark::after_retirement;
    }
    SECTION("claimed time") {
        sibling.claimed.tick += 1;
    }
    SECTION("effective time") {
        sibling.effective.wall_ms += 1;
    }
    SECTION("value") {
        sibling.value = text("two");
    }
    CHECK_FALSE(other == state);
    CHECK(encode_state(other) != encode_state(state));
}

TEST_CASE("an empty state is neutral", "[merge]") {
    const RecordState state = state_after({said(asha, 1, {set(text("one"))})});

    CHECK(merge(state, RecordState{}) == state);
    CHECK(merge(RecordState{}, state) == state);
}

}  // namespace godwit::test
