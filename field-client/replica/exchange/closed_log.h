/// The log a replica was writing when its server was restored. No change without a receipt goes up
/// in it any more: what somebody's change has seen there may be a copy's, which the server forgot.
/// But the server may hold some that the replica has no receipt for, because an answer was lost:
/// those it is offered once more, for comparison. Then the log is left.
///
/// Spec: exchange §9, decisions/0029.
#pragma once

#include <optional>

#include "field-client/replica/exchange/own_changes.h"

namespace godwit {

/// What one sync has learned of it.
class ClosedLog {
public:
    /// What of `unreceipted` to offer: what the server holds of it. None while that is not known.
    [[nodiscard]] Stretch to_compare(Stretch unreceipted) const;

    /// The request brings this stretch; it may be empty.
    void note_offered(const Stretch& offered) { offered_ = offered; }
    /// The answer says that `log` is held through `held`.
    void note_held(const LogId& log, Sequence held);

    /// Is it known that the server holds nothing behind `delivered`?
    [[nodiscard]] bool is_held_within(Sequence delivered) const;

private:
    Stretch offered_;
    LogId log_;
    std::optional<Sequence> held_;
    Sequence compared_{};  ///< What was offered is held through this one.
};

}  // namespace godwit
