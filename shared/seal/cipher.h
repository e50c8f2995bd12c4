/// The primitives sealing rests on, as an interface; shared/sodium is its form.
/// One suite per format version, no negotiation.
///
/// Spec: sealing §1. Source: libsodium 1.0.18.
#pragma once

#include <string_view>

#include "shared/base/random.h"
#include "shared/base/result.h"
#include "shared/change/segment.h"
#include "shared/seal/keys.h"

namespace godwit {

class Cipher {
public:
    static constexpr std::size_t nonce_bytes = 24;
    static constexpr std::size_t tag_bytes = 16;
    static constexpr std::size_t box_overhead_bytes = 48;  ///< Ephemeral key and tag.

    /// Cost of deriving a store key: 64 MiB, three passes.
    static constexpr std::size_t phrase_memory_bytes = 64U << 20U;
    static constexpr std::uint32_t phrase_passes = 3;

    virtual ~Cipher() = default;

    [[nodiscard]] virtual SigningKeyPair make_signing_keys(Random& random) const = 0;
    [[nodiscard]] virtual SigningKeyPair signing_keys_from(const SigningSeed& seed) const = 0;
    [[nodiscard]] virtual BoxKeyPair make_box_keys(Random& random) const = 0;
    [[nodiscard]] virtual BoxPublicKey public_key_of(const BoxSecretKey& secret) const = 0;

    /// False for the few points of small order, to which nothing can be boxed in secret.
    /// Whoever learns a key from others asks before keeping it: box() takes no other.
    [[nodiscard]] virtual bool is_usable(const BoxPublicKey& key) const = 0;

    /// Ed25519 (RFC 8032), deterministic.
    [[nodiscard]] virtual Signature sign(ByteView message, const SigningSecretKey& key) const = 0;
    [[nodiscard]] virtual bool verify(ByteView message, const Signature& signature,
                                      const SigningPublicKey& key) const = 0;

    /// nonce ‖ ciphertext ‖ tag, XChaCha20-Poly1305 with a random nonce.
    [[nodiscard]] virtual Bytes seal(ByteView message, ByteView associated,
                                     std::span<const std::uint8_t, 32> key,
                                     Random& random) const = 0;
    /// Fails with cannot_open when key, associated data or bytes are not those of seal().
    [[nodiscard]] virtual Result<Bytes> open(ByteView sealed, ByteView associated,
                                             std::span<const std::uint8_t, 32> key) const = 0;

    /// The same with a nonce the caller answers for: one nonce and key never meet two messages.
    /// Yields ciphertext ‖ tag.
    [[nodiscard]] virtual Bytes seal_at(std::span<const std::uint8_t, nonce_bytes> nonce,
                                        ByteView message, ByteView associated,
                                        std::span<const std::uint8_t, 32> key) const = 0;
    /// Fails with cannot_open.
    [[nodiscard]] virtual Result<Bytes> open_at(std::span<const std::uint8_t, nonce_bytes> nonce,
                                                ByteView sealed, ByteView associated,
                                                std::span<const std::uint8_t, 32> key) const = 0;

    /// What the holders of two X25519 key pairs, and nobody else, can compute. To be hashed with
    /// what it is for before it is a key. Fails with bad_key for a point of small order.
    [[nodiscard]] virtual Result<SharedSecret> agree(const BoxSecretKey& own,
                                                     const BoxPublicKey& other) const = 0;

    /// An anonymous box to `to` (crypto_box_seal).
    [[nodiscard]] virtual Bytes box(ByteView message, const BoxPublicKey& to) const = 0;
    /// Fails with cannot_open.
    [[nodiscard]] virtual Result<Bytes> open_box(ByteView boxed, const BoxKeyPair& keys) const = 0;

    /// Argon2id over a phrase. Fails with storage_failed when the memory is not to be had.
    [[nodiscard]] virtual Result<StoreKey> derive_store_key(std::string_view phrase,
                                                            std::span<const std::uint8_t, 16> salt,
                                                            std::size_t memory_bytes,
                                                            std::uint32_t passes) const = 0;

    /// BLAKE2b-256, keyed when `key` is not empty.
    [[nodiscard]] virtual Digest keyed_hash(ByteView message, ByteView key) const = 0;

    /// Compares in constant time.
    [[nodiscard]] virtual bool is_same_secret(ByteView left, ByteView right) const = 0;
};

}  // namespace godwit
