/// Sums and differences that stop at what 64 bits can say: what a clock elsewhere claims may be
/// anything.
#pragma once

#include <cstdint>
#include <limits>

namespace godwit {

inline std::int64_t saturating_sum(std::int64_t left, std::int64_t right) {
    using Limits = std::numeric_limits<std::int64_t>;
    std::int64_t out = 0;
    if (!__builtin_add_overflow(left, right, &out)) return out;
    return right < 0 ? Limits::min() : Limits::max();
}

inline std::int64_t saturating_difference(std::int64_t left, std::int64_t right) {
    using Limits = std::numeric_limits<std::int64_t>;
    std::int64_t out = 0;
    if (!__builtin_sub_overflow(left, right, &out)) return out;
    return left < right ? Limits::min() : Limits::max();
}

}  // namespace godwit
