#include "shared/seal/receipt.h"

#include <limits>

#include "tests/support/catch.h"
#include "tests/unit/seal/organisation.h"

namespace godwit {
namespace {

using Limits = std::numeric_limits<std::int64_t>;

struct Receipts {
    SodiumCipher cipher = test_cipher();
    SeededRandom random{17};
    SigningKeyPair server = cipher.make_signing_keys(random);
    SigningKeyPair other = cipher.make_signing_keys(random);
    Receipt receipt{id_of<EpochId>(1), id_of<ReplicaId>(2), id_of<LogId>(3), 4,          9,
                    Digest{5},         2'000'000,           1'000'000,       -3'600'000, {}};
    SafeMark mark{id_of<EpochId>(1), id_of<LogId>(3), 9, 2'500'000, {}};

    Receipts() {
        sign(cipher, receipt, server.secret_key);
        sign(cipher, mark, server.secret_key);
    }
};

TEST_CASE("a receipt verifies under the server's key and no other", "[seal]") {
    const Receipts world;
    CHECK(verify(world.cipher, world.receipt, world.server.public_key));
    CHECK(verify(world.cipher, world.mark, world.server.public_key));
    for (const auto& outcome : {verify(world.cipher, world.receipt, world.other.public_key),
                                verify(world.cipher, world.mark, world.other.public_key)}) {
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == ErrorCode::bad_signature);
    }
}

TEST_CASE("a receipt decodes to what was encoded", "[seal]") {
    const Receipts world;
    const auto receipt = decode_receipt(encode_receipt(world.receipt));
    REQUIRE(receipt);
    CHECK(*receipt == world.receipt);
    const auto mark = decode_safe_mark(encode_safe_mark(world.mark));
    REQUIRE(mark);
    CHECK(*mark == world.mark);
}

TEST_CASE("a receipt with any bit flipped is refused or does not verify", "[seal]") {
    const Receipts world;
    const Bytes receipt = encode_receipt(world.receipt);
    for (std::size_t bit = 0; bit < 8 * receipt.size(); ++bit) {
        const auto decoded = decode_receipt(flipped(receipt, bit));
        if (decoded) CHECK_FALSE(verify(world.cipher, *decoded, world.server.public_key));
    }
    const Bytes mark = encode_safe_mark(world.mark);
    for (std::size_t bit = 0; bit < 8 * mark.size(); ++bit) {
        const auto decoded = decode_safe_mark(flipped(mark, bit));
        if (decoded) CHECK_FALSE(verify(world.cipher, *decoded, world.server.public_key));
    }
}

TEST_CASE("a receipt that is cut or has more behind it is refused", "[seal]") {
    const Receipts world;
    Bytes receipt = encode_receipt(world.receipt);
    Bytes mark = encode_safe_mark(world.mark);
    for (std::size_t length = 0; length < receipt.size(); ++length) {
        CHECK_FALSE(decode_receipt(ByteView(receipt).first(length)));
    }
    for (std::size_t length = 0; length < mark.size(); ++length) {
        CHECK_FALSE(decode_safe_mark(ByteView(mark).first(length)));
    }
    receipt.push_back(0);
    mark.push_back(0);
    CHECK_FALSE(decode_receipt(receipt));
    CHECK_FALSE(decode_safe_mark(mark));
    // Neither passes for the other.
    CHECK_FALSE(decode_receipt(encode_safe_mark(world.mark)));
    CHECK_FALSE(decode_safe_mark(encode_receipt(world.receipt)));
}

TEST_CASE("a receipt that cannot be is refused", "[seal]") {
    Receipts world;
    SECTION("of another version") {
        Bytes bytes = encode_receipt(world.receipt);
        bytes[1] = 2;
        const auto decoded = decode_receipt(bytes);
        REQUIRE_FALSE(decoded);
        CHECK(decoded.error().code == ErrorCode::unknown_version);
    }
    SECTION("that ends before it begins") {
        world.receipt.after = 10;
        const auto decoded = decode_receipt(encode_receipt(world.receipt));
        REQUIRE_FALSE(decoded);
        CHECK(decoded.error().code == ErrorCode::malformed);
    }
    SECTION("older than the one before it") {
        world.receipt.floor_ms = world.receipt.received_ms + 1;
        const auto decoded = decode_receipt(encode_receipt(world.receipt));
        REQUIRE_FALSE(decoded);
        CHECK(decoded.error().code == ErrorCode::malformed);
    }
}

TEST_CASE("effective time is the claim, corrected, between the neighbouring receipts", "[seal]") {
    Receipt receipt;
    receipt.floor_ms = 1'000'000;
    receipt.received_ms = 2'000'000;
    receipt.offset_ms = -300;

    struct Row {
        HybridTime claimed;
        HybridTime effective;
    };
    const auto row =
        GENERATE(Row{{1'500'300, 7}, {1'500'000, 7}},          // Corrected; the tick stays.
                 Row{{1'000'300, 7}, {1'000'000, 7}},          // On the floor by itself.
                 Row{{1'000'299, 7}, {1'000'000, 0}},          // Below it.
                 Row{{2'000'300, 7}, {2'000'000, 7}},          // At the receipt by itself.
                 Row{{2'000'301, 7}, {2'000'000, 0}},          // Past it.
                 Row{{0, 3}, {1'000'000, 0}},                  // A clock at 1970.
                 Row{{4'070'908'800'000, 3}, {2'000'000, 0}},  // A clock at 2099.
                 Row{{Limits::min(), 1}, {1'000'000, 0}}, Row{{Limits::max(), 1}, {2'000'000, 0}});
    CHECK(effective_time(row.claimed, receipt) == row.effective);
}

TEST_CASE("an offset of two seconds or less does not count", "[seal]") {
    for (const std::int64_t offset_ms : {0, 1, 1'999, 2'000, -2'000}) {
        CAPTURE(offset_ms);
        CHECK(counted_offset_ms(offset_ms) == 0);
    }
    for (const std::int64_t offset_ms :
         {std::int64_t{2'001}, std::int64_t{-2'001}, Limits::min()}) {
        CHECK(counted_offset_ms(offset_ms) == offset_ms);
    }
}

TEST_CASE("effective time saturates rather than overflows", "[seal]") {
    Receipt receipt;
    receipt.floor_ms = Limits::min();
    receipt.received_ms = Limits::max();
    const auto offset_ms = GENERATE(Limits::min(), Limits::max());
    receipt.offset_ms = offset_ms;
    CHECK(effective_time({offset_ms, 5}, receipt).wall_ms == offset_ms);
    CHECK(effective_time({0, 5}, receipt) == HybridTime{offset_ms, 5});
    CHECK(effective_time({-1, 0}, receipt).wall_ms ==
          (offset_ms > 0 ? Limits::max() - 1 : Limits::min()));
}

TEST_CASE("of two changes one receipt covers, order is kept", "[seal]") {
    Receipt receipt;
    receipt.floor_ms = 1'000;
    receipt.received_ms = 2'000;
    receipt.offset_ms = 50;
    for (std::int64_t wall_ms = 0; wall_ms < 3'000; wall_ms += 7) {
        const HybridTime earlier = effective_time({wall_ms, 0}, receipt);
        const HybridTime later = effective_time({wall_ms + 7, 0}, receipt);
        CHECK(earlier <= later);
    }
}

}  // namespace
}  // namespace godwit
