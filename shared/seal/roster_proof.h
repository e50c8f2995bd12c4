/// What an invitation carries so that whoever holds it can check it with nobody else's word.
///
/// Spec: sealing §6.
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

}  // namespace godwit
