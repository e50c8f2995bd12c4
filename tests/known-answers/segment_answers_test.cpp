#include "shared/seal/segment_signature.h"
#include "shared/sodium/sodium_cipher.h"
#include "tests/known-answers/notation.h"
#include "tests/support/catch.h"

using namespace godwit;
using namespace godwit::known_answers;

namespace {

using Json = nlohmann::ordered_json;

/// Bodies by the names of change.json, or as they stand.
Bytes body_of(const Json& named, const Json& changes) {
    if (named.is_object()) return bytes_of_hex(named.at("hex"));
    for (const Json& row : changes.at("accepted")) {
        if (row.at("name") == named) return bytes_of_hex(row.at("body"));
    }
    FAIL("no change of that name");
    return {};
}

Segment segment_of(const Json& row, const Json& changes) {
    Segment segment;
    segment.replica = fixed_of_hex<ReplicaId>(row.at("replica"));
    segment.log = fixed_of_hex<LogId>(row.at("log"));
    segment.first = row.at("first").get<Sequence>();
    segment.previous = fixed_of_hex<Digest>(row.at("previous"));
    for (const Json& named : row.at("changes")) {
        segment.entries.push_back(entry_of(body_of(named, changes)));
    }
    for (const Json& index : row.value("erased", Json::array())) {
        segment.entries.at(index.get<std::size_t>()).body.clear();
    }
    return segment;
}

SigningKeyPair keys_of(const Cipher& cipher, const Json& answers) {
    SigningSeed seed;
    seed.bytes = fixed_of_hex<std::array<std::uint8_t, 32>>(answers.at("seed"));
    return cipher.signing_keys_from(seed);
}

}  // namespace

TEST_CASE("every segment has the hashes, signature and bytes the answers say", "[answers]") {
    const auto answers = load("segment.json");
    const auto changes = load("change.json");
    const auto cipher = SodiumCipher::create();
    REQUIRE(cipher);
    const SigningKeyPair keys = keys_of(*cipher, answers);
    CHECK(format_hex(keys.public_key.view()) == answers.at("signing_key").get<std::string>());

    REQUIRE(answers.at("accepted").size() >= 4);
    for (const Json& row : answers.at("accepted")) {
        INFO(row.at("name"));
        Segment segment = segment_of(row, changes);
        if (segment.first == 1) {
            CHECK(segment.previous == empty_head(segment.replica, segment.log).hash);
        }
        Sequence sequence = segment.first;
        for (const Json& hash : row.at("hashes")) {
            CHECK(format_hex(hash_at(segment, sequence++)) == hash.get<std::string>());
        }
        CHECK(sequence == segment.last() + 1);
        CHECK(format_hex(signed_bytes(segment)) == row.at("signed").get<std::string>());

        sign(*cipher, segment, keys.secret_key);
        const Bytes bytes = bytes_of_hex(row.at("segment"));
        CHECK(format_hex(encode_segment(segment)) == format_hex(bytes));

        const auto decoded = decode_segment(bytes);
        REQUIRE(decoded);
        CHECK(bool(*decoded == segment));
        CHECK(verify(*cipher, *decoded, keys.public_key));
    }
}

TEST_CASE("every segment of another layout is refused as the answers say", "[answers]") {
    const auto answers = load("segment.json");
    REQUIRE(answers.at("refused").size() >= 15);
    for (const Json& row : answers.at("refused")) {
        INFO(row.at("name"));
        const auto decoded = decode_segment(bytes_of_hex(row.at("segment")));
        REQUIRE_FALSE(decoded);
        CHECK(facts(decoded.error().code).key == row.at("code").get<std::string>());
    }
}
