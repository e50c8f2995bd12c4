/// The few statements that show one to whoever does not hold the rest: an invitation to the phone
/// that takes it, a revocation to the replica that is told to destroy its keys.
///
/// Spec: sealing §5, §6.
#pragma once

#include <vector>

#include "shared/seal/roster_statement.h"

namespace godwit {

/// The few of `statements` (all that a roster accepted, in that order) that show the founding, the
/// right of everybody from the founder down to invite, the teams of the invitation's places, and
/// `invitation` itself, in that order: what Roster::accept_proof() takes.
/// Fails with invitation_unknown, roster_behind when a statement in between is missing, or the
/// errors of decode_statement().
Result<std::vector<Bytes>> make_proof(const std::vector<Bytes>& statements,
                                      const InvitationId& invitation);

/// The few of `statements` that show `replica` to be revoked as compromised by an administrator, in
/// that order: what Roster::check_compromised() takes.
/// Fails with unknown_replica when nobody revoked it so, else as make_proof().
Result<std::vector<Bytes>> make_revocation_proof(const std::vector<Bytes>& statements,
                                                 const ReplicaId& replica);

}  // namespace godwit
