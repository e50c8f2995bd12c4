/// libsodium's cipher, but for the price of a phrase: a thousand replicas on one machine unlock
/// without a thousand times 64 MiB. Everything else is the real thing.
#pragma once

#include "shared/sodium/sodium_cipher.h"

namespace godwit::bench {

class CheapPhraseCipher final : public Cipher {
public:
    explicit CheapPhraseCipher(const SodiumCipher& real) : real_(real) {}

    [[nodiscard]] SigningKeyPair make_signing_keys(Random& random) const override {
        return real_.make_signing_keys(random);
    }
    [[nodiscard]] SigningKeyPair signing_keys_from(const SigningSeed& seed) const override {
        return real_.signing_keys_from(seed);
    }
    [[nodiscard]] BoxKeyPair make_box_keys(Random& random) const override {
        return real_.make_box_keys(random);
    }
    [[nodiscard]] BoxPublicKey public_key_of(const BoxSecretKey& secret) const override {
        return real_.public_key_of(secret);
    }
    [[nodiscard]] bool is_usable(const BoxPublicKey& key) const override {
        return real_.is_usable(key);
    }
    [[nodiscard]] Signature sign(ByteView message, const SigningSecretKey& key) const override {
        return real_.sign(message, key);
    }
    [[nodiscard]] bool verify(ByteView message, const Signature& signature,
                              const SigningPublicKey& key) const override {
        return real_.verify(message, signature, key);
    }
    [[nodiscard]] Bytes seal(ByteView message, ByteView associated,
                             std::span<const std::uint8_t, 32> key, Random& random) const override {
        return real_.seal(message, associated, key, random);
    }
    [[nodiscard]] Result<Bytes> open(ByteView sealed, ByteView associated,
                                     std::span<const std::uint8_t, 32> key) const override {
        return real_.open(sealed, associated, key);
    }
    [[nodiscard]] Bytes seal_at(std::span<const std::uint8_t, nonce_bytes> nonce, ByteView message,
                                ByteView associated,
                                std::span<const std::uint8_t, 32> key) const override {
        return real_.seal_at(nonce, message, associated, key);
    }
    [[nodiscard]] Result<Bytes> open_at(std::span<const std::uint8_t, nonce_bytes> nonce,
                                        ByteView sealed, ByteView associated,
                                        std::span<const std::uint8_t, 32> key) const override {
        return real_.open_at(nonce, sealed, associated, key);
    }
    [[nodiscard]] Result<SharedSecret> agree(const BoxSecretKey& own,
                                             const BoxPublicKey& other) const override {
        return real_.agree(own, other);
    }
    [[nodiscard]] Bytes box(ByteView message, const BoxPublicKey& to) const override {
        return real_.box(message, to);
    }
    [[nodiscard]] Result<Bytes> open_box(ByteView boxed, const BoxKeyPair& keys) const override {
        return real_.open_box(boxed, keys);
    }
    [[nodiscard]] Result<StoreKey> derive_store_key(std::string_view phrase,
                                                    std::span<const std::uint8_t, 16> salt,
                                                    std::size_t /*memory_bytes*/,
                                                    std::uint32_t /*passes*/) const override {
        constexpr std::size_t memory_bytes_min = 8192;
        return real_.derive_store_key(phrase, salt, memory_bytes_min, 1);
    }
    [[nodiscard]] Digest keyed_hash(ByteView message, ByteView key) const override {
        return real_.keyed_hash(message, key);
    }
    [[nodiscard]] bool is_same_secret(ByteView left, ByteView right) const override {
        return real_.is_same_secret(left, right);
    }

private:
    const SodiumCipher& real_;
};

}  // namespace godwit::bench
