#include "shared/protocol/frame.h"

#include <zstd.h>

#include "tests/support/catch.h"

namespace godwit {
namespace {

Bytes repeated(std::size_t count) {
    return Bytes(count, 'g');
}

Bytes noise(std::size_t count) {
    Bytes out(count);
    std::uint32_t state = 12345;
    for (auto& byte : out) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<std::uint8_t>(state >> 24U);
    }
    return out;
}

// A frame as some other sender might make it.
Bytes foreign_frame(ByteView message,
                    const std::vector<std::pair<ZSTD_cParameter, int>>& parameters) {
    ZSTD_CCtx* context = ZSTD_createCCtx();
    for (const auto& [parameter, value] : parameters) {
        REQUIRE(ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, value)) == 0);
    }
    Bytes out(1 + ZSTD_compressBound(message.size()));
    out[0] = 1;
    // Streamed, because a frame made in one go shrinks its window to the content.
    ZSTD_inBuffer in{message.data(), message.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 1};
    if (parameters.size() > 1 && parameters[1].second == 1) {
        ZSTD_CCtx_setPledgedSrcSize(context, message.size());
    }
    while (in.pos < in.size) {
        REQUIRE(ZSTD_isError(ZSTD_compressStream2(context, &to, &in, ZSTD_e_continue)) == 0);
    }
    REQUIRE(ZSTD_compressStream2(context, &to, &in, ZSTD_e_end) == 0);
    ZSTD_freeCCtx(context);
    out.resize(to.pos);
    return out;
}

ErrorCode refusal_of(ByteView frame, std::size_t bytes_max = message_bytes_max) {
    const auto outcome = decode_frame(frame, bytes_max);
    REQUIRE_FALSE(outcome);
    return outcome.error().code;
}

}  // namespace

TEST_CASE("a message comes back as it went in, whatever its size", "[protocol]") {
    const std::size_t size = GENERATE(0U, 1U, 5U, 300U, 70'000U, 3'000'000U, 16U << 20U);
    for (const Bytes& message : {repeated(size), noise(size)}) {
        const auto back = decode_frame(encode_frame(message));
        REQUIRE(back);
        CHECK(is_equal(*back, message));
    }
}

TEST_CASE("a frame is compressed only when that is shorter", "[protocol]") {
    CHECK(encode_frame(repeated(1000)).size() < 100);
    CHECK(encode_frame(repeated(1000))[0] == 1);
    const Bytes plain = encode_frame(noise(1000));
    CHECK(plain.size() == 1001);
    CHECK(plain[0] == 0);
}

TEST_CASE("a message above the receiver's bound is refused by what the frame declares",
          "[protocol]") {
    CHECK(decode_frame(encode_frame(repeated(1000)), 1000));
    CHECK(refusal_of(encode_frame(repeated(1001)), 1000) == ErrorCode::too_large);
    CHECK(decode_frame(encode_frame(noise(1000)), 1000));
    CHECK(refusal_of(encode_frame(noise(1001)), 1000) == ErrorCode::too_large);

    Bytes lying = encode_frame(repeated(60'000));
    REQUIRE(decode_frame(lying));
    // Its two-byte content size follows the descriptor; 65,791 is what fits there and is not so.
    lying[6] = 0xff;
    lying[7] = 0xff;
    CHECK(refusal_of(lying) == ErrorCode::malformed);
}

TEST_CASE("only one whole frame of our profile is a frame", "[protocol]") {
    const Bytes good = encode_frame(repeated(1000));
    REQUIRE(decode_frame(good));

    CHECK(refusal_of({}) == ErrorCode::malformed);
    CHECK(refusal_of(Bytes{2, 1, 1}) == ErrorCode::unknown_version);
    CHECK(refusal_of(Bytes{1}) == ErrorCode::malformed);

    Bytes trailing = good;
    trailing.push_back(0);
    CHECK(refusal_of(trailing) == ErrorCode::malformed);

    Bytes twice = good;
    append(twice, ByteView(good).subspan(1));
    CHECK(refusal_of(twice) == ErrorCode::malformed);

    const Bytes skippable{1, 0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 7};
    CHECK(refusal_of(skippable) == ErrorCode::malformed);
}

TEST_CASE("a frame without its size or checksum, or with a wide window, is refused", "[protocol]") {
    const Bytes message = noise(100'000);
    const auto size = ZSTD_c_contentSizeFlag;
    const auto sum = ZSTD_c_checksumFlag;
    const auto window = ZSTD_c_windowLog;
    CHECK(decode_frame(foreign_frame(message, {{sum, 1}, {size, 1}})));
    CHECK(refusal_of(foreign_frame(message, {{sum, 1}, {size, 0}})) == ErrorCode::malformed);
    CHECK(refusal_of(foreign_frame(message, {{sum, 0}, {size, 1}})) == ErrorCode::malformed);

    const Bytes large = noise(12'000'000);
    CHECK(decode_frame(foreign_frame(large, {{sum, 1}, {size, 1}, {window, 23}})));
    CHECK(refusal_of(foreign_frame(large, {{sum, 1}, {size, 1}, {window, 27}})) ==
          (ErrorCode::too_large));
}

TEST_CASE("a frame that names a dictionary is refused", "[protocol]") {
    Bytes named = encode_frame(repeated(1000));
    REQUIRE(decode_frame(named));
    named[5] = static_cast<std::uint8_t>(named[5] | 1U);
    CHECK(refusal_of(named) == ErrorCode::malformed);
}

TEST_CASE("every truncation and every flipped bit of a frame is refused", "[protocol]") {
    Bytes message = repeated(400);
    append(message, noise(60));
    const Bytes good = encode_frame(message);
    REQUIRE(good[0] == 1);
    for (std::size_t size = 0; size < good.size(); ++size) {
        CHECK_FALSE(decode_frame(ByteView(good).first(size)));
    }
    for (std::size_t bit = 8; bit < good.size() * 8; ++bit) {
        Bytes flipped = good;
        flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
        const auto outcome = decode_frame(flipped);
        // A bit of the window's or size's spare room may say the same thing in another way.
        const bool is_harmless = outcome && is_equal(*outcome, message);
        if (!is_harmless) CHECK_FALSE(outcome);
    }
}

TEST_CASE("a few bytes may not ask for megabytes, and nobody sends such a frame", "[protocol]") {
    const Bytes small(512U << 10U, 'a');
    CHECK(encode_frame(small).size() < 200);
    CHECK(*decode_frame(encode_frame(small)) == small);
    const Bytes large((512U << 10U) + 1, 'a');
    CHECK(encode_frame(large).size() == large.size() + 1);
    CHECK(*decode_frame(encode_frame(large)) == large);

    Bytes frame(1 + ZSTD_compressBound(large.size()));
    ZSTD_CCtx* const context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    frame[0] = 1;
    frame.resize(1 + ZSTD_compress2(context, frame.data() + 1, frame.size() - 1, large.data(),
                                    large.size()));
    ZSTD_freeCCtx(context);
    const auto inflated = decode_frame(frame);
    REQUIRE_FALSE(inflated);
    CHECK(inflated.error().code == ErrorCode::too_large);
}

}  // namespace godwit
