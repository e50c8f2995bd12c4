#include "shared/change/cbor.h"

#include <limits>
#include <string>

#include "shared/base/text.h"
#include "tests/support/catch.h"

using namespace godwit;
using cbor::Decoder;
using cbor::Encoder;

namespace {

Bytes from_hex(std::string_view hex) {
    const auto bytes = parse_hex(hex);
    REQUIRE(bytes);
    return *bytes;
}

template <typename Write>
std::string written(Write write) {
    Bytes bytes;
    Encoder out(bytes);
    write(out);
    return format_hex(bytes);
}

/// The code with which `hex` is refused as one item, or nothing.
std::optional<ErrorCode> refusal_of(std::string_view hex) {
    const auto checked = cbor::check(from_hex(hex));
    if (checked) return std::nullopt;
    return checked.error().code;
}

/// An item within `depth` arrays.
std::string nested(int depth) {
    std::string hex;
    for (int level = 0; level < depth; ++level) hex += "81";
    return hex + "00";
}

}  // namespace

TEST_CASE("a head is as short as its argument allows", "[change]") {
    struct Row {
        std::uint64_t number;
        std::string hex;
    };
    const Row row = GENERATE(values<Row>({{0, "00"},
                                          {23, "17"},
                                          {24, "1818"},
                                          {255, "18ff"},
                                          {256, "190100"},
                                          {65535, "19ffff"},
                                          {65536, "1a00010000"},
                                          {4294967295, "1affffffff"},
                                          {4294967296, "1b0000000100000000"},
                                          {UINT64_MAX, "1bffffffffffffffff"}}));
    CHECK(written([&](Encoder& out) { out.unsigned_integer(row.number); }) == row.hex);
    const Bytes bytes = from_hex(row.hex);
    Decoder in(bytes);
    CHECK(*in.unsigned_integer() == row.number);
    CHECK(in.finish());
}

TEST_CASE("a head longer than its argument needs is refused", "[change]") {
    const std::string hex = GENERATE("1800", "1817", "190018", "1900ff", "1a00000100", "1a0000ffff",
                                     "1b0000000000010000", "1b00000000ffffffff", "3817", "5800",
                                     "780161", "9800", "b800", "580161", "990000");
    INFO(hex);
    CHECK(refusal_of(hex) == ErrorCode::not_deterministic);
}

TEST_CASE("integers keep all 64 bits and their sign", "[change]") {
    const std::int64_t number = GENERATE(
        std::int64_t{0}, std::int64_t{-1}, std::int64_t{-24}, std::int64_t{-25}, std::int64_t{-256},
        std::int64_t{-257}, std::int64_t{1} << 53, std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max());
    Bytes bytes;
    Encoder(bytes).integer(number);
    Decoder in(bytes);
    CHECK(*in.integer() == number);
    CHECK(cbor::check(bytes));
}

TEST_CASE("an integer that no 64-bit integer holds is refused", "[change]") {
    // -2^63 - 1 and -2^64 lie outside the profile; 2^63 only outside a signed reader.
    CHECK(refusal_of("3b8000000000000000") == ErrorCode::malformed);
    CHECK(refusal_of("3bffffffffffffffff") == ErrorCode::malformed);
    CHECK(refusal_of("3b7fffffffffffffff") == std::nullopt);

    const Bytes beyond = from_hex("1b8000000000000000");
    CHECK_FALSE(Decoder(beyond).integer());
    CHECK(Decoder(beyond).unsigned_integer());
}

TEST_CASE("an indefinite length is refused", "[change]") {
    const std::string hex =
        GENERATE("5f41004100ff", "7f61616161ff", "9fff", "9f01ff", "bfff", "bf0102ff");
    INFO(hex);
    CHECK(refusal_of(hex) == ErrorCode::not_deterministic);
}

