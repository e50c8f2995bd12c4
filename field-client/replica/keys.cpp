#include "field-client/replica/keys.h"

#include <algorithm>

#include "shared/seal/reader_key.h"

namespace godwit {
namespace {

Readers readers_of(Recipient recipient) {
    return recipient == Recipient::members ? Readers::members : Readers::supervisors;
}

Recipient recipient_of(Readers readers) {
    return readers == Readers::members ? Recipient::members : Recipient::supervisors;
}

/// Puts `wrap` among `wraps`, in place of one for the same recipient.
void put(std::vector<Wrap>& wraps, Wrap wrap) {
    const auto same = std::find_if(wraps.begin(), wraps.end(), [&](const Wrap& other) {
        return other.recipient == wrap.recipient && other.recipient_id == wrap.recipient_id &&
               other.epoch == wrap.epoch;
    });
    if (same == wraps.end()) {
        wraps.push_back(std::move(wrap));
    } else {
        *same = std::move(wrap);
    }
}

}  // namespace

std::optional<Readers> readers_of(Audience audience) {
    switch (audience) {
        case Audience::members:
            return Readers::members;
        case Audience::supervisors:
            return Readers::supervisors;
        case Audience::owner:
            return std::nullopt;
    }
    return std::nullopt;
}

void KeyRing::clear() {
    records_.clear();
    readers_.clear();
}

Result<const RecordKey*> KeyRing::record_key(const RecordId& id, const StoredRecord& record) {
    if (const auto found = records_.find(id); found != records_.end()) return &found->second;
    RecordKey key = TRY(open_any(id, record));
    return &records_.emplace(id, std::move(key)).first->second;
}

Result<RecordKey> KeyRing::open_any(const RecordId& id, const StoredRecord& record) {
    if (!record.key) {
        return Error{ErrorCode::cannot_open, "the record's key has not arrived here"};
    }
    if (record.key->record != id || record.key->team != record.shown.team) {
        return Error{ErrorCode::bad_key, "the key statement is another record's"};
    }
    const Roster::ReplicaEntry* maker = roster_.replica(record.key->maker);
    if (maker == nullptr) {
        return Error{ErrorCode::cannot_open, "nobody on the roster made the record's key"};
    }
    TRY(verify(host_.cipher, *record.key, maker->keys.signing));
    // One spoiled wrap must not shut out a reader whom another one serves.
    Error failure{ErrorCode::cannot_open, "the record is not sealed to this replica"};
    for (const Wrap& wrap : record.wraps) {
        auto key = open_one(wrap, record);
        if (key) return key;
        if (key.error().code == ErrorCode::bad_key) failure = key.error();
    }
    return failure;
}

Result<RecordKey> KeyRing::open_one(const Wrap& wrap, const StoredRecord& record) {
    const Identity& self = store_.identity();
    if (wrap.box.empty()) return ErrorCode::cannot_open;  // Withdrawn.
    switch (wrap.recipient) {
        case Recipient::replica:
            if (wrap.recipient_id != self.replica.bytes) return ErrorCode::cannot_open;
            return open_wrap(host_.cipher, wrap, self.box, *record.key);
        case Recipient::members:
        case Recipient::supervisors: {
            if (wrap.recipient_id != record.shown.team.bytes) return ErrorCode::cannot_open;
            const BoxKeyPair* keys =
                TRY(reader_key(record.shown.team, readers_of(wrap.recipient), wrap.epoch));
            return open_wrap(host_.cipher, wrap, *keys, *record.key);
        }
        case Recipient::recovery:
            break;
    }
    return ErrorCode::cannot_open;
}

Result<const BoxKeyPair*> KeyRing::reader_key(const TeamId& team, Readers readers,
                                              std::uint64_t epoch) {
    const auto place = std::make_tuple(team, readers, epoch);
    if (const auto found = readers_.find(place); found != readers_.end()) return &found->second;
    const Roster::ReaderKeyEntry* entry = roster_.reader_key(team, readers, epoch);
    if (entry == nullptr) return ErrorCode::no_reader_key;
    const auto grant = entry->grants.find(store_.identity().replica);
    if (grant == entry->grants.end()) {
        return Error{ErrorCode::no_reader_key,
                     "the team's key was not granted to this replica yet"};
    }
    BoxKeyPair keys =
        TRY(open_grant(host_.cipher, grant->second, store_.identity().box, entry->key));
    return &readers_.emplace(place, std::move(keys)).first->second;
}

Result<const RecordKey*> KeyRing::make(const RecordId& id, const RecordType& type,
                                       const TeamId& team, StoredRecord& record) {
    const Identity& self = store_.identity();
    if (!roster_.is_founded()) return ErrorCode::not_founded;
    RecordKey key;
    host_.random.fill(key.bytes);
    record.key =
        state_record_key(host_.cipher, key, id, team, self.replica, self.signing.secret_key);
    record.wraps.clear();
    record.wraps.push_back(wrap_for(host_.cipher, key, id, Recipient::recovery,
                                    self.organisation.bytes, 0, roster_.founding().recovery));
    record.wraps.push_back(wrap_for(host_.cipher, key, id, Recipient::replica, self.replica.bytes,
                                    0, self.box.public_key));
    const RecordKey* kept = &records_.insert_or_assign(id, std::move(key)).first->second;
    TRY(wrap_for_readers(id, type, record));
    return kept;
}

Result<bool> KeyRing::wrap_for_readers(const RecordId& id, const RecordType& type,
                                       StoredRecord& record) {
    const auto readers = godwit::readers_of(type.audience);
    if (!readers || !record.key) return false;
    const TeamId& team = record.key->team;
    const Roster::ReaderKeyEntry* entry = roster_.reader_key(team, *readers);
    if (entry == nullptr) return false;
    const bool is_wrapped =
        std::any_of(record.wraps.begin(), record.wraps.end(), [&](const Wrap& wrap) {
            return wrap.recipient == recipient_of(*readers) && wrap.epoch == entry->epoch &&
                   wrap.recipient_id == team.bytes && !wrap.box.empty();
        });
    if (is_wrapped) return false;
    const RecordKey* key = TRY(record_key(id, record));
    put(record.wraps, wrap_for(host_.cipher, *key, id, recipient_of(*readers), team.bytes,
                               entry->epoch, entry->key));
    return true;
}

Result<bool> KeyRing::wrap_for_replica(const RecordId& id, const ReplicaId& replica,
                                       StoredRecord& record) {
    const Roster::ReplicaEntry* entry = roster_.replica(replica);
    if (entry == nullptr) return ErrorCode::unknown_replica;
    if (entry->revoked) return ErrorCode::replica_revoked;
    const RecordKey* key = TRY(record_key(id, record));
    put(record.wraps,
        wrap_for(host_.cipher, *key, id, Recipient::replica, replica.bytes, 0, entry->keys.box));
    return true;
}

}  // namespace godwit
