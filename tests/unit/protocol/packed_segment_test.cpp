#include "shared/protocol/packed_segment.h"

#include <rapidcheck.h>

#include "shared/compression/zstd_frame.h"
#include "tests/support/catch.h"
#include "tests/unit/change/arbitrary.h"
#include "tests/unit/change/samples.h"

namespace godwit {
namespace {

/// Many small changes of few records, as an afternoon's work is.
Segment afternoon(std::size_t count) {
    Segment segment = samples::segment_of(1, 1);
    segment.entries.clear();
    for (std::size_t index = 0; index < count; ++index) {
        Change change = samples::change_of(index + 1);
        change.record.bytes[3] = static_cast<std::uint8_t>(index % 5);
        change.salt.fill(static_cast<std::uint8_t>(index));
        segment.entries.push_back(entry_of(encode_change(change)));
    }
    return segment;
}

/// `packed` with its three parts as given.
Bytes assembled(std::uint64_t bytes, ByteView plain, ByteView columns) {
    Bytes out{2};
    cbor::Encoder(out).array(3).unsigned_integer(bytes).bytes(plain).bytes(
        deflate(columns, Effort::quick));
    return out;
}

}  // namespace

TEST_CASE("a packed segment unpacks to exactly the bytes that were signed", "[protocol]") {
    CHECK(rc::check([] {
        const Segment segment = *samples::any_segment();
        const Bytes packed = pack_segment(segment);
        const auto unpacked = unpack_segment(packed);
        RC_ASSERT(unpacked);
        RC_ASSERT(*unpacked == encode_segment(segment));
        RC_ASSERT(*unpacked_size(packed) == unpacked->size());
        RC_ASSERT(*decode_packed_segment(packed) == segment);
    }));
}

TEST_CASE("an afternoon's work packs well, and erased bodies with it", "[protocol]") {
    Segment segment = afternoon(100);
    segment.entries[3].body.clear();
    segment.entries[7] = entry_of({0xff, 1, 2, 3});                       // Decodes to nothing.
    segment.entries[9] = entry_of(encode_change(samples::change_of(3)));  // Out of its place.
    segment.entries[11] = entry_of(encode_change(samples::full_change(12)));
    const Bytes whole = encode_segment(segment);
    const Bytes packed = pack_segment(segment);
    CHECK(packed.size() * 10 < whole.size() * 6);  // Salts and sealed values stay as long.
    CHECK(*unpack_segment(packed) == whole);
}

TEST_CASE("a segment that is not packed passes as it is", "[protocol]") {
    const Segment segment = samples::segment_of(4, 2);
    CHECK(*decode_packed_segment(encode_segment(segment)) == segment);
}

TEST_CASE("every truncation of a packed segment is refused", "[protocol]") {
    const Bytes packed = pack_segment(afternoon(20));
    REQUIRE(packed[0] == 2);
    for (std::size_t length = 0; length < packed.size(); ++length) {
        CHECK_FALSE(unpack_segment(ByteView(packed).first(length)));
    }
    Bytes longer = packed;
    longer.push_back(0);
    CHECK_FALSE(unpack_segment(longer));
}

TEST_CASE("a flipped bit is refused, or gives the same segment", "[protocol]") {
    const Segment segment = afternoon(20);
    Bytes packed = pack_segment(segment);
    const LogHead head = head_after(segment);
    for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
        const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
        packed[bit / 8] ^= mask;
        const auto read = decode_packed_segment(packed);
        // What chance made has no checksum of its own: the signature is what refuses it.
        if (read && *read != segment) {
            CHECK((head_after(*read) != head || read->signature != segment.signature ||
                   read->replica != segment.replica || read->log != segment.log));
        }
        packed[bit / 8] ^= mask;
    }
}

TEST_CASE("what a packed segment declares is held to its bounds", "[protocol]") {
    const auto code_of = [](const Bytes& packed) { return unpack_segment(packed).error().code; };
    CHECK(code_of(assembled(segment_bytes_max + 1, {}, {})) == ErrorCode::too_large);
    CHECK(code_of({3, 0}) == ErrorCode::malformed);
    CHECK(code_of({}) == ErrorCode::malformed);

    Bytes columns;
    cbor::Encoder shape(columns);
    Bytes numbers;
    cbor::Encoder(numbers).unsigned_integer(1).unsigned_integer(1'000'000'000);
    shape.array(2).unsigned_integer(0).bytes(numbers);
    const Bytes plain(16 + 16 + 32 + 64);
    CHECK(code_of(assembled(500, plain, columns)) == ErrorCode::malformed);
    Bytes bomb(4 * segment_bytes_max);
    std::uint32_t chance = 1;  // What is all alike nobody would deflate.
    for (std::uint8_t& byte : bomb)
        byte = static_cast<std::uint8_t>((chance = chance * 69'069 + 1) >> 24U);
    CHECK(code_of(assembled(500, plain, bomb)) == ErrorCode::too_large);
}

TEST_CASE("a column that nothing reads is refused", "[protocol]") {
    const Segment segment = afternoon(3);
    Bytes columns;
    cbor::Encoder out(columns);
    Bytes numbers;
    cbor::Encoder(numbers).unsigned_integer(1).unsigned_integer(0);
    out.array(4).unsigned_integer(0).bytes(numbers).unsigned_integer(300).bytes(Bytes{0});
    const Bytes plain(16 + 16 + 32 + 64);
    CHECK_FALSE(unpack_segment(assembled(1 + 1 + 17 + 17 + 1 + 34 + 1 + 66, plain, columns)));
}

TEST_CASE("a segment that packing would not shorten safely goes as it is", "[protocol]") {
    Segment segment = samples::segment_of(1, 1);
    Bytes body = encode_change(samples::change_of(1));
    body.insert(body.end(), 600U << 10U, 0);  // No change any more, and it shrinks to nothing.
    segment.entries = {entry_of(std::move(body))};
    CHECK(pack_segment(segment) == encode_segment(segment));
    CHECK(*unpack_segment(pack_segment(segment)) == encode_segment(segment));
}

TEST_CASE("a packed segment of more entries than it has bytes for is refused", "[protocol]") {
    Bytes shape;
    cbor::Encoder out(shape);
    out.unsigned_integer(1).unsigned_integer(30'000);
    for (int each = 0; each < 30'000; ++each) out.unsigned_integer(1).unsigned_integer(0);
    Bytes columns;
    cbor::Encoder(columns).array(2).unsigned_integer(0).bytes(shape);
    const auto unpacked = unpack_segment(assembled(30'200, Bytes(128, 1), columns));
    REQUIRE_FALSE(unpacked);
    CHECK(unpacked.error().code == ErrorCode::malformed);
}

}  // namespace godwit
