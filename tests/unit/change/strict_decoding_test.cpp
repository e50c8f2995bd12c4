/// Every truncation and every single flipped bit of ten signed segments is refused: most by the
/// decoder, the rest by the signature. A replica's words either arrive as it signed them or not
/// at all.
#include <iostream>

#include "shared/seal/segment_signature.h"
#include "shared/sodium/sodium_cipher.h"
#include "tests/support/catch.h"
#include "tests/unit/change/samples.h"

using namespace godwit;
using namespace godwit::samples;

namespace {

SigningKeyPair asha_keys(const Cipher& cipher) {
    SigningSeed seed;
    seed.bytes.fill(0xa5);
    return cipher.signing_keys_from(seed);
}

Segment chained(std::vector<Change> changes) {
    Segment segment = segment_of(changes.front().sequence, 1);
    segment.entries.clear();
    for (const Change& change : changes) segment.entries.push_back(entry_of(encode_change(change)));
    return segment;
}

Segment with_erased(Segment segment, std::size_t index) {
    segment.entries.at(index).body.clear();
    return segment;
}

Change erasure_of(Sequence sequence) {
    Change change = change_of(sequence);
    change.operations = {{0, OperationKind::erase, Form::open, {}, {}}};
    return change;
}

/// Ten that differ in what they hold: lengths, kinds, contexts, citations, erased and bad bodies.
std::vector<Segment> ten_segments() {
    Segment bad_body = segment_of(2, 1);
    bad_body.entries[0] = entry_of({0xff, 0x00});
    return {segment_of(1, 1),
            segment_of(1, 2),
            segment_of(7, 1),
            chained({full_change(1)}),
            chained({full_change(3), change_of(4)}),
            chained({erasure_of(2)}),
            with_erased(segment_of(1, 1), 0),
            with_erased(segment_of(3, 3), 1),
            bad_body,
            segment_of(300, 1)};
}

bool is_refused(const Cipher& cipher, ByteView bytes, const SigningPublicKey& key,
                std::size_t& by_signature) {
    const auto decoded = decode_segment(bytes);
    if (!decoded) return true;
    ++by_signature;
    return !verify(cipher, *decoded, key);
}

}  // namespace

TEST_CASE("every truncation and every flipped bit of ten segments is refused", "[change]") {
    const auto cipher = SodiumCipher::create();
    REQUIRE(cipher);
    const SigningKeyPair keys = asha_keys(*cipher);
    std::size_t tried = 0;
    std::size_t by_signature = 0;
    std::size_t accepted = 0;

    for (Segment& segment : ten_segments()) {
        sign(*cipher, segment, keys.secret_key);
        const Bytes whole = encode_segment(segment);
        const auto decoded = decode_segment(whole);
        REQUIRE(decoded);
        REQUIRE(verify(*cipher, *decoded, keys.public_key));

        const auto attempt = [&](ByteView bytes) {
            ++tried;
            if (!is_refused(*cipher, bytes, keys.public_key, by_signature)) ++accepted;
        };
        for (std::size_t length = 0; length < whole.size(); ++length) {
            attempt(ByteView(whole).first(length));
        }
        Bytes flipped = whole;
        for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
            const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
            flipped[bit / 8] ^= mask;
            attempt(flipped);
            flipped[bit / 8] ^= mask;
        }
    }
    std::cout << "strict decoding: " << tried << " damaged segments, " << tried - by_signature
              << " refused by the decoder, " << by_signature << " by the signature, " << accepted
              << " accepted\n";
    CHECK(tried > 10'000);
    CHECK(by_signature > 0);
    CHECK(accepted == 0);
}

TEST_CASE("a segment signed by another replica is refused", "[change]") {
    const auto cipher = SodiumCipher::create();
    REQUIRE(cipher);
    const SigningKeyPair keys = asha_keys(*cipher);
    SigningSeed seed;
    seed.bytes.fill(0xbe);
    const SigningKeyPair other = cipher->signing_keys_from(seed);
    Segment segment = segment_of(1, 2);
    sign(*cipher, segment, other.secret_key);

    CHECK(verify(*cipher, segment, other.public_key));
    CHECK(verify(*cipher, segment, keys.public_key).error().code == ErrorCode::bad_signature);
}
