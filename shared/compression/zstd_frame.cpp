#include "shared/compression/zstd_frame.h"

#include "shared/compression/contexts.h"

namespace godwit {
namespace {

constexpr std::uint64_t window_bytes_max = 8U << 20U;
// What a frame may become whatever its own length; and above that, how many times its length.
// What we send shrinks to a fifth or so. A few bytes that ask for megabytes are not ours.
constexpr std::uint64_t inflated_bytes_free = 512U << 10U;
constexpr std::uint64_t inflation_max = 32;

// A zstd frame starts with (RFC 8878 §3.1.1.1)
//   0  4  magic number
//   4  1  descriptor: bits 7-6 width of the content size, 5 single segment, 3 reserved,
//         2 checksum, 1-0 width of the dictionary id
//   5  1  window descriptor, absent in a single segment: bits 7-3 exponent, 2-0 mantissa
constexpr std::array<std::uint8_t, 4> zstd_magic{0x28, 0xb5, 0x2f, 0xfd};

// True: the frame is a single segment.
Result<bool> check_head(ByteView frame) {
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

bool is_inflation_allowed(std::uint64_t content_bytes, std::uint64_t frame_bytes) {
    return content_bytes <= inflated_bytes_free || content_bytes / inflation_max <= frame_bytes;
}

/// The size the frame declares for its content.
Result<std::size_t> declared_size(ByteView frame, std::size_t bytes_max) {
    const bool is_single_segment = TRY(check_head(frame));
    const unsigned long long declared = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (declared == ZSTD_CONTENTSIZE_UNKNOWN || declared == ZSTD_CONTENTSIZE_ERROR) {
        return Error{ErrorCode::malformed, "a zstd frame without its size"};
    }
    // A single segment's window is its content.
    if (is_single_segment && declared > window_bytes_max) {
        return Error{ErrorCode::too_large, "a zstd window above 8 MiB"};
    }
    if (declared > bytes_max) return Error{ErrorCode::too_large, "a message above its bound"};
    if (!is_inflation_allowed(declared, frame.size())) {
        return Error{ErrorCode::too_large, "a frame of few bytes that asks for many"};
    }
    if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) {
        return Error{ErrorCode::malformed, "bytes beside the zstd frame"};
    }
    return static_cast<std::size_t>(declared);
}

}  // namespace

Bytes deflate(ByteView content, Effort effort) {
    auto context = deflating_contexts().take();
    if (!context) return {};
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, static_cast<int>(effort));
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 1);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    Bytes frame(ZSTD_compressBound(content.size()));
    const std::size_t written =
        ZSTD_compress2(context.get(), frame.data(), frame.size(), content.data(), content.size());
    if (ZSTD_isError(written) != 0) return {};
    frame.resize(written);
    deflating_contexts().give_back(std::move(context));
    if (!is_inflation_allowed(content.size(), written)) return {};
    return frame;
}

Result<Bytes> inflate(ByteView frame, std::size_t bytes_max) {
    Bytes content(TRY(declared_size(frame, bytes_max)));
    auto context = inflating_contexts().take();
    const Error no_memory{ErrorCode::too_large, "no memory to inflate it with"};
    if (!context) return no_memory;
    const std::size_t inflated = ZSTD_decompressDCtx(context.get(), content.data(), content.size(),
                                                     frame.data(), frame.size());
    inflating_contexts().give_back(std::move(context));
    if (ZSTD_isError(inflated) != 0 || inflated != content.size()) {
        return Error{ErrorCode::malformed, "a damaged zstd frame"};
    }
    return content;
}

}  // namespace godwit
