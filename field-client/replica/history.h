/// What was said of a record, line by line, as far as this replica knows.
///
/// Nothing is kept twice for it: own words stand in the change log, what still counts of others'
/// stands in the record's base. Only what others said and the base has lost is kept in lines.
///
/// Spec: local-store §2.
#pragma once

#include "field-client/replica/session.h"

namespace godwit {

/// The history of `record`, in no order. Work that was issued again in a newer log stands once.
Result<std::vector<HistoryLine>> history_of(Session& session, const RecordId& id,
                                            const StoredRecord& record);

/// Keeps as lines what others said in `before` and stands in `after` no more. Call whenever a base
/// changes. Inside the caller's transaction.
Result<void> keep_what_leaves(Session& session, const RecordId& id, const RecordState& before,
                              const RecordState& after);

}  // namespace godwit
