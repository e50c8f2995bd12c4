#include "shared/seal/roster.h"

#include <algorithm>

#include "shared/base/sha256.h"
#include "shared/seal/reader_key.h"
#include "tests/support/catch.h"
#include "tests/unit/seal/organisation.h"

namespace godwit {
namespace {

/// asha administers, bela and caro supervise team 1, dina works there; team 2 has nobody.
struct Team : Organisation {
    TeamId team = add_team(1);
    TeamId empty_team = add_team(2);
    TestReplica bela = enrol(add_member(0xb0, {{team, Role::supervisor}}));
    TestReplica caro = enrol(add_member(0xc0, {{team, Role::supervisor}}));
    TestReplica dina = enrol(add_member(0xd0, {{team, Role::worker}}));
    BoxKeyPair members_key = cipher.make_box_keys(random);
    BoxKeyPair supervisors_key = cipher.make_box_keys(random);

    Bytes make_members_key(const std::vector<const TestReplica*>& to) {
        return say(bela, reader_key_body(team, Readers::members, 1, members_key, to));
    }
};

TEST_CASE("the founder's replica is the first administrator", "[seal]") {
    const Organisation world;
    REQUIRE(world.roster.is_founded());
    CHECK(world.roster.founding().server == world.server.public_key);
    CHECK(world.roster.is_administrator(world.asha.id));
    CHECK(world.roster.role(world.asha.id, id_of<TeamId>(1)) == std::nullopt);
    CHECK(world.roster.count() == 1);
}

TEST_CASE("an organisation is founded once", "[seal]") {
    Organisation world;
    const Bytes again = world.founding_bytes();  // Other nonces, so other bytes.
    check_refused(world.roster, again, ErrorCode::already_founded);
}

TEST_CASE("a founding is refused unless its root is the one vouched for", "[seal]") {
    const Organisation world;
    const SigningKeyPair other_root = world.cipher.make_signing_keys(world.random);
    Founding body = world.roster.founding();

    SECTION("the true founding is taken") {
        Roster roster(world.cipher, world.id);
        CHECK(roster.accept(world.statements.front(), std::nullopt));
    }
    SECTION("another root for the same organisation") {
        body.root = other_root.public_key;
        Roster roster(world.cipher, world.id);
        check_refused(roster, world.signed_as(world.id.bytes, other_root.secret_key, {1, {}}, body),
                      ErrorCode::wrong_organisation);
    }
    SECTION("the true root, but signed by somebody else") {
        Roster roster(world.cipher, world.id);
        check_refused(roster, world.signed_as(world.id.bytes, other_root.secret_key, {1, {}}, body),
                      ErrorCode::bad_signature);
    }
    SECTION("the true root, signing in the name of a replica") {
        Roster roster(world.cipher, world.id);
        check_refused(roster,
                      world.signed_as(world.asha.id.bytes, world.root.secret_key, {1, {}}, body),
                      ErrorCode::wrong_organisation);
    }
    SECTION("a roster of another organisation") {
        Roster roster(world.cipher, id_of<OrganisationId>(9));
        check_refused(roster, world.statements.front(), ErrorCode::wrong_organisation);
    }
    SECTION("a recovery key that keeps nothing secret") {
        body.recovery = {};
        Roster roster(world.cipher, world.id);
        check_refused(roster, world.signed_as(world.id.bytes, world.root.secret_key, {1, {}}, body),
                      ErrorCode::bad_key);
    }
}

TEST_CASE("nothing is taken before the founding", "[seal]") {
    Organisation world;
    world.add_team(1);
    Roster roster(world.cipher, world.id);
    check_refused(roster, world.statements[1], ErrorCode::not_founded);
}

TEST_CASE("a statement already held changes nothing", "[seal]") {
    Team world;
    const std::string before = everything_in(world.roster);
    for (const Bytes& statement : world.statements)
        CHECK(world.roster.accept(statement, test_now_ms));
    CHECK(everything_in(world.roster) == before);
    CHECK(world.roster.count() == world.statements.size());
    CHECK(world.roster.holds(sha256({world.statements.back()})));
}

TEST_CASE("two rosters that took the same statements are alike", "[seal]") {
    Team world;
    world.make_members_key({&world.bela});
    Roster roster(world.cipher, world.id);
    for (const Bytes& statement : world.statements) REQUIRE(roster.accept(statement, std::nullopt));
    CHECK(everything_in(roster) == everything_in(world.roster));
}

TEST_CASE("teams, members, invitations and revocations are an administrator's to state", "[seal]") {
    Team world;
    const TestInvitation invitation = world.make_invitation(world.dina.member);
    const std::vector<StatementBody> bodies{
        TeamStatement{id_of<TeamId>(3), {}, test_now_ms},
        MemberStatement{world.dina.member, {}, {{world.team, Role::supervisor}}, 0},
        world.invitation_body(invitation, {{world.team, Role::worker}}),
        Revocation{world.caro.id, Manner::retired, test_now_ms}};
    const StatementBody& body = bodies[GENERATE(0U, 1U, 2U, 3U)];

    SECTION("an administrator's is taken") {
        world.take(world.signed_by(world.asha, body));
    }
    SECTION("a supervisor's is refused") {
        check_refused(world.roster, world.signed_by(world.bela, body), ErrorCode::not_permitted);
    }
    SECTION("a worker's is refused") {
        check_refused(world.roster, world.signed_by(world.dina, body), ErrorCode::not_permitted);
    }
    SECTION("a stranger's is refused") {
        const TestReplica stranger = world.make_replica(world.asha.member);
        check_refused(world.roster, world.signed_by(stranger, body), ErrorCode::unknown_replica);
    }
    SECTION("the root key's is refused: it founds and does no more") {
        check_refused(world.roster,
                      world.signed_as(world.id.bytes, world.root.secret_key,
                                      world.roster.next(world.id.bytes), body),
                      ErrorCode::unknown_replica);
    }
    SECTION("one in an administrator's name but not signed by them is refused") {
        check_refused(world.roster,
                      world.signed_as(world.asha.id.bytes, world.bela.signing.secret_key,
                                      world.roster.next(world.asha.id.bytes), body),
                      ErrorCode::bad_signature);
    }
}

TEST_CASE("a member's places are those last stated, and those of all their replicas", "[seal]") {
    Team world;
    const TestReplica second_phone = world.enrol(world.dina.member);
    CHECK(world.roster.role(world.dina.id, world.team) == Role::worker);

    world.place_member(world.dina.member,
                       {{world.team, Role::supervisor}, {world.empty_team, Role::worker}});
    CHECK(world.roster.role(world.dina.id, world.team) == Role::supervisor);
    CHECK(world.roster.role(second_phone.id, world.empty_team) == Role::worker);

    world.place_member(world.dina.member, {});
    CHECK(world.roster.role(world.dina.id, world.team) == std::nullopt);
    CHECK(world.roster.places(second_phone.id).empty());
}

TEST_CASE("an administrator made one later may state what the first may", "[seal]") {
    Team world;
    world.place_member(world.bela.member,
                       {{TeamId{}, Role::administrator}, {world.team, Role::supervisor}});
    CHECK(world.roster.is_administrator(world.bela.id));
    world.say(world.bela, TeamStatement{id_of<TeamId>(3), {}, test_now_ms});

    world.say(world.bela, MemberStatement{world.asha.member, {}, {}, test_now_ms});
    check_refused(world.roster,
                  world.signed_by(world.asha, TeamStatement{id_of<TeamId>(4), {}, test_now_ms}),
                  ErrorCode::not_permitted);
}

TEST_CASE("a team stated again is renamed", "[seal]") {
    Team world;
    world.say(world.asha, TeamStatement{world.team, {1, 2, 3}, test_now_ms});
    CHECK(world.roster.teams().at(world.team) == Bytes{1, 2, 3});
}

TEST_CASE("places in teams that nobody made are refused", "[seal]") {
    Team world;
    const auto unknown = id_of<TeamId>(9);
    check_refused(
        world.roster,
        world.signed_by(
            world.asha,
            MemberStatement{world.dina.member, {}, {{unknown, Role::worker}}, test_now_ms}),
        ErrorCode::unknown_team);
    check_refused(
        world.roster,
        world.signed_by(world.asha, world.invitation_body(world.make_invitation(world.dina.member),
                                                          {{unknown, Role::worker}})),
        ErrorCode::unknown_team);
}

TEST_CASE("an invitation names a member who is known, and an id of its own", "[seal]") {
    Team world;
    const TestInvitation for_nobody = world.make_invitation(id_of<MemberId>(0xee));
    check_refused(world.roster, world.signed_by(world.asha, world.invitation_body(for_nobody, {})),
                  ErrorCode::unknown_member);

    TestInvitation invitation = world.invite(world.dina.member);
    invitation.key = world.cipher.make_signing_keys(world.random);
    check_refused(world.roster, world.signed_by(world.asha, world.invitation_body(invitation, {})),
                  ErrorCode::invitation_used);
}

TEST_CASE("an enrolment by invitation gives a replica its member's places", "[seal]") {
    Team world;
    const TestInvitation invitation = world.invite(world.dina.member);
    const TestReplica phone = world.make_replica(world.dina.member);
    world.take(world.enrolment(phone, invitation));

    const auto* const entry = world.roster.replica(phone.id);
    REQUIRE(entry != nullptr);
    CHECK(entry->keys == phone.keys());
    CHECK(entry->member == world.dina.member);
    CHECK_FALSE(entry->revoked);
    CHECK(world.roster.role(phone.id, world.team) == Role::worker);
    CHECK(world.roster.invitations().at(invitation.id).used_by == phone.id);
    CHECK(world.roster.next(phone.id.bytes).number == 2);
}

TEST_CASE("an invitation admits one replica", "[seal]") {
    Team world;
    const TestInvitation invitation = world.invite(world.dina.member);
    world.take(world.enrolment(world.make_replica(world.dina.member), invitation));
    check_refused(world.roster, world.enrolment(world.make_replica(world.dina.member), invitation),
                  ErrorCode::invitation_used);
}

TEST_CASE("an invitation expires at its hour, where an hour is given", "[seal]") {
    Team world;
    const TestInvitation invitation = world.invite(world.dina.member);
    const Bytes enrolment = world.enrolment(world.make_replica(world.dina.member), invitation);
    const std::int64_t expires_ms = test_now_ms + 7 * test_day_ms;

    check_refused(world.roster, enrolment, ErrorCode::invitation_expired, expires_ms);
    SECTION("just before") {
        CHECK(world.roster.accept(enrolment, expires_ms - 1));
    }
    SECTION("a server accepted it in time, and the replica hears of it later") {
        CHECK(world.roster.accept(enrolment, std::nullopt));
    }
}

TEST_CASE("an enrolment is refused unless invitation and replica both signed it", "[seal]") {
    Team world;
    const TestInvitation invitation = world.invite(world.dina.member);
    const TestReplica phone = world.make_replica(world.dina.member);

    SECTION("an invitation that nobody gave out") {
        const TestInvitation forged = world.make_invitation(world.dina.member);
        check_refused(world.roster, world.enrolment(phone, forged), ErrorCode::invitation_unknown);
    }
    SECTION("consent by another key") {
        TestInvitation forged = world.make_invitation(world.dina.member);
        forged.id = invitation.id;
        check_refused(world.roster, world.enrolment(phone, forged), ErrorCode::bad_signature);
    }
    SECTION("consent to other keys than those enrolled") {
        const TestReplica thief = world.make_replica(world.dina.member);
        const Signature consent = world.cipher.sign(
            enrolment_bytes(world.id, invitation.id, phone.keys()), invitation.key.secret_key);
        check_refused(world.roster,
                      world.signed_by(thief, Enrolment{invitation.id, thief.keys(), consent, 0}),
                      ErrorCode::bad_signature);
    }
    SECTION("the statement signed by another key than the one enrolled") {
        const TestReplica thief = world.make_replica(world.dina.member);
        const Signature consent = world.cipher.sign(
            enrolment_bytes(world.id, invitation.id, phone.keys()), invitation.key.secret_key);
        check_refused(world.roster,
                      world.signed_as(phone.id.bytes, thief.signing.secret_key, {1, {}},
                                      Enrolment{invitation.id, phone.keys(), consent, 0}),
                      ErrorCode::bad_signature);
    }
    SECTION("an enrolled replica signing for another") {
        const Signature consent = world.cipher.sign(
            enrolment_bytes(world.id, invitation.id, phone.keys()), invitation.key.secret_key);
        check_refused(world.roster,
                      world.signed_as(world.bela.id.bytes, world.bela.signing.secret_key, {1, {}},
                                      Enrolment{invitation.id, phone.keys(), consent, 0}),
                      ErrorCode::not_permitted);
    }
    SECTION("a box key that keeps nothing secret") {
        TestReplica careless = world.make_replica(world.dina.member);
        careless.box.public_key = {};
        check_refused(world.roster, world.enrolment(careless, invitation), ErrorCode::bad_key);
    }
    SECTION("a replica id that is taken, by whatever keys") {
        TestReplica usurper = world.make_replica(world.dina.member);
        usurper.id = world.bela.id;
        check_refused(world.roster, world.enrolment(usurper, invitation),
                      ErrorCode::already_enrolled);
    }
    SECTION("the organisation's id for a replica's") {
        TestReplica usurper = world.make_replica(world.dina.member);
        usurper.id.bytes = world.id.bytes;
        check_refused(world.roster, world.enrolment(usurper, invitation),
                      ErrorCode::already_enrolled);
    }
}

TEST_CASE("an invitation from a compromised replica admits nobody, from a retired one it does",
          "[seal]") {
    Team world;
    world.place_member(world.bela.member, {{TeamId{}, Role::administrator}});
    const TestInvitation invitation = world.invite(world.dina.member, world.bela);
    const Bytes enrolment = world.enrolment(world.make_replica(world.dina.member), invitation);
    world.say(world.asha, Revocation{world.bela.id, Manner::retired, test_now_ms});

    SECTION("retired") {
        CHECK(world.roster.accept(enrolment, test_now_ms));
    }
    SECTION("compromised") {
        world.say(world.asha, Revocation{world.bela.id, Manner::compromised, test_now_ms});
        check_refused(world.roster, enrolment, ErrorCode::not_permitted);
    }
}

TEST_CASE("a revoked replica may state nothing more", "[seal]") {
    Team world;
    world.place_member(world.bela.member,
                       {{TeamId{}, Role::administrator}, {world.team, Role::supervisor}});
    const auto manner = GENERATE(Manner::retired, Manner::compromised);
    world.say(world.asha, Revocation{world.bela.id, manner, test_now_ms});

    CHECK(world.roster.replica(world.bela.id)->revoked == manner);
    CHECK(world.roster.is_administrator(world.bela.id));  // Its member still is one.
    check_refused(world.roster,
                  world.signed_by(world.bela, TeamStatement{id_of<TeamId>(3), {}, test_now_ms}),
                  ErrorCode::not_permitted);
    check_refused(
        world.roster,
        world.signed_by(world.bela, world.reader_key_body(world.team, Readers::members, 1,
                                                          world.members_key, {&world.bela})),
        ErrorCode::not_permitted);
}

TEST_CASE("of two revocations of a replica the graver stays", "[seal]") {
    Team world;
    const auto revoke = [&](Manner manner) {
        world.say(world.asha, Revocation{world.dina.id, manner, test_now_ms});
        return world.roster.replica(world.dina.id)->revoked;
    };
    CHECK(revoke(Manner::retired) == Manner::retired);
    CHECK(revoke(Manner::compromised) == Manner::compromised);
    CHECK(revoke(Manner::retired) == Manner::compromised);

    check_refused(
        world.roster,
        world.signed_by(world.asha, Revocation{id_of<ReplicaId>(9), Manner::retired, test_now_ms}),
        ErrorCode::unknown_replica);
}

TEST_CASE("each signer's statements are taken in their order and without gaps", "[seal]") {
    Team world;
    const Roster::Next here = world.roster.next(world.asha.id.bytes);
    const TeamStatement body{id_of<TeamId>(3), {}, test_now_ms};
    const auto at = [&](Roster::Next place) {
        return world.signed_as(world.asha.id.bytes, world.asha.signing.secret_key, place, body);
    };

    check_refused(world.roster, at({here.number + 1, here.previous}), ErrorCode::roster_behind);
    check_refused(world.roster, at({here.number - 1, here.previous}), ErrorCode::roster_behind);
    check_refused(world.roster, at({here.number, Digest{1}}), ErrorCode::roster_behind);
    CHECK(world.roster.accept(at(here), std::nullopt));
}

TEST_CASE("a supervisor makes a team's reader key, nobody else", "[seal]") {
    Team world;
    const auto body_for = [&](const TestReplica& maker) {
        return world.reader_key_body(world.team, Readers::members, 1, world.members_key, {&maker});
    };
    check_refused(world.roster, world.signed_by(world.dina, body_for(world.dina)),
                  ErrorCode::not_permitted);
    check_refused(world.roster, world.signed_by(world.asha, body_for(world.asha)),
                  ErrorCode::not_permitted);
    CHECK(world.roster.reader_key(world.team, Readers::members) == nullptr);

    world.take(world.signed_by(world.bela, body_for(world.bela)));
    const auto* const entry = world.roster.reader_key(world.team, Readers::members);
    REQUIRE(entry != nullptr);
    CHECK(entry->epoch == 1);
    CHECK(entry->key == world.members_key.public_key);
    CHECK(entry->grants.size() == 1);
    CHECK(world.roster.reader_key(world.team, Readers::supervisors) == nullptr);
}

TEST_CASE("a supervisor of one team makes no reader key for another", "[seal]") {
    Team world;
    const auto body_in = [&](const TeamId& team) {
        return world.reader_key_body(team, Readers::members, 1, world.members_key, {&world.bela});
    };
    check_refused(world.roster, world.signed_by(world.bela, body_in(world.empty_team)),
                  ErrorCode::not_permitted);
    check_refused(world.roster, world.signed_by(world.bela, body_in(id_of<TeamId>(9))),
                  ErrorCode::unknown_team);
}

TEST_CASE("reader keys are numbered from 1 without gaps, and the newest is in force", "[seal]") {
    Team world;
    const auto body_at = [&](std::uint64_t epoch) {
        return world.reader_key_body(world.team, Readers::members, epoch,
                                     world.cipher.make_box_keys(world.random), {&world.bela});
    };
    check_refused(world.roster, world.signed_by(world.bela, body_at(2)), ErrorCode::roster_behind);
    world.say(world.bela, body_at(1));
    check_refused(
        world.roster,
        world.signed_by(world.caro, world.reader_key_body(world.team, Readers::members, 1,
                                                          world.members_key, {&world.caro})),
        ErrorCode::roster_behind);
    check_refused(world.roster, world.signed_by(world.bela, body_at(3)), ErrorCode::roster_behind);
    world.say(world.bela, body_at(2));

    CHECK(world.roster.reader_key(world.team, Readers::members)->epoch == 2);
    CHECK(world.roster.reader_key(world.team, Readers::members, 1)->epoch == 1);
    CHECK(world.roster.reader_key(world.team, Readers::members, 0) == nullptr);
    CHECK(world.roster.reader_key(world.team, Readers::members, 3) == nullptr);
}

TEST_CASE("a reader key is granted to its maker and to those entitled, and no others", "[seal]") {
    Team world;
    const auto refused = [&](Readers readers, const std::vector<const TestReplica*>& to,
                             ErrorCode code) {
        check_refused(world.roster,
                      world.signed_by(world.bela, world.reader_key_body(world.team, readers, 1,
                                                                        world.members_key, to)),
                      code);
    };
    const TestReplica stranger = world.make_replica(world.dina.member);

    refused(Readers::members, {&world.caro}, ErrorCode::not_permitted);  // Not to its maker.
    refused(Readers::members, {&world.bela, &stranger}, ErrorCode::unknown_replica);
    refused(Readers::members, {&world.bela, &world.asha}, ErrorCode::not_permitted);
    refused(Readers::supervisors, {&world.bela, &world.dina}, ErrorCode::not_permitted);
    world.say(world.asha, Revocation{world.caro.id, Manner::retired, test_now_ms});
    refused(Readers::members, {&world.bela, &world.caro}, ErrorCode::not_permitted);

    world.make_members_key({&world.bela, &world.dina});
    CHECK(world.roster.reader_key(world.team, Readers::members)->grants.size() == 2);
}

TEST_CASE("a reader key that keeps nothing secret is refused", "[seal]") {
    Team world;
    auto body =
        world.reader_key_body(world.team, Readers::members, 1, world.members_key, {&world.bela});
    body.key = {};
    check_refused(world.roster, world.signed_by(world.bela, body), ErrorCode::bad_key);
}

TEST_CASE("whoever holds a reader key grants it to those entitled", "[seal]") {
    Team world;
    world.make_members_key({&world.bela, &world.dina});
    const auto grant = [&](const TestReplica& to, std::uint64_t epoch = 1) {
        return world.grant_body(world.team, Readers::members, epoch, world.members_key, {&to});
    };

    SECTION("a holder's is taken, a worker's too") {
        world.say(world.dina, grant(world.caro));
        const auto& grants = world.roster.reader_key(world.team, Readers::members)->grants;
        REQUIRE(grants.contains(world.caro.id));
        const auto opened = open_grant(world.cipher, grants.at(world.caro.id), world.caro.box,
                                       world.members_key.public_key);
        REQUIRE(opened);
        CHECK(opened->public_key == world.members_key.public_key);
    }
    SECTION("one who holds none is refused, supervisor or not") {
        check_refused(world.roster, world.signed_by(world.caro, grant(world.caro)),
                      ErrorCode::not_permitted);
    }
    SECTION("to one who is not entitled is refused") {
        check_refused(world.roster, world.signed_by(world.bela, grant(world.asha)),
                      ErrorCode::not_permitted);
        check_refused(world.roster,
                      world.signed_by(world.bela, grant(world.make_replica(world.dina.member))),
                      ErrorCode::unknown_replica);
    }
    SECTION("to a revoked replica is refused") {
        world.say(world.asha, Revocation{world.caro.id, Manner::retired, test_now_ms});
        check_refused(world.roster, world.signed_by(world.bela, grant(world.caro)),
                      ErrorCode::not_permitted);
    }
    SECTION("of a key that nobody made is refused") {
        check_refused(world.roster, world.signed_by(world.bela, grant(world.caro, 2)),
                      ErrorCode::no_reader_key);
        check_refused(
            world.roster,
            world.signed_by(world.bela, world.grant_body(world.team, Readers::supervisors, 1,
                                                         world.members_key, {&world.caro})),
            ErrorCode::no_reader_key);
    }
    SECTION("in a team that nobody made is refused") {
        check_refused(
            world.roster,
            world.signed_by(world.bela, world.grant_body(id_of<TeamId>(9), Readers::members, 1,
                                                         world.members_key, {&world.caro})),
            ErrorCode::unknown_team);
    }
    SECTION("said twice by two holders leaves the first") {
        world.say(world.bela, grant(world.caro));
        const Bytes first =
            world.roster.reader_key(world.team, Readers::members)->grants.at(world.caro.id);
        world.say(world.dina, grant(world.caro));
        CHECK(world.roster.reader_key(world.team, Readers::members)->grants.at(world.caro.id) ==
              first);
    }
}

TEST_CASE("a grant that holds another key than the roster names is found out", "[seal]") {
    Team world;
    const BoxKeyPair other = world.cipher.make_box_keys(world.random);
    const Grant grant = grant_for(world.cipher, other.secret_key, world.caro.keys());

    const auto opened =
        open_grant(world.cipher, grant.box, world.caro.box, world.members_key.public_key);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::bad_key);

