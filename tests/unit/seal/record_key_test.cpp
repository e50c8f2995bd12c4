#include "shared/seal/record_key.h"

#include "tests/support/catch.h"
#include "tests/unit/seal/organisation.h"

namespace godwit {
namespace {

struct Keyed {
    SodiumCipher cipher = test_cipher();
    SeededRandom random{11};
    SigningKeyPair dina = cipher.make_signing_keys(random);
    BoxKeyPair team_key = cipher.make_box_keys(random);
    RecordId record = id_of<RecordId>(0x11);
    TeamId team = id_of<TeamId>(1);
    RecordKey key;
    RecordKeyStatement statement;

    Keyed() {
        random.fill(key.bytes);
        statement =
            state_record_key(cipher, key, record, team, id_of<ReplicaId>(0xd0), dina.secret_key);
    }
    Wrap wrap() const {
        return wrap_for(cipher, key, record, Recipient::members, team.bytes, 1,
                        team_key.public_key);
    }
};

template <typename T>
Bytes encoded(const T& value) {
    Bytes out;
    cbor::Encoder encoder(out);
    encode(encoder, value);
    return out;
}

Result<Wrap> decoded_wrap(ByteView bytes) {
    cbor::Decoder in(bytes);
    Wrap wrap = TRY(decode_wrap(in));
    TRY(in.finish());
    return wrap;
}

Result<RecordKeyStatement> decoded_statement(ByteView bytes) {
    cbor::Decoder in(bytes);
    RecordKeyStatement statement = TRY(decode_record_key_statement(in));
    TRY(in.finish());
    return statement;
}

TEST_CASE("a wrap opens to the record key for the one it was made for", "[seal]") {
    const Keyed world;
    const auto opened = open_wrap(world.cipher, world.wrap(), world.team_key, world.statement);
    REQUIRE(opened);
    CHECK(world.cipher.is_same_secret(opened->view(), world.key.view()));
}

TEST_CASE("a wrap opens for nobody else", "[seal]") {
    Keyed world;
    const BoxKeyPair other = world.cipher.make_box_keys(world.random);
    const auto opened = open_wrap(world.cipher, world.wrap(), other, world.statement);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::cannot_open);
}

TEST_CASE("a wrap that is not what its maker committed to gives no key", "[seal]") {
    Keyed world;
    Wrap wrap = world.wrap();
    const auto refusal = [&](const RecordKeyStatement& statement) {
        const auto opened = open_wrap(world.cipher, wrap, world.team_key, statement);
        REQUIRE_FALSE(opened);
        return opened.error().code;
    };

    SECTION("a wrap of another key") {
        RecordKey other;
        world.random.fill(other.bytes);
        wrap = wrap_for(world.cipher, other, world.record, Recipient::members, world.team.bytes, 1,
                        world.team_key.public_key);
        CHECK(refusal(world.statement) == ErrorCode::bad_key);
    }
    SECTION("a wrap of another record") {
        wrap.record = id_of<RecordId>(0x12);
        CHECK(refusal(world.statement) == ErrorCode::bad_key);
    }
    SECTION("the same key under another record's statement") {
        RecordKeyStatement other = world.statement;
        other.record = wrap.record = id_of<RecordId>(0x12);
        CHECK(refusal(other) == ErrorCode::bad_key);
    }
    SECTION("another commitment") {
        RecordKeyStatement other = world.statement;
        other.commitment[0] ^= 1U;
        CHECK(refusal(other) == ErrorCode::bad_key);
    }
    SECTION("a box of something shorter") {
        wrap.box = world.cipher.box(Bytes(31, 1), world.team_key.public_key);
        CHECK(refusal(world.statement) == ErrorCode::bad_key);
    }
    SECTION("a withdrawn wrap") {
        wrap.box.clear();
        CHECK(refusal(world.statement) == ErrorCode::cannot_open);
    }
    SECTION("a box with any bit flipped") {
        const Bytes box = wrap.box;
        for (std::size_t bit = 0; bit < 8 * box.size(); ++bit) {
            wrap.box = flipped(box, bit);
            CHECK(refusal(world.statement) == ErrorCode::cannot_open);
        }
    }
}

TEST_CASE("a record key's statement is its maker's, whole", "[seal]") {
    Keyed world;
    REQUIRE(verify(world.cipher, world.statement, world.dina.public_key));
    RecordKeyStatement changed = world.statement;

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
    const auto outcome = verify(world.cipher, changed, world.dina.public_key);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::bad_signature);
}

TEST_CASE("a statement by another key than the maker's is refused", "[seal]") {
    Keyed world;
    const SigningKeyPair other = world.cipher.make_signing_keys(world.random);
    CHECK_FALSE(verify(world.cipher, world.statement, other.public_key));
}

TEST_CASE("the commitment does not show the key", "[seal]") {
    const Keyed world;
    const Bytes bytes = encoded(world.statement);
    const std::string_view key = text_of(world.key.view());
    CHECK(text_of(bytes).find(key) == std::string_view::npos);
    CHECK(text_of(bytes).find(key.substr(0, 8)) == std::string_view::npos);
}

TEST_CASE("statements and wraps decode to what was encoded", "[seal]") {
    const Keyed world;
    const auto statement = decoded_statement(encoded(world.statement));
    REQUIRE(statement);
    CHECK(*statement == world.statement);

    Wrap withdrawn = world.wrap();
    withdrawn.box.clear();
    const Wrap for_replica = wrap_for(world.cipher, world.key, world.record, Recipient::replica,
                                      id_of<ReplicaId>(0xd0).bytes, 0, world.team_key.public_key);
    for (const Wrap& wrap : {world.wrap(), withdrawn, for_replica}) {
        const auto decoded = decoded_wrap(encoded(wrap));
        REQUIRE(decoded);
        CHECK(*decoded == wrap);
    }
}

TEST_CASE("cut statements and wraps are refused, and whatever decodes encodes to itself",
          "[seal]") {
    const Keyed world;
    const Bytes statement = encoded(world.statement);
    const Bytes wrap = encoded(world.wrap());
    for (std::size_t length = 0; length < statement.size(); ++length) {
        CHECK_FALSE(decoded_statement(ByteView(statement).first(length)));
    }
    for (std::size_t length = 0; length < wrap.size(); ++length) {
        CHECK_FALSE(decoded_wrap(ByteView(wrap).first(length)));
    }
    for (std::size_t bit = 0; bit < 8 * statement.size(); ++bit) {
        const auto decoded = decoded_statement(flipped(statement, bit));
        if (decoded) CHECK(encoded(*decoded) == flipped(statement, bit));
    }
    for (std::size_t bit = 0; bit < 8 * wrap.size(); ++bit) {
        const auto decoded = decoded_wrap(flipped(wrap, bit));
        if (decoded) CHECK(encoded(*decoded) == flipped(wrap, bit));
    }
}

TEST_CASE("wraps that cannot be are refused", "[seal]") {
    const Keyed world;
    Wrap wrap = world.wrap();
    SECTION("a recipient of no known kind") {
        wrap.recipient = static_cast<Recipient>(5);
    }
    SECTION("a recipient of kind 0") {
        wrap.recipient = static_cast<Recipient>(0);
    }
    SECTION("a team's wrap without an epoch") {
        wrap.epoch = 0;
    }
    SECTION("a replica's wrap with one") {
        wrap.recipient = Recipient::replica;
    }
    SECTION("a box of another length") {
        wrap.box.pop_back();
    }
    const auto decoded = decoded_wrap(encoded(wrap));
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == ErrorCode::malformed);
}

}  // namespace
}  // namespace godwit
