/// Who may see what, told a second time and as plainly as can be: places are a member's last
/// statement, a replica is its enrolment's, and nothing else counts.
///
/// Spec: exchange §8.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "shared/merge/record_state.h"
#include "shared/seal/roster_statement.h"

namespace godwit::simulation {

class SightModel {
public:
    /// From the statements a server accepted, in its order.
    explicit SightModel(const std::vector<Statement>& statements);
    SightModel() = default;

    [[nodiscard]] std::optional<MemberId> member_of(const ReplicaId& replica) const;
    [[nodiscard]] std::optional<Manner> revoked(const ReplicaId& replica) const;
    [[nodiscard]] std::optional<Role> role(const ReplicaId& replica, const TeamId& team) const;
    [[nodiscard]] std::vector<Place> places(const MemberId& member) const;
    [[nodiscard]] bool is_administrator(const ReplicaId& replica) const;
    /// May the replica see a record of this type and team whom these members own?
    [[nodiscard]] bool may_see(const ReplicaId& replica, std::uint32_t type, const TeamId& team,
                               const std::set<MemberId>& owners) const;

private:
    std::map<ReplicaId, MemberId> members_;
    std::map<MemberId, std::vector<Place>> places_;
    std::map<ReplicaId, Manner> revoked_;
};

/// Those whom the owner field of a state names.
std::set<MemberId> owners_named(const RecordState& state);

}  // namespace godwit::simulation
