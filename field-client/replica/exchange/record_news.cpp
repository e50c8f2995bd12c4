#include "field-client/replica/exchange/record_news.h"

#include <algorithm>
#include <set>

#include "field-client/replica/exchange/key_work.h"
#include "field-client/replica/history.h"
#include "field-client/replica/opened_record.h"
#include "shared/base/planted.h"
#include "shared/model/common_fields.h"
#include "shared/seal/erasure_proof.h"
#include "shared/seal/key_batch.h"

namespace godwit {

namespace {

bool is_for(const Wrap& wrap, const ReplicaId& self, const TeamId& team) {
    switch (wrap.recipient) {
        case Recipient::replica:
            return wrap.recipient_id == self.bytes;
        case Recipient::members:
        case Recipient::supervisors:
            return wrap.recipient_id == team.bytes;
        case Recipient::recovery:
            return false;
    }
    return false;
}

Error nobody_vouches() {
    return {ErrorCode::bad_key, "the server told a record key that nobody vouches for"};
}

/// Takes the key statement and wraps of `delta`. Own wraps that wait to be sent win over older ones
/// of the server's; a wrap withdrawn here stays so.
Result<void> take_keys(Session& session, const TeamId& team, const RecordDelta& delta,
                       const KeyNews& keys, StoredRecord& record) {
    const auto told = keys.told.find(delta.record);
    if (told != keys.told.end()) {
        if (told->second.team != team) return nobody_vouches();
        if (!record.key) record.key = told->second;
    }
    if (delta.wraps.empty() || !record.key) return ok();
    const bool waits = std::binary_search(keys.unsent.begin(), keys.unsent.end(), delta.record);
    for (Wrap& wrap : TRY(decode_wraps(delta.wraps, delta.record))) {
        if (wrap.box.empty() || !is_for(wrap, session.self().replica, team)) continue;
        const auto same =
            std::find_if(record.wraps.begin(), record.wraps.end(),
                         [&](const Wrap& other) { return is_same_recipient(other, wrap); });
        if (same == record.wraps.end())
            record.wraps.push_back(std::move(wrap));
        else if (!waits)
            *same = std::move(wrap);
    }
    session.keys.forget(delta.record);
    return ok();
}

/// Somebody of the organisation said so. Whether they might was for the server to judge, by roles
/// and owners of that hour, which nobody knows later.
Result<void> check_erasure(const Session& session, const RecordDelta& delta) {
    const ErasureProof proof = TRY(
        read_erasure_proof(session.host.cipher, session.roster, delta.erasure.value_or(Bytes{})));
    if (proof.change.record == delta.record) return ok();
    return Error{ErrorCode::unproven, "it shows the erasure of another record"};
}

/// A server that is restored may forget it, and who said it may not be there to say it again.
Result<void> keep_erasure(const Session& session, const RecordDelta& delta, StoredRecord& record) {
    TRY(check_erasure(session, delta));
    if (!is_planted(PlantedBug::erasure_unshown)) record.erasure = *delta.erasure;
    return ok();
}

/// What a field is told to hold, for a field held since before a restore: a change may have been
/// received anew, at another time; under its name another copy of its log may have said another
/// thing; and what superseded a value may never come again. What is told counts, or those who heard
/// before the restore would hold another state than those who hear after it. What the server does
/// not know stays.
void believe(FieldState& held, const FieldState& told, const LogId& own_log, Sequence delivered) {
    // Own words that wait again enter anew, in the place they have now.
    std::erase_if(held.siblings, [&](const Sibling& sibling) {
        return sibling.dot.log == own_log && sibling.dot.sequence > delivered &&
               !told.has_seen(sibling.dot);
    });
    held.seen = {};
    held.seen_early.clear();
    for (Sibling& sibling : held.siblings) {
        held.seen.add(sibling.dot);
        const auto same =
            std::find_if(told.siblings.begin(), told.siblings.end(),
                         [&](const Sibling& each) { return each.dot == sibling.dot; });
        if (same != told.siblings.end()) sibling = *same;
    }
}

/// Within an epoch what is told of a field holds all that was held of it: then this changes nothing
/// that the join would not.
void believe(RecordState& held, const RecordState& told, const LogId& own_log, Sequence delivered) {
    for (auto& [number, field] : held.fields) {
        const auto news = told.fields.find(number);
        if (news != told.fields.end()) believe(field, news->second, own_log, delivered);
    }
}

Result<void> absorb_erasure(Session& session, const RecordDelta& delta, StoredRecord& record) {
    const bool was_erased = record.base().is_erased;
    record.unconfirmed = delta.unconfirmed;
    if (was_erased) {
        const ReplicaId self = session.self().replica;
        const bool is_awaited = std::find(delta.unconfirmed.begin(), delta.unconfirmed.end(),
                                          self) != delta.unconfirmed.end();
        if (is_awaited) TRY(session.store.queue_erased(delta.record));
        if (delta.erasure && record.erasure.empty()) TRY(keep_erasure(session, delta, record));
        return session.store.save(delta.record, record);
    }
    TRY(keep_erasure(session, delta, record));
    return carry_out_erasure(session, delta.record, record);
}

/// May this replica's member see the record, being `role` in its team? As the server's feed says.
bool is_visible(const Session& session, const StoredRecord& record, std::optional<Role> role) {
    if (!role) return false;
    const Audience audience = audience_of(record.shown.type);
    if (audience == Audience::members) return true;
    if (audience == Audience::supervisors && *role == Role::supervisor) return true;
    return is_owner(session, record.shown);
}

/// Drops a record that is no longer this replica's to see, but for own work that waits.
Result<void> drop(Session& session, const RecordId& id, StoredRecord record, Sequence delivered) {
    if (is_planted(PlantedBug::unseen_kept)) return ok();
    if (!record.has_waiting()) return let_record_go(session, id, std::move(record));
    record.base_apart = StoredRecord::begun(record.shown.type, record.shown.team).shown;
    TRY(session.store.forget_history(id));
    TRY(show_waiting(session, id, record, delivered));
    // A copy of this store may have brought what waited, before the logs of both parted.
    if (!record.has_waiting()) return let_record_go(session, id, std::move(record));
    return session.store.save(id, record);
}

/// Of a record whose type this program does not know it cannot say who may see it, beyond its
/// owners. One that can is told again.
void note_let_go(ExchangeState& state, const RecordState& record) {
    if (is_planted(PlantedBug::let_go_forgotten)) return;
    if (record_type(record.type) == nullptr) state.let_go[record.team] = schema_version();
}

/// A record this replica hears of for the first time: it stands here as it was told.
Result<void> begin_told(Session& session, const TeamId& team, const RecordDelta& delta,
                        const KeyNews& keys, RecordState news, ExchangeState& state) {
    StoredRecord record;
    if (news.is_erased) {
        record.shown = StoredRecord::begun(news.type, team).shown;
        return absorb_erasure(session, delta, record);
    }
    record.shown = std::move(news);
    TRY(take_keys(session, team, delta, keys, record));
    if (!is_visible(session, record, session.roster.role(session.self().replica, team))) {
        note_let_go(state, record.shown);
        return ok();
    }
    return session.store.save(delta.record, record, delta.state);
}

/// Where cursors stand says nothing of it: records are held also where a cursor was given up to ask
/// anew.
std::set<TeamId> teams_with_another_role(const Session& session, const Roster& before) {
    const ReplicaId self = session.self().replica;
    std::set<TeamId> out;
    for (const Roster* roster : {&before, &session.roster}) {
        for (const Place& place : roster->places(self)) {
            if (before.role(self, place.team) != session.roster.role(self, place.team)) {
                out.insert(place.team);
            }
        }
    }
    return out;
}

}  // namespace

Result<KeyNews> read_key_news(Session& session, const std::vector<Bytes>& batches) {
    KeyNews news;
    for (const Bytes& bytes : batches) {
        auto batch = decode_batch(bytes);
        if (!batch) return nobody_vouches();
        const RecordKeyStatement& first = batch->front();
        const Roster::ReplicaEntry* maker = session.roster.replica(first.maker);
        // What holds for one of a batch holds for all.
        if (maker == nullptr || !verify(session.host.cipher, first, maker->keys.signing)) {
            return nobody_vouches();
        }
        for (RecordKeyStatement& statement : *batch) {
            news.told.emplace(statement.record, std::move(statement));
        }
    }
    news.unsent = TRY(session.store.queued_keys());
    return news;
}

Result<void> absorb_record(Session& session, const TeamId& team, const RecordDelta& delta,
                           const KeyNews& keys, ExchangeState& state, const ParkedDots& parked) {
    RecordState news = TRY(decode_state(delta.state));
    if (news.team != team) return Error{ErrorCode::malformed, "a record came for another team"};
    auto kept = TRY(session.store.record(delta.record));
    if (!kept) return begin_told(session, team, delta, keys, std::move(news), state);
    StoredRecord record = std::move(*kept);
    if (news.is_erased) return absorb_erasure(session, delta, record);
    if (record.base().is_erased) return ok();  // Erased here, and the server does not know yet.
    TRY(take_keys(session, team, delta, keys, record));
    TRY(enter_covered(session, delta.record, record, state.delivered, parked));
    RecordState base = record.base();
    believe(base, news, TRY(session.store.log()), state.delivered);
    merge_into(base, std::move(news));
    TRY(keep_what_leaves(session, delta.record, record.base(), base));
    if (record.has_waiting()) {
        record.base_apart = std::move(base);
        TRY(show_waiting(session, delta.record, record, state.delivered));
    } else {
        record.show_base(std::move(base));
    }
    TRY(session.store.save(delta.record, record));
    // The last thing a former owner hears of a record is whose it is now.
    if (is_visible(session, record, session.roster.role(session.self().replica, team))) return ok();
    note_let_go(state, record.shown);
    return drop(session, delta.record, std::move(record), state.delivered);
}

Result<void> forget_given_away(Session& session, const std::set<RecordId>& records,
                               ExchangeState& state) {
    for (const RecordId& id : records) {
        const StoredRecord* record = TRY(session.store.load(id));
        if (record == nullptr || record->has_waiting() || record->shown.is_erased) continue;
        const auto role = session.roster.role(session.self().replica, record->shown.team);
        if (!role || is_visible(session, *record, role)) continue;
        note_let_go(state, record->shown);
        TRY(drop(session, id, *record, state.delivered));
    }
    return ok();
}

Result<void> forget_team(Session& session, const TeamId& team, Sequence delivered) {
    session.keys.clear();
    return session.store.each_record(
        [&](const RecordId& id, const StoredRecord& record) -> Result<bool> {
            if (record.shown.team == team) TRY(drop(session, id, record, delivered));
            return true;
        });
}

Result<void> follow_places(Session& session, const Roster& before, ExchangeState& state) {
    const std::set<TeamId> changed = teams_with_another_role(session, before);
    if (changed.empty()) return ok();
    const ReplicaId self = session.self().replica;
    session.keys.clear();
    TRY(session.store.each_record(
        [&](const RecordId& id, const StoredRecord& record) -> Result<bool> {
            const TeamId& team = record.shown.team;
            if (!changed.contains(team)) return true;
            if (is_visible(session, record, session.roster.role(self, team))) return true;
            TRY(drop(session, id, record, state.delivered));
            return true;
        }));
    // Without a cursor even what this replica said itself is told: some of it was just forgotten.
    for (const TeamId& team : changed) {
        state.cursors.erase(team);
        state.unfinished.erase(team);
    }
    return ok();
}

Result<void> ask_for_what_was_let_go(Session& session) {
    ExchangeState state = TRY(session.store.exchange_state());
    const auto asked = std::erase_if(state.let_go, [&](const auto& entry) {
        const auto& [team, schema] = entry;
        if (schema == schema_version()) return false;
        state.cursors.erase(team);
        state.unfinished.erase(team);
        return true;
    });
    if (asked == 0) return ok();
    return session.store.transaction([&] { return session.store.save(state); });
}

Result<void> queue_erasures(Session& session) {
    return session.store.each_record(
        [&](const RecordId& id, const StoredRecord& record) -> Result<bool> {
            if (record.base().is_erased) TRY(session.store.queue_erased(id));
            return true;
        });
}

}  // namespace godwit
