#include "tests/simulation/known_cipher.h"

#include <sodium.h>

#include "tests/simulation/chance.h"

namespace godwit::simulation {
namespace {

Chance& sodium_chance() {
    static Chance chance(0);
    return chance;
}

const char* name_of_chance() {
    return "seeded";
}

std::uint32_t next_number() {
    return static_cast<std::uint32_t>(sodium_chance().next());
}

void fill(void* const buffer, const std::size_t size) {
    auto* at = static_cast<std::uint8_t*>(buffer);
    for (std::size_t index = 0; index < size; ++index) {
        at[index] = static_cast<std::uint8_t>(sodium_chance().next());
    }
}

randombytes_implementation seeded = {name_of_chance, next_number, nullptr, nullptr, fill, nullptr};

SodiumCipher started() {
    randombytes_set_implementation(&seeded);
    auto cipher = SodiumCipher::create();
    GODWIT_ASSERT(cipher);
    return *cipher;
}

enum class Kind : std::uint8_t { signature = 1, box = 2, usable = 3, agreement = 4 };

/// A name for a question: two questions share it only if they are the same.
Digest name(Kind kind, std::initializer_list<ByteView> parts) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, sizeof(Digest));
    crypto_generichash_update(&state, reinterpret_cast<const std::uint8_t*>(&kind), 1);
    for (const ByteView part : parts) {
        const std::uint64_t size = part.size();
        crypto_generichash_update(&state, reinterpret_cast<const std::uint8_t*>(&size),
                                  sizeof size);
        crypto_generichash_update(&state, part.data(), part.size());
    }
    Digest out{};
    crypto_generichash_final(&state, out.data(), out.size());
    return out;
}

}  // namespace

void begin_sodium_chance(std::uint64_t seed) {
    sodium_chance() = Chance(seed);
}

KnownCipher::KnownCipher() : sodium_(started()) {}

const Bytes* KnownCipher::find(const Digest& which) const {
    if (const auto found = kept_.find(which); found != kept_.end()) return &found->second;
    const auto found = known_.find(which);
    return found == known_.end() ? nullptr : &found->second;
}

void KnownCipher::remember(const Digest& which, Bytes value) const {
    known_.emplace(which, std::move(value));
}

void KnownCipher::forget() const {
    const std::lock_guard lock(mutex_);
    known_.clear();
}

void KnownCipher::keep() const {
    const std::lock_guard lock(mutex_);
    kept_.merge(known_);
    known_.clear();
}

SigningKeyPair KnownCipher::make_signing_keys(Random& random) const {
    return sodium_.make_signing_keys(random);
}

SigningKeyPair KnownCipher::signing_keys_from(const SigningSeed& seed) const {
    return sodium_.signing_keys_from(seed);
}

BoxKeyPair KnownCipher::make_box_keys(Random& random) const {
    return sodium_.make_box_keys(random);
}

BoxPublicKey KnownCipher::public_key_of(const BoxSecretKey& secret) const {
    return sodium_.public_key_of(secret);
}

bool KnownCipher::is_usable(const BoxPublicKey& key) const {
    const Digest which = name(Kind::usable, {key.view()});
    const std::lock_guard lock(mutex_);
    if (const Bytes* known = find(which)) return !known->empty();
    const bool usable = sodium_.is_usable(key);
    remember(which, Bytes(usable ? 1 : 0));
    return usable;
}

Signature KnownCipher::sign(ByteView message, const SigningSecretKey& key) const {
    const Signature signature = sodium_.sign(message, key);
    // The second half of a secret key is its public key.
    const ByteView public_half = key.view().subspan(SigningSecretKey::size / 2);
    const std::lock_guard lock(mutex_);
    remember(name(Kind::signature, {public_half, signature, message}), Bytes(1));
    return signature;
}

bool KnownCipher::verify(ByteView message, const Signature& signature,
                         const SigningPublicKey& key) const {
    const Digest which = name(Kind::signature, {key.view(), signature, message});
    const std::lock_guard lock(mutex_);
    if (const Bytes* known = find(which)) return !known->empty();
    const bool holds = sodium_.verify(message, signature, key);
    remember(which, Bytes(holds ? 1 : 0));
    return holds;
}

Bytes KnownCipher::seal(ByteView message, ByteView associated,
                        std::span<const std::uint8_t, 32> key, Random& random) const {
    return sodium_.seal(message, associated, key, random);
}

Result<Bytes> KnownCipher::open(ByteView sealed, ByteView associated,
                                std::span<const std::uint8_t, 32> key) const {
    return sodium_.open(sealed, associated, key);
}

Bytes KnownCipher::seal_at(std::span<const std::uint8_t, nonce_bytes> nonce, ByteView message,
                           ByteView associated, std::span<const std::uint8_t, 32> key) const {
    return sodium_.seal_at(nonce, message, associated, key);
}

Result<Bytes> KnownCipher::open_at(std::span<const std::uint8_t, nonce_bytes> nonce,
                                   ByteView sealed, ByteView associated,
                                   std::span<const std::uint8_t, 32> key) const {
    return sodium_.open_at(nonce, sealed, associated, key);
}

Result<SharedSecret> KnownCipher::agree(const BoxSecretKey& own, const BoxPublicKey& other) const {
    const Digest which = name(Kind::agreement, {own.view(), other.view()});
    const std::lock_guard lock(mutex_);
    if (const Bytes* known = find(which)) {
        SharedSecret secret;
        std::memcpy(secret.bytes.data(), known->data(), secret.bytes.size());
        return secret;
    }
    auto secret = sodium_.agree(own, other);
    if (secret) remember(which, copy_of(secret->view()));
    return secret;
}

Bytes KnownCipher::box(ByteView message, const BoxPublicKey& to) const {
    return sodium_.box(message, to);
}

Result<Bytes> KnownCipher::open_box(ByteView boxed, const BoxKeyPair& keys) const {
    const Digest which = name(Kind::box, {keys.public_key.view(), keys.secret_key.view(), boxed});
    const std::lock_guard lock(mutex_);
    if (const Bytes* known = find(which)) return *known;
    auto opened = sodium_.open_box(boxed, keys);
    if (opened) remember(which, *opened);
    return opened;
}

Result<StoreKey> KnownCipher::derive_store_key(std::string_view phrase,
                                               std::span<const std::uint8_t, 16> salt, std::size_t,
                                               std::uint32_t) const {
    StoreKey key;
    key.bytes = sodium_.keyed_hash(bytes_of(phrase), salt);
    return key;
}

Digest KnownCipher::keyed_hash(ByteView message, ByteView key) const {
    return sodium_.keyed_hash(message, key);
}

bool KnownCipher::is_same_secret(ByteView left, ByteView right) const {
    return sodium_.is_same_secret(left, right);
}

}  // namespace godwit::simulation
