#include "field-client/replica/exchange/key_work.h"

#include <algorithm>
#include <map>

#include "shared/base/planted.h"
#include "shared/base/sha256.h"
#include "shared/merge/view.h"
#include "shared/model/common_fields.h"
#include "shared/seal/reader_key.h"

namespace godwit {

namespace {

bool is_own_wrap(const Wrap& wrap, const ReplicaId& self) {
    return wrap.recipient == Recipient::replica && wrap.recipient_id == self.bytes &&
           !wrap.box.empty();
}

/// Grants of a new key to everybody entitled, its maker first among them by need.
std::vector<Grant> first_grants(const Session& session, const TeamId& team, Readers readers,
                                const BoxSecretKey& secret) {
    std::vector<Grant> grants;
    const ReplicaId self = session.self().replica;
    const auto is_entitled = [&](const ReplicaId& replica, const Roster::ReplicaEntry& entry) {
        if (entry.revoked) return false;
        const auto role = session.roster.role(replica, team);
        return readers == Readers::members ? role.has_value() : role == Role::supervisor;
    };
    const Roster::ReplicaEntry* own = session.roster.replica(self);
    grants.push_back(grant_for(session.host.cipher, secret, own->keys));
    for (const auto& [replica, entry] : session.roster.replicas()) {
        if (grants.size() == grants_max) break;  // The rest waits, and is granted next time.
        if (replica == self || !is_entitled(replica, entry)) continue;
        grants.push_back(grant_for(session.host.cipher, secret, entry.keys));
    }
    return grants;
}

std::vector<ReaderKeyStatement> due_reader_keys(const Session& session) {
    std::vector<ReaderKeyStatement> due;
    const ReplicaId self = session.self().replica;
    const Roster::ReplicaEntry* own = session.roster.replica(self);
    if (own == nullptr || own->revoked) return due;
    for (const Place& place : session.roster.places(self)) {
        if (place.role != Role::supervisor) continue;
        for (const Readers readers : {Readers::members, Readers::supervisors}) {
            if (session.roster.reader_key(place.team, readers) != nullptr) continue;
            const BoxKeyPair keys = session.host.cipher.make_box_keys(session.host.random);
            ReaderKeyStatement body;
            body.team = place.team;
            body.readers = readers;
            body.epoch = 1;
            body.key = keys.public_key;
            body.grants = first_grants(session, place.team, readers, keys.secret_key);
            body.wall_ms = session.host.wall.now_ms();
            due.push_back(std::move(body));
        }
    }
    return due;
}

/// Is the record past its author's hands? A draft and a returned one are not.
bool is_finished(const RecordState& state, const RecordType& type) {
    const FieldSpec* review = type.field(common_field::review);
    if (review == nullptr) return false;
    const std::string step = review_view(state, *review).state;
    return !step.empty() && step != "draft" && step != "returned";
}

/// Could this replica open it with what it holds?
bool opens_here(Session& session, const Wrap& wrap, const TeamId& team) {
    switch (wrap.recipient) {
        case Recipient::replica:
            return wrap.recipient_id == session.self().replica.bytes;
        case Recipient::members:
            return session.keys.reader_key(team, Readers::members, wrap.epoch).operator bool();
        case Recipient::supervisors:
            return session.keys.reader_key(team, Readers::supervisors, wrap.epoch).operator bool();
        case Recipient::recovery:
            return false;
    }
    return false;
}

/// Nothing when there is no key, or whoever made it has to bring it: it cannot be opened here.
std::optional<KeptKey> key_for_others(Session& session, const RecordId& id, StoredRecord record) {
    const RecordType* type = record_type(record.shown.type);
    if (!record.key || !record.key->is_signed() || type == nullptr) return std::nullopt;
    if (!is_wrapped_for_recovery(record)) {
        WrapMaker maker = session.keys.wrap_maker();
        if (!session.keys.wrap_for_others(maker, id, *type, record)) return std::nullopt;
    }
    const TeamId team = record.key->team;
    std::erase_if(record.wraps, [&](const Wrap& wrap) {
        return wrap.box.empty() || opens_here(session, wrap, team);
    });
    return KeptKey{*std::move(record.key), std::move(record.wraps)};
}

bool is_wrapped_for_team(const StoredRecord& record, Readers readers) {
    const Recipient recipient =
        readers == Readers::members ? Recipient::members : Recipient::supervisors;
    return std::any_of(record.wraps.begin(), record.wraps.end(), [&](const Wrap& wrap) {
        return wrap.recipient == recipient && !wrap.box.empty();
    });
}

}  // namespace

std::vector<GrantStatement> due_grants(Session& session) {
    std::map<std::tuple<TeamId, Readers, std::uint64_t>, std::vector<ReplicaId>> waiting;
    for (const Roster::Waiting& each : session.roster.waiting()) {
        waiting[{each.team, each.readers, each.epoch}].push_back(each.replica);
    }
    std::vector<GrantStatement> due;
    const Roster::ReplicaEntry* own = session.roster.replica(session.self().replica);
    if (own == nullptr || own->revoked) return due;
    for (const auto& [whose, replicas] : waiting) {
        const auto& [team, readers, epoch] = whose;
        const Result<const BoxKeyPair*> key = session.keys.reader_key(team, readers, epoch);
        if (!key) continue;  // Somebody else holds it.
        GrantStatement body;
        body.team = team;
        body.readers = readers;
        body.epoch = epoch;
        for (const ReplicaId& replica : replicas) {
            if (body.grants.size() == grants_max) break;
            body.grants.push_back(grant_for(session.host.cipher, key.value()->secret_key,
                                            session.roster.replica(replica)->keys));
        }
        body.wall_ms = session.host.wall.now_ms();
        due.push_back(std::move(body));
    }
    return due;
}

std::vector<Bytes> due_statements(Session& session) {
    std::vector<StatementBody> bodies;
    for (ReaderKeyStatement& body : due_reader_keys(session)) bodies.emplace_back(std::move(body));
    for (GrantStatement& body : due_grants(session)) bodies.emplace_back(std::move(body));

    std::vector<Bytes> out;
    Roster::Next next = session.roster.next(session.self().replica.bytes);
    for (StatementBody& body : bodies) {
        Statement statement;
        statement.organisation = session.roster.organisation();
        statement.signer = session.self().replica.bytes;
        statement.number = next.number;
        statement.previous = next.previous;
        statement.body = std::move(body);
        out.push_back(
            sign_statement(session.host.cipher, statement, session.self().signing.secret_key));
        next = {next.number + 1, sha256({out.back()})};
    }
    return out;
}

Result<void> wrap_for_new_readers(Session& session) {
    const ReplicaId self = session.self().replica;
    WrapMaker maker = session.keys.wrap_maker();
    return session.store.each_record(
        [&](const RecordId& id, const StoredRecord& kept) -> Result<bool> {
            // What was never sent is wrapped when it is.
            if (!kept.key || kept.key->maker != self || !kept.key->is_signed()) return true;
            const RecordType* type = record_type(kept.shown.type);
            if (type == nullptr) return true;
            StoredRecord record = kept;
            const Result<bool> is_added = session.keys.wrap_for_readers(maker, id, *type, record);
            if (!is_added || !*is_added) return true;  // Handed over, or wrapped before.
            TRY(session.store.save(id, record));
            TRY(session.store.queue_key(id));
            return true;
        });
}

bool is_wrapped_for_recovery(const StoredRecord& record) {
    return std::any_of(record.wraps.begin(), record.wraps.end(), [](const Wrap& wrap) {
        return wrap.recipient == Recipient::recovery && !wrap.box.empty();
    });
}

Result<void> queue_own_keys(Session& session) {
    const ReplicaId self = session.self().replica;
    TRY(session.store.each_record(
        [&](const RecordId& id, const StoredRecord& record) -> Result<bool> {
            if (!record.key) return true;
            const bool has_given =
                std::any_of(record.wraps.begin(), record.wraps.end(), [&](const Wrap& wrap) {
                    return wrap.recipient == Recipient::replica && wrap.recipient_id != self.bytes;
                });
            if (record.key->maker == self || has_given) TRY(session.store.queue_key(id));
            return true;
        }));
    for (const RecordId& id : TRY(session.store.kept_keys())) TRY(session.store.queue_key(id));
    return ok();
}

Result<void> let_record_go(Session& session, const RecordId& id, StoredRecord record) {
    const bool has_own_words = !TRY(session.store.last_said_of(id)).empty();
    const auto kept = has_own_words ? key_for_others(session, id, std::move(record)) : std::nullopt;
    session.keys.forget(id);
    TRY(session.store.forget(id));
    if (!kept || is_planted(PlantedBug::kept_key_dropped)) return ok();
    TRY(session.store.keep_key(*kept));
    return session.store.queue_key(id);
}

bool is_to_be_handed_over(const StoredRecord& record, const ReplicaId& self) {
    if (record.has_waiting() || record.shown.is_erased) return false;
    const RecordType* type = record_type(record.shown.type);
    if (type == nullptr || type->keeps_author_key) return false;
    const auto readers = readers_of(type->audience);
    if (!readers || !is_wrapped_for_team(record, *readers)) return false;
    const bool holds_own = std::any_of(record.wraps.begin(), record.wraps.end(),
                                       [&](const Wrap& wrap) { return is_own_wrap(wrap, self); });
    return holds_own && is_finished(record.shown, *type);
}

Result<bool> hand_over(Session& session, const std::set<RecordId>& records) {
    const ReplicaId self = session.self().replica;
    // A wrap that has not arrived at the server is nobody's yet but ours.
    const std::vector<RecordId> unsent = TRY(session.store.queued_keys());
    bool is_any = false;
    for (const RecordId& id : records) {
        if (std::binary_search(unsent.begin(), unsent.end(), id)) continue;
        StoredRecord* record = TRY(session.store.load(id));
        if (record == nullptr || !is_to_be_handed_over(*record, self)) continue;
        for (Wrap& wrap : record->wraps) {
            if (is_own_wrap(wrap, self)) wrap.box.clear();
        }
        session.keys.forget(id);
        TRY(session.store.save_all_but_shown(id, *record));
        TRY(session.store.queue_key(id));
        is_any = true;
    }
    return is_any;
}

}  // namespace godwit
