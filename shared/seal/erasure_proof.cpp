#include "shared/seal/erasure_proof.h"

#include "shared/seal/segment_signature.h"

namespace godwit {

Result<ErasureProof> read_erasure_proof(const Cipher& cipher, const Roster& roster,
                                        ByteView bytes) {
    const Error unproven{ErrorCode::unproven,
                         "it says that a record is erased and cannot show who erased it"};
    const auto segment = decode_segment(bytes);
    if (!segment) return unproven;
    const auto* author = roster.replica(segment->replica);
    if (author == nullptr || !verify(cipher, *segment, author->keys.signing)) return unproven;
    std::optional<ErasureProof> proof;
    for (const Entry& entry : segment->entries) {
        if (entry.is_erased()) continue;
        auto change = decode_change(entry.body);
        // It is kept and shown to others: it may not carry what nobody asked for.
        const bool is_of_another = proof && proof->change.record != entry.record;
        if (!change || !is_erasing(*change) || is_of_another) return unproven;
        proof = ErasureProof{segment->replica, segment->log, *std::move(change)};
    }
    if (!proof) return unproven;
    return *std::move(proof);
}

}  // namespace godwit
