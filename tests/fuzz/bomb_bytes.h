/// How bombs are put together: heads that claim whatever they are told to.
#pragma once

#include <string_view>

#include "shared/base/bytes.h"

namespace godwit::bomb {

constexpr std::uint8_t unsigned_major = 0;
constexpr std::uint8_t bytes_major = 2;
constexpr std::uint8_t text_major = 3;
constexpr std::uint8_t array_major = 4;
constexpr std::uint8_t map_major = 5;

/// The shortest head of `major` with `argument`.
inline Bytes head(std::uint8_t major, std::uint64_t argument) {
    const auto first = static_cast<std::uint8_t>(major << 5U);
    if (argument < 24) return {static_cast<std::uint8_t>(first | argument)};
    const auto all = big_endian(argument);
    std::size_t bytes = 1;
    std::uint8_t info = 24;
    while (bytes < 8 && (argument >> (8 * bytes)) != 0) {
        bytes *= 2;
        ++info;
    }
    Bytes out{static_cast<std::uint8_t>(first | info)};
    append(out, ByteView(all).last(bytes));
    return out;
}

inline Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes out;
    for (const Bytes& part : parts) append(out, part);
    return out;
}

inline Bytes repeated(const Bytes& part, std::size_t count) {
    Bytes out;
    out.reserve(part.size() * count);
    for (std::size_t index = 0; index < count; ++index) append(out, part);
    return out;
}

inline Bytes string_of(std::size_t size) {
    return joined({head(bytes_major, size), Bytes(size, 7)});
}

/// A byte string of `size` that begins with `number`, so that a row of them ascends.
inline Bytes numbered(std::uint32_t number, std::size_t size = 16) {
    Bytes out = string_of(size);
    const auto digits = big_endian(number);
    const std::size_t start = out.size() - size;
    for (std::size_t index = 0; index < 4 && index < size; ++index) {
        out[start + index] = digits[4 + index];
    }
    return out;
}

}  // namespace godwit::bomb
