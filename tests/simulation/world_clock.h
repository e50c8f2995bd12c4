/// A clock that a world sets: the true time, and how wrong this one is.
#pragma once

#include "shared/base/wall_clock.h"

namespace godwit::simulation {

/// 2026-11-21T19:20:36Z
inline constexpr std::int64_t first_moment_ms = 1'795'288'836'000;

class WorldClock final : public WallClock {
public:
    explicit WorldClock(const std::int64_t& true_ms) : true_ms_(true_ms) {}
    [[nodiscard]] std::int64_t now_ms() const override { return true_ms_ + wrong_by_ms; }

    std::int64_t wrong_by_ms{};

private:
    const std::int64_t& true_ms_;
};

}  // namespace godwit::simulation
