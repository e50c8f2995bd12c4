/// The receipts of an exchange: earlier ones offered again are taken at their word, and the rest
/// of what is new gets one.
///
/// Spec: exchange §4.
#pragma once

#include "sync-server/reconcile/log_intake.h"

namespace godwit {

struct ReceiptTerms {
    EpochId epoch;
    std::int64_t now_ms{};
    std::int64_t replica_clock_ms{};
    const SigningSecretKey& server;
};

/// Receipts that lie end to end over exactly the intake's additions; none when there are none.
Result<std::vector<Receipt>> receipts_for(const Cipher& cipher, const LogIntake& intake,
                                          const std::vector<Receipt>& offered,
                                          const ReceiptTerms& terms);

}  // namespace godwit
