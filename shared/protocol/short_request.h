/// What a request would only say again of what its last segment says, left out on the way: the
/// log, and where it ends.
///
///   A request with segments and without log and head means those of its last segment.
///
/// Spec: exchange §3.
#pragma once

#include "shared/protocol/messages.h"

namespace godwit {

/// Leaves out log and head where the last segment says them and is small: one that is long costs
/// more to read once more than the few bytes are worth.
void shorten(Request& request);

/// Puts back what shorten() left out. `last` is the request's last segment.
void restore(Request& request, const Segment& last);

}  // namespace godwit
