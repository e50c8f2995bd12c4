#include "field-client/replica/keys.h"

#include <algorithm>

#include "shared/base/planted.h"
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
        return is_same_recipient(other, wrap);
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
    opener_.clear();
    own_wraps_.reset();
    verifier_.clear();
    readers_.clear();
}

Result<const RecordKey*> KeyRing::record_key(const RecordId& id, const StoredRecord& record) {
    if (const auto found = records_.find(id); found != records_.end()) return &found->second;
    RecordKey key = TRY(open_any(id, record));
    return &records_.emplace(id, std::move(key)).first->second;
}

Result<void> KeyRing::verify_statement(const RecordId& id, const StoredRecord& record) {
    const RecordKeyStatement& statement = *record.key;
    if (statement.record != id || statement.team != record.shown.team) {
        return Error{ErrorCode::bad_key, "the key statement is another record's"};
    }
    const Roster::ReplicaEntry* maker = roster_.replica(statement.maker);
    if (maker == nullptr) {
        return Error{ErrorCode::cannot_open, "nobody on the roster made the record's key"};
    }
    // Made here, and not sent yet: nobody else can have put it into this store.
    if (!statement.is_signed() && statement.maker == store_.identity().replica) return ok();
    return verifier_.verify(host_.cipher, statement, maker->keys.signing);
}

Result<RecordKey> KeyRing::open_any(const RecordId& id, const StoredRecord& record) {
    if (!record.key) {
        return Error{ErrorCode::cannot_open, "the record's key has not arrived here"};
    }
    TRY(verify_statement(id, record));
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
            return opener_.open(wrap, self.box, *record.key);
        case Recipient::members:
        case Recipient::supervisors: {
            if (wrap.recipient_id != record.shown.team.bytes) return ErrorCode::cannot_open;
            const BoxKeyPair* keys =
                TRY(reader_key(record.shown.team, readers_of(wrap.recipient), wrap.epoch));
            return opener_.open(wrap, *keys, *record.key);
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

Result<const RecordKey*> KeyRing::make(const RecordId& id, const TeamId& team,
                                       StoredRecord& record) {
    const Identity& self = store_.identity();
    if (!roster_.is_founded()) return ErrorCode::not_founded;
    RecordKey key;
    host_.random.fill(key.bytes);
    record.key = commit_to_record_key(host_.cipher, key, id, team, self.replica);
    if (!own_wraps_) {
        own_wraps_.emplace(host_.cipher,
                           BoxKeyPair{self.box.public_key, self.box.secret_key.duplicate()});
    }
    record.wraps = {own_wraps_->wrap(
        key, *record.key, {Recipient::replica, self.replica.bytes, 0, self.box.public_key})};
    return &records_.insert_or_assign(id, std::move(key)).first->second;
}

Result<void> KeyRing::wrap_for_others(WrapMaker& maker, const RecordId& id, const RecordType& type,
                                      StoredRecord& record) {
    const RecordKey* key = TRY(record_key(id, record));
    put(record.wraps,
        maker.wrap(*key, *record.key,
                   {Recipient::recovery, store_.identity().organisation.bytes, 0,
                    is_planted(PlantedBug::recovery_forgotten) ? store_.identity().box.public_key
                                                               : roster_.founding().recovery}));
    TRY(wrap_for_readers(maker, id, type, record));
    return ok();
}

Result<bool> KeyRing::wrap_for_readers(WrapMaker& maker, const RecordId& id, const RecordType& type,
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
    put(record.wraps, maker.wrap(*key, *record.key,
                                 {recipient_of(*readers), team.bytes, entry->epoch, entry->key}));
    return true;
}

Result<bool> KeyRing::wrap_for_replica(const RecordId& id, const ReplicaId& replica,
                                       StoredRecord& record) {
    const Roster::ReplicaEntry* entry = roster_.replica(replica);
    if (entry == nullptr) return ErrorCode::unknown_replica;
    if (entry->revoked) return ErrorCode::replica_revoked;
    const RecordType* type = record_type(record.shown.type);
    if (type != nullptr && !seals_anything(*type)) return false;
    const RecordKey* key = TRY(record_key(id, record));
    put(record.wraps, wrap_maker().wrap(*key, *record.key,
                                        {Recipient::replica, replica.bytes, 0, entry->keys.box}));
    return true;
}

}  // namespace godwit
