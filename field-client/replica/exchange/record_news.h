/// Records as the server tells of them: new states, keys, erasures, and what is no longer to be
/// seen.
///
/// Spec: exchange §5, §8, §10.
#pragma once

#include "field-client/replica/exchange/own_changes.h"

namespace godwit {

/// Merges `delta` into the record's base, adds what others said to its history, takes keys and
/// wraps, and carries out an erasure.
/// Fails with bad_key when the server vouches for a key that nobody of the roster made, or with the
/// decoder's errors: then nothing of its answer may be kept.
Result<void> absorb_record(Session& session, const TeamId& team, const RecordDelta& delta,
                           const ExchangeState& state);

/// Forgets what others said in a team this replica has left. Own work that still waits stays.
Result<void> forget_team(Session& session, const TeamId& team, Sequence delivered);

/// Asks those of `teams` from the start where this replica's role is another than `before`, and
/// forgets what its role there no longer sees.
Result<void> follow_places(Session& session, const Roster& before, const Cursors& teams,
                           ExchangeState& state);

/// Queues every key and wrap this replica made: a restored server may lack them.
Result<void> queue_made_keys(Session& session);

}  // namespace godwit
