/// Which replicas have carried out an erasure, and proofs of those that no change held here made.
///
/// Spec: exchange §10.
#pragma once

#include <functional>

#include "shared/base/id.h"
#include "shared/sqlite/database.h"

namespace godwit {

/// False when it was noted before.
Result<bool> save_confirmation(Database& database, const RecordId& record,
                               const ReplicaId& replica);

/// By replica id, ascending.
Result<std::vector<ReplicaId>> confirmations(Database& database, const RecordId& record);

/// `segment` as seal/erasure_proof.h reads it.
Result<void> save_erasure_proof(Database& database, const RecordId& record, ByteView segment);

/// Fails with storage_corrupt when there is none: something must show it.
Result<Bytes> kept_erasure_proof(Database& database, const RecordId& record);

/// Every one that is kept.
Result<void> each_erasure_proof(
    Database& database, const std::function<void(const RecordId& record, ByteView segment)>& each);

}  // namespace godwit
