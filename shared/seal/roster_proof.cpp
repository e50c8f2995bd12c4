#include "shared/seal/roster_proof.h"

#include <algorithm>
#include <set>

namespace godwit {

namespace {

/// Collects, backwards from one statement, what it rests on.
class Proof {
public:
    static Result<Proof> of(const std::vector<Bytes>& statements) {
        Proof out;
        for (const Bytes& bytes : statements) out.all_.push_back(TRY(decode_statement(bytes)));
        return out;
    }

    /// The newest statement of kind `Body` before `end` for which `is_wanted` holds.
    template <typename Body, typename IsWanted>
    [[nodiscard]] std::optional<std::size_t> newest(std::size_t end, IsWanted is_wanted) const {
        for (std::size_t index = end; index-- > 0;) {
            const auto* const body = std::get_if<Body>(&all_[index].body);
            if (body != nullptr && is_wanted(*body)) return index;
        }
        return std::nullopt;
    }

    template <typename Body>
    [[nodiscard]] const Body& body_at(std::size_t index) const {
        return std::get<Body>(all_[index].body);
    }

    [[nodiscard]] std::size_t count() const { return all_.size(); }

    /// Those of `statements`, the same that of() was given, which were chosen.
    [[nodiscard]] std::vector<Bytes> chosen_of(const std::vector<Bytes>& statements) const {
        std::vector<Bytes> out;
        for (const std::size_t index : chosen_) out.push_back(statements[index]);
        return out;
    }

    /// Chooses the statement at `index` and all that shows its signer's right to make it.
    Result<void> choose(std::size_t index);

private:
    Result<void> choose_right_of(const ReplicaId& administrator, std::size_t end);

    std::vector<Statement> all_;
    std::set<std::size_t> chosen_;
};

bool has_administrator(const std::vector<Place>& places) {
    return std::any_of(places.begin(), places.end(),
                       [](const Place& place) { return place.role == Role::administrator; });
}

Result<void> Proof::choose(std::size_t index) {
    if (!chosen_.insert(index).second) return ok();
    const Statement& statement = all_[index];
    if (std::holds_alternative<Founding>(statement.body)) return ok();
    if (const auto* const enrolment = std::get_if<Enrolment>(&statement.body)) {
        const auto used = newest<InvitationStatement>(
            index, [&](const auto& body) { return body.invitation == enrolment->invitation; });
        if (!used) return Error{ErrorCode::roster_behind, "an invitation is missing"};
        return choose(*used);
    }
    return choose_right_of(ReplicaId{statement.signer}, index);
}

/// What shows that `administrator` was one, all of it before `end`: so this always ends.
Result<void> Proof::choose_right_of(const ReplicaId& administrator, std::size_t end) {
    const auto founding = newest<Founding>(end, [](const auto&) { return true; });
    if (!founding) return Error{ErrorCode::roster_behind, "the founding is missing"};
    TRY(choose(*founding));
    if (body_at<Founding>(*founding).replica.replica == administrator) return ok();

    const auto enrolment = newest<Enrolment>(
        end, [&](const auto& body) { return body.replica.replica == administrator; });
    if (!enrolment) return Error{ErrorCode::roster_behind, "an enrolment is missing"};
    TRY(choose(*enrolment));
    const auto used = newest<InvitationStatement>(*enrolment, [&](const auto& body) {
        return body.invitation == body_at<Enrolment>(*enrolment).invitation;
    });
    const auto& invited = body_at<InvitationStatement>(*used);  // choose() found it.

    // Invited as something else and made an administrator since; or made one again.
    const auto made = newest<MemberStatement>(end, [&](const auto& body) {
        return body.member == invited.member && has_administrator(body.places);
    });
    const bool was_invited_so = has_administrator(invited.places);
    if (was_invited_so && (!made || *made < *enrolment)) return ok();
    if (!made) return Error{ErrorCode::roster_behind, "an administrator's place is missing"};
    return choose(*made);
}

}  // namespace

Result<std::vector<Bytes>> make_proof(const std::vector<Bytes>& statements,
                                      const InvitationId& invitation) {
    Proof proof = TRY(Proof::of(statements));
    const auto found = proof.newest<InvitationStatement>(
        proof.count(), [&](const auto& body) { return body.invitation == invitation; });
    if (!found) return ErrorCode::invitation_unknown;
    TRY(proof.choose(*found));
    for (const Place& place : proof.body_at<InvitationStatement>(*found).places) {
        if (place.team.is_zero()) continue;
        const auto team = proof.newest<TeamStatement>(
            proof.count(), [&](const auto& body) { return body.team == place.team; });
        if (!team) return ErrorCode::unknown_team;
        TRY(proof.choose(*team));
    }
    return proof.chosen_of(statements);
}

Result<std::vector<Bytes>> make_revocation_proof(const std::vector<Bytes>& statements,
                                                 const ReplicaId& replica) {
    Proof proof = TRY(Proof::of(statements));
    const auto found = proof.newest<Revocation>(proof.count(), [&](const auto& body) {
        return body.replica == replica && body.manner == Manner::compromised;
    });
    if (!found) return Error{ErrorCode::unknown_replica, "nobody revoked it as compromised"};
    TRY(proof.choose(*found));
    return proof.chosen_of(statements);
}

}  // namespace godwit
