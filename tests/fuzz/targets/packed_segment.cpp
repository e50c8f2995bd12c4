/// Packed segments. The first byte chooses: 0, the rest is a packed segment as it travels; else the
/// rest is [ length, plain, columns ], the columns not yet deflated, so that fuzzing reaches what
/// stands behind zstd's checksum.
///
/// What unpacks to a segment packs again and comes back the same; and whatever is a segment packs.
#include "shared/protocol/packed_segment.h"
#include "shared/compression/zstd_frame.h"

namespace {

using godwit::Bytes;
using godwit::ByteView;

void check(ByteView packed) {
    const auto bytes = godwit::unpack_segment(packed);
    if (!bytes) return;
    GODWIT_ASSERT(bytes->size() <= godwit::segment_bytes_max);
    const auto size = godwit::unpacked_size(packed);
    GODWIT_ASSERT(size && *size == bytes->size());
    const auto segment = godwit::decode_segment(*bytes);
    if (!segment) return;
    const auto again = godwit::unpack_segment(godwit::pack_segment(*segment));
    GODWIT_ASSERT(again && *again == *bytes);
}

/// `rest` with its columns deflated; nothing when it is not the three parts.
Bytes deflated(ByteView rest) {
    godwit::cbor::Decoder in(rest);
    if (!in.array_of(3)) return {};
    const auto length = in.unsigned_integer();
    if (!length) return {};
    const auto plain = in.bytes();
    if (!plain) return {};
    const auto columns = in.bytes();
    if (!columns) return {};
    Bytes out{2};
    godwit::cbor::Encoder(out).array(3).unsigned_integer(*length).bytes(*plain).bytes(
        godwit::deflate(*columns, godwit::Effort::quick));
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const ByteView rest(data + 1, size - 1);
    if (data[0] == 0) {
        check(rest);
    } else {
        check(deflated(rest));
    }
    return 0;
}
