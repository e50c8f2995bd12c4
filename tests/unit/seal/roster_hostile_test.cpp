// What a server that wants to read may try, with every statement in its hands and no key but its
// own; and what people inside may try beyond their place.

#include "shared/seal/reader_key.h"
#include "shared/seal/roster.h"
#include "shared/seal/wrap.h"
#include "tests/support/catch.h"
#include "tests/unit/seal/organisation.h"

namespace godwit {
namespace {

/// What bela's replica holds, and a server that made itself a replica's keys.
struct Seized : Organisation {
    TeamId team = add_team(1);
    TestReplica bela = enrol(add_member(0xb0, {{team, Role::supervisor}}));
    TestReplica dina = enrol(add_member(0xd0, {{team, Role::worker}}));
    BoxKeyPair members_key = cipher.make_box_keys(random);
    TestReplica intruder = make_replica(bela.member);

    Seized() { say(bela, reader_key_body(team, Readers::members, 1, members_key, {&bela})); }
};

TEST_CASE("a hostile server cannot add a reader", "[seal]") {
    Seized world;
    const ReaderKeyStatement key_of_its_own = world.reader_key_body(
        world.team, Readers::members, 2, world.intruder.box, {&world.intruder});

    SECTION("by a statement of its own") {
        check_refused(world.roster, world.signed_by(world.intruder, key_of_its_own),
                      ErrorCode::unknown_replica);
    }
    SECTION("by its own key in the supervisor's name") {
        check_refused(world.roster,
                      world.signed_as(world.bela.id.bytes, world.intruder.signing.secret_key,
                                      world.roster.next(world.bela.id.bytes), key_of_its_own),
                      ErrorCode::bad_signature);
    }
    SECTION("by the key it signs receipts with") {
        check_refused(world.roster,
                      world.signed_as(world.bela.id.bytes, world.server.secret_key,
                                      world.roster.next(world.bela.id.bytes), key_of_its_own),
                      ErrorCode::bad_signature);
    }
    SECTION("by enrolling itself without an invitation") {
        check_refused(world.roster,
                      world.enrolment(world.intruder, world.make_invitation(world.bela.member)),
                      ErrorCode::invitation_unknown);
    }
    SECTION("by founding the organisation anew") {
        Founding body = world.roster.founding();
        body.replica = world.intruder.keys();
        check_refused(world.roster,
                      world.signed_as(world.id.bytes, world.server.secret_key, {1, {}}, body),
                      ErrorCode::bad_signature);
    }
    CHECK(world.roster.reader_key(world.team, Readers::members)->key ==
          world.members_key.public_key);
    CHECK(world.roster.replica(world.intruder.id) == nullptr);
}

TEST_CASE("a hostile server cannot use an invitation again", "[seal]") {
    Seized world;
    // It saw the enrolment, consent included, as it went by.
    const auto enrolled = decode_statement(world.statements[4]);
    REQUIRE(enrolled);
    REQUIRE(std::holds_alternative<Enrolment>(enrolled->body));
    const auto& seen = std::get<Enrolment>(enrolled->body);

    SECTION("with the consent it saw and other keys") {
        Enrolment body = seen;
        body.replica = world.intruder.keys();
        check_refused(world.roster, world.signed_by(world.intruder, body),
                      ErrorCode::bad_signature);
    }
    SECTION("with the same replica's id and its own signing key") {
        Enrolment body = seen;
        body.replica.signing = world.intruder.signing.public_key;
        check_refused(world.roster,
                      world.signed_as(seen.replica.replica.bytes, world.intruder.signing.secret_key,
                                      {1, {}}, body),
                      ErrorCode::bad_signature);
    }
}

TEST_CASE("a hostile server cannot drop a statement out of the middle", "[seal]") {
    Seized world;
    world.say(world.asha, Revocation{world.dina.id, Manner::compromised, test_now_ms});
    const std::size_t revocation = world.statements.size() - 1;
    world.add_team(2);

    Roster roster(world.cipher, world.id);
    for (std::size_t index = 0; index < revocation; ++index) {
        REQUIRE(roster.accept(world.statements[index], std::nullopt));
    }
    check_refused(roster, world.statements[revocation + 1], ErrorCode::roster_behind);
    CHECK(roster.accept(world.statements[revocation], std::nullopt));
    CHECK(roster.accept(world.statements[revocation + 1], std::nullopt));
}

TEST_CASE("a hostile server that plays an older chain again changes nothing", "[seal]") {
    Seized world;
    const std::vector<Bytes> older = world.statements;
    world.say(world.asha, Revocation{world.dina.id, Manner::compromised, test_now_ms});
    world.place_member(world.bela.member, {});
    const std::string before = everything_in(world.roster);

    for (const Bytes& statement : older) CHECK(world.roster.accept(statement, std::nullopt));
    CHECK(everything_in(world.roster) == before);
    CHECK(world.roster.replica(world.dina.id)->revoked == Manner::compromised);
    CHECK(world.roster.places(world.bela.id).empty());
}

TEST_CASE("a replica that was cloned cannot tell two stories", "[seal]") {
    Seized world;
    const BoxKeyPair other = world.cipher.make_box_keys(world.random);
    const Bytes one = world.signed_by(
        world.bela,
        world.grant_body(world.team, Readers::members, 1, world.members_key, {&world.dina}));
    const Bytes another = world.signed_by(
        world.bela, world.reader_key_body(world.team, Readers::members, 2, other, {&world.bela}));

    CHECK(world.roster.accept(one, std::nullopt));
    check_refused(world.roster, another, ErrorCode::roster_behind);
}

TEST_CASE("a hostile server cannot swap a wrap for a key it knows", "[seal]") {
    Seized world;
    const auto record = id_of<RecordId>(0x11);
    RecordKey true_key;
    world.random.fill(true_key.bytes);
    const RecordKeyStatement statement = state_record_key(
        world.cipher, true_key, record, world.team, world.dina.id, world.dina.signing.secret_key);

    RecordKey known_key;
    world.random.fill(known_key.bytes);
    const Wrap swapped =
        wrap_for(world.cipher, world.random, known_key, statement,
                 {Recipient::members, world.team.bytes, 1, world.members_key.public_key});
    const auto opened = open_wrap(world.cipher, swapped, world.members_key, statement);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::bad_key);

