#include "shared/sodium/sodium_cipher.h"

#include <sodium.h>

namespace godwit {

static_assert(Cipher::nonce_bytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(Cipher::tag_bytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(Cipher::box_overhead_bytes == crypto_box_SEALBYTES);
static_assert(SigningPublicKey::size == crypto_sign_PUBLICKEYBYTES);
static_assert(SigningSecretKey::size == crypto_sign_SECRETKEYBYTES);
static_assert(SigningSeed::size == crypto_sign_SEEDBYTES);
static_assert(BoxPublicKey::size == crypto_box_PUBLICKEYBYTES);
static_assert(BoxSecretKey::size == crypto_box_SECRETKEYBYTES);
static_assert(StoreKey::size == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

Result<SodiumCipher> SodiumCipher::create() {
    if (sodium_init() < 0) {
        return Error{ErrorCode::storage_failed, "the cryptographic library did not start"};
    }
    return SodiumCipher{};
}

SigningKeyPair SodiumCipher::make_signing_keys(Random& random) const {
    SigningSeed seed;
    random.fill(seed.bytes);
    return signing_keys_from(seed);
}

SigningKeyPair SodiumCipher::signing_keys_from(const SigningSeed& seed) const {
    SigningKeyPair pair;
    crypto_sign_seed_keypair(pair.public_key.bytes.data(), pair.secret_key.bytes.data(),
                             seed.bytes.data());
    return pair;
}

BoxKeyPair SodiumCipher::make_box_keys(Random& random) const {
    BoxKeyPair pair;
    random.fill(pair.secret_key.bytes);
    pair.public_key = public_key_of(pair.secret_key);
    return pair;
}

BoxPublicKey SodiumCipher::public_key_of(const BoxSecretKey& secret) const {
    BoxPublicKey key;
    crypto_scalarmult_base(key.bytes.data(), secret.bytes.data());
    return key;
}

bool SodiumCipher::is_usable(const BoxPublicKey& key) const {
    // Any scalar tells: clamping makes it a multiple of eight, which takes every point of small
    // order to zero, and libsodium refuses that result.
    BoxSecretKey scalar;
    scalar.bytes.fill(1);
    BoxSecretKey shared;
    return crypto_scalarmult(shared.bytes.data(), scalar.bytes.data(), key.bytes.data()) == 0;
}

Signature SodiumCipher::sign(ByteView message, const SigningSecretKey& key) const {
    Signature signature{};
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                         key.bytes.data());
    return signature;
}

bool SodiumCipher::verify(ByteView message, const Signature& signature,
                          const SigningPublicKey& key) const {
    return crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                       key.bytes.data()) == 0;
}

Bytes SodiumCipher::seal(ByteView message, ByteView associated,
                         std::span<const std::uint8_t, 32> key, Random& random) const {
    Bytes out(nonce_bytes + message.size() + tag_bytes);
    random.fill(std::span(out).first(nonce_bytes));
    crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + nonce_bytes, nullptr, message.data(),
                                               message.size(), associated.data(), associated.size(),
                                               nullptr, out.data(), key.data());
    return out;
}

Bytes SodiumCipher::seal_at(std::span<const std::uint8_t, nonce_bytes> nonce, ByteView message,
                            ByteView associated, std::span<const std::uint8_t, 32> key) const {
    Bytes out(message.size() + tag_bytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out.data(), nullptr, message.data(), message.size(),
                                               associated.data(), associated.size(), nullptr,
                                               nonce.data(), key.data());
    return out;
}

Result<Bytes> SodiumCipher::open_at(std::span<const std::uint8_t, nonce_bytes> nonce,
                                    ByteView sealed, ByteView associated,
                                    std::span<const std::uint8_t, 32> key) const {
    if (sealed.size() < tag_bytes) return Error{ErrorCode::cannot_open, "too short to be sealed"};
    Bytes out(sealed.size() - tag_bytes);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            out.data(), nullptr, nullptr, sealed.data(), sealed.size(), associated.data(),
            associated.size(), nonce.data(), key.data()) != 0) {
        return ErrorCode::cannot_open;
    }
    return out;
}

Result<SharedSecret> SodiumCipher::agree(const BoxSecretKey& own, const BoxPublicKey& other) const {
    SharedSecret shared;
    if (crypto_scalarmult(shared.bytes.data(), own.bytes.data(), other.bytes.data()) != 0) {
        return Error{ErrorCode::bad_key, "a key of small order keeps nothing secret"};
    }
    return shared;
}

Result<Bytes> SodiumCipher::open(ByteView sealed, ByteView associated,
                                 std::span<const std::uint8_t, 32> key) const {
    if (sealed.size() < nonce_bytes + tag_bytes) {
        return Error{ErrorCode::cannot_open, "too short to be sealed"};
    }
    Bytes out(sealed.size() - nonce_bytes - tag_bytes);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            out.data(), nullptr, nullptr, sealed.data() + nonce_bytes, sealed.size() - nonce_bytes,
            associated.data(), associated.size(), sealed.data(), key.data()) != 0) {
        return ErrorCode::cannot_open;
    }
    return out;
}

Bytes SodiumCipher::box(ByteView message, const BoxPublicKey& to) const {
    Bytes out(box_overhead_bytes + message.size());
    const int outcome =
        crypto_box_seal(out.data(), message.data(), message.size(), to.bytes.data());
    // The roster lets in no key that is_usable() refuses.
    GODWIT_ASSERT(outcome == 0);
    return out;
}

Result<Bytes> SodiumCipher::open_box(ByteView boxed, const BoxKeyPair& keys) const {
    if (boxed.size() < box_overhead_bytes) {
        return Error{ErrorCode::cannot_open, "too short to be boxed"};
    }
    Bytes out(boxed.size() - box_overhead_bytes);
    if (crypto_box_seal_open(out.data(), boxed.data(), boxed.size(), keys.public_key.bytes.data(),
                             keys.secret_key.bytes.data()) != 0) {
        return ErrorCode::cannot_open;
    }
    return out;
}

Result<StoreKey> SodiumCipher::derive_store_key(std::string_view phrase,
                                                std::span<const std::uint8_t, 16> salt,
                                                std::size_t memory_bytes,
                                                std::uint32_t passes) const {
    static_assert(crypto_pwhash_argon2id_SALTBYTES == 16);
    StoreKey key;
    if (crypto_pwhash_argon2id(key.bytes.data(), key.bytes.size(), phrase.data(), phrase.size(),
                               salt.data(), passes, memory_bytes,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
        return Error{ErrorCode::storage_failed,
                     "no " + std::to_string(memory_bytes) + " bytes of memory to derive the key"};
    }
    return key;
}

Digest SodiumCipher::keyed_hash(ByteView message, ByteView key) const {
    GODWIT_ASSERT(key.size() <= crypto_generichash_KEYBYTES_MAX);
    Digest out{};
    crypto_generichash(out.data(), out.size(), message.data(), message.size(), key.data(),
                       key.size());
    return out;
}

bool SodiumCipher::is_same_secret(ByteView left, ByteView right) const {
    return left.size() == right.size() &&
           sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace godwit
