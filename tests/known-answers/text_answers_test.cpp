#include "tests/known-answers/notation.h"
#include "tests/support/catch.h"

using namespace godwit;
using namespace godwit::known_answers;

namespace {

std::string string_of(const nlohmann::ordered_json& text) {
    return text.get<std::string>();
}

}  // namespace

TEST_CASE("bytes are written as text and read back as the answers say", "[answers]") {
    const auto answers = load("text.json");
    for (const auto& row : answers.at("hex").at("accepted")) {
        INFO(row.dump());
        const Bytes bytes = bytes_of_hex(row.at("bytes"));
        CHECK(format_hex(bytes) == string_of(row.at("text")));
        CHECK(parse_hex(string_of(row.at("text"))) == bytes);
    }
    for (const auto& row : answers.at("base64url").at("accepted")) {
        INFO(row.dump());
        const Bytes bytes = bytes_of_hex(row.at("bytes"));
        CHECK(format_base64url(bytes) == string_of(row.at("text")));
        CHECK(parse_base64url(string_of(row.at("text"))) == bytes);
    }
}

TEST_CASE("text that stands for no bytes is refused as the answers say", "[answers]") {
    const auto answers = load("text.json");
    for (const auto& text : answers.at("hex").at("refused")) {
        INFO(text.dump());
        CHECK_FALSE(parse_hex(string_of(text)));
    }
    for (const auto& text : answers.at("base64url").at("refused")) {
        INFO(text.dump());
        CHECK_FALSE(parse_base64url(string_of(text)));
    }
}

TEST_CASE("bytes are UTF-8 or not, as the answers say", "[answers]") {
    const auto answers = load("text.json");
    for (const auto& hex : answers.at("utf8").at("accepted")) {
        INFO(hex.dump());
        CHECK(is_utf8(text_of(bytes_of_hex(hex))));
    }
    for (const auto& hex : answers.at("utf8").at("refused")) {
        INFO(hex.dump());
        CHECK_FALSE(is_utf8(text_of(bytes_of_hex(hex))));
    }
}