    // With a statement of its own making it needs the maker's signature.
    RecordKeyStatement forged = state_record_key(world.cipher, known_key, record, world.team,
                                                 world.dina.id, world.server.secret_key);
    const auto verified = verify(world.cipher, forged, world.dina.signing.public_key);
    REQUIRE_FALSE(verified);
    CHECK(verified.error().code == ErrorCode::bad_signature);
    CHECK(verify(world.cipher, statement, world.dina.signing.public_key));
}

TEST_CASE("a hostile server cannot swap a grant for a reader key it knows", "[seal]") {
    Seized world;
    const Grant swapped = grant_for(world.cipher, world.intruder.box.secret_key, world.bela.keys());
    const auto opened = open_grant(world.cipher, swapped.box, world.bela.box,
                                   world.roster.reader_key(world.team, Readers::members)->key);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::bad_key);
}

TEST_CASE("a worker cannot make themselves a supervisor", "[seal]") {
    Seized world;
    check_refused(
        world.roster,
        world.signed_by(
            world.dina,
            MemberStatement{world.dina.member, {}, {{world.team, Role::supervisor}}, test_now_ms}),
        ErrorCode::not_permitted);
    check_refused(world.roster,
                  world.signed_by(world.dina, world.reader_key_body(world.team, Readers::members, 2,
                                                                    world.dina.box, {&world.dina})),
                  ErrorCode::not_permitted);
}

TEST_CASE("statements of another organisation with the same people are refused", "[seal]") {
    Seized world;
    Statement statement{id_of<OrganisationId>(9),
                        world.asha.id.bytes,
                        world.roster.next(world.asha.id.bytes).number,
                        world.roster.next(world.asha.id.bytes).previous,
                        TeamStatement{id_of<TeamId>(5), {}, test_now_ms},
                        {}};
    const Bytes bytes = sign_statement(world.cipher, statement, world.asha.signing.secret_key);
    check_refused(world.roster, bytes, ErrorCode::wrong_organisation);
}

}  // namespace
}  // namespace godwit
