#include "sync-server/reconcile/receipts.h"

#include <algorithm>

#include "shared/base/saturating.h"

namespace godwit {
namespace {

/// The time a request takes on its way is not its replica's clock being wrong (decisions/0006).
constexpr std::int64_t offset_ms_ignored = 2'000;

std::int64_t offset_between(std::int64_t server_ms, std::int64_t replica_ms) {
    const std::int64_t offset_ms = saturating_difference(server_ms, replica_ms);
    const bool is_right = offset_ms >= -offset_ms_ignored && offset_ms <= offset_ms_ignored;
    return is_right ? 0 : offset_ms;
}

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
    receipt.offset_ms = offset_between(terms.now_ms, terms.replica_clock_ms);
    sign(cipher, receipt, terms.server);
    out.push_back(std::move(receipt));
    return out;
}

}  // namespace godwit
