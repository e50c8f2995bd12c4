#include "field-client/replica/iso_time.h"
#include "tests/support/catch.h"

namespace godwit {

TEST_CASE("moments are written in UTC and read back", "[replica]") {
    CHECK(format_moment(0) == "1970-01-01T00:00:00.000Z");
    CHECK(format_moment(-1) == "1969-12-31T23:59:59.999Z");
    CHECK(format_moment(951'782'400'000) == "2000-02-29T00:00:00.000Z");
    CHECK(format_moment(4'102'444'799'123) == "2099-12-31T23:59:59.123Z");
    const std::int64_t instant =
        GENERATE(0, -1, 951'782'400'000, 1'800'000'000'001, 4'102'444'799'123, -2'208'988'800'000);
    CHECK(parse_moment(format_moment(instant)) == instant);
}

TEST_CASE("a moment says its zone", "[replica]") {
    CHECK(parse_moment("2026-11-21T14:30Z") == parse_moment("2026-11-21T14:30:00.000Z"));
    CHECK(parse_moment("2026-11-21T20:15+05:45") == parse_moment("2026-11-21T14:30Z"));
    CHECK(parse_moment("2026-11-21 09:30:00.5-05:00") == parse_moment("2026-11-21T14:30:00.500Z"));
}

TEST_CASE("what is no moment is refused", "[replica]") {
    const char* text =
        GENERATE("2026-11-21T14:30", "2026-11-21", "2026-02-30T00:00Z", "2026-13-01T00:00Z",
                 "2026-11-21T24:00Z", "2026-11-21T10:60Z", "2026-11-21T10:10:60Z",
                 "2026-11-21T10:10:10.Z", "2026-11-21T10:10:10.1234Z", "2026-11-21T10:10Zx",
                 "2026-11-21T10:10+15:00", "1899-12-31T00:00Z", "", "yesterday");
    CAPTURE(text);
    CHECK_FALSE(parse_moment(text));
}

}  // namespace godwit
