/// The slot that keeps the store key, and phrases as people type them. The cipher holds the slot to
/// the cost it may ask for.
#include "shared/seal/phrase.h"
#include "tests/fuzz/cheap_cipher.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const godwit::ByteView bytes(data, size);
    const godwit::CheapCipher cipher;
    const auto key = godwit::unlock_store_key(cipher, bytes, "bade fimo");
    if (key) {
        godwit::CountingRandom random;
        const auto slot = godwit::lock_store_key(cipher, random, *key, "bade fimo");
        GODWIT_ASSERT(slot);
        const auto again = godwit::unlock_store_key(cipher, *slot, " Bade\tfimo ");
        GODWIT_ASSERT(again && again->bytes == key->bytes);
    }
    const std::string phrase = godwit::normalise_phrase(godwit::text_of(bytes));
    GODWIT_ASSERT(godwit::normalise_phrase(phrase) == phrase);
    return 0;
}
