#include "shared/protocol/frame.h"

#include <zstd.h>

#include <memory>

namespace godwit {
namespace {

constexpr std::uint8_t form_plain = 0;
constexpr std::uint8_t form_zstd = 1;
constexpr int zstd_level = 3;
constexpr std::uint64_t window_bytes_max = 8U << 20U;

// A zstd frame starts with (RFC 8878 §3.1.1.1)
//   0  4  magic number
//   4  1  descriptor: bits 7-6 width of the content size, 5 single segment, 3 reserved,
//         2 checksum, 1-0 width of the dictionary id
//   5  1  window descriptor, absent in a single segment: bits 7-3 exponent, 2-0 mantissa
constexpr std::array<std::uint8_t, 4> zstd_magic{0x28, 0xb5, 0x2f, 0xfd};

// True: the frame is a single segment.
Result<bool> check_zstd_head(ByteView frame) {
    if (frame.size() < 6 || !is_equal(frame.first(4), zstd_magic)) {
        return Error{ErrorCode::malformed, "not a zstd frame"};
    }
    const unsigned descriptor = frame[4];
    const bool is_single_segment = (descriptor & 0x20U) != 0;
    const bool is_size_declared = (descriptor & 0xc0U) != 0 || is_single_segment;
    const bool has_checksum = (descriptor & 0x04U) != 0;
    const bool has_dictionary_or_reserved = (descriptor & 0x0bU) != 0;
    if (!is_size_declared || !has_checksum || has_dictionary_or_reserved) {
        return Error{ErrorCode::malformed, "a zstd frame of another profile"};
    }
    if (is_single_segment) return true;
    const unsigned window = frame[5];
    const std::uint64_t base = std::uint64_t{1} << (10U + (window >> 3U));
    if (base + base / 8 * (window & 7U) > window_bytes_max) {
        return Error{ErrorCode::too_large, "a zstd window above 8 MiB"};
    }
    return false;
}

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

// zstd's own frame, or nothing when it could not be made; plain bytes are always right.
Bytes compress(ByteView message) {
    const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
    if (!context) return {};
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, zstd_level);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 1);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    Bytes frame(1 + ZSTD_compressBound(message.size()));
    const std::size_t written = ZSTD_compress2(context.get(), frame.data() + 1, frame.size() - 1,
                                               message.data(), message.size());
    if (ZSTD_isError(written) != 0) return {};
    frame[0] = form_zstd;
    frame.resize(1 + written);
    return frame;
}

Result<Bytes> inflate(ByteView frame, std::size_t bytes_max) {
    const bool is_single_segment = TRY(check_zstd_head(frame));
    const unsigned long long declared = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (declared == ZSTD_CONTENTSIZE_UNKNOWN || declared == ZSTD_CONTENTSIZE_ERROR) {
        return Error{ErrorCode::malformed, "a zstd frame without its size"};
    }
    // A single segment's window is its content.
    if (is_single_segment && declared > window_bytes_max) {
        return Error{ErrorCode::too_large, "a zstd window above 8 MiB"};
    }
    if (declared > bytes_max) return Error{ErrorCode::too_large, "a message above its bound"};
    if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) {
        return Error{ErrorCode::malformed, "bytes beside the zstd frame"};
    }
    Bytes message(static_cast<std::size_t>(declared));
    const std::size_t inflated =
        ZSTD_decompress(message.data(), message.size(), frame.data(), frame.size());
    if (ZSTD_isError(inflated) != 0 || inflated != message.size()) {
        return Error{ErrorCode::malformed, "a damaged zstd frame"};
    }
    return message;
}

}  // namespace

Bytes encode_frame(ByteView message) {
    Bytes packed = compress(message);
    if (!packed.empty() && packed.size() < message.size() + 1) return packed;
    Bytes plain;
    plain.reserve(message.size() + 1);
    plain.push_back(form_plain);
    append(plain, message);
    return plain;
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
