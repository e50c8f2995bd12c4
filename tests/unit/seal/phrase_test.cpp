#include "shared/seal/phrase.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "tests/support/catch.h"
#include "tests/unit/seal/organisation.h"

namespace godwit {
namespace {

constexpr PhraseCost small_cost{64 * 1024, 1};

struct Locked {
    SodiumCipher cipher = test_cipher();
    SeededRandom random{19};
    StoreKey key;
    std::string phrase;
    Bytes slot;

    explicit Locked(PhraseCost cost = small_cost) {
        random.fill(key.bytes);
        phrase = make_phrase(random);
        auto made = lock_store_key(cipher, random, key, phrase, cost);
        REQUIRE(made);
        slot = std::move(*made);
    }
};

/// [1, salt(16), memory bytes, passes, sealed store key]
Bytes slot_of(std::uint64_t version, std::uint64_t memory_bytes, std::uint64_t passes,
              std::size_t sealed_bytes) {
    Bytes out;
    cbor::Encoder(out)
        .array(5)
        .unsigned_integer(version)
        .bytes(Bytes(16, 1))
        .unsigned_integer(memory_bytes)
        .unsigned_integer(passes)
        .bytes(Bytes(sealed_bytes, 2));
    return out;
}

TEST_CASE("a phrase is seven words of two syllables", "[seal]") {
    SeededRandom random(23);
    for (int count = 0; count < 100; ++count) {
        const std::string phrase = make_phrase(random);
        CHECK(phrase == normalise_phrase(phrase));
        std::istringstream words(phrase);
        std::string word;
        std::size_t word_count = 0;
        while (words >> word) {
            ++word_count;
            REQUIRE(word.size() == 4);
            for (std::size_t index = 0; index < 4; ++index) {
                const std::string_view letters = index % 2 == 0 ? "bdfgjklmnprstwyz" : "aeiu";
                CHECK(letters.find(word[index]) != std::string_view::npos);
            }
        }
        CHECK(word_count == phrase_words);
    }
}

TEST_CASE("every one of 4,096 words can come, each as likely as the others", "[seal]") {
    /// Counts up: every sixteen-bit number once.
    class EveryNumber final : public Random {
    public:
        void fill(std::span<std::uint8_t> out) override {
            for (std::size_t index = 0; index + 1 < out.size(); index += 2, ++number_) {
                out[index] = static_cast<std::uint8_t>(number_ >> 8U);
                out[index + 1] = static_cast<std::uint8_t>(number_ & 0xffU);
            }
        }

    private:
        unsigned number_ = 0;
    };
    EveryNumber random;
    std::map<std::string, int> seen;
    // 65,536 is not a multiple of seven words: seven times round is.
    for (int count = 0; count < 65'536; ++count) {
        std::istringstream words(make_phrase(random));
        std::string word;
        while (words >> word) ++seen[word];
    }
    CHECK(seen.size() == 4'096);
    CHECK(std::all_of(seen.begin(), seen.end(),
                      [](const auto& entry) { return entry.second == 7 * 16; }));
}

TEST_CASE("how a phrase is typed does not matter", "[seal]") {
    const auto typed =
        GENERATE(std::string_view("bada dafi futu"), std::string_view("  Bada  DAFI\tfutu\n"),
                 std::string_view("bada\r\ndafi futu"),
                 std::string_view("bada\xc2\xa0"
                                  "dafi \xc2\xa0 futu"));
    CHECK(normalise_phrase(typed) == "bada dafi futu");
}

TEST_CASE("a phrase keeps what is not white space or ASCII", "[seal]") {
    CHECK(normalise_phrase("").empty());
    CHECK(normalise_phrase(" \t ").empty());
    CHECK(normalise_phrase(" မြန်မာ  Ünicode ") == "မြန်မာ Ünicode");
    CHECK(normalise_phrase("badadafi") != normalise_phrase("bada dafi"));
}

TEST_CASE("a locked store key opens with its phrase, however it is typed", "[seal]") {
    const Locked world;
    std::string typed = "  " + world.phrase + "\n";
    std::transform(typed.begin(), typed.end(), typed.begin(), [](char letter) {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    });
    for (const std::string& phrase : {world.phrase, typed}) {
        const auto opened = unlock_store_key(world.cipher, world.slot, phrase);
        REQUIRE(opened);
        CHECK(world.cipher.is_same_secret(opened->view(), world.key.view()));
    }
}

TEST_CASE("a store key opens with no other phrase", "[seal]") {
    const Locked world;
    for (const std::string& wrong :
         {std::string(), world.phrase.substr(1), world.phrase.substr(0, 29), world.phrase + " bada",
          std::string("bada bada bada bada bada bada bada")}) {
        const auto opened = unlock_store_key(world.cipher, world.slot, wrong);
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == ErrorCode::wrong_phrase);
    }
}

TEST_CASE("the same phrase locks two stores differently", "[seal]") {
    Locked world;
    const auto again =
        lock_store_key(world.cipher, world.random, world.key, world.phrase, small_cost);
    REQUIRE(again);
    CHECK(*again != world.slot);
}

TEST_CASE("a slot holds neither the key nor the phrase", "[seal]") {
    const Locked world;
    CHECK(text_of(world.slot).find(text_of(world.key.view())) == std::string_view::npos);
    CHECK(text_of(world.slot).find(world.phrase.substr(0, 9)) == std::string_view::npos);
}

TEST_CASE("a slot that is not one is corrupt, not a wrong phrase", "[seal]") {
    const Locked world;
    const auto refusal = [&](ByteView slot) {
        const auto opened = unlock_store_key(world.cipher, slot, world.phrase);
        REQUIRE_FALSE(opened);
        return opened.error().code;
    };
    constexpr std::size_t sealed_bytes = 24 + 32 + 16;
    CHECK(refusal(slot_of(1, 8192, 1, sealed_bytes)) == ErrorCode::wrong_phrase);

    for (std::size_t length = 0; length < world.slot.size(); ++length) {
        CHECK(refusal(ByteView(world.slot).first(length)) == ErrorCode::storage_corrupt);
    }
    Bytes longer = world.slot;
    longer.push_back(0);
    CHECK(refusal(longer) == ErrorCode::storage_corrupt);
    CHECK(refusal(slot_of(2, 8192, 1, sealed_bytes)) == ErrorCode::storage_corrupt);
    CHECK(refusal(slot_of(1, 8192, 1, sealed_bytes - 1)) == ErrorCode::storage_corrupt);
    // Costs that would stop the machine, or would not be Argon2id's.
    CHECK(refusal(slot_of(1, 8191, 1, sealed_bytes)) == ErrorCode::storage_corrupt);
    CHECK(refusal(slot_of(1, std::uint64_t{1} << 40U, 1, sealed_bytes)) ==
          ErrorCode::storage_corrupt);
    CHECK(refusal(slot_of(1, 8192, 0, sealed_bytes)) == ErrorCode::storage_corrupt);
    CHECK(refusal(slot_of(1, 8192, 1'000'000, sealed_bytes)) == ErrorCode::storage_corrupt);
}

TEST_CASE("a slot with a changed salt, cost or seal does not open", "[seal]") {
    const Locked world;
    // From the salt on; what is not refused as corrupt leads to another key.
    for (std::size_t bit = 8 * 3; bit < 8 * world.slot.size(); bit += 5) {
        const Bytes changed = flipped(world.slot, bit);
        const bool is_cost = bit / 8 >= 19 && bit / 8 < 25;
        if (is_cost) continue;  // Some of these ask for much memory.
        CHECK_FALSE(unlock_store_key(world.cipher, changed, world.phrase));
    }
}

TEST_CASE("a store key is locked at the full cost unless told otherwise", "[seal]") {
    const Locked world{PhraseCost{}};
    cbor::Decoder in(world.slot);
    REQUIRE(in.array_of(5));
    REQUIRE(in.unsigned_integer());
    REQUIRE(in.bytes());
    CHECK(*in.unsigned_integer() == 64U * 1024 * 1024);
    CHECK(*in.unsigned_integer() == 3);
    const auto opened = unlock_store_key(world.cipher, world.slot, world.phrase);
    REQUIRE(opened);
    CHECK(world.cipher.is_same_secret(opened->view(), world.key.view()));
}

}  // namespace
}  // namespace godwit
