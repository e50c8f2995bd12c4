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

/// Lower case, single spaces, no ends: how a phrase is typed does not matter. Letters outside ASCII
/// stay as they are. Sensitive.
std::string normalise_phrase(std::string_view typed);

/// What deriving a key from a phrase costs whoever tries one.
struct PhraseCost {
    std::size_t memory_bytes{Cipher::phrase_memory_bytes};
    std::uint32_t passes{Cipher::phrase_passes};
};

/// The slot that keeps `key` under `phrase`, normalised here.
/// Fails with storage_failed when memory for the derivation is not to be had.
Result<Bytes> lock_store_key(const Cipher& cipher, Random& random, const StoreKey& key,
                             std::string_view phrase, PhraseCost cost = {});

/// The key in `slot`, at the cost that stands in it.
/// Fails with wrong_phrase, storage_corrupt when the slot is not one, or storage_failed.
Result<StoreKey> unlock_store_key(const Cipher& cipher, ByteView slot, std::string_view phrase);

}  // namespace godwit
