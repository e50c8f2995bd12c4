#include "shared/compression/packed.h"

#include "shared/compression/zstd_frame.h"

namespace godwit {
namespace {

constexpr std::uint8_t form_plain = 0;
constexpr std::uint8_t form_zstd = 1;

/// Below this a frame's own head eats what it saves.
constexpr std::size_t worth_packing = 64;

}  // namespace

Bytes pack(ByteView content) {
    Bytes out;
    if (content.size() >= worth_packing) {
        const Bytes frame = deflate(content, Effort::quick);
        if (!frame.empty() && frame.size() < content.size()) {
            out.reserve(1 + frame.size());
            out.push_back(form_zstd);
            append(out, frame);
            return out;
        }
    }
    out.reserve(1 + content.size());
    out.push_back(form_plain);
    append(out, content);
    return out;
}

Result<Bytes> unpack(ByteView packed, std::size_t bytes_max) {
    if (packed.empty()) return Error{ErrorCode::malformed, "nothing packed"};
    const ByteView content = packed.subspan(1);
    if (packed[0] == form_zstd) return inflate(content, bytes_max);
    if (packed[0] != form_plain) return Error{ErrorCode::malformed, "packed in an unknown form"};
    if (content.size() > bytes_max) return Error{ErrorCode::too_large, "packed above its bound"};
    return copy_of(content);
}

}  // namespace godwit
