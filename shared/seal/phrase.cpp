#include "shared/seal/phrase.h"

#include <algorithm>

namespace godwit {

namespace {

// Letters that most of the languages our users write in can both say and write down, and that do
// not look alike: no c, q, x, h (said differently or not at all), no v beside w, no o beside a.
constexpr std::string_view consonants = "bdfgjklmnprstwyz";
constexpr std::string_view vowels = "aeiu";
static_assert(consonants.size() == 16 && vowels.size() == 4);

constexpr std::string_view slot_domain = "godwit store key 1";
constexpr std::uint64_t slot_version = 1;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t sealed_key_bytes = Cipher::nonce_bytes + StoreKey::size + Cipher::tag_bytes;

// What a slot may ask of the machine: a slot that somebody altered must not exhaust it.
constexpr std::uint64_t memory_bytes_min = 8 * 1024;
constexpr std::uint64_t memory_bytes_max = 1024 * 1024 * 1024;
constexpr std::uint64_t passes_max = 64;

/// Two letters for the six low bits of `number`.
void append_syllable(std::string& to, unsigned number) {
    to.push_back(consonants[(number >> 2U) & 0x0fU]);
    to.push_back(vowels[number & 0x03U]);
}

/// The length of the white space at the start of `text`: what people type, or paste from a page.
std::size_t space_at_start(std::string_view text) {
    constexpr std::string_view no_break_space = "\xc2\xa0";
    if (text.substr(0, no_break_space.size()) == no_break_space) return no_break_space.size();
    const bool is_space = !text.empty() && std::string_view(" \t\r\n\v\f").find(text.front()) !=
                                               std::string_view::npos;
    return is_space ? 1 : 0;
}

Result<StoreKey> derive(const Cipher& cipher, std::string_view phrase,
                        std::span<const std::uint8_t, salt_bytes> salt, PhraseCost cost) {
    std::string normalised = normalise_phrase(phrase);
    auto key = cipher.derive_store_key(normalised, salt, cost.memory_bytes, cost.passes);
    wipe(normalised);
    return key;
}

struct Slot {
    std::array<std::uint8_t, salt_bytes> salt{};
    PhraseCost cost;
    ByteView sealed;
};

Result<Slot> decode_slot(ByteView bytes) {
    cbor::Decoder in(bytes);
    TRY(in.array_of(5));
    if (TRY(in.unsigned_integer()) != slot_version) return ErrorCode::unknown_version;
    Slot out;
    out.salt = TRY(in.fixed<salt_bytes>());
    const std::uint64_t memory_bytes = TRY(in.unsigned_integer());
    const std::uint64_t passes = TRY(in.unsigned_integer());
    if (memory_bytes < memory_bytes_min || memory_bytes > memory_bytes_max || passes < 1 ||
        passes > passes_max) {
        return Error{ErrorCode::malformed, "the cost of the phrase is out of bounds"};
    }
    out.cost = {static_cast<std::size_t>(memory_bytes), static_cast<std::uint32_t>(passes)};
    out.sealed = TRY(in.bytes());
    TRY(in.finish());
    if (out.sealed.size() != sealed_key_bytes) {
        return Error{ErrorCode::malformed, "the sealed store key has another length"};
    }
    return out;
}

}  // namespace

std::string make_phrase(Random& random) {
    // Twelve bits of every sixteen: no word is likelier than another.
    std::array<std::uint8_t, 2 * phrase_words> chance{};
    random.fill(chance);
    std::string out;
    out.reserve(5 * phrase_words);
    for (std::size_t word = 0; word < phrase_words; ++word) {
        if (word > 0) out.push_back(' ');
        const unsigned number = (unsigned{chance[2 * word]} << 8U) | chance[2 * word + 1];
        append_syllable(out, number >> 6U);
        append_syllable(out, number);
    }
    wipe(chance);
    return out;
}

std::string normalise_phrase(std::string_view typed) {
    std::string out;
    out.reserve(typed.size());  // Grows nowhere, so that no copy of the phrase is left behind.
    bool is_after_space = false;
    while (!typed.empty()) {
        if (const std::size_t space = space_at_start(typed); space > 0) {
            is_after_space = true;
            typed.remove_prefix(space);
            continue;
        }
        if (is_after_space && !out.empty()) out.push_back(' ');
        is_after_space = false;
        const char letter = typed.front();
        const bool is_upper = letter >= 'A' && letter <= 'Z';
        out.push_back(is_upper ? static_cast<char>(letter - 'A' + 'a') : letter);
        typed.remove_prefix(1);
    }
    return out;
}

Result<Bytes> lock_store_key(const Cipher& cipher, Random& random, const StoreKey& key,
                             std::string_view phrase, PhraseCost cost) {
    std::array<std::uint8_t, salt_bytes> salt{};
    random.fill(salt);
    const StoreKey derived = TRY(derive(cipher, phrase, salt, cost));
    Bytes slot;
    cbor::Encoder out(slot);
    out.array(5).unsigned_integer(slot_version).bytes(salt);
    out.unsigned_integer(cost.memory_bytes).unsigned_integer(cost.passes);
    out.bytes(cipher.seal(key.view(), bytes_of(slot_domain), derived.bytes, random));
    return slot;
}

Result<StoreKey> unlock_store_key(const Cipher& cipher, ByteView slot, std::string_view phrase) {
    const auto decoded = decode_slot(slot);
    if (!decoded) {
        return Error{ErrorCode::storage_corrupt,
                     "the key slot is not one: " + std::string(facts(decoded.error().code).key)};
    }
    const StoreKey derived = TRY(derive(cipher, phrase, decoded->salt, decoded->cost));
    auto opened = cipher.open(decoded->sealed, bytes_of(slot_domain), derived.bytes);
    if (!opened) return ErrorCode::wrong_phrase;
    StoreKey key;
    std::memcpy(key.bytes.data(), opened->data(), key.bytes.size());
    wipe(*opened);
    return key;
}

}  // namespace godwit
