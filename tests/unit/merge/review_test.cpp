#include "shared/model/common_fields.h"
#include "tests/support/catch.h"
#include "tests/unit/merge/people.h"

namespace godwit::test {

namespace {

const FieldSpec& review_field() {
    return *record_type("testimony")->field(common_field::review);
}

Bytes null_item() {
    Bytes out;
    cbor::Encoder(out).null();
    return out;
}

Bytes state_item(std::string_view state) {
    return array({text(state), null_item()});
}

Bytes approval_of(const Context& context) {
    Bytes item;
    cbor::Encoder out(item);
    encode(out, context);
    return array({text("approved"), item});
}

Operation step(Bytes item) {
    return set(std::move(item), common_field::review);
}

/// A record Asha finished and Dina approved.
struct Approved {
    RecordState state = state_after({said(asha, 1, {set(text("one")), add(text("wages"), 20)})});

    Approved() {
        apply(state, said(dina, 1, {step(approval_of(state.context()))}, state.context()));
    }

    [[nodiscard]] ReviewView read() const { return review_view(state, review_field()); }
};

}  // namespace

TEST_CASE("a record without a review has no state and wants none", "[merge]") {
    const ReviewView read =
        review_view(state_after({said(asha, 1, {set(text("one"))})}), review_field());
    CHECK(read.state.empty());
    CHECK_FALSE(read.is_amended);
    CHECK_FALSE(read.needs_review);
}

TEST_CASE("a review is read as it was set", "[merge]") {
    const auto name =
        GENERATE(as<std::string>(), "draft", "submitted", "in_review", "returned", "withdrawn");
    const ReviewView read =
        review_view(state_after({said(asha, 1, {step(state_item(name))})}), review_field());
    CHECK(read.state == name);
    CHECK_FALSE(read.is_amended);
    CHECK_FALSE(read.needs_review);
}

TEST_CASE("an approval stands as long as it covers the record", "[merge]") {
    const Approved record;
    CHECK(record.read().state == "approved");
    CHECK_FALSE(record.read().is_amended);
    CHECK_FALSE(record.read().needs_review);
}

TEST_CASE("an approval is reopened by whatever its supervisor had not seen", "[merge]") {
    Approved record;
    SECTION("a value") {
        apply(record.state, said(bela, 1, {set(text("late"))}));
    }
    SECTION("an addition") {
        apply(record.state, said(asha, 2, {add(text("late"), 20)}));
    }
    SECTION("a removal") {
        apply(record.state, said(bela, 1, {take_out({{asha.log, 1}}, 20)}, seen({{asha.log, 1}})));
    }
    SECTION("another owner") {
        apply(record.state, said(dina, 2, {set(text("bela"), common_field::owner)}));
    }
    CHECK(record.read().state == "reopened");
    CHECK(record.read().is_amended);
    CHECK(record.read().needs_review);
}

TEST_CASE("an approval is not reopened by the review itself, its notes or archiving", "[merge]") {
    Approved record;
    apply(record.state, said(dina, 2, {note(text("well done"), common_field::review_notes)}));
    apply(record.state, said(dina, 3, {set(boolean(true), common_field::archived)}));
    CHECK(record.read().state == "approved");
}

TEST_CASE("an approval is reopened by a change that had been superseded before it arrived",
          "[merge]") {
    RecordState state = state_after({said(bela, 1, {set(text("two"))}, seen({{asha.log, 1}}))});
    apply(state, said(dina, 1, {step(approval_of(state.context()))}, state.context()));
    REQUIRE(review_view(state, review_field()).state == "approved");

    apply(state, said(asha, 1, {set(text("one")), set(text("new to all"), 20)}));
    CHECK(review_view(state, review_field()).state == "reopened");
}

TEST_CASE("an approval that names nothing, or nothing readable, approves nothing", "[merge]") {
    const Bytes item = GENERATE(state_item("approved"), array({text("approved")}),
                                array({text("approved"), array({text("not a context")})}));
    const RecordState state = state_after(
        {said(asha, 1, {set(text("one"))}), said(dina, 1, {step(item)}, seen({{asha.log, 1}}))});
    CHECK(review_view(state, review_field()).state == "reopened");
}

TEST_CASE("of two approvals one must cover the record alone", "[merge]") {
    const Person emin = person('e', Role::supervisor);
    const Said one = said(asha, 1, {set(text("one"))});
    const Said two = said(bela, 1, {set(text("two"), 20)});
    const bool is_whole = GENERATE(true, false);
    const Context of_both = seen({{asha.log, 1}, {bela.log, 1}});
    const RecordState state = state_after(
        {one, two, said(dina, 1, {step(approval_of(seen({{asha.log, 1}})))}),
         said(emin, 1, {step(approval_of(is_whole ? of_both : seen({{bela.log, 1}})))})});

    CHECK(review_view(state, review_field()).state == (is_whole ? "approved" : "reopened"));
}

TEST_CASE("a settlement of the review approves nothing by itself", "[merge]") {
    const auto [settled, shown] = GENERATE(table<Bytes, std::string>(
        {{array({approval_of({})}), "reopened"},
         {array({approval_of({}), state_item("returned")}), "returned"}}));
    const RecordState state = state_after({said(dina, 1, {settle(settled, common_field::review)})});
    CHECK(review_view(state, review_field()).state == shown);
}

TEST_CASE("an approval beside a return reads returned and wants review", "[merge]") {
    Approved record;
    apply(record.state, said(person('e', Role::supervisor), 1, {step(state_item("returned"))}));
    CHECK(record.read().state == "returned");
    CHECK_FALSE(record.read().is_amended);
    CHECK(record.read().needs_review);
}

TEST_CASE("a review that holds no state, or is sealed, is not read as one", "[merge]") {
    Said made = said(dina, 1, {step(GENERATE(text("approved"), array({}), integer(1)))});
    SECTION("no state") {
        CHECK(review_view(state_after({made}), review_field()).state.empty());
    }
    SECTION("sealed") {
        made.change.operations.front().form = Form::sealed;
        CHECK(review_view(state_after({made}), review_field()).state.empty());
    }
}

TEST_CASE("a step is taken by whom its transition names and by nobody else", "[merge]") {
    const FieldSpec& review = review_field();

    CHECK(may_step(review, "", "submitted", Role::worker, false));
    CHECK_FALSE(may_step(review, "", "approved", Role::supervisor, false));
    CHECK(may_step(review, "submitted", "approved", Role::supervisor, false));
    CHECK(may_step(review, "reopened", "approved", Role::supervisor, false));
    CHECK_FALSE(may_step(review, "submitted", "approved", Role::worker, true));
    CHECK_FALSE(may_step(review, "submitted", "approved", Role::advocate, false));
    CHECK(may_step(review, "submitted", "withdrawn", Role::worker, true));
    CHECK_FALSE(may_step(review, "submitted", "withdrawn", Role::worker, false));
    CHECK_FALSE(may_step(review, "submitted", "no such state", Role::supervisor, true));
}

}  // namespace godwit::test
