// Who may say what: the checks a statement passes before the roster takes it. None of them changes
// anything, so that what is refused leaves no trace.

#include <algorithm>

#include "shared/base/text.h"
#include "shared/seal/roster.h"

namespace godwit {

namespace {

Error not_permitted(std::string why) {
    return {ErrorCode::not_permitted, std::move(why)};
}

/// Whether anything can be boxed to `key`: a key of small order would stop whoever grants to it.
Result<void> check_box_key(const Cipher& cipher, const BoxPublicKey& key) {
    if (!cipher.is_usable(key)) {
        return Error{ErrorCode::bad_key, "a box key is one that keeps nothing secret"};
    }
    return ok();
}

}  // namespace

Result<void> Roster::check_signature(const Statement& statement, ByteView bytes) const {
    if (statement.organisation != organisation_) {
        return Error{ErrorCode::wrong_organisation,
                     "the statement is of organisation " + to_text(statement.organisation)};
    }
    SigningPublicKey key;
    if (const auto* const founding = std::get_if<Founding>(&statement.body)) {
        if (organisation_id(founding->root) != organisation_ ||
            statement.signer != organisation_.bytes) {
            return Error{ErrorCode::wrong_organisation, "the root key is of another organisation"};
        }
        key = founding->root;
    } else if (!is_founded()) {
        return ErrorCode::not_founded;
    } else if (const auto* const enrolment = std::get_if<Enrolment>(&statement.body)) {
        if (statement.signer != enrolment->replica.replica.bytes) {
            return not_permitted("an enrolment is signed by another replica");
        }
        key = enrolment->replica.signing;
    } else {
        const ReplicaEntry* const signer = replica(ReplicaId{statement.signer});
        if (signer == nullptr) {
            return Error{ErrorCode::unknown_replica,
                         "the signer " + to_text(ReplicaId{statement.signer}) + " is not known"};
        }
        key = signer->keys.signing;
    }
    if (!cipher_->verify(signed_part_of(bytes), statement.signature, key)) {
        return Error{ErrorCode::bad_signature, "the statement is not what its signer signed"};
    }
    return ok();
}

Result<void> Roster::check_chain(const Statement& statement) const {
    // Said twice over, founding and enrolment have their own names, which tell a person more than
    // a broken chain does.
    if (std::holds_alternative<Founding>(statement.body) ||
        std::holds_alternative<Enrolment>(statement.body)) {
        return ok();
    }
    const Next expected = next(statement.signer);
    const bool is_founder = founding_ && founding_->replica.replica.bytes == statement.signer;
    if (expected.number == 1 && !is_founder) {
        // Known by a proof alone: whatever it says first is its enrolment.
        return Error{ErrorCode::roster_behind, "the signer's enrolment is not held"};
    }
    if (statement.number != expected.number) {
        return Error{ErrorCode::roster_behind,
                     "statement " + std::to_string(statement.number) + " of its signer where " +
                         std::to_string(expected.number) + " is expected"};
    }
    if (statement.previous != expected.previous) {
        return Error{ErrorCode::roster_behind, "the signer's previous statement is another"};
    }
    return ok();
}

Result<void> Roster::check_standing(const Statement& statement, const Circumstances& how) const {
    const ReplicaEntry* const signer = replica(how.signer);
    if (signer != nullptr && signer->revoked) {
        return not_permitted("replica " + to_text(how.signer) + " is revoked");
    }
    return std::visit([&](const auto& body) { return check(body, how); }, statement.body);
}

Result<void> Roster::check_administrator(const Circumstances& how) const {
    if (!is_administrator(how.signer)) {
        return not_permitted("replica " + to_text(how.signer) + " is no administrator's");
    }
    return ok();
}

Result<void> Roster::check_teams(const std::vector<Place>& places, const Circumstances& how) const {
    if (how.is_in_proof) return ok();
    for (const Place& place : places) {
        if (!place.team.is_zero() && !teams_.contains(place.team)) {
            return Error{ErrorCode::unknown_team, "a place names team " + to_text(place.team)};
        }
    }
    return ok();
}

Result<void> Roster::check(const Founding& body, const Circumstances& how) const {
    if (is_founded() && !how.is_proven) return ErrorCode::already_founded;
    TRY(check_box_key(*cipher_, body.recovery));
    return check_box_key(*cipher_, body.replica.box);
}

Result<void> Roster::check(const TeamStatement& /*body*/, const Circumstances& how) const {
    return check_administrator(how);
}

Result<void> Roster::check(const MemberStatement& body, const Circumstances& how) const {
    TRY(check_administrator(how));
    return check_teams(body.places, how);
}

Result<void> Roster::check(const InvitationStatement& body, const Circumstances& how) const {
    TRY(check_administrator(how));
    if (invitations_.contains(body.invitation) && !how.is_proven) {
        return Error{ErrorCode::invitation_used,
                     "invitation " + to_text(body.invitation) + " was given out before"};
    }
    if (!how.is_in_proof && member(body.member) == nullptr) {
        return Error{ErrorCode::unknown_member, "an invitation names " + to_text(body.member)};
    }
    return check_teams(body.places, how);
}

Result<void> Roster::check(const Enrolment& body, const Circumstances& how) const {
    const auto found = invitations_.find(body.invitation);
    if (found == invitations_.end()) {
        return Error{ErrorCode::invitation_unknown, to_text(body.invitation)};
    }
    const InvitationEntry& invitation = found->second;
    TRY(check_consent(body, invitation));
    if (how.is_proven) return ok();
    const bool is_taken = replica(body.replica.replica) != nullptr ||
                          body.replica.replica.bytes == organisation_.bytes;
    if (is_taken) {
        return Error{ErrorCode::already_enrolled, to_text(body.replica.replica)};
    }
    if (invitation.used_by) {
        return Error{ErrorCode::invitation_used, "by replica " + to_text(*invitation.used_by)};
    }
    if (how.now_ms && *how.now_ms >= invitation.statement.expires_ms) {
        return ErrorCode::invitation_expired;
    }
    // Whoever took an administrator's phone may have written invitations on it.
    const ReplicaEntry* const inviter = replica(invitation.by);
    if (inviter != nullptr && inviter->revoked == Manner::compromised) {
        return not_permitted("the invitation is from a compromised replica");
    }
    return check_box_key(*cipher_, body.replica.box);
}

Result<void> Roster::check_consent(const Enrolment& body, const InvitationEntry& invitation) const {
    const Bytes consented = enrolment_bytes(organisation_, body.invitation, body.replica);
    if (!cipher_->verify(consented, body.consent, invitation.statement.key)) {
        return Error{ErrorCode::bad_signature, "the enrolment lacks its invitation's consent"};
    }
    return ok();
}

Result<void> Roster::check(const Revocation& body, const Circumstances& how) const {
    TRY(check_administrator(how));
    if (replica(body.replica) == nullptr) {
        return Error{ErrorCode::unknown_replica, to_text(body.replica)};
    }
    return ok();
}

Result<void> Roster::check(const ReaderKeyStatement& body, const Circumstances& how) const {
    if (!teams_.contains(body.team)) return Error{ErrorCode::unknown_team, to_text(body.team)};
    if (role(how.signer, body.team) != Role::supervisor) {
        return not_permitted("replica " + to_text(how.signer) + " is no supervisor's of that team");
    }
    const ReaderKeyEntry* const newest = reader_key(body.team, body.readers);
    const std::uint64_t expected = newest == nullptr ? 1 : newest->epoch + 1;
    if (body.epoch != expected) {
        return Error{ErrorCode::roster_behind, "epoch " + std::to_string(body.epoch) +
                                                   " of a reader key where " +
                                                   std::to_string(expected) + " is expected"};
    }
    TRY(check_box_key(*cipher_, body.key));
    const bool is_granted_to_maker =
        std::any_of(body.grants.begin(), body.grants.end(),
                    [&](const Grant& grant) { return grant.replica == how.signer; });
    if (!is_granted_to_maker) return not_permitted("a reader key is not granted to its maker");
    return check_grants(body.team, body.readers, body.grants);
}

Result<void> Roster::check(const GrantStatement& body, const Circumstances& how) const {
    if (!teams_.contains(body.team)) return Error{ErrorCode::unknown_team, to_text(body.team)};
    const ReaderKeyEntry* const key = reader_key(body.team, body.readers, body.epoch);
    if (key == nullptr) {
        return Error{ErrorCode::no_reader_key, "epoch " + std::to_string(body.epoch)};
    }
    if (!key->grants.contains(how.signer)) {
        return not_permitted("replica " + to_text(how.signer) + " holds no grant of that key");
    }
    return check_grants(body.team, body.readers, body.grants);
}

Result<void> Roster::check_grants(const TeamId& team, Readers readers,
                                  const std::vector<Grant>& grants) const {
    for (const Grant& grant : grants) {
        if (replica(grant.replica) == nullptr) {
            return Error{ErrorCode::unknown_replica, to_text(grant.replica)};
        }
        if (!is_entitled(grant.replica, team, readers)) {
            return not_permitted("replica " + to_text(grant.replica) + " may not read there");
        }
    }
    return ok();
}

}  // namespace godwit
