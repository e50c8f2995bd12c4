/// The primitives of sealing, from libsodium.
///
/// Spec: sealing §1. Source: libsodium 1.0.18.
#pragma once

#include "shared/seal/cipher.h"

namespace godwit {

/// Holds nothing; may be used from any number of threads at once.
class SodiumCipher : public Cipher {
public:
    /// Fails with storage_failed when the library or the machine's source of chance does not start.
    static Result<SodiumCipher> create();

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

protected:
    SodiumCipher() = default;
};

}  // namespace godwit
