/// The phrase that opens a local store, and the slot that keeps the store key under it.
///
/// A phrase is seven words of four letters, consonant-vowel-consonant-vowel, from 4,096: 84 bits.
///
///   slot       = [ 1, salt(16), memory bytes, passes, sealed store key ]
///   sealed     = XChaCha20-Poly1305 under Argon2id(phrase, salt), associated "godwit store key 1"
///
/// Spec: local-store §1.
#pragma once

#include <string>

#include "shared/seal/cipher.h"

namespace godwit {

inline constexpr std::size_t phrase_words = 7;

/// Sensitive. Seven words with single spaces.
std::string make_phrase(Random& random);

/// Lower case, single spaces, no ends: how a phrase is typed does not matter.
std::string normalise_phrase(std::string_view typed);

/// Fails with storage_failed when memory for the derivation is not to be had.
Result<Bytes> lock_store_key(const Cipher& cipher, Random& random, const StoreKey& key,
                             std::string_view phrase);

/// Fails with wrong_phrase, or storage_corrupt when the slot is not one.
Result<StoreKey> unlock_store_key(const Cipher& cipher, ByteView slot, std::string_view phrase);

}  // namespace godwit
