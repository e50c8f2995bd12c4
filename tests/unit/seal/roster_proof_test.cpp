#include "shared/seal/roster_proof.h"

#include <algorithm>

#include "shared/base/sha256.h"
#include "shared/seal/roster.h"
#include "tests/support/catch.h"
#include "tests/unit/seal/organisation.h"

namespace godwit {
namespace {

/// asha founded; bela was invited by her as an administrator; caro supervised and was made one
/// since; caro invites dina. Much else was said in between.
struct Chain : Organisation {
    TeamId team = add_team(1);
    TestReplica bela = enrol(add_member(0xb0, {{TeamId{}, Role::administrator}}));
    TestReplica caro;
    TestInvitation invitation;

    Chain() {
        const TeamId other = add_team(2);
        const MemberId member = add_member(0xc0, {{other, Role::supervisor}});
        const TestInvitation for_caro = invite(member, bela);
        caro = make_replica(member);
        take(enrolment(caro, for_caro));
        say(bela, MemberStatement{member, {}, {{TeamId{}, Role::administrator}}, test_now_ms});
        const MemberId dina_member = add_member(0xd0, {{team, Role::worker}});
        invitation = invite(dina_member, caro);
        add_team(3);
    }

    std::vector<Bytes> proof() const {
        auto made = make_proof(statements, invitation.id);
        REQUIRE(made);
        return std::move(*made);
    }
};

TEST_CASE("a proof lets an invited phone work before its first exchange", "[seal]") {
    Chain world;
    const std::vector<Bytes> proof = world.proof();
    CHECK(proof.size() < world.statements.size());

    Roster roster(world.cipher, world.id);
    REQUIRE(roster.accept_proof(proof));
    CHECK(roster.is_founded());
    CHECK(roster.count() == 0);  // Nothing is held whole yet.
    CHECK(roster.teams().contains(world.team));
    CHECK(roster.is_administrator(world.bela.id));
    CHECK(roster.is_administrator(world.caro.id));

    const TestReplica dina = world.make_replica(world.invitation.member);
    REQUIRE(roster.accept(world.enrolment(dina, world.invitation), std::nullopt));
    CHECK(roster.role(dina.id, world.team) == Role::worker);
    CHECK(roster.next(dina.id.bytes).number == 2);
}

TEST_CASE("the chains a proof came from are taken afterwards, and end where they would have",
          "[seal]") {
    Chain world;
    const TestReplica dina = world.make_replica(world.invitation.member);
    const Bytes enrolment = world.enrolment(dina, world.invitation);
    Roster roster(world.cipher, world.id);
    REQUIRE(roster.accept_proof(world.proof()));
    REQUIRE(roster.accept(enrolment, std::nullopt));

    world.take(enrolment);
    world.place_member(world.invitation.member, {{world.team, Role::supervisor}});
    for (const Bytes& statement : world.statements) {
        REQUIRE(roster.accept(statement, std::nullopt));
    }
    CHECK(everything_in(roster) == everything_in(world.roster));
    CHECK(roster.role(dina.id, world.team) == Role::supervisor);
    REQUIRE(roster.accept_proof(world.proof()));  // And said once more, it changes nothing.
    CHECK(everything_in(roster) == everything_in(world.roster));
}

TEST_CASE("every statement of a proof is needed but the names of teams", "[seal]") {
    Chain world;
    const std::vector<Bytes> proof = world.proof();
    for (std::size_t left_out = 0; left_out < proof.size(); ++left_out) {
        const auto decoded = decode_statement(proof[left_out]);
        REQUIRE(decoded);
        std::vector<Bytes> less = proof;
        less.erase(less.begin() + static_cast<std::ptrdiff_t>(left_out));
        Roster roster(world.cipher, world.id);
        const std::string before = everything_in(roster);
        const auto outcome = roster.accept_proof(less);
        const bool is_whole = outcome && roster.invitations().contains(world.invitation.id);
        CHECK(is_whole == std::holds_alternative<TeamStatement>(decoded->body));
        if (!outcome) CHECK(everything_in(roster) == before);
    }
}

TEST_CASE("a proof is refused whole when one statement of it is not what was signed", "[seal]") {
    Chain world;
    const std::vector<Bytes> proof = world.proof();
    for (std::size_t index = 0; index < proof.size(); ++index) {
        std::vector<Bytes> changed = proof;
        changed[index] = flipped(changed[index], 8 * (changed[index].size() - 80));
        Roster roster(world.cipher, world.id);
        const std::string before = everything_in(roster);
        CHECK_FALSE(roster.accept_proof(changed));
        CHECK(everything_in(roster) == before);
    }
}

TEST_CASE("a proof shows nothing for another organisation", "[seal]") {
    Chain world;
    Roster roster(world.cipher, id_of<OrganisationId>(9));
    const auto outcome = roster.accept_proof(world.proof());
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::wrong_organisation);
}

TEST_CASE("a proof cannot carry an invitation by one who may not invite", "[seal]") {
    Chain world;
    const TestReplica worker = world.enrol(world.add_member(0xe0, {{world.team, Role::worker}}));
    const auto shown =
        make_proof(world.statements, std::prev(world.roster.invitations().end())->first);
    REQUIRE(shown);

    std::vector<Bytes> statements = world.statements;
    const TestInvitation forged = world.make_invitation(world.invitation.member);
    statements.push_back(
        world.signed_by(worker, world.invitation_body(forged, {{world.team, Role::supervisor}})));
    // Nothing shows that the worker may, so there is no proof to make …
    const auto made = make_proof(statements, forged.id);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == ErrorCode::roster_behind);

