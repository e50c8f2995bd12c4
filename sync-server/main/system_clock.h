/// The machine's wall clock.
#pragma once

#include <chrono>

#include "shared/base/wall_clock.h"

namespace godwit {

class SystemClock final : public WallClock {
public:
    [[nodiscard]] std::int64_t now_ms() const override {
        const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
    }
};

}  // namespace godwit
