/// libsodium's cipher, but for the price of a phrase: what opens many stores does so without 64 MiB
/// of Argon2id for each. Everything else is the real thing, and a wrong phrase is as wrong.
#pragma once

#include "shared/sodium/sodium_cipher.h"

namespace godwit {

class CheapPhraseCipher : public SodiumCipher {
public:
    explicit CheapPhraseCipher(const SodiumCipher& real) : SodiumCipher(real) {}

    [[nodiscard]] Result<StoreKey> derive_store_key(std::string_view phrase,
                                                    std::span<const std::uint8_t, 16> salt,
                                                    std::size_t /*memory_bytes*/,
                                                    std::uint32_t /*passes*/) const override {
        constexpr std::size_t memory_bytes_min = 8192;
        return SodiumCipher::derive_store_key(phrase, salt, memory_bytes_min, 1);
    }
};

}  // namespace godwit
