#include "shared/change/segment.h"

#include "shared/base/sha256.h"
#include "tests/support/catch.h"
#include "tests/unit/change/samples.h"

using namespace godwit;
using namespace godwit::samples;

namespace {

ErrorCode refusal_of(ByteView bytes) {
    const auto decoded = decode_segment(bytes);
    REQUIRE_FALSE(decoded);
    return decoded.error().code;
}

ErrorCode refusal_of(const Segment& segment) {
    return refusal_of(encode_segment(segment));
}

}  // namespace

TEST_CASE("a segment comes back as it went, byte for byte", "[change]") {
    Segment segment = GENERATE(segment_of(1, 1), segment_of(1, 30), segment_of(4, 2));
    segment.signature.fill(0x51);
    const Bytes bytes = encode_segment(segment);
    const auto again = decode_segment(bytes);

    REQUIRE(again);
    CHECK(bool(*again == segment));
    CHECK(encode_segment(*again) == bytes);
}

TEST_CASE("a log's chain begins with whose it is", "[change]") {
    const LogHead head = empty_head(asha, asha_log);
    CHECK(head.sequence == 0);
    CHECK(head.hash != empty_head(bela, asha_log).hash);
    CHECK(head.hash != empty_head(asha, bela_log).hash);

    Bytes named = copy_of(bytes_of("godwit change log 1"));
    append(named, asha.view());
    append(named, asha_log.view());
    CHECK(head.hash == sha256({named}));
}

TEST_CASE("the chain runs over records and digests, entry by entry", "[change]") {
    const Segment segment = segment_of(1, 3);
    Digest hash = empty_head(asha, asha_log).hash;
    CHECK(hash_at(segment, 0) == hash);
    for (Sequence sequence = 1; sequence <= 3; ++sequence) {
        const Digest body = sha256({segment.entries[sequence - 1].body});
        hash = sha256({hash, change_of(1).record.view(), body});
        CHECK(hash_at(segment, sequence) == hash);
    }
    CHECK(bool(head_after(segment) == LogHead{3, hash}));
}

TEST_CASE("two segments that follow each other chain as one", "[change]") {
    const Segment whole = segment_of(1, 5);
    const Segment first = segment_of(1, 2);
    const Segment second = segment_of(3, 3);
    CHECK(second.previous == head_after(first).hash);
    CHECK(bool(head_after(second) == head_after(whole)));
    CHECK(second.last() == 5);
}

TEST_CASE("the chain and what is signed outlive the erasure of a body", "[change]") {
    const Segment whole = segment_of(1, 3);
    Segment erased = whole;
    erased.entries[1].body.clear();

    CHECK(bool(head_after(erased) == head_after(whole)));
    CHECK(signed_bytes(erased) == signed_bytes(whole));
    const auto again = decode_segment(encode_segment(erased));
    REQUIRE(again);
    CHECK(again->entries[1].is_erased());
    CHECK(bool(*again == erased));
    CHECK_FALSE(encode_segment(erased) == encode_segment(whole));
}

TEST_CASE("an erased body is never passed off as one of another record", "[change]") {
    Segment segment = segment_of(1, 3);
    segment.entries[1].body.clear();
    const Bytes signed_as = signed_bytes(segment);
    CHECK(segment.entries[1].record == change_of(2).record);

    segment.entries[1].record.bytes[7] ^= 1U;
    CHECK(signed_bytes(segment) != signed_as);
}

TEST_CASE("a body's record is found by its place, in any version's body", "[change]") {
    const RecordId record = change_of(1).record;
    CHECK(record_of(encode_change(change_of(1))) == record);

    Bytes newer;  // More items, other kinds, unknown roles: the sixth stays the record.
    cbor::Encoder out(newer);
    out.array(14).null().text("time").map(0).null().null().id(record).bytes(Bytes(3, 0xff));
    CHECK(record_of(newer) == record);

    Bytes short_of_it;
    cbor::Encoder(short_of_it).array(5).null().null().null().null().null();
    Bytes longer_id;
    cbor::Encoder(longer_id).array(6).null().null().null().null().null().bytes(Bytes(17, 1));
    for (const Bytes& body : {short_of_it, longer_id, Bytes{0x00}, Bytes{0x8b, 0x18, 0x00}}) {
        CHECK(record_of(body).is_zero());
    }
}

TEST_CASE("what is signed names replica, log, range and hash", "[change]") {
    const Segment segment = segment_of(2, 2);
    Bytes expected = copy_of(bytes_of("godwit segment 1"));
    append(expected, asha.view());
    append(expected, asha_log.view());
    append(expected, big_endian(2));
    append(expected, big_endian(3));
    append(expected, hash_at(segment, 3));
    CHECK(signed_bytes(segment) == expected);

    Segment other = segment;
    other.entries[0].digest[0] ^= 1U;
    CHECK(signed_bytes(other) != expected);
}

