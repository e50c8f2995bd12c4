#include "shared/change/hybrid_clock.h"

#include <algorithm>
#include <limits>

#include "shared/base/planted.h"

namespace godwit {

namespace {

/// The clock stays a day short of what a change may hold, so that ticks that carry over and peers
/// within the drift bound still find room.
constexpr std::int64_t clock_ms_max = wall_ms_max - 86'400'000;

}  // namespace

std::int64_t HybridClock::wall_ms() const {
    return std::clamp(wall_.now_ms(), -wall_ms_max, clock_ms_max);
}

HybridTime HybridClock::now() {
    const std::int64_t wall = wall_ms();
    if (wall > last_.wall_ms || is_planted(PlantedBug::clock_runs_back)) {
        last_ = {wall, 0};
    } else if (last_.tick < std::numeric_limits<std::uint32_t>::max()) {
        ++last_.tick;
    } else {
        GODWIT_ASSERT(last_.wall_ms < wall_ms_max);  // Nothing a clock returned comes near it.
        last_ = {last_.wall_ms + 1, 0};
    }
    return last_;
}

Result<void> HybridClock::witness(HybridTime peer) {
    if (peer.wall_ms > wall_ms() + drift_max.count()) {
        return Error{ErrorCode::clock_ahead, "by more than two minutes"};
    }
    last_ = std::max(last_, peer);
    return ok();
}

}  // namespace godwit
