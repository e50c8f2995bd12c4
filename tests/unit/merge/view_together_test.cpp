#include "tests/support/catch.h"
#include "tests/unit/merge/people.h"

namespace godwit::test {

namespace {

constexpr std::uint32_t amount = 20;
constexpr std::uint32_t currency = 21;

using Values = std::vector<Bytes>;
using Sources = std::vector<std::vector<std::size_t>>;

struct Wage {
    RecordState state;
    FieldSpec amount_field = field_of(Rule::keep_both, ValueType::money);
    FieldSpec currency_field = field_of(Rule::keep_both, ValueType::code);

    explicit Wage(Rule rule, std::span<const std::string_view> ordered = {}) {
        amount_field.number = amount;
        currency_field.number = currency;
        amount_field.rule = currency_field.rule = rule;
        amount_field.order = ordered;
    }

    Wage& says(const Person& by, std::string_view much, std::string_view of, std::int64_t at_ms) {
        apply(state, said(by, 1, {set(text(much), amount), set(text(of), currency)}, {}, at_ms));
        return *this;
    }

    [[nodiscard]] std::vector<FieldView> view() const {
        return view_together({&amount_field, &currency_field},
                             {opened_siblings(state, amount), opened_siblings(state, currency)});
    }
};

Bytes nothing() {
    Bytes out;
    cbor::Encoder(out).null();
    return out;
}

}  // namespace

TEST_CASE("fields that stand together show the values of the same change", "[merge]") {
    const auto views =
        Wage(Rule::latest).says(bela, "500", "QAR", 20).says(asha, "900", "USD", 10).view();

    REQUIRE(views.size() == 2);
    CHECK(views[0].values == Values{text("500")});
    CHECK(views[1].values == Values{text("QAR")});
    CHECK(views[1].sources == Sources{{1}});
    CHECK_FALSE(views[0].needs_review);
}

TEST_CASE("fields that stand together conflict together, though one of them agrees", "[merge]") {
    const auto views =
        Wage(Rule::keep_both).says(asha, "500", "USD", 10).says(bela, "500", "QAR", 20).view();

    CHECK(views[0].values == Values{text("500"), text("500")});
    CHECK(views[1].values == Values{text("QAR"), text("USD")});
    CHECK(views[0].sources == Sources{{1}, {0}});
    CHECK(views[0].needs_review);
    CHECK(views[1].needs_review);
}

TEST_CASE("fields that stand together want no review when all of them agree", "[merge]") {
    const auto views =
        Wage(Rule::keep_both).says(asha, "500", "USD", 10).says(bela, "500", "USD", 20).view();

    CHECK(views[0].values == Values{text("500")});
    CHECK(views[1].sources == Sources{{0, 1}});
    CHECK_FALSE(views[0].needs_review);
}

TEST_CASE("what a supervisor lets stand on a group stands side by side on each field", "[merge]") {
    Wage wage(Rule::keep_both);
    apply(wage.state, said(dina, 1,
                           {settle(array({text("500"), text("900")}), amount),
                            settle(array({text("USD"), text("QAR")}), currency)}));
    const auto views = wage.view();

    CHECK(views[0].values == Values{text("500"), text("900")});
    CHECK(views[1].values == Values{text("USD"), text("QAR")});
    CHECK_FALSE(views[0].needs_review);
}

TEST_CASE("a field of a group that a shown change said nothing of shows null in its place",
          "[merge]") {
    Wage wage(Rule::keep_both);
    wage.says(asha, "500", "USD", 10);
    apply(wage.state, said(bela, 1, {set(text("900"), amount)}, {}, 20));
    const auto views = wage.view();

    CHECK(views[0].values == Values{text("900"), text("500")});
    CHECK(views[1].values == Values{nothing(), text("USD")});
    CHECK(views[1].sources == Sources{{}, {0}});
}

TEST_CASE("a field of a group that no shown change said anything of shows nothing", "[merge]") {
    Wage wage(Rule::latest);
    apply(wage.state, said(bela, 1, {set(text("900"), amount)}));
    const auto views = wage.view();

    CHECK(views[0].values == Values{text("900")});
    CHECK(views[1].values.empty());
    CHECK(views[1].sources.empty());
}

TEST_CASE("a group resolves by its first field's rule and order", "[merge]") {
    static constexpr std::array<std::string_view, 2> order{"some", "much"};
    auto views = Wage(Rule::most_restrictive, order)
                     .says(asha, "much", "USD", 10)
                     .says(bela, "some", "QAR", 20)
                     .view();

    CHECK(views[0].values == Values{text("much")});
    CHECK(views[1].values == Values{text("USD")});

    // Said on the second field alone, a value has no place in the first one's order.
    Wage wage(Rule::most_restrictive, order);
    wage.says(asha, "much", "USD", 10);
    apply(wage.state, said(bela, 1, {set(text("QAR"), currency)}, {}, 20));
    views = wage.view();
    CHECK(views[0].values.empty());
    CHECK(views[1].values == Values{text("QAR")});
}

TEST_CASE("a group of elements shows each combination once", "[merge]") {
    const auto rule = GENERATE(Rule::union_, Rule::sum);
    const auto views = Wage(rule)
                           .says(asha, "500", "USD", 10)
                           .says(bela, "500", "QAR", 20)
                           .says(caro, "500", "USD", 30)
                           .view();

    CHECK(views[0].values == Values{text("500"), text("500")});
    CHECK(views[1].values == Values{text("QAR"), text("USD")});
    CHECK(views[1].sources == Sources{{1}, {0, 2}});
}

TEST_CASE("a change of which one value cannot be read is left out of the whole group", "[merge]") {
    Wage wage(Rule::keep_both);
    wage.says(asha, "500", "USD", 10).says(bela, "900", "QAR", 20);
    wage.state.fields.at(currency).siblings[1].form = Form::sealed;
    const auto views = wage.view();

    CHECK(views[0].values == Values{text("500")});
    CHECK(views[1].values == Values{text("USD")});
    CHECK(views[0].is_partial);
    CHECK_FALSE(views[0].needs_review);
}

TEST_CASE("a group nobody has said anything of shows nothing", "[merge]") {
    const auto views = Wage(Rule::keep_both).view();

    CHECK(views[0].values.empty());
    CHECK(views[1].values.empty());
    CHECK_FALSE(views[0].is_partial);
}

}  // namespace godwit::test
