/// A request taken apart and verified by its own thread, so that the writer only has to merge.
///
/// Spec: exchange §6.
#pragma once

#include "shared/protocol/messages.h"
#include "shared/seal/erasure_proof.h"
#include "shared/seal/receipt.h"
#include "shared/seal/wrap.h"
#include "sync-server/reconcile/change_check.h"

namespace godwit {

/// Sensitive.
struct OfferedEntry {
    std::optional<Change> change;        ///< When the body is there and decodes.
    std::optional<Objection> objection;  ///< What can be said against it without the record.
};

/// Its signature is the replica's. Sensitive.
struct OfferedSegment {
    Segment segment;
    Bytes packed;                       ///< As it came, and as it is stored.
    std::vector<OfferedEntry> entries;  ///< One for each of the segment's.
};

/// An erasure somebody else signed, as this replica was shown it.
struct OfferedErasure {
    ErasureProof proof;
    Bytes segment;  ///< As it came, and as it is kept.
};

/// Sensitive.
struct VerifiedRequest {
    ReplicaId replica;
    Request request;
    std::vector<OfferedSegment> segments;
    std::vector<Receipt> receipts;         ///< This server's own, for this replica's logs.
    std::vector<RecordKeyStatement> keys;  ///< Signed by their makers.
    std::vector<Wrap> wraps;               ///< Those of a record stand together.
    std::vector<OfferedErasure> erasures;  ///< Signed by replicas of the roster.

    /// Nothing to store: a reader can answer it.
    [[nodiscard]] bool is_only_asking() const;
};

/// `replica` is in the roster. Fails with bad_signature, unknown_log (a segment of another
/// replica), or the decoders' errors. Receipts, keys and proofs that do not verify are left out.
Result<VerifiedRequest> verify_request(const Cipher& cipher, const Roster& roster,
                                       const ReplicaId& replica, Request request);

}  // namespace godwit
