/// An unlocked replica: the store, the roster its statements add up to, and the opened keys. It is
/// made by unlocking and gone with locking, and every secret in memory goes with it.
///
/// write() and issue() are the only ways a change of this replica comes to be.
///
/// Spec: replica-call, merge §2.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "field-client/replica/host.h"
#include "field-client/replica/keys.h"
#include "field-client/replica/store.h"
#include "shared/change/change.h"
#include "shared/seal/roster.h"

namespace godwit {

/// One operation before its value is sealed. Sensitive.
struct OpenOperation {
    std::uint32_t field{};
    OperationKind kind{OperationKind::set};
    Bytes item;                ///< One CBOR item, open; empty for remove and erase.
    std::vector<Dot> removed;  ///< remove only.
};

/// What somebody wants to say of a record, before it is a change. Sensitive.
struct Intent {
    RecordId record;
    std::uint32_t record_type{};
    TeamId team;
    std::vector<OpenOperation> operations;
};

class Session {
public:
    Host& host;
    Store& store;
    Roster roster;
    KeyRing keys;
    /// The epoch of the server that was told this program's version: once is enough.
    std::optional<EpochId> version_told_in;

    /// Reads the roster of an unlocked store. Both must outlive the session.
    /// Fails with storage_corrupt when the kept statements do not add up.
    static Result<std::unique_ptr<Session>> open(Host& host, Store& store);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    [[nodiscard]] const Identity& self() const { return store.identity(); }

    /// The role in which this replica acts in `team`. Fails with not_permitted for strangers.
    Result<Role> role_in(const TeamId& team) const;

    /// The record as kept. Fails with unknown_record.
    Result<StoredRecord> record(const RecordId& id) const;
    /// The same as Store::load() lends it. Fails with unknown_record.
    Result<StoredRecord*> load(const RecordId& id) const;

    /// Makes a change of `intent`: seals what the field's type says is sealed, sets the fields that
    /// stand together with the shown values of those not named, takes time, role and context, and
    /// issues it. Makes the record and its key when it is new. Values were checked by the caller.
    /// Runs inside the caller's transaction.
    /// Fails with not_permitted, record_erased, cannot_open, missing_field (a group in conflict set
    /// only in part), too_large.
    Result<Dot> write(Intent intent);

    /// Enters a change made elsewhere in this replica (write(), an adoption, work of a fork) as
    /// the next of the current log: appends it, applies it to `record`'s shown state, saves both.
    /// Sets the sequence; the rest of `change` is as given. Erasing is
    /// carried out too. Runs inside the caller's transaction.
    Result<Dot> issue(Change change, StoredRecord& record);

    /// The effective time of an own change until a receipt fixes it: claimed, by the offset the
    /// server last told.
    Result<HybridTime> provisional_time(HybridTime claimed) const;

private:
    Session(Host& host, Store& store, Roster roster);
    /// A record nobody wrote in yet, with its key.
    Result<StoredRecord*> begin_record(const Intent& intent, const RecordType& type);
};

/// Destroys what this replica holds of an erased record: its key, wraps, fields, history and the
/// bodies of its own changes; leaves the marker and queues the confirmation. Inside the caller's
/// transaction.
Result<void> carry_out_erasure(Session& session, const RecordId& id, StoredRecord& record);

}  // namespace godwit
