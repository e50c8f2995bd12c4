#include "shared/seal/sealed_value.h"

#include "tests/support/catch.h"
#include "tests/unit/seal/organisation.h"

namespace godwit {
namespace {

Bytes text_item(std::string_view text) {
    Bytes item;
    cbor::Encoder(item).text(text);
    return item;
}

struct Sealing {
    SodiumCipher cipher = test_cipher();
    SeededRandom random{3};
    RecordKey key;
    RecordId record = id_of<RecordId>(0x11);

    Sealing() { random.fill(key.bytes); }
    Bytes sealed(ByteView item) { return seal_value(cipher, random, key, record, 40, item); }
    /// `padded` sealed as it stands, well padded or not.
    Bytes sealed_raw(ByteView padded) {
        Bytes place = copy_of(record.view());
        append(place, Bytes{0, 0, 0, 40});
        return cipher.seal(padded, place, key.bytes, random);
    }
    Result<Bytes> opened(ByteView sealed) { return open_value(cipher, key, record, 40, sealed); }
};

TEST_CASE("a sealed value opens to the item it was", "[seal]") {
    Sealing world;
    for (const std::size_t length : {0U, 1U, 22U, 23U, 30U, 31U, 32U, 1000U, 70'000U}) {
        const Bytes item = text_item(std::string(length, 'x'));
        const Bytes sealed = world.sealed(item);
        CHECK(sealed.size() == padded_bytes(item.size()) + Cipher::nonce_bytes + Cipher::tag_bytes);
        const auto opened = world.opened(sealed);
        REQUIRE(opened);
        CHECK(*opened == item);
    }
}

TEST_CASE("a sealed value opens in no other place and under no other key", "[seal]") {
    Sealing world;
    const Bytes sealed = world.sealed(text_item("what dina said"));
    REQUIRE(world.opened(sealed));
    const auto is_refused = [](const Result<Bytes>& outcome) {
        return !outcome && outcome.error().code == ErrorCode::cannot_open;
    };

    RecordKey other;
    world.random.fill(other.bytes);
    CHECK(is_refused(open_value(world.cipher, other, world.record, 40, sealed)));
    CHECK(is_refused(open_value(world.cipher, world.key, id_of<RecordId>(0x12), 40, sealed)));
    for (const std::uint32_t field : {0U, 41U, 40U << 8U, 40U << 16U, 40U << 24U}) {
        CHECK(is_refused(open_value(world.cipher, world.key, world.record, field, sealed)));
    }
    for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
        CHECK(is_refused(world.opened(flipped(sealed, bit))));
    }
    for (std::size_t length = 0; length < sealed.size(); ++length) {
        CHECK(is_refused(world.opened(ByteView(sealed).first(length))));
    }
}

TEST_CASE("the same value sealed twice looks different", "[seal]") {
    Sealing world;
    CHECK(world.sealed(text_item("yes")) != world.sealed(text_item("yes")));
}

TEST_CASE("short answers cannot be told apart by their length", "[seal]") {
    Sealing world;
    CHECK(world.sealed(text_item("no")).size() == world.sealed(text_item("yes, twice")).size());
    CHECK(world.sealed(Bytes{0xf5}).size() == 32 + 40);
}

TEST_CASE("padded lengths are those of Padmé, and at least 32", "[seal]") {
    CHECK(padded_bytes(0) == 32);
    CHECK(padded_bytes(31) == 32);
    CHECK(padded_bytes(32) == 36);
    CHECK(padded_bytes(99) == 104);
    CHECK(padded_bytes(1000) == 1024);
    CHECK(padded_bytes(1023) == 1024);
    CHECK(padded_bytes(1024) == 1088);
    CHECK(padded_bytes(99'999) == 100'352);
}

TEST_CASE("padding holds the item, never shrinks, and costs at most an eighth", "[seal]") {
    std::size_t last = 0;
    for (std::size_t length = 0; length < 70'000; ++length) {
        const std::size_t padded = padded_bytes(length);
        REQUIRE(padded > length);
        REQUIRE(padded >= last);
        if (length >= 32) REQUIRE(padded - (length + 1) <= length / 8);
        last = padded;
    }
}

TEST_CASE("what was sealed by others' rules is refused", "[seal]") {
    Sealing world;
    const Bytes item = text_item("Dina");
    Bytes padded = pad(item);
    REQUIRE(world.opened(world.sealed_raw(padded)));
    const auto refusal = [&](ByteView content) {
        const auto opened = world.opened(world.sealed_raw(content));
        REQUIRE_FALSE(opened);
        return opened.error().code;
    };

    SECTION("nothing at all") {
        CHECK(refusal({}) == ErrorCode::malformed);
    }
    SECTION("zeros alone") {
        CHECK(refusal(Bytes(32)) == ErrorCode::malformed);
    }
    SECTION("no mark after the item") {
        CHECK(refusal(item) == ErrorCode::malformed);
    }
    SECTION("another length") {
        padded.resize(padded.size() + 4);
        CHECK(refusal(padded) == ErrorCode::not_deterministic);
    }
    SECTION("no item before the mark") {
        CHECK(refusal(pad({})) == ErrorCode::malformed);
    }
    SECTION("two items") {
        CHECK(refusal(pad(Bytes{0x01, 0x02})) == ErrorCode::trailing_bytes);
    }
    SECTION("an item in a longer form than needed") {
        CHECK(refusal(pad(Bytes{0x18, 0x01})) == ErrorCode::not_deterministic);
    }
}

}  // namespace
}  // namespace godwit