TEST_CASE("a body that does not decode costs no neighbour", "[change]") {
    Segment segment = segment_of(1, 3);
    const Bytes deep(100, 0x81);
    segment.entries[1] = entry_of(GENERATE_COPY(Bytes{0xff}, Bytes{0x18, 0x00}, Bytes{0x00}, deep));
    const auto again = decode_segment(encode_segment(segment));

    REQUIRE(again);
    CHECK(bool(*again == segment));
    CHECK(decode_change(again->entries[0].body));
    CHECK_FALSE(decode_change(again->entries[1].body));
    CHECK(decode_change(again->entries[2].body));
}

TEST_CASE("an entry's digest is that of the body received, never one it was told", "[change]") {
    Segment segment = segment_of(1, 1);
    segment.entries[0].digest.fill(0);
    const auto again = decode_segment(encode_segment(segment));
    REQUIRE(again);
    CHECK(again->entries[0].digest == sha256({segment.entries[0].body}));
}

TEST_CASE("a segment without changes, or beyond its bounds, is refused", "[change]") {
    Segment empty = segment_of(1, 1);
    empty.entries.clear();
    CHECK(refusal_of(empty) == ErrorCode::malformed);

    Segment none = segment_of(1, 1);
    none.first = 0;
    CHECK(refusal_of(none) == ErrorCode::malformed);

    Segment last = segment_of(1, 2);
    last.first = sequence_max - 1;
    CHECK(decode_segment(encode_segment(last)));
    last.first = sequence_max;
    CHECK(refusal_of(last) == ErrorCode::malformed);
    last.first = UINT64_MAX;
    CHECK(refusal_of(last) == ErrorCode::malformed);
}

TEST_CASE("a segment is no larger than 1 MiB", "[change]") {
    Segment segment = segment_of(1, 1);
    const auto size_with = [&](std::size_t length) {
        segment.entries[0] = entry_of(Bytes(length, 1));
        return encode_segment(segment).size();
    };
    const std::size_t around = size_with(100'000) - 100'000;
    REQUIRE(size_with(segment_bytes_max - around) == segment_bytes_max);
    CHECK(decode_segment(encode_segment(segment)));
    size_with(segment_bytes_max - around + 1);
    CHECK(refusal_of(segment) == ErrorCode::too_large);
}

TEST_CASE("a segment of another version is refused as such, whatever its length", "[change]") {
    Bytes bytes = encode_segment(segment_of(1, 1));
    REQUIRE(decode_segment(bytes));
    bytes[1] = 2;
    CHECK(refusal_of(bytes) == ErrorCode::unknown_version);
    bytes[0] = 0x88;
    CHECK(refusal_of(bytes) == ErrorCode::unknown_version);
    bytes[1] = 1;
    CHECK(refusal_of(bytes) == ErrorCode::malformed);
}

TEST_CASE("an entry that is neither a body nor an erased one is refused", "[change]") {
    const Segment segment = segment_of(1, 1);
    const auto with_entry = [&](auto write) {
        Bytes bytes;
        cbor::Encoder out(bytes);
        out.array(7).unsigned_integer(1).id(segment.replica).id(segment.log).unsigned_integer(1);
        out.bytes(segment.previous).array(1);
        write(out);
        out.bytes(segment.signature);
        return bytes;
    };
    const RecordId record = id_of<RecordId>(0x4e, 9);
    const Bytes digest(32, 1);
    CHECK(decode_segment(with_entry([&](auto& out) { out.array(2).id(record).bytes(digest); })));
    CHECK(decode_segment(with_entry([&](auto& out) { out.bytes(digest); })));

    CHECK(refusal_of(with_entry([&](auto& out) { out.bytes({}); })) == ErrorCode::malformed);
    CHECK(refusal_of(with_entry([&](auto& out) { out.text("words"); })) == ErrorCode::malformed);
    CHECK(refusal_of(with_entry([&](auto& out) { out.array(1).bytes(digest); })) ==
          ErrorCode::malformed);
    CHECK(refusal_of(with_entry([&](auto& out) { out.array(2).bytes(digest).id(record); })) ==
          ErrorCode::malformed);
    CHECK(refusal_of(with_entry([&](auto& out) { out.raw(encode_change(change_of(1))); })) ==
          ErrorCode::malformed);
}

TEST_CASE("a segment of many changes that are next to nothing is refused", "[change]") {
    Segment segment = segment_of(1, 1);
    segment.entries.assign(1'024, entry_of({1}));
    CHECK(decode_segment(encode_segment(segment)));
    segment.entries.assign(1'025, entry_of({1}));
    CHECK(refusal_of(segment) == ErrorCode::too_large);
    Entry erased;
    erased.record.bytes.fill(1);
    segment.entries.assign(2'000, erased);
    CHECK(decode_segment(encode_segment(segment)));
}
