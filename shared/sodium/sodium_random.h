/// Chance from the operating system, by way of libsodium.
///
/// Spec: sealing §1.
#pragma once

#include "shared/base/random.h"
#include "shared/base/result.h"

namespace godwit {

/// May be used from any number of threads at once.
class SodiumRandom final : public Random {
public:
    /// Fails with storage_failed when the library or the machine's source of chance does not start.
    static Result<SodiumRandom> create();

    void fill(std::span<std::uint8_t> out) override;

private:
    SodiumRandom() = default;
};

}  // namespace godwit
