#include "shared/seal/record_key.h"

#include "shared/seal/key_batch.h"
#include "tests/support/catch.h"
#include "tests/unit/seal/organisation.h"

namespace godwit {
namespace {

/// Dina's statements of `count` record keys, signed together.
struct Stated {
    SodiumCipher cipher = test_cipher();
    SeededRandom random;
    SigningKeyPair dina = cipher.make_signing_keys(random);
    TeamId team = id_of<TeamId>(1);
    std::vector<RecordKey> keys;
    std::vector<RecordKeyStatement> statements;

    explicit Stated(std::size_t count, std::uint64_t seed = 11) : random(seed) {
        for (std::size_t index = 0; index < count; ++index) {
            random.fill(keys.emplace_back().bytes);
            statements.push_back(commit_to_record_key(cipher, keys.back(), random.id<RecordId>(),
                                                      team, id_of<ReplicaId>(0xd0)));
        }
        sign(statements);
    }
    void sign(std::vector<RecordKeyStatement>& all) const {
        std::vector<RecordKeyStatement*> pointers;
        for (RecordKeyStatement& each : all) pointers.push_back(&each);
        sign_record_keys(cipher, pointers, dina.secret_key);
    }
    [[nodiscard]] bool holds(const RecordKeyStatement& statement) const {
        return static_cast<bool>(verify(cipher, statement, dina.public_key));
    }
};

std::vector<RecordKeyStatement> read(ByteView bytes) {
    auto batch = decode_batch(bytes);
    REQUIRE(batch);
    return std::move(batch).value();
}

}  // namespace

TEST_CASE("every statement signed together holds, told alone or with any others", "[seal]") {
    const std::size_t count = GENERATE(1U, 2U, 3U, 4U, 7U, 8U, 63U, 64U, 65U, 200U);
    CAPTURE(count);
    Stated world(count);

    std::set<Signature> signatures;
    for (const RecordKeyStatement& each : world.statements) {
        CHECK(each.is_signed());
        CHECK(world.holds(each));
        CHECK(read(encode_statement(each)) == std::vector{each});
        signatures.insert(each.signature);
    }
    CHECK(signatures.size() <= count / 64 + 6);

    // Any part of them: each way of choosing is drawn.
    for (int draw = 0; draw < 20; ++draw) {
        std::vector<RecordKeyStatement> some;
        std::array<std::uint8_t, 1> share{};
        world.random.fill(share);
        for (const RecordKeyStatement& each : world.statements) {
            std::array<std::uint8_t, 1> chance{};
            world.random.fill(chance);
            if (chance[0] <= share[0]) some.push_back(each);
        }
        std::vector<RecordKeyStatement> told;
        for (const Bytes& batch : encode_batches(some)) {
            for (RecordKeyStatement& each : read(batch)) told.push_back(std::move(each));
        }
        CHECK(told.size() == some.size());
        for (const RecordKeyStatement& each : told) {
            CHECK(std::find(some.begin(), some.end(), each) != some.end());
        }
    }
}

TEST_CASE("a whole batch costs one signature, and one of it a few digests", "[seal]") {
    const Stated world(64);
    const auto batches = encode_batches(world.statements);
    REQUIRE(batches.size() == 1);
    CHECK(batches.front().size() < 64 * (16 + 32 + 6) + 120);
    CHECK(encode_statement(world.statements[17]).size() < 170 + 6 * 32);
}

TEST_CASE("telling some of a batch shows nothing of the others", "[seal]") {
    const Stated world(8);
    const Bytes told = encode_batches({world.statements[2], world.statements[5]}).front();
    for (const std::size_t other : {0U, 1U, 3U, 4U, 6U, 7U}) {
        const RecordKeyStatement& untold = world.statements[other];
        CHECK(text_of(told).find(text_of(untold.record.view())) == std::string_view::npos);
        CHECK(text_of(told).find(text_of(untold.commitment)) == std::string_view::npos);
    }
}

TEST_CASE("a record key's statement is its maker's, whole", "[seal]") {
    const std::size_t count = GENERATE(1U, 2U, 8U);
    const Stated world(count);
    RecordKeyStatement changed = world.statements.back();

    SECTION("another record") {
        changed.record = id_of<RecordId>(0x12);
    }
    SECTION("another team") {
        changed.team = id_of<TeamId>(2);
    }
    SECTION("another commitment") {
        changed.commitment[31] ^= 1U;
    }
    SECTION("another signature") {
        changed.signature[0] ^= 1U;
    }
    SECTION("another's leaf in its place") {
        const Stated other(count, 12);
        changed.record = other.statements.front().record;
        changed.commitment = other.statements.front().commitment;
    }
    SECTION("a place it does not have") {
        changed.place ^= 1U;
    }
    SECTION("a place outside its tree") {
        changed.place += static_cast<std::uint32_t>(count);
    }
    SECTION("a longer path") {
        changed.path.push_back(Digest{});
    }
    SECTION("a path longer than any") {
        changed.path.resize(40);
    }
    SECTION("not signed") {
        changed.signature = Signature{};
    }
    const auto outcome = verify(world.cipher, changed, world.dina.public_key);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::bad_signature);
}

