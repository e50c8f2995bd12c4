/// This replica's own changes between its log and what the server holds: when receipts move them
/// from `shown` into `base`, and how both are put together.
///
/// Spec: exchange §4, local-store.
#pragma once

#include <set>

#include "field-client/replica/session.h"
#include "shared/protocol/messages.h"

namespace godwit {

/// The changes (after, through] of an own log.
struct Stretch {
    LogId log;
    Sequence after{};
    Sequence through{};
};

/// The hash of an own log through `sequence`, from `head` or what is kept signed; nothing when it
/// is not signed yet. `head` is a point of the log at `sequence` or later.
Result<std::optional<Digest>> hash_through(Session& session, const LogId& log, const LogHead& head,
                                           Sequence sequence);

/// The own changes the server parked: they hold their place in the log and enter no state.
using ParkedDots = std::set<Dot>;
Result<ParkedDots> own_parked(Session& session);

/// A record's base with own changes entered, and the first of them that still waits; 0: none.
/// Sensitive.
struct BaseThrough {
    RecordState base;
    Sequence waiting_from{};
};

/// What `record`'s base is once the own changes through `delivered` have entered it: receipts that
/// cover a record in part leave it to whoever looks.
Result<BaseThrough> base_through(Session& session, const RecordId& id, const StoredRecord& record,
                                 Sequence delivered, const ParkedDots& parked);

/// Makes it so in `record`; `shown` stays unless nothing waits any more. Does not save it.
Result<void> enter_covered(Session& session, const RecordId& id, StoredRecord& record,
                           Sequence delivered, const ParkedDots& parked);

/// Checks `receipts` against the server's key and this log, keeps them, and enters the changes they
/// cover into the bases of their records at the times they fix, once nothing of a record waits any
/// more; until then base_through() does when somebody looks. Adds those records to `touched`.
/// `state.delivered` moves on as far as receipts reach without a gap.
/// Inside the caller's transaction. Fails with bad_key or broken_chain when a receipt is not the
/// server's, or not of this log.
Result<void> enter_receipts(Session& session, ExchangeState& state,
                            const std::vector<Bytes>& receipts, const ParkedDots& parked,
                            std::set<RecordId>& touched);

/// Puts `record`'s shown state together anew: its base and the own changes of the current log after
/// `delivered`, all before being in the base. Does not save it.
Result<void> show_waiting(Session& session, const RecordId& id, StoredRecord& record,
                          Sequence delivered);

/// A base of nothing but own changes that receipts cover, except those of `without` after its
/// sequence: for when the base held what the server does not hold. The team's feed, asked from the
/// start, brings the rest.
Result<RecordState> rebuild_base(Session& session, const RecordId& id, const StoredRecord& record,
                                 const ParkedDots& parked, const Dot& without);

/// Builds the base of `record` again in that way, and has its team told from the start. What leaves
/// it stays in the history; what waits is not shown. Does not save it. Inside the caller's
/// transaction.
Result<void> begin_base_anew(Session& session, ExchangeState& state, const RecordId& id,
                             StoredRecord& record, const ParkedDots& parked, const Dot& without);

}  // namespace godwit
