/// The cipher of a simulated world: real libsodium, with three differences that change no result a
/// world could notice except its speed.
///
///   - A store key is derived from its phrase by one keyed hash instead of 64 MiB of Argon2id.
///   - What was verified, opened or judged once is remembered by all that went into it.
///   - libsodium's own chance (the ephemeral keys of boxes) is seeded.
#pragma once

#include <mutex>
#include <unordered_map>

#include "shared/sodium/sodium_cipher.h"

namespace godwit::simulation {

/// Seeds what libsodium draws by itself. For the whole process.
void begin_sodium_chance(std::uint64_t seed);

class KnownCipher final : public Cipher {
public:
    KnownCipher();

    [[nodiscard]] SigningKeyPair make_signing_keys(Random& random) const override;
    [[nodiscard]] SigningKeyPair signing_keys_from(const SigningSeed& seed) const override;
    [[nodiscard]] BoxKeyPair make_box_keys(Random& random) const override;
    [[nodiscard]] BoxPublicKey public_key_of(const BoxSecretKey& secret) const override;
    [[nodiscard]] bool is_usable(const BoxPublicKey& key) const override;
    [[nodiscard]] Signature sign(ByteView message, const SigningSecretKey& key) const override;
    [[nodiscard]] bool verify(ByteView message, const Signature& signature,
                              const SigningPublicKey& key) const override;
    [[nodiscard]] Bytes seal(ByteView message, ByteView associated,
                             std::span<const std::uint8_t, 32> key, Random& random) const override;
    [[nodiscard]] Result<Bytes> open(ByteView sealed, ByteView associated,
                                     std::span<const std::uint8_t, 32> key) const override;
    [[nodiscard]] Bytes seal_at(std::span<const std::uint8_t, nonce_bytes> nonce, ByteView message,
                                ByteView associated,
                                std::span<const std::uint8_t, 32> key) const override;
    [[nodiscard]] Result<Bytes> open_at(std::span<const std::uint8_t, nonce_bytes> nonce,
                                        ByteView sealed, ByteView associated,
                                        std::span<const std::uint8_t, 32> key) const override;
    [[nodiscard]] Result<SharedSecret> agree(const BoxSecretKey& own,
                                             const BoxPublicKey& other) const override;
    [[nodiscard]] Bytes box(ByteView message, const BoxPublicKey& to) const override;
    [[nodiscard]] Result<Bytes> open_box(ByteView boxed, const BoxKeyPair& keys) const override;
    [[nodiscard]] Result<StoreKey> derive_store_key(std::string_view phrase,
                                                    std::span<const std::uint8_t, 16> salt,
                                                    std::size_t memory_bytes,
                                                    std::uint32_t passes) const override;
    [[nodiscard]] Digest keyed_hash(ByteView message, ByteView key) const override;
    [[nodiscard]] bool is_same_secret(ByteView left, ByteView right) const override;

    /// Forgets what was remembered since the last call with `true`: between seeds, so that memory
    /// does not grow with their number. What templates taught it stays.
    void forget() const;
    /// What is remembered now stays for good.
    void keep() const;

private:
    struct DigestHash {
        std::size_t operator()(const Digest& digest) const noexcept {
            std::size_t out = 0;
            std::memcpy(&out, digest.data(), sizeof out);
            return out;
        }
    };
    using Known = std::unordered_map<Digest, Bytes, DigestHash>;

    [[nodiscard]] const Bytes* find(const Digest& name) const;
    void remember(const Digest& name, Bytes value) const;

    SodiumCipher sodium_;
    mutable std::mutex mutex_;
    mutable Known known_;
    mutable Known kept_;
};

}  // namespace godwit::simulation
