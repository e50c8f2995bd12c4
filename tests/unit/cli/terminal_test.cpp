#include "field-client/cli/terminal.h"

#include <clocale>
#include <cstdlib>
#include <ctime>

#include "tests/support/catch.h"

namespace godwit {

TEST_CASE("words stand isolated on a terminal and as they are in a pipe", "[cli]") {
    CHECK(shown_text("مرحبا", true) == "\u2068مرحبا\u2069");
    CHECK(shown_text("مرحبا", false) == "مرحبا");
    CHECK(shown_text("a\nb", true, true) == "\u2068a\u2069\n\u2068b\u2069");
    CHECK(shown_text("a\nb", true) == "\u2068a b\u2069");
}

TEST_CASE("words cannot steer a terminal nor reach beyond their isolate", "[cli]") {
    CHECK(shown_text("a\x1b[31mb", false).find('\x1b') == std::string::npos);
    CHECK(shown_text("a\xc2\x9b"
                     "b",
                     false)
              .find("\xc2\x9b") == std::string::npos);
    CHECK(shown_text("a\u202eb\u2069c", true) == "\u2068abc\u2069");
    CHECK(shown_text("a\xff", false) == "a\uFFFD");
}

TEST_CASE("columns are counted as a terminal shows them", "[cli]") {
    std::setlocale(LC_CTYPE, "C.UTF-8");
    CHECK(columns_of("abc") == 3);
    CHECK(columns_of("\u2068abc\u2069") == 3);
    CHECK(columns_of("e\u0301") == 1);
    CHECK(columns_of("日本") == 4);
}

TEST_CASE("moments are shown in local time, anything else as it is", "[cli]") {
    ::setenv("TZ", "Asia/Kathmandu", 1);
    ::tzset();
    CHECK(local_time("2026-11-21T19:20:36.123Z") == "2026-11-22 01:05");
    CHECK(local_time("2026-11-21") == "2026-11-21");
    CHECK(local_time("No moment at all") == "No moment at all");
    ::unsetenv("TZ");
    ::tzset();
}

}  // namespace godwit
