/// Whether a change may be merged, and if not, why it is parked.
///
/// What can be told from the change alone is told by its own request's thread, before anything is
/// queued; what depends on the record or the roster is told by the writer.
///
/// Spec: exchange §7.
#pragma once

#include "shared/merge/record_state.h"
#include "shared/seal/roster.h"

namespace godwit {

/// Why a change is parked. `detail` names an open field and the rule it breaks, never a value.
struct Objection {
    ErrorCode reason{ErrorCode::malformed};
    std::string detail;
};

/// Who wrote a change.
struct Author {
    ReplicaId replica;
    MemberId member;
    std::optional<Role> role;  ///< In the change's team; nothing for strangers.
};

Author author_of(const Roster& roster, const ReplicaId& replica, const TeamId& team);

/// Kinds that do not fit the rule of a field this server knows, open values that break its
/// declaration, and values that stand open where they should be sealed or the other way round.
/// Fields, types, kinds and forms this server does not know pass.
std::optional<Objection> objection_to_operations(const Change& change);

/// What the author may not do: `state` is the record as it stands, without fields when it is new.
std::optional<Objection> objection_to_author(const Change& change, const LogId& log,
                                             const Author& author, const RecordState& state,
                                             const std::vector<MemberId>& owners);

/// The declaration of a field; a common field's also for types this server does not know.
const FieldSpec* field_spec(std::uint32_t record_type, std::uint32_t field);

}  // namespace godwit