    // … and none to take.
    Roster roster(world.cipher, world.id);
    const auto outcome = roster.accept_proof(statements);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::not_permitted);
    CHECK_FALSE(roster.is_founded());
}

TEST_CASE("a proof holds nothing but what proves", "[seal]") {
    Chain world;
    std::vector<Bytes> proof = world.proof();
    proof.push_back(
        world.signed_by(world.asha, Revocation{world.bela.id, Manner::compromised, test_now_ms}));
    Roster roster(world.cipher, world.id);
    const auto outcome = roster.accept_proof(proof);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::not_permitted);
}

TEST_CASE("one known by a proof alone states nothing before their enrolment is held", "[seal]") {
    Chain world;
    Roster roster(world.cipher, world.id);
    REQUIRE(roster.accept_proof(world.proof()));
    // The founder's chain starts after the founding; bela's starts with her enrolment.
    const TeamStatement body{id_of<TeamId>(9), {}, test_now_ms};
    check_refused(
        roster, world.signed_as(world.bela.id.bytes, world.bela.signing.secret_key, {1, {}}, body),
        ErrorCode::roster_behind);
}

TEST_CASE("a replica revoked after a proof stays revoked when its enrolment arrives", "[seal]") {
    Organisation world;
    const TestReplica bela = world.enrol(world.add_member(0xb0, {{TeamId{}, Role::administrator}}));
    const MemberId member = world.add_member(0xd0, {});
    const TestInvitation invitation = world.invite(member, bela);
    const auto proof = make_proof(world.statements, invitation.id);
    REQUIRE(proof);
    world.say(world.asha, Revocation{bela.id, Manner::compromised, test_now_ms});

    Roster roster(world.cipher, world.id);
    REQUIRE(roster.accept_proof(*proof));
    // A server may hold back bela's chain while it gives out asha's.
    std::vector<Bytes> of_bela;
    for (const Bytes& statement : world.statements) {
        const auto decoded = decode_statement(statement);
        REQUIRE(decoded);
        if (decoded->signer == bela.id.bytes) {
            of_bela.push_back(statement);
        } else {
            REQUIRE(roster.accept(statement, std::nullopt));
        }
    }
    for (const Bytes& statement : of_bela) CHECK_FALSE(roster.accept(statement, std::nullopt));
    CHECK(roster.replica(bela.id)->revoked == Manner::compromised);
}

TEST_CASE("there is no proof of an invitation that was not given out", "[seal]") {
    Chain world;
    const auto proof = make_proof(world.statements, id_of<InvitationId>(1));
    REQUIRE_FALSE(proof);
    CHECK(proof.error().code == ErrorCode::invitation_unknown);
}

