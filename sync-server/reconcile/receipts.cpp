#include "sync-server/reconcile/receipts.h"

#include <algorithm>

#include "shared/base/saturating.h"

namespace godwit {
namespace {

/// The offered receipt that begins at `after` and is of exactly the changes at hand.
Result<const Receipt*> matching(const LogIntake& intake, const std::vector<Receipt>& offered,
                                Sequence after) {
    for (const Receipt& receipt : offered) {
        if (receipt.log != intake.row().log || receipt.after != after || receipt.through <= after ||
            receipt.through > intake.head().sequence) {
            continue;
        }
        if (TRY(intake.hash_at(receipt.through)) == receipt.hash) return &receipt;
    }
    return nullptr;
}

}  // namespace

Result<std::vector<Receipt>> receipts_for(const Cipher& cipher, const LogIntake& intake,
                                          const std::vector<Receipt>& offered,
                                          const ReceiptTerms& terms) {
    std::vector<Receipt> out;
    const LogHead end = intake.head();
    Sequence after = intake.row().head.sequence;
    std::int64_t floor_ms = intake.row().received_ms;
    while (after < end.sequence) {
        const Receipt* earlier = TRY(matching(intake, offered, after));
        if (earlier == nullptr) break;
        out.push_back(*earlier);
        after = earlier->through;
        floor_ms = std::max(floor_ms, earlier->received_ms);
    }
    if (after == end.sequence) return out;
    Receipt receipt;
    receipt.epoch = terms.epoch;
    receipt.replica = intake.row().replica;
    receipt.log = intake.row().log;
    receipt.after = after;
    receipt.through = end.sequence;
    receipt.hash = end.hash;
    receipt.received_ms = std::max(terms.now_ms, floor_ms);
    receipt.floor_ms = floor_ms;
    receipt.offset_ms =
        counted_offset_ms(saturating_difference(terms.now_ms, terms.replica_clock_ms));
    sign(cipher, receipt, terms.server);
    out.push_back(std::move(receipt));
    return out;
}

}  // namespace godwit
