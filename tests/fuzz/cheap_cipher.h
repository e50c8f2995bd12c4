/// Primitives that cost next to nothing and that a mutated input can satisfy, so that fuzzing
/// reaches what stands behind a signature. Nothing here is secret or hard to forge.
#pragma once

#include "shared/seal/cipher.h"

namespace godwit {

/// Chance without surprise: counts upward.
class CountingRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out) byte = ++last_;
    }

private:
    std::uint8_t last_{};
};

class CheapCipher final : public Cipher {
public:
    [[nodiscard]] SigningKeyPair make_signing_keys(Random& random) const override {
        SigningSeed seed;
        random.fill(seed.bytes);
        return signing_keys_from(seed);
    }
    [[nodiscard]] SigningKeyPair signing_keys_from(const SigningSeed& seed) const override {
        SigningKeyPair keys;
        keys.public_key.bytes = seed.bytes;
        return keys;
    }
    [[nodiscard]] BoxKeyPair make_box_keys(Random& random) const override {
        BoxKeyPair keys;
        random.fill(keys.secret_key.bytes);
        keys.public_key.bytes = keys.secret_key.bytes;
        return keys;
    }
    [[nodiscard]] BoxPublicKey public_key_of(const BoxSecretKey& secret) const override {
        BoxPublicKey key;
        key.bytes = secret.bytes;
        return key;
    }
    [[nodiscard]] bool is_usable(const BoxPublicKey& key) const override {
        return key != BoxPublicKey{};
    }

    [[nodiscard]] Signature sign(ByteView /*message*/,
                                 const SigningSecretKey& /*key*/) const override {
        return {};
    }
    /// Every signature holds but those that begin with 255.
    [[nodiscard]] bool verify(ByteView /*message*/, const Signature& signature,
                              const SigningPublicKey& /*key*/) const override {
        return signature.front() != 0xff;
    }

    [[nodiscard]] Bytes seal(ByteView message, ByteView /*associated*/,
                             std::span<const std::uint8_t, 32> /*key*/,
                             Random& /*random*/) const override {
        Bytes out(nonce_bytes);
        append(out, message);
        out.resize(out.size() + tag_bytes);
        return out;
    }
    /// Opens whatever is long enough and does not end in 255.
    [[nodiscard]] Result<Bytes> open(ByteView sealed, ByteView /*associated*/,
                                     std::span<const std::uint8_t, 32> /*key*/) const override {
        if (sealed.size() < nonce_bytes + tag_bytes || sealed.back() == 0xff) {
            return ErrorCode::cannot_open;
        }
        return copy_of(sealed.subspan(nonce_bytes, sealed.size() - nonce_bytes - tag_bytes));
    }

    [[nodiscard]] Bytes seal_at(std::span<const std::uint8_t, nonce_bytes> /*nonce*/,
                                ByteView message, ByteView /*associated*/,
                                std::span<const std::uint8_t, 32> /*key*/) const override {
        Bytes out = copy_of(message);
        out.resize(out.size() + tag_bytes);
        return out;
    }
    /// Opens whatever is long enough and does not end in 255.
    [[nodiscard]] Result<Bytes> open_at(std::span<const std::uint8_t, nonce_bytes> /*nonce*/,
                                        ByteView sealed, ByteView /*associated*/,
                                        std::span<const std::uint8_t, 32> /*key*/) const override {
        if (sealed.size() < tag_bytes || sealed.back() == 0xff) return ErrorCode::cannot_open;
        return copy_of(sealed.first(sealed.size() - tag_bytes));
    }
    [[nodiscard]] Result<SharedSecret> agree(const BoxSecretKey& own,
                                             const BoxPublicKey& other) const override {
        if (!is_usable(other)) return ErrorCode::bad_key;
        SharedSecret shared;
        for (std::size_t at = 0; at < SharedSecret::size; ++at) {
            shared.bytes[at] = own.bytes[at] ^ other.bytes[at];
        }
        return shared;
    }

    [[nodiscard]] Bytes box(ByteView message, const BoxPublicKey& /*to*/) const override {
        Bytes out(box_overhead_bytes);
        append(out, message);
        return out;
    }
    /// Opens whatever is long enough and does not begin with 255.
    [[nodiscard]] Result<Bytes> open_box(ByteView boxed,
                                         const BoxKeyPair& /*keys*/) const override {
        if (boxed.size() < box_overhead_bytes || boxed.front() == 0xff) {
            return ErrorCode::cannot_open;
        }
        return copy_of(boxed.subspan(box_overhead_bytes));
    }

    /// Holds its caller to the bounds a slot may ask for, and costs nothing.
    [[nodiscard]] Result<StoreKey> derive_store_key(std::string_view phrase,
                                                    std::span<const std::uint8_t, 16> salt,
                                                    std::size_t memory_bytes,
                                                    std::uint32_t passes) const override {
        GODWIT_ASSERT(memory_bytes >= 8192 && memory_bytes <= (1U << 30U));
        GODWIT_ASSERT(passes >= 1 && passes <= 64);
        StoreKey key;
        key.bytes = keyed_hash(bytes_of(phrase), salt);
        return key;
    }

    [[nodiscard]] Digest keyed_hash(ByteView message, ByteView key) const override {
        std::uint64_t hash = 0xcbf29ce484222325U;
        for (const ByteView part : {key, message}) {
            for (const std::uint8_t byte : part) hash = (hash ^ byte) * 0x100000001b3U;
        }
        Digest out{};
        const auto bytes = big_endian(hash);
        std::memcpy(out.data(), bytes.data(), bytes.size());
        return out;
    }

    [[nodiscard]] bool is_same_secret(ByteView left, ByteView right) const override {
        return is_equal(left, right);
    }
};

}  // namespace godwit
