/// How much one answer tells.
#pragma once

#include <cstddef>
#include <cstdint>

namespace godwit {

/// About how many bytes at most. One of each is told whatever its size; the rest is asked for.
struct AnswerBounds {
    std::size_t statement_bytes{1U << 20U};
    std::size_t parked_bytes{1U << 20U};    ///< Bodies of parked changes.
    std::uint64_t record_bytes{8U << 20U};  ///< A request may ask for less.
};

}  // namespace godwit
