/// The logs this replica wrote before the one it writes now: where a copy of its store wrote on,
/// each went its own way from there. What stood in them before counts as ever, and a server that
/// was restored may have forgotten it when nobody else comes to tell it.
///
/// Spec: exchange §5, decisions/0028.
#pragma once

#include "field-client/replica/exchange/own_changes.h"

namespace godwit {

/// Those to name in a request: what the server holds of them, or what of that is safe, is not known
/// to be all.
std::vector<FormerLog> former_to_name(const ExchangeState& state);

/// The first stretch the server said it lacks; nothing while it has not said.
std::optional<Stretch> first_unheld(const ExchangeState& state);

/// How many changes the server is not known to hold.
std::uint64_t unheld(const ExchangeState& state);

/// Another epoch: nothing is known of what the server holds.
void forget_held(ExchangeState& state);

/// Notes that the current log is left for another, that it counts through `through`, and that the
/// server holds it through `held`.
Result<void> note_left(Session& session, ExchangeState& state, Sequence through, Sequence held);

/// Takes what the server says of the logs that were named. Fails with bad_key when a safe mark is
/// not the server's.
Result<void> absorb_former(Session& session, ExchangeState& state,
                           const std::vector<FormerLog>& named,
                           const std::vector<FormerHeld>& told);

/// Where the server holds something else in place of what stands in a former log, that is issued
/// again, once all of the current log is delivered. Inside the caller's transaction.
Result<void> follow_former(Session& session, ExchangeState& state, const ParkedDots& parked);

}  // namespace godwit