TEST_CASE("what the profile leaves out is refused", "[change]") {
    // Tags, floats of three sizes, undefined, other simple values, reserved heads, a lone break.
    const std::string hex = GENERATE("c000", "d81800", "f90000", "fa00000000", "fb0000000000000000",
                                     "f7", "e0", "f0", "f3", "f814", "f818", "f8ff", "fc", "ff",
                                     "1c", "1f", "3d", "5e", "7d", "9c", "be");
    INFO(hex);
    CHECK(refusal_of(hex) == ErrorCode::malformed);
}

TEST_CASE("an item cut short is refused at every cut, and one too long at its end", "[change]") {
    const Bytes whole = from_hex("8401425566636162638301a201020304f5");
    CHECK(cbor::check(whole));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        INFO(length);
        const auto checked = cbor::check(ByteView(whole).first(length));
        REQUIRE_FALSE(checked);
        CHECK(checked.error().code == ErrorCode::malformed);
    }
    CHECK(refusal_of(format_hex(whole) + "f6") == ErrorCode::trailing_bytes);
}

TEST_CASE("a declared length beyond the input is refused before anything is read", "[change]") {
    const std::string hex = GENERATE(
        "5bffffffffffffffff", "7bffffffffffffffff", "9bffffffffffffffff", "bbffffffffffffffff",
        "bb8000000000000000", "9a00ffffff00", "82", "8200", "a100", "a2000102");
    INFO(hex);
    CHECK(refusal_of(hex) == ErrorCode::malformed);
}

TEST_CASE("a map with keys in order is accepted, any other refused", "[change]") {
    CHECK(refusal_of("a3010018180061610f") == std::nullopt);
    CHECK(refusal_of("a0") == std::nullopt);
    // By their bytes: a short text comes before a long one, and 24 before -1.
    CHECK(refusal_of("a261620062616100") == std::nullopt);
    CHECK(refusal_of("a21818002000") == std::nullopt);

    CHECK(refusal_of("a201000000") == ErrorCode::not_deterministic);
    CHECK(refusal_of("a201000100") == ErrorCode::not_deterministic);
    CHECK(refusal_of("a262616100616200") == ErrorCode::not_deterministic);
    CHECK(refusal_of("81a220000100") == ErrorCode::not_deterministic);
}

TEST_CASE("text that is not UTF-8 is refused, inside and alone", "[change]") {
    CHECK(refusal_of("62c3a9") == std::nullopt);
    CHECK(refusal_of("62c328") == ErrorCode::malformed);
    CHECK(refusal_of("8163eda080") == ErrorCode::malformed);
    CHECK(refusal_of("42c328") == std::nullopt);  // A byte string may hold anything.
}

