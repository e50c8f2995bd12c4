/// Destroys what the server holds of an erased record: keys, wraps, and the bodies of its changes
/// wherever they lie.
///
/// The change that erased keeps its body: it says nothing but that, proves who did it, and a
/// restored server learns of the erasure from it.
///
/// Spec: exchange §10.
#pragma once

#include "shared/change/segment.h"
#include "shared/sqlite/database.h"

namespace godwit {

/// Replaces every body about `record` by its digest. True when there was one.
bool blank_bodies(Segment& segment, const RecordId& record);

/// Everything but the record's own row, which keeps the marker.
Result<void> erase_content(Database& database, const RecordId& record);

}  // namespace godwit
