/// Which replicas have carried out an erasure.
///
/// Spec: exchange §10.
#pragma once

#include "shared/base/id.h"
#include "shared/sqlite/database.h"

namespace godwit {

/// False when it was noted before.
Result<bool> save_confirmation(Database& database, const RecordId& record,
                               const ReplicaId& replica);

/// By replica id, ascending.
Result<std::vector<ReplicaId>> confirmations(Database& database, const RecordId& record);

}  // namespace godwit
