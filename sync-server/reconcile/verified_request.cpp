#include "sync-server/reconcile/verified_request.h"

#include "shared/protocol/frame.h"
#include "shared/protocol/packed_segment.h"
#include "shared/protocol/short_request.h"
#include "shared/seal/key_batch.h"
#include "shared/seal/segment_signature.h"

namespace godwit {
namespace {

OfferedEntry offered(const Entry& entry, Sequence sequence) {
    OfferedEntry out;
    if (entry.is_erased()) return out;
    auto change = decode_change(entry.body);
    if (!change) {
        out.objection = Objection{change.error().code, {}};
        return out;
    }
    if (change->sequence != sequence) {
        out.objection = Objection{ErrorCode::malformed, "its sequence is not its place"};
    } else {
        out.objection = objection_to_operations(*change);
    }
    out.change = std::move(change).value();
    return out;
}

Result<OfferedSegment> verify_segment(const Cipher& cipher, const Roster::ReplicaEntry& sender,
                                      const ReplicaId& replica, Bytes packed) {
    OfferedSegment out;
    out.segment = TRY(decode_packed_segment(packed));
    if (out.segment.replica != replica) return ErrorCode::unknown_log;
    TRY(verify(cipher, out.segment, sender.keys.signing));
    Sequence sequence = out.segment.first;
    for (const Entry& entry : out.segment.entries)
        out.entries.push_back(offered(entry, sequence++));
    out.packed = std::move(packed);
    return out;
}

bool is_ours(const Cipher& cipher, const Roster& roster, const ReplicaId& replica,
             const Receipt& receipt) {
    return receipt.replica == replica && bool(verify(cipher, receipt, roster.founding().server));
}

}  // namespace

bool VerifiedRequest::is_only_asking() const {
    return request.statements.empty() && segments.empty() && keys.empty() && wraps.empty() &&
           erasures.empty() && request.erased.empty();
}

Result<VerifiedRequest> verify_request(const Cipher& cipher, const Roster& roster,
                                       const ReplicaId& replica, Request request) {
    const auto* sender = roster.replica(replica);
    GODWIT_ASSERT(sender != nullptr);
    VerifiedRequest out;
    out.replica = replica;
    // Each is bounded alone; together they must not ask for more than a message may hold.
    std::size_t unpacked = 0;
    for (Bytes& packed : request.segments) {
        unpacked += TRY(unpacked_size(packed));
        if (unpacked > message_bytes_max) return ErrorCode::too_large;
        out.segments.push_back(TRY(verify_segment(cipher, *sender, replica, std::move(packed))));
    }
    if (!out.segments.empty()) restore(request, out.segments.back().segment);
    for (const Bytes& bytes : request.receipts) {
        auto receipt = decode_receipt(bytes);
        if (receipt && is_ours(cipher, roster, replica, *receipt)) {
            out.receipts.push_back(std::move(receipt).value());
        }
    }
    for (const Bytes& bytes : request.keys) {
        std::vector<RecordKeyStatement> batch = TRY(decode_batch(bytes));
        const auto* maker = roster.replica(batch.front().maker);
        // What holds for one of a batch holds for all.
        if (maker == nullptr || !verify(cipher, batch.front(), maker->keys.signing)) continue;
        std::move(batch.begin(), batch.end(), std::back_inserter(out.keys));
    }
    for (const Bytes& bytes : request.wraps) {
        std::vector<Wrap> wraps = TRY(decode_wraps_of(bytes));
        std::move(wraps.begin(), wraps.end(), std::back_inserter(out.wraps));
    }
    for (Bytes& bytes : request.proofs) {
        auto proof = read_erasure_proof(cipher, roster, bytes);
        if (proof) out.erasures.push_back({*std::move(proof), std::move(bytes)});
    }
    // Taken apart: the bytes would only be carried along.
    request.segments.clear();
    request.receipts.clear();
    request.keys.clear();
    request.wraps.clear();
    request.proofs.clear();
    out.request = std::move(request);
    return out;
}

}  // namespace godwit
