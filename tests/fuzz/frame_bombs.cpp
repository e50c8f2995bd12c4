#include <zstd.h>

#include "shared/base/assert.h"
#include "shared/protocol/frame.h"
#include "shared/protocol/messages.h"
#include "tests/fuzz/bomb.h"
#include "tests/fuzz/bomb_bytes.h"

namespace godwit {

using namespace bomb;

namespace {

// As the server reads a stranger's request: what a frame holds is read at once.
bool holds_no_request(ByteView bytes) {
    const auto message = decode_frame(bytes);
    return !message || !decode_request(*message);
}

void add_frame(std::vector<Bomb>& out, std::string what, Bytes bytes) {
    out.push_back({"frame", std::move(what), std::move(bytes), holds_no_request});
}

struct Packing {
    bool has_size{true};
    bool has_checksum{true};
    int window_log{0};
    int level{19};
};

Bytes packed(ByteView content, Packing how = {}) {
    ZSTD_CCtx* const context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, how.level);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, how.has_size ? 1 : 0);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, how.has_checksum ? 1 : 0);
    if (how.window_log > 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, how.window_log);
    Bytes out(1 + ZSTD_compressBound(content.size()));
    const std::size_t size =
        ZSTD_compress2(context, out.data() + 1, out.size() - 1, content.data(), content.size());
    ZSTD_freeCCtx(context);
    GODWIT_ASSERT(ZSTD_isError(size) == 0);
    out[0] = 1;
    out.resize(1 + size);
    return out;
}

/// The head of a frame with eight bytes of size, a checksum and a window of 1 MiB.
Bytes claiming(std::uint64_t size, std::uint8_t descriptor = 0xc4, std::uint8_t window = 0x50) {
    Bytes out{1, 0x28, 0xb5, 0x2f, 0xfd, descriptor, window};
    const auto digits = big_endian(size);
    for (int index = 7; index >= 0; --index) out.push_back(digits[static_cast<std::size_t>(index)]);
    return out;
}

/// One byte said `count` times, `count` at most 2^17: four bytes of a frame.
Bytes run(std::uint32_t count, bool is_last) {
    const std::uint32_t block = count << 3U | 1U << 1U | (is_last ? 1U : 0U);
    return {static_cast<std::uint8_t>(block), static_cast<std::uint8_t>(block >> 8U),
            static_cast<std::uint8_t>(block >> 16U), 0xa2};
}

Bytes runs(std::uint64_t size) {
    constexpr std::uint32_t most = 1U << 17U;
    Bytes out = claiming(size);
    for (std::uint64_t left = size; left > 0;) {
        const auto count = static_cast<std::uint32_t>(left < most ? left : most);
        left -= count;
        append(out, run(count, left == 0));
    }
    append(out, Bytes(4, 0));  // A checksum that does not hold.
    return out;
}

