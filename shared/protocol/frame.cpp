#include "shared/protocol/frame.h"

#include "shared/compression/zstd_frame.h"

namespace godwit {
namespace {

constexpr std::uint8_t form_plain = 0;
constexpr std::uint8_t form_zstd = 1;

Bytes framed(std::uint8_t form, ByteView content) {
    Bytes frame;
    frame.reserve(1 + content.size());
    frame.push_back(form);
    append(frame, content);
    return frame;
}

}  // namespace

Bytes encode_frame(ByteView message, Effort effort) {
    const Bytes packed = deflate(message, effort);
    if (!packed.empty() && packed.size() < message.size()) return framed(form_zstd, packed);
    return encode_plain_frame(message);
}

Bytes encode_plain_frame(ByteView message) {
    return framed(form_plain, message);
}

Result<Bytes> decode_frame(ByteView frame, std::size_t bytes_max) {
    if (frame.empty()) return Error{ErrorCode::malformed, "an empty frame"};
    const ByteView content = frame.subspan(1);
    if (frame[0] == form_zstd) return inflate(content, bytes_max);
    if (frame[0] != form_plain) {
        return Error{ErrorCode::unknown_version, "a frame of an unknown form"};
    }
    if (content.size() > bytes_max) return Error{ErrorCode::too_large, "a message above its bound"};
    return copy_of(content);
}

}  // namespace godwit
