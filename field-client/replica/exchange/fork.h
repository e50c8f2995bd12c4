/// When the log here and the log at the server are no longer one: a copy of this store wrote on, or
/// this store is the older copy. The server keeps both branches; this replica goes on in a new log.
///
/// Invariants
///   - What others hold of the old log stays as it is; what they do not hold is issued again, in
///     order, citing where it first stood. Nothing is lost, nothing counts twice.
///   - A change issued again names, wherever it named one of its own branch, the new place of it.
///
/// Spec: exchange §5, change-format §4.
#pragma once

#include "field-client/replica/exchange/own_changes.h"

namespace godwit {

/// How far the current log is shared.
struct Branching {
    Sequence forked_after{};       ///< The last change both ends have.
    Sequence receipted_through{};  ///< The last a receipt ever moved into a base.
};

/// Opens a new log and issues again every change of the current one that the server lacks. Inside
/// the caller's transaction. Moves `state` to the new log; resets the cursors of teams whose bases
/// held what the server does not.
Result<void> open_branch(Session& session, ExchangeState& state, const Branching& branching,
                         const ParkedDots& parked);

/// A stretch of a former log that the server holds something else in place of.
struct FormerBranch {
    LogId log;
    Sequence forked_after{};
    Sequence through{};
};

/// Issues it again in a new log. All of the current one is delivered. Inside the caller's
/// transaction. What was written since superseded it in its old place, not in its new one: values
/// of one field may stand beside one another.
Result<void> issue_former_again(Session& session, ExchangeState& state, const FormerBranch& former,
                                const ParkedDots& parked);

}  // namespace godwit
