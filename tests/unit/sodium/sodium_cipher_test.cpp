#include "shared/sodium/sodium_cipher.h"

#include <algorithm>
#include <string>

#include "shared/base/text.h"
#include "shared/sodium/sodium_random.h"
#include "tests/support/catch.h"

namespace godwit {
namespace {

Bytes hex(std::string_view text) {
    const auto bytes = parse_hex(text);
    REQUIRE(bytes.has_value());
    return *bytes;
}

template <typename Key>
Key key_from(std::string_view text) {
    const Bytes bytes = hex(text);
    Key key;
    REQUIRE(bytes.size() == key.bytes.size());
    std::copy(bytes.begin(), bytes.end(), key.bytes.begin());
    return key;
}

/// Hands out the bytes it was given, in order.
class ScriptedRandom final : public Random {
public:
    explicit ScriptedRandom(Bytes bytes) : bytes_(std::move(bytes)) {}
    void fill(std::span<std::uint8_t> out) override {
        REQUIRE(out.size() <= bytes_.size() - used_);
        std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
        used_ += out.size();
    }

private:
    Bytes bytes_;
    std::size_t used_ = 0;
};

SodiumCipher cipher() {
    auto made = SodiumCipher::create();
    REQUIRE(made);
    return std::move(*made);
}

SodiumRandom chance() {
    auto made = SodiumRandom::create();
    REQUIRE(made);
    return std::move(*made);
}

TEST_CASE("Ed25519 gives the keys and signatures of RFC 8032 section 7.1", "[sodium]") {
    struct Vector {
        std::string_view seed, public_key, message, signature;
    };
    const auto vector =
        GENERATE(Vector{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590"
                        "a33bacc61e397"
                        "01cf9b46bd25bf5f0595bbe24655141438e7a100b"},
                 Vector{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e"
                        "15996e458f361"
                        "3d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
                 Vector{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d"
                        "16f290ae67f76"
                        "0984dc6594a7c15e9716ed28dc027beceea1ec40a"},
                 Vector{"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
                        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
                        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a27"
                        "4fc1a836ba3c2"
                        "3a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
                        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac"
                        "90b3ecfdfbc7c"
                        "66431e0303dca179c138ac17ad9bef1177331a704"});
    const SodiumCipher sodium = cipher();
    const SigningKeyPair pair = sodium.signing_keys_from(key_from<SigningSeed>(vector.seed));
    const Bytes message = hex(vector.message);

    CHECK(format_hex(pair.public_key.view()) == vector.public_key);
    const Signature signature = sodium.sign(message, pair.secret_key);
    CHECK(format_hex(signature) == vector.signature);
    CHECK(sodium.verify(message, signature, pair.public_key));

    Bytes other = message;
    other.push_back(0);
    CHECK_FALSE(sodium.verify(other, signature, pair.public_key));
}

TEST_CASE("a signature with any bit flipped verifies no more", "[sodium]") {
    const SodiumCipher sodium = cipher();
    SodiumRandom random = chance();
    const SigningKeyPair asha = sodium.make_signing_keys(random);
    const SigningKeyPair bela = sodium.make_signing_keys(random);
    const Bytes message = copy_of(bytes_of("what asha signs"));
    const Signature signature = sodium.sign(message, asha.secret_key);
    REQUIRE(sodium.verify(message, signature, asha.public_key));
    CHECK_FALSE(sodium.verify(message, signature, bela.public_key));

    for (std::size_t bit = 0; bit < 8 * signature.size(); ++bit) {
        Signature flipped = signature;
        flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
        CHECK_FALSE(sodium.verify(message, flipped, asha.public_key));
    }
}

constexpr std::string_view draft_text =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
    "sunscreen would be it.";
constexpr std::string_view draft_key =
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f";
constexpr std::string_view draft_nonce = "404142434445464748494a4b4c4d4e4f5051525354555657";
constexpr std::string_view draft_associated = "50515253c0c1c2c3c4c5c6c7";
constexpr std::string_view draft_sealed =
    "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e"
    "39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3"
    "fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49";

TEST_CASE("XChaCha20-Poly1305 gives the answer of draft-irtf-cfrg-xchacha appendix A.3",
          "[sodium]") {
    const SodiumCipher sodium = cipher();
    ScriptedRandom random(hex(draft_nonce));
    const auto key = key_from<RecordKey>(draft_key);

    const Bytes sealed =
        sodium.seal(bytes_of(draft_text), hex(draft_associated), key.bytes, random);

    CHECK(format_hex(sealed) == std::string(draft_nonce) + std::string(draft_sealed));
    const auto opened = sodium.open(sealed, hex(draft_associated), key.bytes);
    REQUIRE(opened);
    CHECK(text_of(*opened) == draft_text);
}

TEST_CASE("what is sealed opens with nothing but its key, its place and its bytes", "[sodium]") {
    const SodiumCipher sodium = cipher();
    const auto key = key_from<RecordKey>(draft_key);
    const Bytes sealed = hex(std::string(draft_nonce) + std::string(draft_sealed));
    const Bytes associated = hex(draft_associated);
    REQUIRE(sodium.open(sealed, associated, key.bytes));
    const auto is_refused = [](const Result<Bytes>& outcome) {
        return !outcome && outcome.error().code == ErrorCode::cannot_open;
    };

    SECTION("another key") {
        RecordKey other = key.duplicate();
        other.bytes[0] ^= 1U;
        CHECK(is_refused(sodium.open(sealed, associated, other.bytes)));
    }
    SECTION("other associated data") {
        CHECK(is_refused(sodium.open(sealed, {}, key.bytes)));
    }
    SECTION("any bit flipped, nonce and tag included") {
        for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
            Bytes flipped = sealed;
            flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
            CHECK(is_refused(sodium.open(flipped, associated, key.bytes)));
        }
    }
    SECTION("cut anywhere") {
        for (std::size_t length = 0; length < sealed.size(); ++length) {
            CHECK(is_refused(sodium.open(ByteView(sealed).first(length), associated, key.bytes)));
        }
    }
}

TEST_CASE("X25519 public keys are those of RFC 7748 section 6.1", "[sodium]") {
    const SodiumCipher sodium = cipher();
    const auto secret =
        key_from<BoxSecretKey>("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    CHECK(format_hex(sodium.public_key_of(secret).view()) ==
          "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
}

TEST_CASE("a box opens for the one it was made for", "[sodium]") {
    const SodiumCipher sodium = cipher();
    SodiumRandom random = chance();
    const BoxKeyPair asha = sodium.make_box_keys(random);
    const BoxKeyPair bela = sodium.make_box_keys(random);
    const Bytes message = copy_of(bytes_of("for asha alone"));

    const Bytes boxed = sodium.box(message, asha.public_key);

    CHECK(boxed.size() == message.size() + Cipher::box_overhead_bytes);
    const auto opened = sodium.open_box(boxed, asha);
    REQUIRE(opened);
    CHECK(*opened == message);

    const auto by_bela = sodium.open_box(boxed, bela);
    REQUIRE_FALSE(by_bela);
    CHECK(by_bela.error().code == ErrorCode::cannot_open);
    for (std::size_t length = 0; length < boxed.size(); ++length) {
        CHECK_FALSE(sodium.open_box(ByteView(boxed).first(length), asha));
    }
    for (std::size_t bit = 0; bit < 8 * boxed.size(); ++bit) {
        Bytes flipped = boxed;
        flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
        // The top bit of an X25519 public key is ignored (RFC 7748 section 5), and crypto_box_seal
        // covers it by the nonce, which hashes the key as it stands: so it too is refused.
        CHECK_FALSE(sodium.open_box(flipped, asha));
    }
}

TEST_CASE("a box key of small order is not usable, an honest one is", "[sodium]") {
    const SodiumCipher sodium = cipher();
    SodiumRandom random = chance();
    CHECK(sodium.is_usable(sodium.make_box_keys(random).public_key));

    const auto small = GENERATE(
        std::string_view("0000000000000000000000000000000000000000000000000000000000000000"),
        std::string_view("0100000000000000000000000000000000000000000000000000000000000000"),
        std::string_view("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        std::string_view("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        std::string_view("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        std::string_view("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        std::string_view("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"));
    CHECK_FALSE(sodium.is_usable(key_from<BoxPublicKey>(small)));
}

TEST_CASE("keys come from the chance handed in and from nothing else", "[sodium]") {
    const SodiumCipher sodium = cipher();
    ScriptedRandom first(Bytes(64, 7));
    ScriptedRandom second(Bytes(64, 7));
    CHECK(sodium.make_signing_keys(first).public_key ==
          sodium.make_signing_keys(second).public_key);
    CHECK(sodium.make_box_keys(first).public_key == sodium.make_box_keys(second).public_key);

    SodiumRandom random = chance();
    CHECK(sodium.make_box_keys(random).public_key != sodium.make_box_keys(random).public_key);
}

constexpr std::string_view known_phrase = "bada dafi futu gagi jaku nine zuzi";
constexpr std::string_view known_salt = "000102030405060708090a0b0c0d0e0f";

std::array<std::uint8_t, 16> salt_from(std::string_view text) {
    std::array<std::uint8_t, 16> salt{};
    const Bytes bytes = hex(text);
    std::copy(bytes.begin(), bytes.end(), salt.begin());
    return salt;
}

TEST_CASE("Argon2id gives what another implementation of RFC 9106 gives", "[sodium]") {
    // The answers are OpenSSL's, version 1.3, one lane.
    const SodiumCipher sodium = cipher();
    const auto small = sodium.derive_store_key(known_phrase, salt_from(known_salt), 64 * 1024, 3);
    REQUIRE(small);
    CHECK(format_hex(small->view()) ==
          "4d7cfa366619b69607ff454adcac9be601d699cc63aa3e4506077f224e138b08");
}

TEST_CASE("Argon2id at the cost that stores use gives its known answer", "[sodium]") {
    const SodiumCipher sodium = cipher();
    const auto key = sodium.derive_store_key(known_phrase, salt_from(known_salt),
                                             Cipher::phrase_memory_bytes, Cipher::phrase_passes);
    REQUIRE(key);
    CHECK(format_hex(key->view()) ==
          "426af91c016b9bc42d8b717be2e35a327f946a758c974f101286b85ffdf2ba9f");
}

TEST_CASE("every part of a derivation changes its key", "[sodium]") {
    const SodiumCipher sodium = cipher();
    const auto derived = [&](std::string_view phrase, std::string_view salt,
                             std::size_t memory_bytes, std::uint32_t passes) {
        auto key = sodium.derive_store_key(phrase, salt_from(salt), memory_bytes, passes);
        REQUIRE(key);
        return format_hex(key->view());
    };
    const std::string base = derived("bada", known_salt, 8192, 1);
    CHECK(derived("bada", known_salt, 8192, 1) == base);
    CHECK(derived("bade", known_salt, 8192, 1) != base);
    CHECK(derived("bada", "000102030405060708090a0b0c0d0e10", 8192, 1) != base);
    CHECK(derived("bada", known_salt, 16384, 1) != base);
    CHECK(derived("bada", known_salt, 8192, 2) != base);
}

TEST_CASE("a derivation whose memory is not to be had is refused, not shortened", "[sodium]") {
    const SodiumCipher sodium = cipher();
    const auto key =
        sodium.derive_store_key("bada", salt_from(known_salt), std::size_t{1} << 62U, 1);
    REQUIRE_FALSE(key);
    CHECK(key.error().code == ErrorCode::storage_failed);
}

TEST_CASE("keyed BLAKE2b-256 gives its known answers", "[sodium]") {
    const SodiumCipher sodium = cipher();
    CHECK(format_hex(sodium.keyed_hash(bytes_of("abc"), {})) ==
          "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    CHECK(format_hex(sodium.keyed_hash(bytes_of("abc"), Bytes(32, 1))) ==
          "8cc77af752046919e25cca7b87a17aaa67fb6aad75964f730a1c2178c986505c");
}

TEST_CASE("secrets are the same when every byte and the length agree", "[sodium]") {
    const SodiumCipher sodium = cipher();
    const Bytes secret{1, 2, 3, 4};
    CHECK(sodium.is_same_secret(secret, Bytes{1, 2, 3, 4}));
    CHECK(sodium.is_same_secret({}, {}));
    CHECK_FALSE(sodium.is_same_secret(secret, Bytes{1, 2, 3, 5}));
    CHECK_FALSE(sodium.is_same_secret(secret, Bytes{1, 2, 3}));
}

TEST_CASE("chance does not repeat, and fills every byte", "[sodium]") {
    SodiumRandom random = chance();
    Bytes first(64 * 1024);
    Bytes second(64 * 1024);
    random.fill(first);
    random.fill(second);
    CHECK(first != second);
    // Fair bytes leave one of the values out less often than once in 10^100 runs.
    for (unsigned value = 0; value < 256; ++value) {
        CHECK(std::count(first.begin(), first.end(), static_cast<std::uint8_t>(value)) > 0);
    }
}

}  // namespace
}  // namespace godwit
