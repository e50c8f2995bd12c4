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

/// Opens a new log and issues again every change of the current one after `common`, the last that
/// counts. `held`: how far the server holds it. Inside the caller's transaction. Moves `state` to
/// the new log; resets the cursors of teams whose bases held what the server does not.
Result<void> open_branch(Session& session, ExchangeState& state, Sequence common, Sequence held,
                         const ParkedDots& parked);

/// Issues again, in a new log, a stretch of a former one that the server holds something else in
/// place of. All of the current one is delivered. Inside the caller's transaction. What was written
/// since superseded it in its old place, not in its new one: values of one field may stand beside
/// one another.
Result<void> issue_former_again(Session& session, ExchangeState& state, const Stretch& former,
                                const ParkedDots& parked);

}  // namespace godwit
