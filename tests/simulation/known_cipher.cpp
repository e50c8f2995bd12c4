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

KnownCipher::KnownCipher() : CheapPhraseCipher(started()) {}

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

bool KnownCipher::is_usable(const BoxPublicKey& key) const {
    const Digest which = name(Kind::usable, {key.view()});
    const std::lock_guard lock(mutex_);
    if (const Bytes* known = find(which)) return !known->empty();
    const bool usable = SodiumCipher::is_usable(key);
    remember(which, Bytes(usable ? 1 : 0));
    return usable;
}

Signature KnownCipher::sign(ByteView message, const SigningSecretKey& key) const {
    const Signature signature = SodiumCipher::sign(message, key);
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
    const bool holds = SodiumCipher::verify(message, signature, key);
    remember(which, Bytes(holds ? 1 : 0));
    return holds;
}

Result<SharedSecret> KnownCipher::agree(const BoxSecretKey& own, const BoxPublicKey& other) const {
    const Digest which = name(Kind::agreement, {own.view(), other.view()});
    const std::lock_guard lock(mutex_);
    if (const Bytes* known = find(which)) {
        SharedSecret secret;
        std::memcpy(secret.bytes.data(), known->data(), secret.bytes.size());
        return secret;
    }
    auto secret = SodiumCipher::agree(own, other);
    if (secret) remember(which, copy_of(secret->view()));
    return secret;
}

Result<Bytes> KnownCipher::open_box(ByteView boxed, const BoxKeyPair& keys) const {
    const Digest which = name(Kind::box, {keys.public_key.view(), keys.secret_key.view(), boxed});
    const std::lock_guard lock(mutex_);
    if (const Bytes* known = find(which)) return *known;
    auto opened = SodiumCipher::open_box(boxed, keys);
    if (opened) remember(which, *opened);
    return opened;
}

}  // namespace godwit::simulation
