#include "shared/seal/roster_statement.h"

#include "shared/seal/sealed_value.h"
#include "tests/support/catch.h"
#include "tests/unit/seal/organisation.h"

namespace godwit {
namespace {

Bytes box_like(std::uint8_t fill) {
    return Bytes(grant_box_bytes, fill);
}

/// One body of every kind, in the order of their numbers.
std::vector<StatementBody> every_kind() {
    const ReplicaKeys keys{id_of<ReplicaId>(1), {}, {}};
    const std::vector<Place> places{{TeamId{}, Role::advocate}, {id_of<TeamId>(3), Role::worker}};
    const std::vector<Grant> grants{{id_of<ReplicaId>(4), box_like(1)},
                                    {id_of<ReplicaId>(5), box_like(2)}};
    const auto team = id_of<TeamId>(3);
    return {Founding{{}, {}, {}, {1}, id_of<MemberId>(2), {2}, keys, -1},
            TeamStatement{team, {3}, 1},
            MemberStatement{id_of<MemberId>(2), {4}, places, 2},
            InvitationStatement{id_of<InvitationId>(6), {}, id_of<MemberId>(2), places, 3, 4},
            Enrolment{id_of<InvitationId>(6), keys, {}, 5},
            Revocation{id_of<ReplicaId>(4), Manner::compromised, 6},
            ReaderKeyStatement{team, Readers::supervisors, 7, {}, grants, 8},
            GrantStatement{team, Readers::members, 9, grants, 10}};
}

Statement statement_of(StatementBody body) {
    return {id_of<OrganisationId>(8), id_of<ReplicaId>(1).bytes, 1, {}, std::move(body), {}};
}

ErrorCode refusal_of(const Statement& statement) {
    const auto decoded = decode_statement(encode_statement(statement));
    REQUIRE_FALSE(decoded);
    return decoded.error().code;
}

TEST_CASE("a statement of every kind decodes to what was encoded, and encodes to the same bytes",
          "[seal]") {
    for (const StatementBody& body : every_kind()) {
        const Statement statement = statement_of(body);
        const Bytes bytes = encode_statement(statement);
        const auto decoded = decode_statement(bytes);
        REQUIRE(decoded);
        CHECK(*decoded == statement);
        CHECK(encode_statement(*decoded) == bytes);
    }
}

TEST_CASE("a statement that is cut or has more behind it is refused", "[seal]") {
    for (const StatementBody& body : every_kind()) {
        Bytes bytes = encode_statement(statement_of(body));
        for (std::size_t length = 0; length < bytes.size(); ++length) {
            CHECK_FALSE(decode_statement(ByteView(bytes).first(length)));
        }
        bytes.push_back(0);
        const auto decoded = decode_statement(bytes);
        REQUIRE_FALSE(decoded);
        CHECK(decoded.error().code == ErrorCode::trailing_bytes);
    }
}

TEST_CASE("whatever the decoder takes, the encoder gives back", "[seal]") {
    // So the bytes that were signed are the only ones for what they say.
    for (const StatementBody& body : every_kind()) {
        const Bytes bytes = encode_statement(statement_of(body));
        for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
            const Bytes changed = flipped(bytes, bit);
            const auto decoded = decode_statement(changed);
            if (decoded) CHECK(encode_statement(*decoded) == changed);
        }
    }
}

TEST_CASE("every bit of a signed statement is under its signature", "[seal]") {
    Organisation world;
    world.add_team(1);
    const TestInvitation invitation =
        world.invite(world.add_member(0xd0, {{id_of<TeamId>(1), Role::worker}}));
    const Bytes statement = world.enrolment(world.make_replica(invitation.member), invitation);
    for (std::size_t bit = 0; bit < 8 * statement.size(); ++bit) {
        const std::size_t count = world.roster.count();
        CHECK_FALSE(world.roster.accept(flipped(statement, bit), test_now_ms));
        CHECK(world.roster.count() == count);
    }
    CHECK(world.roster.accept(statement, test_now_ms));
}

TEST_CASE("the signature is over the bytes received, which are those that were signed", "[seal]") {
    Organisation world;
    const auto decoded = decode_statement(world.statements.front());
    REQUIRE(decoded);
    CHECK(signed_part_of(world.statements.front()) == signed_bytes(*decoded));
}

TEST_CASE("a version or a kind that this build does not know is refused", "[seal]") {
    Bytes bytes = encode_statement(statement_of(TeamStatement{id_of<TeamId>(3), {}, 1}));
    REQUIRE(decode_statement(bytes));
    SECTION("version 2") {
        bytes[1] = 2;
        const auto decoded = decode_statement(bytes);
        REQUIRE_FALSE(decoded);
        CHECK(decoded.error().code == ErrorCode::unknown_version);
    }
    SECTION("kind 9") {
        // version, organisation (17), signer (17), number, previous (34): then the kind.
        constexpr std::size_t kind_offset = 1 + 1 + 17 + 17 + 1 + 34;
        REQUIRE(bytes[kind_offset] == 2);
        bytes[kind_offset] = 9;
        const auto decoded = decode_statement(bytes);
        REQUIRE_FALSE(decoded);
        CHECK(decoded.error().code == ErrorCode::unknown_version);
    }
}

TEST_CASE("a statement too large to keep is refused", "[seal]") {
    TeamStatement body{id_of<TeamId>(3), Bytes(statement_bytes_max - 200), 1};
    CHECK(decode_statement(encode_statement(statement_of(body))));
    body.sealed_name.resize(statement_bytes_max);
    CHECK(refusal_of(statement_of(body)) == ErrorCode::too_large);
}

TEST_CASE("places that cannot be are refused", "[seal]") {
    const auto team = id_of<TeamId>(3);
    const auto member_with = [](std::vector<Place> places) {
        return statement_of(MemberStatement{id_of<MemberId>(2), {}, std::move(places), 1});
    };
    CHECK(decode_statement(encode_statement(
        member_with({{TeamId{}, Role::administrator}, {team, Role::supervisor}}))));
    CHECK(refusal_of(member_with({{team, Role::administrator}})) == ErrorCode::malformed);
    CHECK(refusal_of(member_with({{TeamId{}, Role::worker}})) == ErrorCode::malformed);
    CHECK(refusal_of(member_with({{TeamId{}, Role::supervisor}})) == ErrorCode::malformed);
    CHECK(refusal_of(member_with({{team, static_cast<Role>(5)}})) == ErrorCode::malformed);
    CHECK(refusal_of(member_with({{team, static_cast<Role>(0)}})) == ErrorCode::malformed);
    // One role in a team, in the order of teams.
    CHECK(refusal_of(member_with({{team, Role::worker}, {team, Role::supervisor}})) ==
          ErrorCode::malformed);
    CHECK(refusal_of(member_with({{team, Role::worker}, {id_of<TeamId>(2), Role::worker}})) ==
          ErrorCode::malformed);
}

TEST_CASE("grants out of order, of another size, too many or none are refused", "[seal]") {
    const auto with = [](std::vector<Grant> grants) {
        return statement_of(
            GrantStatement{id_of<TeamId>(3), Readers::members, 1, std::move(grants), 1});
    };
    const Grant first{id_of<ReplicaId>(4), box_like(1)};
    const Grant second{id_of<ReplicaId>(5), box_like(1)};
    CHECK(decode_statement(encode_statement(with({first, second}))));
    CHECK(refusal_of(with({})) == ErrorCode::malformed);
    CHECK(refusal_of(with({second, first})) == ErrorCode::malformed);
    CHECK(refusal_of(with({first, first})) == ErrorCode::malformed);
    CHECK(refusal_of(with({{first.replica, Bytes(grant_box_bytes - 1)}})) == ErrorCode::malformed);

    std::vector<Grant> many;
    for (std::size_t index = 0; index <= grants_max; ++index) {
        ReplicaId replica;
        replica.bytes[0] = static_cast<std::uint8_t>(index / 256);
        replica.bytes[1] = static_cast<std::uint8_t>(index % 256);
        many.push_back({replica, box_like(1)});
    }
    CHECK(refusal_of(with(many)) == ErrorCode::too_large);
    many.pop_back();
    CHECK(decode_statement(encode_statement(with(many))));
}

TEST_CASE("numbers and ids that cannot be are refused", "[seal]") {
    const TeamStatement body{id_of<TeamId>(3), {}, 1};
    Statement statement = statement_of(body);
    SECTION("number 0") {
        statement.number = 0;
    }
    SECTION("a first statement with one before it") {
        statement.previous[0] = 1;
    }
    SECTION("an enrolment that is not the first") {
        statement = statement_of(every_kind()[4]);
        statement.number = 2;
    }
    SECTION("a founding that is not the first") {
        statement = statement_of(every_kind()[0]);
        statement.number = 2;
    }
    SECTION("the zero team") {
        statement.body = TeamStatement{TeamId{}, {}, 1};
    }
    SECTION("the zero replica") {
        statement = statement_of(Enrolment{id_of<InvitationId>(6), {}, {}, 5});
    }
    SECTION("epoch 0") {
        statement.body = GrantStatement{
            id_of<TeamId>(3), Readers::members, 0, {{id_of<ReplicaId>(4), box_like(1)}}, 1};
    }
    SECTION("unknown readers") {
        statement.body = GrantStatement{
            id_of<TeamId>(3), static_cast<Readers>(4), 1, {{id_of<ReplicaId>(4), box_like(1)}}, 1};
    }
    SECTION("an unknown manner") {
        statement.body = Revocation{id_of<ReplicaId>(4), static_cast<Manner>(3), 1};
    }
    CHECK(refusal_of(statement) == ErrorCode::malformed);
}

TEST_CASE("signing puts places and grants in their order", "[seal]") {
    Organisation world;
    const std::vector<Place> places{{id_of<TeamId>(9), Role::worker},
                                    {id_of<TeamId>(3), Role::worker},
                                    {id_of<TeamId>(9), Role::worker}};
    Statement statement = statement_of(MemberStatement{id_of<MemberId>(2), {}, places, 1});
    const auto decoded =
        decode_statement(sign_statement(world.cipher, statement, world.root.secret_key));
    REQUIRE(decoded);
    CHECK(std::get<MemberStatement>(decoded->body).places ==
          std::vector<Place>{{id_of<TeamId>(3), Role::worker}, {id_of<TeamId>(9), Role::worker}});
    CHECK(*decoded == statement);
}

TEST_CASE("a name opens under the organisation key, and shows little of its length", "[seal]") {
    Organisation world;
    const auto sealed = [&](std::string_view name) {
        return seal_name(world.cipher, world.random, world.key, name);
    };
    const auto opened = open_name(world.cipher, world.key, sealed("দিনা"));
    REQUIRE(opened);
    CHECK(*opened == "দিনা");
    CHECK(sealed("D").size() == sealed("Dina of the long name").size());
    CHECK(sealed("Dina") != sealed("Dina"));

    OrganisationKey other;
    const auto refused = open_name(world.cipher, other, sealed("Dina"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::cannot_open);
    CHECK_FALSE(open_name(world.cipher, world.key, flipped(sealed("Dina"), 200)));
}

TEST_CASE("what was sealed as a name but is no text is refused", "[seal]") {
    Organisation world;
    const Bytes number{0x01};
    const Bytes sealed =
        world.cipher.seal(pad(number), bytes_of("godwit name 1"), world.key.bytes, world.random);
    const auto opened = open_name(world.cipher, world.key, sealed);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::malformed);
}

}  // namespace
}  // namespace godwit
