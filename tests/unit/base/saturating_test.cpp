#include "shared/base/saturating.h"

#include "tests/support/catch.h"

namespace godwit {

TEST_CASE("sums and differences stop at what 64 bits can say", "[base]") {
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    CHECK(saturating_sum(-3, 5) == 2);
    CHECK(saturating_sum(most, 0) == most);
    CHECK(saturating_sum(most, 1) == most);
    CHECK(saturating_sum(1, most) == most);
    CHECK(saturating_sum(least, -1) == least);
    CHECK(saturating_sum(least, most) == -1);
    CHECK(saturating_difference(3, 5) == -2);
    CHECK(saturating_difference(least, 1) == least);
    CHECK(saturating_difference(most, -1) == most);
    CHECK(saturating_difference(0, least) == most);
    CHECK(saturating_difference(-1, least) == most);
    CHECK(saturating_difference(least, least) == 0);
}

}  // namespace godwit