    const auto by_dina = open_grant(world.cipher, grant.box, world.dina.box, other.public_key);
    REQUIRE_FALSE(by_dina);
    CHECK(by_dina.error().code == ErrorCode::cannot_open);
    CHECK(open_grant(world.cipher, grant.box, world.caro.box, other.public_key));
}

TEST_CASE("those entitled to the newest reader key who hold no grant of it are waiting", "[seal]") {
    Team world;
    const auto waiting_for = [&](Readers readers) {
        std::vector<ReplicaId> out;
        for (const auto& waiting : world.roster.waiting()) {
            CHECK(waiting.team == world.team);
            if (waiting.readers == readers) out.push_back(waiting.replica);
        }
        return out;
    };
    const auto sorted = [](std::vector<ReplicaId> ids) {
        std::sort(ids.begin(), ids.end());
        return ids;
    };
    CHECK(world.roster.waiting().empty());  // No key, nothing to wait for.

    world.make_members_key({&world.bela});
    world.say(world.bela, world.reader_key_body(world.team, Readers::supervisors, 1,
                                                world.supervisors_key, {&world.bela}));
    CHECK(waiting_for(Readers::members) == sorted({world.caro.id, world.dina.id}));
    CHECK(waiting_for(Readers::supervisors) == std::vector{world.caro.id});

    world.say(world.bela,
              world.grant_body(world.team, Readers::members, 1, world.members_key, {&world.caro}));
    CHECK(waiting_for(Readers::members) == std::vector{world.dina.id});

    world.say(world.asha, Revocation{world.dina.id, Manner::retired, test_now_ms});
    CHECK(waiting_for(Readers::members).empty());

    const BoxKeyPair next = world.cipher.make_box_keys(world.random);
    world.say(world.bela,
              world.reader_key_body(world.team, Readers::members, 2, next, {&world.bela}));
    CHECK(waiting_for(Readers::members) == std::vector{world.caro.id});
    CHECK(world.roster.waiting().front().epoch == 2);
}

}  // namespace
}  // namespace godwit
