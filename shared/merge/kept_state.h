/// States as stores keep them: also those that the first versions wrote, which stood field by
/// field. Whatever reads one writes it anew in today's layout.
///
///   first   = [ type, team, is_erased, logs, [ number, [ seen, seen_early, [ sibling, … ] ], … ] ]
///   sibling = [ log index, sequence, role, kind, form, mark, wall_ms, tick,
///               effective wall_ms - wall_ms, effective tick, value ]
///
/// Spec: merge §1. See decisions/0021.
#pragma once

#include "shared/merge/record_state.h"

namespace godwit {

/// Fails as decode_state() does. What was kept in the first layout is not held to one order: it
/// was when it was written.
Result<RecordState> decode_kept_state(ByteView bytes);

/// The same as bytes: as they are when they stand in today's layout.
Result<Bytes> renew_kept_state(Bytes bytes);

}  // namespace godwit