TEST_CASE("sixteen arrays and maps stand within one another, seventeen do not", "[change]") {
    CHECK(refusal_of(nested(16)) == std::nullopt);
    CHECK(refusal_of(nested(17)) == ErrorCode::too_deep);

    std::string maps = "00";
    for (int level = 0; level < 16; ++level) maps = "a100" + maps;
    CHECK(refusal_of(maps) == std::nullopt);
    CHECK(refusal_of("a100" + maps) == ErrorCode::too_deep);
    CHECK(refusal_of("a1" + nested(16) + "00") == ErrorCode::too_deep);  // A key counts as well.

    // However deep it claims to go, the decoder stops at the seventeenth.
    CHECK(refusal_of(nested(100'000)) == ErrorCode::too_deep);
}

TEST_CASE("a reader refuses an item of another kind", "[change]") {
    const Bytes items = from_hex(GENERATE("00", "20", "40", "60", "80", "a0", "f4", "f6"));
    INFO(format_hex(items));
    const auto kind = Decoder(items).peek();
    REQUIRE(kind);
    using cbor::Kind;

    CHECK(bool(Decoder(items).unsigned_integer()) == (*kind == Kind::unsigned_integer));
    CHECK(bool(Decoder(items).integer()) ==
          (*kind == Kind::unsigned_integer || *kind == Kind::negative_integer));
    CHECK(bool(Decoder(items).bytes()) == (*kind == Kind::bytes));
    CHECK(bool(Decoder(items).text()) == (*kind == Kind::text));
    CHECK(bool(Decoder(items).array()) == (*kind == Kind::array));
    CHECK(bool(Decoder(items).map()) == (*kind == Kind::map));
    CHECK(bool(Decoder(items).boolean()) == (*kind == Kind::boolean));
    CHECK(bool(Decoder(items).null()) == (*kind == Kind::null));
    CHECK(bool(Decoder(items).array_of(0)) == (*kind == Kind::array));
}

TEST_CASE("every reader refuses the end of input", "[change]") {
    const ByteView nothing;
    CHECK_FALSE(Decoder(nothing).peek());
    CHECK_FALSE(Decoder(nothing).unsigned_integer());
    CHECK_FALSE(Decoder(nothing).bytes());
    CHECK_FALSE(Decoder(nothing).try_null());
    CHECK_FALSE(Decoder(nothing).item());
    CHECK(Decoder(nothing).finish());
}

TEST_CASE("null is read when it is there and left alone when it is not", "[change]") {
    const Bytes bytes = from_hex("f601");
    Decoder in(bytes);
    CHECK(*in.try_null());
    CHECK_FALSE(*in.try_null());
    CHECK(*in.unsigned_integer() == 1);
    CHECK(in.is_at_end());
}

TEST_CASE("an id has sixteen bytes and a digest thirty-two, or they are refused", "[change]") {
    Bytes bytes;
    Encoder(bytes).id(LogId{{1, 2, 3}}).bytes(Bytes(32, 9)).bytes(Bytes(15, 1)).bytes(Bytes(31, 1));
    Decoder in(bytes);
    CHECK(*in.id<LogId>() == LogId{{1, 2, 3}});
    CHECK((*in.fixed<32>())[31] == 9);
    CHECK(in.id<LogId>().error().code == ErrorCode::malformed);
    CHECK(in.fixed<32>().error().code == ErrorCode::malformed);
}

TEST_CASE("an item is handed on as exactly its bytes", "[change]") {
    const Bytes bytes = from_hex("8301a1016161f61864");
    Decoder in(bytes);
    CHECK(format_hex(*in.item()) == "8301a1016161f6");
    CHECK(in.offset() == 7);
    CHECK(*in.unsigned_integer() == 100);

    CHECK(written([&](Encoder& out) { out.array(1).raw(ByteView(bytes).first(7)); }) ==
          "818301a1016161f6");
}

TEST_CASE("the keys of a map ascend strictly, or its reader refuses them", "[change]") {
    const Bytes ordered = from_hex("a20001186402");
    Decoder in(ordered);
    auto keys = cbor::MapReader::open(in);
    REQUIRE(keys);
    CHECK(*keys->next() == std::optional<std::uint64_t>(0));
    CHECK(*in.unsigned_integer() == 1);
    CHECK(*keys->next() == std::optional<std::uint64_t>(100));
    CHECK(*in.unsigned_integer() == 2);
    CHECK(*keys->next() == std::nullopt);
    CHECK(in.finish());

    const Bytes doubled = from_hex(GENERATE("a201000100", "a201000000"));
    Decoder again(doubled);
    auto refused = cbor::MapReader::open(again);
    REQUIRE(refused);
    REQUIRE(refused->next());
    REQUIRE(again.unsigned_integer());
    CHECK(refused->next().error().code == ErrorCode::not_deterministic);

    const Bytes named = from_hex("a1616100");
    Decoder text(named);
    auto by_text = cbor::MapReader::open(text);
    REQUIRE(by_text);
    CHECK(by_text->next().error().code == ErrorCode::malformed);

    const Bytes array = from_hex("80");
    Decoder none(array);
    CHECK_FALSE(cbor::MapReader::open(none));
}
