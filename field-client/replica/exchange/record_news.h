/// Records as the server tells of them: new states, keys, erasures, and what is no longer to be
/// seen.
///
/// Spec: exchange §5, §8, §10.
#pragma once

#include <map>
#include <set>

#include "field-client/replica/exchange/own_changes.h"

namespace godwit {

/// What an answer says of record keys.
struct KeyNews {
    std::map<RecordId, RecordKeyStatement> told;  ///< Each signed by its maker.
    std::vector<RecordId> unsent;  ///< Records whose own keys and wraps wait to be sent; ascending.
};

/// Reads and verifies `batches`.
/// Fails with bad_key when the server vouches for keys that nobody of the roster made: then nothing
/// of its answer may be kept.
Result<KeyNews> read_key_news(Session& session, const std::vector<Bytes>& batches);

/// Merges `delta` into the record's base, keeps in its history what others said and the base loses,
/// takes keys and wraps, and carries out an erasure. `parked`: own changes that enter no base.
/// Notes in `state` what it let go for not knowing its type.
/// Fails with bad_key when the key told is another team's, or with the decoder's errors: then
/// nothing of its answer may be kept.
Result<void> absorb_record(Session& session, const TeamId& team, const RecordDelta& delta,
                           const KeyNews& keys, ExchangeState& state, const ParkedDots& parked);

/// Forgets those of `records` that own words have given to somebody else, once they are delivered:
/// of what it said itself a replica is told nothing.
Result<void> forget_given_away(Session& session, const std::set<RecordId>& records,
                               ExchangeState& state);

/// Forgets what others said in a team this replica has left. Own work that still waits stays.
Result<void> forget_team(Session& session, const TeamId& team, Sequence delivered);

/// Asks the teams from the start where this replica's role is another than `before`, and forgets
/// what its role there no longer sees.
Result<void> follow_places(Session& session, const Roster& before, ExchangeState& state);

/// Asks the teams from the start whose records a program of another schema let go.
Result<void> ask_for_what_was_let_go(Session& session);

/// Queues the confirmation of every erasure carried out here: a restored server may lack it.
Result<void> queue_erasures(Session& session);

}  // namespace godwit
