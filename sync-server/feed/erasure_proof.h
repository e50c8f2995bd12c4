/// What shows a replica that one of the organisation erased a record, and not the server.
///
/// Spec: exchange §10.
#pragma once

#include "shared/change/segment.h"
#include "shared/sqlite/database.h"

namespace godwit {

/// A segment in which `record` was erased, encoded: of its bodies only the change that did it. The
/// signature holds all the same (decisions/0010). Or the one this server was shown itself, when the
/// change is not held here.
/// Fails with storage_corrupt when neither is.
Result<Bytes> erasure_proof(Database& database, const RecordId& record);

}  // namespace godwit
