/// The work with keys that a replica does unasked when it syncs, so that whoever may read can.
///
/// Spec: sealing §4, §5.
#pragma once

#include <set>

#include "field-client/replica/session.h"

namespace godwit {

/// Grants of reader keys held here to whoever waits for them; at most grants_max in each.
std::vector<GrantStatement> due_grants(Session& session);

/// The statements a present replica owes its teams, signed and in order, neither kept nor accepted
/// here yet: reader keys of teams where it is supervisor and that have none, and due grants. A
/// reader key counts only once the server has taken it: two supervisors may make one at once, and
/// nothing may be sealed to the key of the one who came second.
std::vector<Bytes> due_statements(Session& session);

/// Wraps the keys of this replica's own records for readers whose key has appeared. Queues them.
Result<void> wrap_for_new_readers(Session& session);

bool is_wrapped_for_recovery(const StoredRecord& record);

/// Queues what this replica vouches for: keys it made or gave to somebody, and those it kept.
Result<void> queue_own_keys(Session& session);

/// Forgets a record that is not this replica's any more. Where the log holds own words of it, the
/// key they are sealed with is kept for others, who would never read them otherwise once a restored
/// server has forgotten both; this replica opens none of what it keeps.
Result<void> let_record_go(Session& session, const RecordId& id, StoredRecord record);

/// Whether the record's author gives up its key: its type says so, it is finished, delivered, and
/// wrapped for the team.
bool is_to_be_handed_over(const StoredRecord& record, const ReplicaId& self);

/// Hands over those of `records` that are ready: withdraws this replica's own wrap, here and, with
/// the next request, at the server. Returns whether any was.
Result<bool> hand_over(Session& session, const std::set<RecordId>& records);

}  // namespace godwit
