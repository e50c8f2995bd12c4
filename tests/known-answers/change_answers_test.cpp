#include "shared/base/sha256.h"
#include "tests/known-answers/notation.h"
#include "tests/support/catch.h"

using namespace godwit;
using namespace godwit::known_answers;

TEST_CASE("every change has the body and the digest the answers say", "[answers]") {
    const auto answers = load("change.json");
    REQUIRE(answers.at("accepted").size() >= 10);
    for (const auto& row : answers.at("accepted")) {
        INFO(row.at("name"));
        const Change change = change_of(row.at("change"));
        const Bytes body = bytes_of_hex(row.at("body"));
        CHECK(check_change(change));
        CHECK(format_hex(encode_change(change)) == format_hex(body));
        CHECK(format_hex(sha256({body})) == row.at("digest").get<std::string>());

        const auto decoded = decode_change(body);
        REQUIRE(decoded);
        CHECK(bool(*decoded == change));
    }
}

TEST_CASE("every body that is no change is refused as the answers say", "[answers]") {
    const auto answers = load("change.json");
    REQUIRE(answers.at("refused").size() >= 30);
    for (const auto& row : answers.at("refused")) {
        INFO(row.at("name"));
        const auto decoded = decode_change(bytes_of_hex(row.at("body")));
        REQUIRE_FALSE(decoded);
        CHECK(facts(decoded.error().code).key == row.at("code").get<std::string>());
    }
}
