/// What shows that one of the organisation erased a record: a segment with the change that did it,
/// every other body left out. Its signature holds all the same (decisions/0010).
///
/// Spec: exchange §10.
#pragma once

#include "shared/seal/cipher.h"
#include "shared/seal/roster.h"

namespace godwit {

struct ErasureProof {
    ReplicaId author;
    LogId log;
    Change change;  ///< Erases `change.record`.
};

/// Fails with unproven unless a replica of `roster` signed the segment, and its bodies erase one
/// record and say nothing else. Whether its author might is not asked.
Result<ErasureProof> read_erasure_proof(const Cipher& cipher, const Roster& roster,
                                        ByteView segment);

}  // namespace godwit
