#include "tests/known-answers/notation.h"
#include "tests/support/catch.h"
#include "tests/unit/change/rewritten.h"

using namespace godwit;
using namespace godwit::known_answers;

// RFC 8949, Appendix A, whole: 36 examples lie in the profile, 45 outside.
TEST_CASE("every CBOR item of the profile is written and read as the answers say", "[answers]") {
    const auto answers = load("cbor.json");
    std::size_t rows = 0;
    for (const char* group : {"rfc_8949_appendix_a", "profile"}) {
        for (const auto& row : answers.at(group).at("accepted")) {
            INFO(row.dump());
            const Bytes bytes = bytes_of_hex(row.at("hex"));
            CHECK(format_hex(item_of(row.at("item"))) == format_hex(bytes));

            REQUIRE(cbor::check(bytes));
            cbor::Decoder in(bytes);
            const auto item = read_item(in);
            REQUIRE(item);
            CHECK(*item == row.at("item"));
            CHECK(in.finish());
            const auto again = samples::rewritten(bytes);
            REQUIRE(again);
            CHECK(*again == bytes);
            ++rows;
        }
    }
    CHECK(answers.at("rfc_8949_appendix_a").at("accepted").size() == 36);
    CHECK(rows > 36);
}

TEST_CASE("every CBOR item outside the profile is refused as the answers say", "[answers]") {
    const auto answers = load("cbor.json");
    for (const char* group : {"rfc_8949_appendix_a", "profile"}) {
        for (const auto& row : answers.at(group).at("refused")) {
            INFO(row.dump());
            const auto checked = cbor::check(bytes_of_hex(row.at("hex")));
            REQUIRE_FALSE(checked);
            CHECK(facts(checked.error().code).key == row.at("code").get<std::string>());
        }
    }
    CHECK(answers.at("rfc_8949_appendix_a").at("refused").size() == 45);
}
