/// The keys an unlocked replica can use: its record keys and the reader keys granted to it.
/// Opened once, kept in memory while the store is unlocked, wiped when it locks.
///
/// Invariants
///   - A key is used only after it was held to its commitment: a record key to its maker's signed
///     statement, a reader key to the public half in the roster. A server that swaps one gains
///     nothing.
///   - Nothing here is written to disk but wraps, which only their recipients open.
///
/// Spec: sealing §4, §5.
#pragma once

#include <map>
#include <tuple>

#include "field-client/replica/host.h"
#include "field-client/replica/store.h"
#include "shared/model/record_type.h"
#include "shared/seal/roster.h"

namespace godwit {

/// The readers a type's records are wrapped for, or nothing when only their owner reads them.
std::optional<Readers> readers_of(Audience audience);

class KeyRing {
public:
    /// All three must outlive the ring.
    KeyRing(Host& host, Store& store, const Roster& roster)
        : host_(host), store_(store), roster_(roster) {}

    /// The key of record `id`, opened by whichever of its wraps this replica can open. Points into
    /// the ring until forget() or clear().
    /// Fails with cannot_open when no wrap is for this replica, bad_key or bad_signature when what
    /// the wraps hold is not what the maker vouched for.
    Result<const RecordKey*> record_key(const RecordId& id, const StoredRecord& record);

    /// A reader key granted to this replica. Points into the ring until clear().
    /// Fails with no_reader_key when there is none or it was not granted here, bad_key when the
    /// grant is not the key of the roster.
    Result<const BoxKeyPair*> reader_key(const TeamId& team, Readers readers, std::uint64_t epoch);

    /// Makes the key of a new record, into `record`: its statement, and wraps for the recovery key,
    /// this replica and, when it exists, the team's reader key by the type's audience.
    /// The caller saves `record` and queues the key.
    Result<const RecordKey*> make(const RecordId& id, const RecordType& type, const TeamId& team,
                                  StoredRecord& record);

    /// Adds a wrap for the newest reader key the type asks for, when `record` has none yet.
    /// Returns whether it added one. Fails as record_key() does.
    Result<bool> wrap_for_readers(const RecordId& id, const RecordType& type, StoredRecord& record);

    /// Adds or renews a wrap for `replica`, a member of the roster. Returns whether it added one.
    /// Fails as record_key() does, or with unknown_replica or replica_revoked.
    Result<bool> wrap_for_replica(const RecordId& id, const ReplicaId& replica,
                                  StoredRecord& record);

    /// Drops an opened record key: its record was erased or handed over.
    void forget(const RecordId& id) { records_.erase(id); }
    /// Drops every opened key.
    void clear();

private:
    Result<RecordKey> open_any(const RecordId& id, const StoredRecord& record);
    Result<RecordKey> open_one(const Wrap& wrap, const StoredRecord& record);

    Host& host_;
    Store& store_;
    const Roster& roster_;
    std::map<RecordId, RecordKey> records_;
    std::map<std::tuple<TeamId, Readers, std::uint64_t>, BoxKeyPair> readers_;
};

}  // namespace godwit
