/// The receipts of one of this replica's change logs, and the times they fix.
///
/// Spec: exchange §4.
#pragma once

#include <optional>
#include <vector>

#include "field-client/replica/session.h"

namespace godwit {

class LogReceipts {
public:
    /// `session` must outlive it. Receipts are read when they are first asked for.
    LogReceipts(Session& session, const LogId& log) : session_(session), log_(log) {}

    /// The receipt by which the change `sequence` counts: of several that cover it, the last the
    /// server signed; null when none does. Good until the next call.
    Result<const Receipt*> covering(Sequence sequence);

    /// The effective time of the change `sequence`: by the receipt that covers it, or as it is
    /// shown until one does.
    Result<HybridTime> time_of(Sequence sequence, HybridTime claimed);

private:
    Session& session_;
    LogId log_;
    std::optional<std::vector<Receipt>> receipts_;  ///< Those that end at `from_` or later.
    Sequence from_{};
};

}  // namespace godwit
