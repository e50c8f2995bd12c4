/// Wall time, handed in: shared code has no clock of its own.
#pragma once

#include <cstdint>

namespace godwit {

class WallClock {
public:
    virtual ~WallClock() = default;

    /// Unix time in milliseconds, UTC, as the machine believes it. May stall, jump or be wrong.
    [[nodiscard]] virtual std::int64_t now_ms() const = 0;
};

}  // namespace godwit
