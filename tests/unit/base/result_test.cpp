#include "shared/base/result.h"

#include <memory>
#include <string>

#include "tests/support/catch.h"

using namespace godwit;

namespace {

Result<int> half_of(int number) {
    if (number % 2 != 0) return Error{ErrorCode::wrong_value, "an odd number"};
    return number / 2;
}

Result<int> quarter_of(int number, int& calls) {
    const int half = TRY(half_of(number));
    ++calls;
    return TRY(half_of(half));
}

Result<void> require_even(int number) {
    static_cast<void>(TRY(half_of(number)));
    return ok();
}

Result<std::string> text_if_even(int number) {
    TRY(require_even(number));
    return std::string("even");
}

Result<std::unique_ptr<int>> boxed(int number) {
    return std::make_unique<int>(number);
}

Result<int> unboxed(int number) {
    const std::unique_ptr<int> box = TRY(boxed(number));
    return *box;
}

}  // namespace

TEST_CASE("TRY yields the value of a success and goes on", "[base]") {
    int calls = 0;
    const auto outcome = quarter_of(12, calls);
    REQUIRE(outcome);
    CHECK(*outcome == 3);
    CHECK(calls == 1);
    CHECK(*text_if_even(4) == "even");
}

TEST_CASE("TRY returns the error of a failure and does nothing after it", "[base]") {
    int calls = 0;
    const auto outcome = quarter_of(3, calls);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::wrong_value);
    CHECK(outcome.error().detail == "an odd number");
    CHECK(calls == 0);

    CHECK_FALSE(text_if_even(5));
}

TEST_CASE("a value that can only be moved passes through TRY", "[base]") {
    CHECK(*unboxed(7) == 7);
}

TEST_CASE("a result made from a code has that code and no detail", "[base]") {
    const Result<int> outcome = ErrorCode::unknown_record;
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::unknown_record);
    CHECK(outcome.error().detail.empty());

    const Result<void> nothing = ErrorCode::not_permitted;
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().kind() == ErrorKind::refused);
    CHECK(ok());
}
