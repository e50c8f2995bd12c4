/// What one replica is told of one record.
///
/// Spec: exchange §8, §10.
#pragma once

#include "sync-server/store/record_table.h"
#include "sync-server/store/sight.h"

namespace godwit {

/// Whom the feed is for.
struct Listener {
    ReplicaId replica;
    /// The log whose changes the replica has, as the server does; nothing: it is told everything.
    std::optional<LogId> shared_log;
};

/// What is told of a record in one answer.
struct Told {
    RecordDelta delta;
    std::optional<RecordKeyStatement> key;  ///< When its keys are news.
};

/// What takes `listener` from `cursor` to the cursor's record as it stands; nothing when there is
/// nothing to tell.
Result<std::optional<Told>> told_of(Database& database, const Roster& roster,
                                    const Listener& listener, const Sight& sight, Position cursor,
                                    const RecordCursor& record);

}  // namespace godwit
