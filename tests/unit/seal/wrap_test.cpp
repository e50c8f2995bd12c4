#include "shared/seal/wrap.h"

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
    WrapMaker maker{cipher, random};

    Keyed() {
        random.fill(key.bytes);
        statement =
            state_record_key(cipher, key, record, team, id_of<ReplicaId>(0xd0), dina.secret_key);
    }
    [[nodiscard]] WrapAddress members() const {
        return {Recipient::members, team.bytes, 1, team_key.public_key};
    }
    Wrap wrap() { return maker.wrap(key, statement, members()); }
    /// The refusal of `wrap` by the members' key.
    ErrorCode refusal(const Wrap& wrap, const RecordKeyStatement& of) const {
        const auto opened = open_wrap(cipher, wrap, team_key, of);
        REQUIRE_FALSE(opened);
        return opened.error().code;
    }
};

Result<Wrap> decoded(ByteView bytes) {
    std::vector<Wrap> wraps = TRY(decode_wraps_of(bytes));
    if (wraps.size() != 1) return ErrorCode::malformed;
    return std::move(wraps.front());
}

Bytes encoded(const Wrap& wrap) {
    return encode_wraps_of(wrap.record, {&wrap, 1});
}

}  // namespace

TEST_CASE("a wrap opens to the record key for the one it was made for", "[seal]") {
    Keyed world;
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

TEST_CASE("wraps made together open each in its own place and nowhere else", "[seal]") {
    Keyed world;
    RecordKey other_key;
    world.random.fill(other_key.bytes);
    const RecordKeyStatement other =
        state_record_key(world.cipher, other_key, id_of<RecordId>(0x12), world.team,
                         world.statement.maker, world.dina.secret_key);
    const BoxKeyPair recovery = world.cipher.make_box_keys(world.random);
    const Wrap one = world.wrap();
    const Wrap two = world.maker.wrap(other_key, other, world.members());
    const Wrap rescue = world.maker.wrap(
        world.key, world.statement,
        {Recipient::recovery, id_of<OrganisationId>(9).bytes, 0, recovery.public_key});
    CHECK(is_equal(ByteView(one.box).first(33), ByteView(two.box).first(33)));
    CHECK(is_equal(ByteView(one.box).first(33), ByteView(rescue.box).first(33)));

    WrapOpener opener(world.cipher);
    CHECK(opener.open(one, world.team_key, world.statement));
    CHECK(opener.open(two, world.team_key, other));
    CHECK(opener.open(rescue, recovery, world.statement));

    SECTION("moved to another record") {
        Wrap moved = two;
        moved.record = one.record;
        CHECK(world.refusal(moved, world.statement) == ErrorCode::cannot_open);
        CHECK_FALSE(opener.open(moved, world.team_key, world.statement));
    }
    SECTION("of another recipient, for whom it was not made") {
        Wrap moved = one;
        moved.box = rescue.box;
        CHECK(world.refusal(moved, world.statement) == ErrorCode::cannot_open);
    }
    SECTION("called another kind of recipient's") {
        Wrap moved = one;
        moved.recipient = Recipient::supervisors;
        CHECK(world.refusal(moved, world.statement) == ErrorCode::cannot_open);
    }
    SECTION("called another team's") {
        Wrap moved = one;
        moved.recipient_id[0] ^= 1U;
        CHECK(world.refusal(moved, world.statement) == ErrorCode::cannot_open);
    }
    SECTION("called another epoch's") {
        Wrap moved = one;
        moved.epoch = 2;
        CHECK(world.refusal(moved, world.statement) == ErrorCode::cannot_open);
    }
}

TEST_CASE("a wrap that is not what its maker committed to gives no key", "[seal]") {
    Keyed world;
    Wrap wrap = world.wrap();

    SECTION("a wrap of another key") {
        RecordKey other;
        world.random.fill(other.bytes);
        wrap = world.maker.wrap(other, world.statement, world.members());
        CHECK(world.refusal(wrap, world.statement) == ErrorCode::bad_key);
    }
    SECTION("a wrap of another record") {
        wrap.record = id_of<RecordId>(0x12);
        CHECK(world.refusal(wrap, world.statement) == ErrorCode::bad_key);
    }
    SECTION("the same key under another record's statement") {
        RecordKeyStatement other = world.statement;
        other.record = wrap.record = id_of<RecordId>(0x12);
        CHECK(world.refusal(wrap, other) == ErrorCode::cannot_open);
    }
    SECTION("another commitment") {
        RecordKeyStatement other = world.statement;
        other.commitment[0] ^= 1U;
        CHECK(world.refusal(wrap, other) == ErrorCode::cannot_open);
        other = world.statement;
        other.commitment[31] ^= 1U;  // Not a part of the nonce.
        CHECK(world.refusal(wrap, other) == ErrorCode::bad_key);
    }
    SECTION("a withdrawn wrap") {
        wrap.box.clear();
        CHECK(world.refusal(wrap, world.statement) == ErrorCode::cannot_open);
    }
    SECTION("a box with any bit flipped") {
        const Bytes box = wrap.box;
        for (std::size_t bit = 0; bit < 8 * box.size(); ++bit) {
            // X25519 does not look at the last bit of a point's 32 bytes; the derivation does.
            wrap.box = flipped(box, bit);
            CHECK(world.refusal(wrap, world.statement) == ErrorCode::cannot_open);
        }
    }
    SECTION("a box of something shorter, of the first format") {
        wrap.box = world.cipher.box(Bytes(31, 1), world.team_key.public_key);
        CHECK(world.refusal(wrap, world.statement) == ErrorCode::cannot_open);
    }
    SECTION("a box of another key, of the first format") {
        wrap.box = world.cipher.box(Bytes(32, 1), world.team_key.public_key);
        CHECK(world.refusal(wrap, world.statement) == ErrorCode::bad_key);
    }
}

TEST_CASE("an ephemeral key of small order opens nothing", "[seal]") {
    Keyed world;
    Wrap wrap = world.wrap();
    std::array<std::uint8_t, 32> order_eight{0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae,
                                             0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
                                             0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd,
                                             0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00};
    std::array<std::uint8_t, 32> one{1};
    for (const auto& point : {std::array<std::uint8_t, 32>{}, one, order_eight}) {
        // Whoever sends such a point knows what is "agreed", and can seal to it.
        BoxPublicKey ephemeral;
        ephemeral.bytes = point;
        CHECK(world.cipher.agree(world.team_key.secret_key, ephemeral).error().code ==
              ErrorCode::bad_key);
        std::copy(point.begin(), point.end(), wrap.box.begin() + 1);
        CHECK(world.refusal(wrap, world.statement) == ErrorCode::cannot_open);
    }
}

TEST_CASE("a replica wraps for itself by its own keys alone", "[seal]") {
    Keyed world;
    const BoxKeyPair own = world.cipher.make_box_keys(world.random);
    WrapMaker maker(world.cipher, {own.public_key, own.secret_key.duplicate()});
    const WrapAddress self{Recipient::replica, id_of<ReplicaId>(0xd0).bytes, 0, own.public_key};
    const Wrap wrap = maker.wrap(world.key, world.statement, self);
    CHECK(open_wrap(world.cipher, wrap, own, world.statement));
    CHECK_FALSE(open_wrap(world.cipher, wrap, world.team_key, world.statement));

    // Two keys never meet one nonce, even for one record.
    RecordKey other;
    world.random.fill(other.bytes);
    const RecordKeyStatement again = state_record_key(world.cipher, other, world.record, world.team,
                                                      world.statement.maker, world.dina.secret_key);
    const Wrap second = maker.wrap(other, again, self);
    Bytes difference;
    for (std::size_t at = 33; at < 65; ++at) {
        difference.push_back(static_cast<std::uint8_t>(
            wrap.box[at] ^ second.box[at] ^ world.key.bytes[at - 33] ^ other.bytes[at - 33]));
    }
    CHECK(difference != Bytes(32, 0));
}

TEST_CASE("wraps decode to what was encoded", "[seal]") {
    Keyed world;
    Wrap withdrawn = world.wrap();
    withdrawn.box.clear();
    const Wrap for_replica = world.maker.wrap(
        world.key, world.statement,
        {Recipient::replica, id_of<ReplicaId>(0xd0).bytes, 0, world.team_key.public_key});
    const std::vector<Wrap> all{world.wrap(), withdrawn, for_replica};
    CHECK(decode_wraps_of(encode_wraps_of(world.record, all)).value() == all);
    CHECK(decode_wraps(encode_wraps(all), world.record).value() == all);
    CHECK(decode_wraps({}, world.record).value().empty());
    CHECK_FALSE(decode_wraps_of(encode_wraps_of(world.record, {})));
}

TEST_CASE("cut wraps are refused, and whatever decodes encodes to itself", "[seal]") {
    Keyed world;
    const Bytes wrap = encoded(world.wrap());
    for (std::size_t length = 0; length < wrap.size(); ++length) {
        CHECK_FALSE(decoded(ByteView(wrap).first(length)));
    }
    for (std::size_t bit = 0; bit < 8 * wrap.size(); ++bit) {
        const auto changed = decoded(flipped(wrap, bit));
        if (changed) CHECK(encoded(*changed) == flipped(wrap, bit));
    }
}

TEST_CASE("wraps that cannot be are refused", "[seal]") {
    Keyed world;
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
        wrap.box.push_back(0);
    }
    SECTION("a box of a format to come") {
        wrap.box.front() = 3;
    }
    const auto refused = decoded(encoded(wrap));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::malformed);
}

}  // namespace godwit