TEST_CASE("a part of a tree cannot pass for the whole, nor a node for a leaf", "[seal]") {
    const Stated world(4);
    RecordKeyStatement cut = world.statements[0];

    SECTION("a shorter path") {
        cut.path.pop_back();
    }
    SECTION("no path") {
        cut.path.clear();
    }
    SECTION("the path of another") {
        cut.path = world.statements[1].path;
    }
    SECTION("its digests in another order") {
        std::swap(cut.path[0], cut.path[1]);
    }
    CHECK_FALSE(world.holds(cut));
}

TEST_CASE("each signature is verified once, and every statement held to it", "[seal]") {
    const Stated world(64);
    RecordKeyVerifier verifier;
    for (const RecordKeyStatement& each : world.statements) {
        CHECK(verifier.verify(world.cipher, each, world.dina.public_key));
    }
    RecordKeyStatement changed = world.statements[3];
    changed.commitment[0] ^= 1U;
    CHECK_FALSE(verifier.verify(world.cipher, changed, world.dina.public_key));
    // What held under one key does not hold under another.
    CHECK_FALSE(verifier.verify(world.cipher, world.statements[3], SigningPublicKey{}));
}

TEST_CASE("a statement by another key than the maker's is refused", "[seal]") {
    Stated world(3);
    const SigningKeyPair other = world.cipher.make_signing_keys(world.random);
    for (const RecordKeyStatement& each : world.statements) {
        CHECK_FALSE(verify(world.cipher, each, other.public_key));
    }
}

TEST_CASE("the commitment does not show the key", "[seal]") {
    const Stated world(1);
    const Bytes bytes = encode_statement(world.statements.front());
    const std::string_view key = text_of(world.keys.front().view());
    CHECK(text_of(bytes).find(key) == std::string_view::npos);
    CHECK(text_of(bytes).find(key.substr(0, 8)) == std::string_view::npos);
}

TEST_CASE("a batch with a leaf swapped, missing or doubled vouches for nothing", "[seal]") {
    const Stated world(8);
    const auto refused = [&](ByteView bytes) {
        const auto batch = decode_batch(bytes);
        return !batch || !world.holds(batch->front());
    };
    const std::vector<RecordKeyStatement> some{world.statements[1], world.statements[4],
                                               world.statements[5]};
    CHECK_FALSE(refused(encode_batches(some).front()));

    SECTION("two leaves in each other's places") {
        std::vector<RecordKeyStatement> swapped = some;
        std::swap(swapped[0].record, swapped[1].record);
        std::swap(swapped[0].commitment, swapped[1].commitment);
        CHECK(refused(encode_batches(swapped).front()));
    }
    SECTION("any bit of it flipped") {
        const Bytes bytes = encode_batches(some).front();
        for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
            const auto batch = decode_batch(flipped(bytes, bit));
            if (!batch) continue;
            // The maker's name is not signed: who is named is asked for the key that verifies.
            if (batch->front().maker != some.front().maker) continue;
            CHECK_FALSE(world.holds(batch->front()));
        }
    }
    SECTION("without one of its digests") {
        Bytes bytes;
        cbor::Encoder out(bytes);
        out.array(6).id(some[0].maker).id(some[0].team).unsigned_integer(3);
        out.bytes(some[0].signature).array(3).unsigned_integer(1);
        out.id(some[0].record).bytes(some[0].commitment);
        Bytes digests;
        append(digests, some[0].path[0]);
        append(digests, some[0].path[1]);
        out.bytes(digests);
        CHECK_FALSE(decode_batch(bytes));
    }
    SECTION("a leaf told twice") {
        std::vector<RecordKeyStatement> doubled = some;
        doubled.push_back(some[0]);
        for (const Bytes& bytes : encode_batches(doubled)) CHECK(read(bytes).size() <= 3);
    }
}

TEST_CASE("cut batches are refused, and whatever decodes encodes to itself", "[seal]") {
    const Stated world(8);
    const Bytes batch =
        encode_batches({world.statements[0], world.statements[3], world.statements[6]}).front();
    for (std::size_t length = 0; length < batch.size(); ++length) {
        CHECK_FALSE(decode_batch(ByteView(batch).first(length)));
    }
    for (std::size_t bit = 0; bit < 8 * batch.size(); ++bit) {
        const auto decoded = decode_batch(flipped(batch, bit));
        if (decoded) CHECK(encode_batches(*decoded) == std::vector<Bytes>{flipped(batch, bit)});
    }
}

TEST_CASE("a batch deeper than any is refused before anything is made for it", "[seal]") {
    const Stated world(1);
    for (const std::uint64_t depth : {7ULL, 63ULL, 64ULL, ~0ULL}) {
        Bytes bytes;
        cbor::Encoder out(bytes);
        const RecordKeyStatement& one = world.statements.front();
        out.array(6).id(one.maker).id(one.team).unsigned_integer(depth).bytes(one.signature);
        out.array(3).unsigned_integer(0).id(one.record).bytes(one.commitment).bytes({});
        const auto decoded = decode_batch(bytes);
        REQUIRE_FALSE(decoded);
        CHECK(decoded.error().code == ErrorCode::malformed);
    }
}

}  // namespace godwit
