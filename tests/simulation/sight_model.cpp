#include "tests/simulation/sight_model.h"

#include "shared/model/common_fields.h"

namespace godwit::simulation {

SightModel::SightModel(const std::vector<Statement>& statements) {
    std::map<InvitationId, MemberId> invited;
    for (const Statement& statement : statements) {
        if (const auto* founding = std::get_if<Founding>(&statement.body)) {
            members_[founding->replica.replica] = founding->member;
            places_[founding->member] = {Place{TeamId{}, Role::administrator}};
        } else if (const auto* member = std::get_if<MemberStatement>(&statement.body)) {
            places_[member->member] = member->places;
        } else if (const auto* invitation = std::get_if<InvitationStatement>(&statement.body)) {
            invited[invitation->invitation] = invitation->member;
        } else if (const auto* enrolment = std::get_if<Enrolment>(&statement.body)) {
            members_[enrolment->replica.replica] = invited[enrolment->invitation];
        } else if (const auto* revocation = std::get_if<Revocation>(&statement.body)) {
            Manner& manner = revoked_.emplace(revocation->replica, Manner::retired).first->second;
            if (revocation->manner == Manner::compromised) manner = Manner::compromised;
        }
    }
}

std::optional<MemberId> SightModel::member_of(const ReplicaId& replica) const {
    const auto found = members_.find(replica);
    if (found == members_.end()) return std::nullopt;
    return found->second;
}

std::optional<Manner> SightModel::revoked(const ReplicaId& replica) const {
    const auto found = revoked_.find(replica);
    if (found == revoked_.end()) return std::nullopt;
    return found->second;
}

std::optional<Role> SightModel::role(const ReplicaId& replica, const TeamId& team) const {
    const auto member = member_of(replica);
    const auto places = member ? places_.find(*member) : places_.end();
    if (places == places_.end()) return std::nullopt;
    for (const Place& place : places->second) {
        if (place.team == team) return place.role;
    }
    return std::nullopt;
}

std::vector<Place> SightModel::places(const MemberId& member) const {
    const auto found = places_.find(member);
    return found == places_.end() ? std::vector<Place>() : found->second;
}

bool SightModel::is_administrator(const ReplicaId& replica) const {
    return role(replica, TeamId{}) == Role::administrator;
}

bool SightModel::may_see(const ReplicaId& replica, std::uint32_t type, const TeamId& team,
                         const std::set<MemberId>& owners) const {
    const auto place = role(replica, team);
    if (!place || team.is_zero() || revoked(replica)) return false;
    const RecordType* known = record_type(type);
    // Of what the server does not know it tells owners only.
    const Audience audience = known == nullptr ? Audience::owner : known->audience;
    if (audience == Audience::members) return true;
    if (owners.contains(*member_of(replica))) return true;
    return audience == Audience::supervisors && *place == Role::supervisor;
}

std::set<MemberId> owners_named(const RecordState& state) {
    std::set<MemberId> out;
    const auto field = state.fields.find(common_field::owner);
    if (field == state.fields.end()) return out;
    for (const Sibling& sibling : field->second.siblings) {
        cbor::Decoder in(sibling.value);
        std::size_t count = 1;
        if (sibling.kind == OperationKind::settle) {
            const auto parts = in.array();
            count = parts ? *parts : 0;
        }
        for (; count > 0; --count) {
            const auto member = in.id<MemberId>();
            if (member) out.insert(*member);
        }
    }
    return out;
}

}  // namespace godwit::simulation
