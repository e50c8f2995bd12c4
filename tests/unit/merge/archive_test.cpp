#include "shared/model/common_fields.h"
#include "tests/support/catch.h"
#include "tests/unit/merge/people.h"

namespace godwit::test {

namespace {

bool hides(const RecordState& state) {
    return hides_unseen(state, *record_type("visit")->field(common_field::archived));
}

Said puts_away(const Person& by, Sequence sequence, const Context& context, bool is_away = true) {
    return said(by, sequence, {set(boolean(is_away), common_field::archived)}, context);
}

/// Asha's record, and what somebody has seen who read it.
struct Shared {
    Said first = said(asha, 1, {set(text("one"))});
    Context first_seen = seen({first.dot()});
};

}  // namespace

TEST_CASE("a record that nobody archived hides nothing", "[merge]") {
    const Said first = Shared().first;
    CHECK_FALSE(hides(state_after({first})));
}

TEST_CASE("archiving what was read hides nothing", "[merge]") {
    const auto [first, first_seen] = Shared();
    CHECK_FALSE(hides(state_after({first, puts_away(bela, 1, first_seen)})));
}

TEST_CASE("archiving hides an edit that neither had heard of the other", "[merge]") {
    const auto [first, first_seen] = Shared();
    const Said away = puts_away(bela, 1, first_seen);
    const Said edit = said(asha, 2, {set(text("two"))}, first_seen);
    CHECK(hides(state_after({first, away, edit})));
    CHECK(hides(state_after({first, edit, away})));
}

TEST_CASE("an edit by somebody who had heard of the archiving is not hidden", "[merge]") {
    const auto [first, first_seen] = Shared();
    const Said away = puts_away(bela, 1, first_seen);
    const Said edit = said(asha, 2, {set(text("two"))}, seen({first.dot(), away.dot()}));
    CHECK_FALSE(hides(state_after({first, away, edit})));
}

TEST_CASE("an element added apart from the archiving is hidden", "[merge]") {
    const auto [first, first_seen] = Shared();
    const Said away = puts_away(bela, 1, first_seen);
    CHECK(hides(state_after({first, away, said(caro, 1, {note(text("more"), 50)})})));
}

TEST_CASE("archiving once more, or taking it back, settles what was hidden", "[merge]") {
    const auto [first, first_seen] = Shared();
    const Said away = puts_away(bela, 1, first_seen);
    const Said edit = said(asha, 2, {set(text("two"))}, first_seen);
    RecordState state = state_after({first, away, edit});
    const bool is_away = GENERATE(true, false);
    apply(state, puts_away(dina, 1, state.context(), is_away));
    CHECK_FALSE(hides(state));
}

TEST_CASE("of two who archived apart it is enough that one had read everything", "[merge]") {
    const auto [first, first_seen] = Shared();
    const Said edit = said(asha, 2, {set(text("two"))}, first_seen);
    const RecordState state = state_after({first, edit, puts_away(bela, 1, first_seen),
                                           puts_away(caro, 1, seen({first.dot(), edit.dot()}))});
    CHECK_FALSE(hides(state));
}

TEST_CASE("steps of a review are not hidden by archiving", "[merge]") {
    const auto [first, first_seen] = Shared();
    const Said away = puts_away(bela, 1, first_seen);
    const Said step = said(dina, 1,
                           {set(array({text("in_review")}), common_field::review),
                            note(text("so"), common_field::review_notes)},
                           first_seen);
    CHECK_FALSE(hides(state_after({first, away, step})));
}

TEST_CASE("an archiving that cannot be read hides nothing", "[merge]") {
    const auto [first, first_seen] = Shared();
    const Said odd = said(bela, 1, {set({0xff}, common_field::archived)}, first_seen);
    const Said edit = said(asha, 2, {set(text("two"))}, first_seen);
    CHECK_FALSE(hides(state_after({first, odd, edit})));
}

}  // namespace godwit::test
