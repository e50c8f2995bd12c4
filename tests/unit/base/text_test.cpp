#include "shared/base/text.h"

#include <string>

#include "tests/support/catch.h"

using namespace godwit;

TEST_CASE("hexadecimal is lower-case and comes back as it went", "[base]") {
    const Bytes bytes{0x00, 0x01, 0x7f, 0x80, 0xab, 0xff};
    CHECK(format_hex(bytes) == "00017f80abff");
    CHECK(parse_hex("00017f80abff") == bytes);
    CHECK(parse_hex("") == Bytes{});
}

TEST_CASE("hexadecimal written in any other way is refused", "[base]") {
    const std::string text = GENERATE("0", "001", "0G", "AB", "aB", "0x00", " 00", "00 ", "0\n");
    INFO(text);
    CHECK_FALSE(parse_hex(text));
}

// Vectors: RFC 4648 §10, without the padding that §5 makes optional and Godwit leaves out.
TEST_CASE("base64url gives the texts the standard prints", "[base]") {
    struct Row {
        std::string bytes;
        std::string text;
    };
    const Row row = GENERATE(values<Row>({{"", ""},
                                          {"f", "Zg"},
                                          {"fo", "Zm8"},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg"},
                                          {"fooba", "Zm9vYmE"},
                                          {"foobar", "Zm9vYmFy"},
                                          {"\xfb\xff\xbf", "-_-_"}}));
    CHECK(format_base64url(bytes_of(row.bytes)) == row.text);
    CHECK(parse_base64url(row.text) == copy_of(bytes_of(row.bytes)));
}

TEST_CASE("base64url comes back whole at every length", "[base]") {
    Bytes bytes;
    for (int length = 0; length < 70; ++length) {
        const std::string text = format_base64url(bytes);
        CHECK(text.size() == (bytes.size() * 4 + 2) / 3);
        CHECK(parse_base64url(text) == bytes);
        bytes.push_back(static_cast<std::uint8_t>(251 * length + 17));
    }
}

TEST_CASE("base64url written in any other way is refused", "[base]") {
    // One digit too few or too many, padding, the other alphabet, space, and bits that mean
    // nothing.
    const std::string text = GENERATE("Z", "Zm9vY", "Zg==", "+/+/", "Zm 9v", "Zm9v\n", "Zh", "Zm9");
    INFO(text);
    CHECK_FALSE(parse_base64url(text));
}

TEST_CASE("an id is read back from its text and from nothing else", "[base]") {
    const std::string text = "000102030405060708090a0b0c0d0e0f";
    const auto id = parse_id<RecordId>(text);
    REQUIRE(id);
    CHECK(to_text(*id) == text);

    CHECK_FALSE(parse_id<RecordId>(text.substr(2)));
    CHECK_FALSE(parse_id<RecordId>(text + "10"));
    CHECK_FALSE(parse_id<RecordId>("000102030405060708090A0B0C0D0E0F"));
}

TEST_CASE("UTF-8 in the scripts our users write is well-formed", "[base]") {
    const std::string text = GENERATE("", "ascii", "é", "العربية", "اردو", "বাংলা", "नेपाली");
    const std::string other = GENERATE("සිංහල", "தமிழ்", "አማርኛ", "မြန်မာ", "😀");
    CHECK(is_utf8(text + other));
}

TEST_CASE("the least and greatest characters of each length are well-formed", "[base]") {
    CHECK(is_utf8("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"));
    CHECK(is_utf8("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
}

TEST_CASE("bytes that are no well-formed UTF-8 are found out", "[base]") {
    const std::string text = GENERATE(
        "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x7f", "\xc2\xc0",  // two bytes
        "\xe0\x9f\xbf", "\xe0\xa0", "\xe1\x80", "\xe1\x80\x7f",
        "\xed\xa0\x80",  // three; surrogates
        "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf1\x80\x80\xc0",  // four
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe", "\xff");
    CHECK_FALSE(is_utf8(text));
    CHECK_FALSE(is_utf8("before " + text));
    CHECK_FALSE(is_utf8(text + " after"));
}
