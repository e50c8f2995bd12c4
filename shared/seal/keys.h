/// Keys, each with its own type. Secret ones are wiped when they go, cannot be printed or
/// compared, and are moved rather than copied.
///
/// Spec: sealing §1.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "shared/base/bytes.h"

namespace godwit {

/// Overwrites `bytes` in a way no optimiser removes.
void wipe(std::span<std::uint8_t> bytes);
/// The same for `text`, which is empty then. Copies it left behind in growing are not reached.
void wipe(std::string& text);

template <typename Tag, std::size_t Size>
struct PublicKey {
    static constexpr std::size_t size = Size;
    std::array<std::uint8_t, Size> bytes{};

    std::strong_ordering operator<=>(const PublicKey&) const = default;
    [[nodiscard]] ByteView view() const { return {bytes.data(), bytes.size()}; }
};

/// Sensitive.
template <typename Tag, std::size_t Size>
struct SecretKey {
    static constexpr std::size_t size = Size;
    std::array<std::uint8_t, Size> bytes{};

    SecretKey() = default;
    SecretKey(const SecretKey&) = delete;
    SecretKey& operator=(const SecretKey&) = delete;
    SecretKey(SecretKey&& other) noexcept : bytes(other.bytes) { wipe(other.bytes); }
    SecretKey& operator=(SecretKey&& other) noexcept {
        if (this != &other) {
            bytes = other.bytes;
            wipe(other.bytes);
        }
        return *this;
    }
    ~SecretKey() { wipe(bytes); }

    /// A second holder of the same key, made on purpose.
    [[nodiscard]] SecretKey duplicate() const {
        SecretKey out;
        out.bytes = bytes;
        return out;
    }
    [[nodiscard]] ByteView view() const { return {bytes.data(), bytes.size()}; }
};

using SigningPublicKey = PublicKey<struct SigningTag, 32>;  ///< Ed25519.
using SigningSecretKey = SecretKey<struct SigningTag, 64>;  ///< Ed25519, as libsodium keeps it.
using SigningSeed = SecretKey<struct SigningSeedTag, 32>;
using BoxPublicKey = PublicKey<struct BoxTag, 32>;  ///< X25519.
using BoxSecretKey = SecretKey<struct BoxTag, 32>;
using RecordKey = SecretKey<struct RecordKeyTag, 32>;        ///< XChaCha20-Poly1305, one record.
using SharedSecret = SecretKey<struct SharedSecretTag, 32>;  ///< Of two X25519 key pairs.
using WrappingKey = SecretKey<struct WrappingKeyTag, 32>;    ///< Wraps of one maker and reader.
using OrganisationKey = SecretKey<struct OrganisationKeyTag, 32>;  ///< Opens names in the roster.
using StoreKey = SecretKey<struct StoreKeyTag, 32>;  ///< Seals the rows of a local store.

struct SigningKeyPair {
    SigningPublicKey public_key;
    SigningSecretKey secret_key;
};
struct BoxKeyPair {
    BoxPublicKey public_key;
    BoxSecretKey secret_key;
};

}  // namespace godwit
