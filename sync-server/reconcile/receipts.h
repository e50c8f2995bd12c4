/// The receipts of an exchange: earlier ones offered again are taken at their word, the rest of
/// what is new gets one, and a log whose newest receipt is of an earlier epoch gets one that only
/// confirms.
///
/// Spec: exchange §4.
#pragma once

#include "sync-server/reconcile/log_intake.h"

namespace godwit {

struct CoveringReceipt {
    Receipt receipt;
    bool is_offered{};  ///< The replica has it.
};

struct ReceiptTerms {
    EpochId epoch;
    std::int64_t now_ms{};
    std::int64_t replica_clock_ms{};
    const SigningSecretKey& server;
};

/// Receipts that lie end to end over the intake's additions, and perhaps one more that confirms.
/// None for a log without changes.
Result<std::vector<CoveringReceipt>> receipts_for(const Cipher& cipher, const LogIntake& intake,
                                                  const std::vector<Receipt>& offered,
                                                  const std::optional<ReceiptRow>& newest,
                                                  const ReceiptTerms& terms);

/// Whether a log with this newest receipt still needs one of `epoch`.
Result<bool> needs_confirmation(const std::optional<ReceiptRow>& newest, const EpochId& epoch);

}  // namespace godwit
