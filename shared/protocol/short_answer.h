/// What an answer would only say again of what its request said, left out on the way: most answers
/// say "as you said" of epoch, head and cursors, and their one receipt is of the replica's head.
///
///   as asked = bits: 1 epoch, 2 head, 4 cursors are those of the request
///   short receipt = [ after, received_ms, floor_ms, offset_ms, signature ], of the answer's epoch,
///                   the sender, the request's log and head
///
/// Spec: exchange §3.
#pragma once

#include "shared/protocol/messages.h"

namespace godwit {

/// `replica` sent `request`, which is what `answer` answers.
void shorten(Answer& answer, const Request& request, const ReplicaId& replica);

/// Puts back what shorten() left out. Fails with malformed for bits of another version, or a short
/// receipt that is none.
Result<void> restore(Answer& answer, const Request& request, const ReplicaId& replica);

}  // namespace godwit
