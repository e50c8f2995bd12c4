#include "shared/sodium/sodium_random.h"

#include <sodium.h>

namespace godwit {

Result<SodiumRandom> SodiumRandom::create() {
    if (sodium_init() < 0) {
        return Error{ErrorCode::storage_failed, "the cryptographic library did not start"};
    }
    return SodiumRandom{};
}

void SodiumRandom::fill(std::span<std::uint8_t> out) {
    randombytes_buf(out.data(), out.size());
}

}  // namespace godwit
