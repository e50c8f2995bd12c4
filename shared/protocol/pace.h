/// How much one request may carry and one answer bring: little at first, so that a link that breaks
/// every few seconds still gets something through, and more while answers come soon.
///
/// A cut costs one request again. Bounds are soft; one segment or record always goes.
///
/// Spec: exchange §5.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace godwit {

class Pace {
public:
    static constexpr std::size_t bytes_min = 32U << 10U;
    static constexpr std::size_t bytes_max = 4U << 20U;

    /// Packed segments of the next request, in bytes.
    [[nodiscard]] std::size_t upload_bytes() const { return bytes_; }

    /// States that the next answer should bring, in bytes before they are deflated.
    [[nodiscard]] std::uint64_t answer_bytes() const { return std::uint64_t{bytes_} * 2; }

    /// An answer came after `elapsed_ms`; a clock that was set meanwhile may say anything.
    void note_answer(std::int64_t elapsed_ms) {
        if (elapsed_ms >= 0 && elapsed_ms <= soon_ms) {
            bytes_ = std::min(bytes_ * 4, bytes_max);
        } else if (elapsed_ms > late_ms) {
            bytes_ = std::max(bytes_ / 2, bytes_min);
        }
    }

private:
    static constexpr std::int64_t soon_ms = 2'000;
    static constexpr std::int64_t late_ms = 8'000;
    std::size_t bytes_{64U << 10U};
};

}  // namespace godwit
