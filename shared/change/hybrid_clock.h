/// A hybrid logical clock: wall time that never runs backwards, so that a change made
/// on a phone with a wrong clock still sorts after everything that phone had seen.
///
/// Invariants
///   - now() exceeds every time this clock has returned or witnessed.
///   - A peer's time beyond `drift_max` is never adopted, though its change is kept:
///     one broken phone must not drag every replica into the future.
///
/// Spec: change-format §2. Source: Kulkarni et al., Logical Physical Clocks (2014).
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

#include "shared/base/result.h"
#include "shared/base/wall_clock.h"

namespace godwit {

/// Wall times lie within ±wall_ms_max, so that every JSON reader holds them exactly and offsets
/// add up without overflow.
inline constexpr std::int64_t wall_ms_max = std::int64_t{1} << 53;

/// One instant. Totally ordered; dots break ties.
struct HybridTime {
    std::int64_t wall_ms{};  ///< Unix time, milliseconds, UTC.
    std::uint32_t tick{};    ///< Order within one millisecond, from 0.

    std::strong_ordering operator<=>(const HybridTime&) const = default;
};

class HybridClock {
public:
    static constexpr std::chrono::milliseconds drift_max{120'000};

    /// `last` is the newest time in the change log. `wall` must outlive the clock.
    HybridClock(const WallClock& wall, HybridTime last) : wall_(wall), last_(last) {}

    /// The time for a new change. When wall time stalls or steps back, `tick` advances.
    [[nodiscard]] HybridTime now();

    /// Notes a peer's time, so that later changes sort after it.
    /// Fails with clock_ahead when `peer` is beyond `drift_max`; the clock is unchanged.
    Result<void> witness(HybridTime peer);

private:
    [[nodiscard]] std::int64_t wall_ms() const;

    const WallClock& wall_;
    HybridTime last_;
};

}  // namespace godwit
