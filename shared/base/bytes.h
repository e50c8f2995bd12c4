/// Byte strings and views, and the few operations on them that every layer needs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace godwit {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// A SHA-256 digest.
using Digest = std::array<std::uint8_t, 32>;

/// The bytes of `text`, in place.
inline ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// `bytes` read as text, in place. Says nothing about their encoding.
inline std::string_view text_of(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline void append(Bytes& to, ByteView more) {
    to.insert(to.end(), more.begin(), more.end());
}

inline Bytes copy_of(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

inline bool is_equal(ByteView left, ByteView right) {
    return left.size() == right.size() &&
           (left.empty() || std::memcmp(left.data(), right.data(), left.size()) == 0);
}

/// `number` in eight bytes, most significant first: how integers enter signed statements.
inline std::array<std::uint8_t, 8> big_endian(std::uint64_t number) {
    std::array<std::uint8_t, 8> out{};
    for (int index = 7; index >= 0; --index) {
        out[static_cast<std::size_t>(index)] = static_cast<std::uint8_t>(number & 0xffU);
        number >>= 8U;
    }
    return out;
}

}  // namespace godwit
