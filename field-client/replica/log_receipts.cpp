#include "field-client/replica/log_receipts.h"

namespace godwit {

Result<const Receipt*> LogReceipts::covering(Sequence sequence) {
    if (!receipts_ || sequence < from_) {
        receipts_ = TRY(session_.store.receipts(log_, sequence - 1));
        from_ = sequence;
    }
    const Receipt* found = nullptr;
    for (const Receipt& receipt : *receipts_) {
        if (receipt.after >= sequence || receipt.through < sequence) continue;
        if (found == nullptr || receipt.received_ms >= found->received_ms) found = &receipt;
    }
    return found;
}

Result<HybridTime> LogReceipts::time_of(Sequence sequence, HybridTime claimed) {
    const Receipt* receipt = TRY(covering(sequence));
    if (receipt != nullptr) return effective_time(claimed, *receipt);
    return session_.provisional_time(claimed);
}

}  // namespace godwit
