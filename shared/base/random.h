/// Chance, handed in: shared code has none of its own.
#pragma once

#include <span>

#include "shared/base/id.h"

namespace godwit {

class Random {
public:
    virtual ~Random() = default;

    /// Fills `out` with unpredictable bytes.
    virtual void fill(std::span<std::uint8_t> out) = 0;

    template <typename IdType>
    IdType id() {
        IdType made;
        fill(made.bytes);
        return made;
    }

    /// A UUIDv4 (RFC 9562 §5.4): random, so an id that outlives erasure tells no time.
    RecordId record_id() {
        auto made = id<RecordId>();
        made.bytes[6] = static_cast<std::uint8_t>((made.bytes[6] & 0x0fU) | 0x40U);
        made.bytes[8] = static_cast<std::uint8_t>((made.bytes[8] & 0x3fU) | 0x80U);
        return made;
    }
};

}  // namespace godwit
