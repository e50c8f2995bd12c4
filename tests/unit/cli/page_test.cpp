#include "field-client/cli/page.h"

#include <clocale>

#include "tests/support/catch.h"

namespace godwit {

TEST_CASE("a table's columns stand in line in every script", "[cli]") {
    std::setlocale(LC_CTYPE, "C.UTF-8");
    Page page(false);
    page.table({"name", "n"}, {{"Asha", "1"}, {"日本", "22"}});
    CHECK(page.text() == "name  n\nAsha  1\n日本  22\n");
}

TEST_CASE("ids are shown by the names the roster gives them", "[cli]") {
    Page page(false);
    page.learn_names({{"teams", {{{"team", "aa"}, {"name", "North"}}}},
                      {"members", {{{"member", "bb"}, {"name", "Bela"}}}},
                      {"replicas", {{{"replica", "cc"}, {"member", "bb"}}}}});
    CHECK(page.name("aa") == "North");
    CHECK(page.name("cc") == "Bela");
    CHECK(page.name("0123456789abcdef") == "01234567");
}

TEST_CASE("values are shown for reading", "[cli]") {
    const Page page(false);
    CHECK(page.value(nullptr) == "–");
    CHECK(page.value(true) == "yes");
    CHECK(page.value(12) == "12");
    CHECK(page.value(Json::array({"a", "b"})) == "a, b");
    CHECK(page.value({{"text", "x"}}) == "text x");
}

}  // namespace godwit