/// bela, whom asha made an administrator after the phone of dina last heard of the roster, revoked
/// dina.
struct Revoked : Organisation {
    TeamId team = add_team(1);
    TestReplica dina = enrol(add_member(0xd0, {{team, Role::worker}}));
    Roster heard = roster;  ///< By dina's phone.
    TestReplica bela = enrol(add_member(0xb0, {{TeamId{}, Role::administrator}}));
    TestReplica caro = enrol(add_member(0xc0, {{team, Role::worker}}));

    std::vector<Bytes> proof() const {
        auto made = make_revocation_proof(statements, dina.id);
        REQUIRE(made);
        return std::move(*made);
    }
};

TEST_CASE("a revocation is shown to a phone that never heard of who revoked it", "[seal]") {
    Revoked world;
    CHECK(make_revocation_proof(world.statements, world.dina.id).error().code ==
          ErrorCode::unknown_replica);
    world.say(world.bela, Revocation{world.dina.id, Manner::compromised, test_now_ms});
    const std::vector<Bytes> proof = world.proof();
    CHECK(world.heard.check_compromised(proof, world.dina.id));
    CHECK(world.roster.check_compromised({}, world.dina.id));  // Who knows needs no showing.
    CHECK(world.heard.replica(world.dina.id)->revoked == std::nullopt);
    CHECK_FALSE(world.heard.check_compromised(proof, world.asha.id));
    for (std::size_t left_out = 0; left_out < proof.size(); ++left_out) {
        const auto decoded = decode_statement(proof[left_out]);
        std::vector<Bytes> less = proof;
        less.erase(less.begin() + static_cast<std::ptrdiff_t>(left_out));
        const bool is_held = world.heard.holds(sha256({proof[left_out]}));
        CHECK(static_cast<bool>(world.heard.check_compromised(less, world.dina.id)) == is_held);
    }
    for (std::size_t index = 0; index < proof.size(); ++index) {
        std::vector<Bytes> changed = proof;
        changed[index] = flipped(changed[index], 8 * (changed[index].size() - 80));
        CHECK_FALSE(world.heard.check_compromised(changed, world.dina.id));
    }
}

TEST_CASE("who was made an administrator again shows it", "[seal]") {
    Revoked world;
    world.place_member(world.bela.member, {{world.team, Role::worker}});
    world.heard = world.roster;  // The phone last heard that bela is none any more.
    world.place_member(world.bela.member, {{TeamId{}, Role::administrator}});
    world.say(world.bela, Revocation{world.dina.id, Manner::compromised, test_now_ms});
    CHECK(world.heard.check_compromised(world.proof(), world.dina.id));
}

TEST_CASE("nobody but an administrator in the phone's own eyes can show its revocation", "[seal]") {
    Revoked world;
    const Revocation body{world.dina.id, Manner::compromised, test_now_ms};
    SECTION("a worker") {
        const Bytes forged = world.signed_by(world.caro, body);
        std::vector<Bytes> proof = world.statements;
        proof.push_back(forged);
        std::erase_if(proof, [](const Bytes& each) {
            const auto decoded = decode_statement(each);
            return !std::holds_alternative<Enrolment>(decoded->body) &&
                   !std::holds_alternative<InvitationStatement>(decoded->body) &&
                   !std::holds_alternative<Revocation>(decoded->body);
        });
        CHECK_FALSE(world.heard.check_compromised(proof, world.dina.id));
    }
    SECTION("an administrator whom the phone knows to be one no longer") {
        Roster heard = world.roster;
        const Bytes late = world.signed_by(world.bela, body);
        REQUIRE(heard.accept(
            world.signed_by(world.asha,
                            Revocation{world.bela.id, Manner::compromised, test_now_ms}),
            std::nullopt));
        CHECK_FALSE(heard.check_compromised({late}, world.dina.id));
        CHECK(world.roster.check_compromised({late}, world.dina.id));
    }
    SECTION("retired is not compromised") {
        world.say(world.bela, Revocation{world.dina.id, Manner::retired, test_now_ms});
        CHECK_FALSE(make_revocation_proof(world.statements, world.dina.id));
        CHECK_FALSE(world.heard.check_compromised(world.statements, world.dina.id));
    }
}

}  // namespace
}  // namespace godwit