void add_claims(std::vector<Bomb>& out) {
    for (const std::uint64_t claim :
         {std::uint64_t{600'000}, std::uint64_t{1} << 20U, std::uint64_t{8} << 20U,
          std::uint64_t{16} << 20U, (std::uint64_t{16} << 20U) + 1, std::uint64_t{1} << 32U,
          std::uint64_t{1} << 62U, ~std::uint64_t{0} - 2}) {
        const std::string size = std::to_string(claim);
        add_frame(out, "a claim of " + size + " and nothing", claiming(claim));
        add_frame(out, "a claim of " + size + " and an empty block",
                  joined({claiming(claim), {0x01, 0, 0}, Bytes(4, 0)}));
        add_frame(out, "a claim of " + size + " and a short run",
                  joined({claiming(claim), run(1'000, true), Bytes(4, 0)}));
        add_frame(
            out, "a claim of " + size + " and 2,000 empty blocks",
            joined(
                {claiming(claim), repeated({0x00, 0x00, 0x00}, 2'000), {0x01, 0, 0}, Bytes(4, 0)}));
    }
}

void add_inflating(std::vector<Bomb>& out) {
    for (const std::uint64_t size :
         {std::uint64_t{1} << 19U, std::uint64_t{1} << 20U, std::uint64_t{4} << 20U,
          std::uint64_t{16} << 20U, std::uint64_t{1} << 28U}) {
        add_frame(out, std::to_string(size) + " bytes of runs", runs(size));
    }
    for (const std::size_t size :
         {std::size_t{1} << 19U, std::size_t{1} << 20U, std::size_t{4} << 20U,
          std::size_t{16} << 20U, std::size_t{64} << 20U}) {
        const std::string bytes = std::to_string(size);
        const Bytes zeros(size, 0);
        add_frame(out, bytes + " zeros", packed(zeros));
        add_frame(out, bytes + " zeros in a small window", packed(zeros, {.window_log = 17}));
        Bytes spoilt = packed(zeros, {.window_log = 20});
        spoilt.back() ^= 1U;
        add_frame(out, bytes + " zeros with another checksum", spoilt);
        Bytes list = joined({{0xa2, 0x01, 0x01, 0x09}, head(array_major, size - 64)});
        list.resize(size, 0x40);
        add_frame(out, bytes + " bytes of a list of empty statements",
                  packed(list, {.window_log = 20}));
    }
    const Bytes inner = packed(Bytes(std::size_t{16} << 20U, 0));
    add_frame(out, "a frame of 16 MiB within a frame", packed(inner));
}

void add_profiles(std::vector<Bomb>& out) {
    const Bytes zeros(1U << 20U, 0);
    const Bytes small = packed(Bytes(100, 0));
    const Bytes frame(small.begin() + 1, small.end());
    add_frame(out, "no size", packed(zeros, {.has_size = false}));
    add_frame(out, "no checksum", packed(zeros, {.has_checksum = false}));
    add_frame(out, "neither", packed(zeros, {.has_size = false, .has_checksum = false}));
    for (int exponent = 14; exponent <= 31; ++exponent) {
        const auto window = static_cast<std::uint8_t>(exponent << 3U);
        add_frame(out, "a window of 2^" + std::to_string(10 + exponent),
                  joined({claiming(1'000, 0xc4, window), run(1'000, true), Bytes(4, 0)}));
    }
    for (int width = 1; width <= 3; ++width) {
        const auto descriptor = static_cast<std::uint8_t>(0xc4 | width);
        add_frame(
            out, "a dictionary's id in form " + std::to_string(width),
            joined({claiming(1'000, descriptor), Bytes(4, 1), run(1'000, true), Bytes(4, 0)}));
    }
    add_frame(out, "the reserved bit",
              joined({claiming(1'000, 0xcc), run(1'000, true), Bytes(4, 0)}));
    add_frame(out, "two frames", joined({small, frame}));
    add_frame(out, "1,000 frames", joined({small, repeated(frame, 1'000)}));
    add_frame(out, "an empty frame behind it", joined({small, frame, {0x28, 0xb5, 0x2f, 0xfd}}));
    const Bytes skippable{0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff};
    add_frame(out, "a skippable frame of 4 GiB", joined({{1}, skippable}));
    add_frame(out, "a skippable frame before",
              joined({{1, 0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4}, frame}));
    add_frame(out, "a skippable frame behind",
              joined({small, {0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4}}));
    add_frame(out, "the magic number of zstd 0.7",
              joined({{1, 0x27, 0xb5, 0x2f, 0xfd}, Bytes(60, 0)}));
    add_frame(out, "a magic number and nothing", {1, 0x28, 0xb5, 0x2f, 0xfd});
    add_frame(out, "the reserved kind of block",
              joined({claiming(1'000), {0x07, 0x00, 0x00}, Bytes(60, 0)}));
    add_frame(out, "a block of 2 MiB", joined({claiming(1'000), {0x05, 0xff, 0xff}, Bytes(60, 0)}));
    add_frame(out, "an unknown form", Bytes(1'000, 2));
    add_frame(out, "nothing at all", {});
    add_frame(out, "plain bytes above the bound", Bytes((16U << 20U) + 2, 0));
}

}  // namespace

std::vector<Bomb> frame_bombs() {
    std::vector<Bomb> out;
    add_claims(out);
    add_inflating(out);
    add_profiles(out);
    return out;
}

}  // namespace godwit
