/// The keys an unlocked replica can use: its record keys and the reader keys granted to it.
/// Opened once, kept in memory while the store is unlocked, wiped when it locks.
///
/// Invariants
///   - A key is used only after it was held to its commitment: a record key to its maker's signed
///     statement, a reader key to the public half in the roster. A server that swaps one gains
///     nothing.
///   - Nothing here is written to disk but wraps, which only their recipients open.
///   - What was agreed upon for wraps is wiped with the keys.
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
        : host_(host), store_(store), roster_(roster), opener_(host.cipher) {}

    /// The key of record `id`, opened by whichever of its wraps this replica can open. Points into
    /// the ring until forget() or clear().
    /// Fails with cannot_open when no wrap is for this replica, bad_key or bad_signature when what
    /// the wraps hold is not what the maker vouched for.
    Result<const RecordKey*> record_key(const RecordId& id, const StoredRecord& record);

    /// A reader key granted to this replica. Points into the ring until clear().
    /// Fails with no_reader_key when there is none or it was not granted here, bad_key when the
    /// grant is not the key of the roster.
    Result<const BoxKeyPair*> reader_key(const TeamId& team, Readers readers, std::uint64_t epoch);

    /// Makes the key of a new record, into `record`: its statement, and a wrap for this replica.
    /// Statement and other wraps are finished together with those of other records, when they are
    /// about to be sent. The caller saves `record` and queues the key.
    Result<const RecordKey*> make(const RecordId& id, const TeamId& team, StoredRecord& record);

    /// Makes wraps with one ephemeral key pair, to be dropped once they are made.
    [[nodiscard]] WrapMaker wrap_maker() const { return {host_.cipher, host_.random}; }

    /// Adds the wraps that go up with a new key: for recovery and, when it exists, for the team's
    /// reader key by the type's audience. Fails as record_key() does.
    Result<void> wrap_for_others(WrapMaker& maker, const RecordId& id, const RecordType& type,
                                 StoredRecord& record);

    /// Adds a wrap for the newest reader key the type asks for, when `record` has none yet.
    /// Returns whether it added one. Fails as record_key() does.
    Result<bool> wrap_for_readers(WrapMaker& maker, const RecordId& id, const RecordType& type,
                                  StoredRecord& record);

    /// Adds or renews a wrap for `replica`, a member of the roster. Returns whether it added one.
    /// Never for a type that seals nothing.
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
    Result<void> verify_statement(const RecordId& id, const StoredRecord& record);

    Host& host_;
    Store& store_;
    const Roster& roster_;
    WrapOpener opener_;
    std::optional<WrapMaker> own_wraps_;  ///< For wraps to this replica, by its own keys alone.
    RecordKeyVerifier verifier_;
    std::map<RecordId, RecordKey> records_;
    std::map<std::tuple<TeamId, Readers, std::uint64_t>, BoxKeyPair> readers_;
};

}  // namespace godwit
