/// Record key statements as they are stored and told: those under one signature together, without
/// what the listener can compute.
///
///   batch  = [ maker, team, depth, signature, [ place, record, commitment, … ], digests ]
///
/// Its tree has 2^depth leaves. Places ascend. `digests`, one byte string, are those that stand
/// beside the ways from the told leaves to the top and do not follow from them: level by level from
/// the leaves, from left to right. A single statement in a store is a batch with one place.
///
/// Spec: sealing §4.
#pragma once

#include "shared/seal/record_key.h"

namespace godwit {

Bytes encode_statement(const RecordKeyStatement& statement);

/// Each batch with those of `statements` that one signature vouches for.
std::vector<Bytes> encode_batches(std::vector<RecordKeyStatement> statements);

/// At least one statement; if the signature holds for one of them, it does for each.
/// Fails with the decoder's errors.
Result<std::vector<RecordKeyStatement>> decode_batch(ByteView bytes);
/// Fails with malformed when there is more than one.
Result<RecordKeyStatement> decode_statement_alone(ByteView bytes);

}  // namespace godwit
