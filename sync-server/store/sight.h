/// Who may see a record: one rule for the feed and for the digest.
///
/// Spec: exchange §8.
#pragma once

#include "shared/change/change.h"
#include "shared/seal/roster.h"
#include "sync-server/store/record_table.h"

namespace godwit {

/// A replica's place in one team, or none.
struct Sight {
    MemberId member;
    std::optional<Role> role;
};

/// The place of `replica` in `team`. The zero team, where administrators stand, gives no sight.
Sight sight_of(const Roster& roster, const ReplicaId& replica, const TeamId& team);

/// The teams where `replica` has a place, ascending.
std::vector<TeamId> teams_of(const Roster& roster, const ReplicaId& replica);

/// May whoever has `sight` see a record of this type, of the sight's team, with these owners?
bool may_see(std::uint32_t record_type, const std::vector<MemberId>& owners, const Sight& sight);

/// The members that the owner field's siblings name; ascending, unique.
std::vector<MemberId> owners_in(const RecordState& state);
/// The members that a change sets as owner.
std::vector<MemberId> owners_set_by(const Change& change);

}  // namespace godwit
