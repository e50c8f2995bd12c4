// An answer, taken into the store: the second half of StoreOffer.

#include <algorithm>

#include "field-client/replica/exchange/fork.h"
#include "field-client/replica/exchange/former_logs.h"
#include "field-client/replica/exchange/key_work.h"
#include "field-client/replica/exchange/record_news.h"
#include "field-client/replica/exchange/store_offer.h"
#include "shared/base/planted.h"
#include "shared/base/saturating.h"
#include "shared/base/sha256.h"
#include "shared/protocol/packed_segment.h"

namespace godwit {

namespace {

bool holds_any(const RecordState& state, const ParkedDots& dots) {
    return std::any_of(dots.begin(), dots.end(), [&](const Dot& dot) {
        return std::any_of(state.fields.begin(), state.fields.end(),
                           [&](const auto& field) { return field.second.seen.covers(dot); });
    });
}

/// Did the server refuse any statement that is held here?
bool has_refused_held(const Roster& roster, const Request& request, const Answer& answer) {
    const std::size_t count = std::min(request.statements.size(), answer.verdicts.size());
    for (std::size_t index = 0; index < count; ++index) {
        const bool is_refused = answer.verdicts[index].has_value();
        if (is_refused && roster.holds(sha256({request.statements[index]}))) return true;
    }
    return false;
}

bool has_new_reader_key(const Session& session, const Roster& before) {
    for (const auto& [team, name] : session.roster.teams()) {
        for (const Readers readers : {Readers::members, Readers::supervisors}) {
            const auto* now = session.roster.reader_key(team, readers);
            const auto* then = before.reader_key(team, readers);
            if (now != nullptr && (then == nullptr || then->epoch != now->epoch)) return true;
        }
    }
    return false;
}

}  // namespace

Result<void> StoreOffer::absorb(const Request& request, const Answer& answer) {
    Absorbing now{request, answer, TRY(session_.store.exchange_state())};
    Roster before = session_.roster;
    Result<void> outcome = session_.store.transaction([&]() -> Result<void> {
        TRY(absorb_all(now));
        return session_.store.save(now.state);
    });
    if (!outcome) {
        session_.roster = std::move(before);
        if (now.is_roster_at_odds) return ask_for_whole_roster(answer);
        return outcome;
    }
    if (!request.app_version.empty()) session_.version_told_in = answer.epoch;
    is_compromised_ = answer.standing == Standing::compromised;
    for (const ParkedItem& item : answer.parked) parked_.push_back(item);
    for (RefusedStatement& each : now.news.refused) refused_.push_back(std::move(each));
    if (now.news.was_signed_again) ++signed_again_count_;
    if (!made_.empty()) {
        const bool is_refused = std::any_of(answer.verdicts.begin(), answer.verdicts.end(),
                                            [](const auto& verdict) { return bool(verdict); });
        if (is_refused || answer.verdicts.empty()) is_owing_done_ = true;
    }
    // Those refused were for the roster as it was.
    made_ = std::move(now.news.taken_untold);
    return ok();
}

Result<void> StoreOffer::absorb_all(Absorbing& now) {
    const Answer& answer = now.answer;
    ExchangeState& state = now.state;
    state.standing = answer.standing;
    state.last_contact_ms = session_.host.wall.now_ms();
    state.clock_offset_ms = saturating_difference(answer.clock_ms, now.request.clock_ms);
    state.nonce = answer.nonce;
    // It hears nothing else, and its keys are about to go: at an administrator's word only.
    if (answer.standing == Standing::compromised) {
        TRY(check_revocation(session_, answer.statements));
        return queue_keys_of_words(now.request);
    }
    TRY(follow_epoch(now));
    const Roster before = session_.roster;
    now.own_parked = TRY(own_parked(session_));
    TRY(absorb_parked(now));
    if (answer.standing == Standing::member) TRY(absorb_roster(now));
    TRY(clear_sent(now));
    TRY(enter_receipts(session_, state, answer.receipts, now.own_parked, now.touched));
    TRY(absorb_safe(now));
    if (answer.standing == Standing::member) {
        state.cursors = answer.cursors;
        state.unfinished = answer.unfinished;
        state.roster_cursor = answer.roster_cursor;
    }
    TRY(absorb_former(session_, state, now.request.former, answer.former));
    TRY(follow_log(now));
    TRY(follow_former(session_, state, now.own_parked));
    TRY(take_out_parked(now));
    if (answer.standing == Standing::member) TRY(absorb_member(now, before));
    return ok();
}

// A server that was restored: what it forgot is offered again, and nothing new in the old log.
Result<void> StoreOffer::follow_epoch(Absorbing& now) {
    ExchangeState& state = now.state;
    now.is_new_epoch = state.epoch != now.answer.epoch;
    now.has_offered_all = state.must_offer_all;
    if (!now.is_new_epoch) {
        if (state.standing == Standing::member) state.must_offer_all = false;
        return ok();
    }
    state.is_roster_unsettled = true;
    now.was_restored = !state.epoch.is_zero();
    state.epoch = now.answer.epoch;
    if (!now.was_restored) return ok();
    forget_held(state);
    state.is_log_closed = !is_planted(PlantedBug::log_outlives_epoch);
    if (is_planted(PlantedBug::restore_unheard)) return ok();
    state.must_offer_all = true;
    TRY(queue_own_keys(session_));
    return queue_erasures(session_);
}

// A server that was restored may refuse what is held here, or tell what does not hold behind it; a
// long roster is told in parts, and either may come late.
Result<void> StoreOffer::absorb_roster(Absorbing& now) {
    if (now.has_offered_all && !has_asked_anew_ &&
        has_refused_held(session_.roster, now.request, now.answer)) {
        now.is_roster_at_odds = true;
        return Error{ErrorCode::unproven, "the server refused statements that it once told"};
    }
    auto news = absorb_statements(session_, now.request, now.answer);
    if (!news) {
        now.is_roster_at_odds = news.error().code == ErrorCode::unproven &&
                                now.state.is_roster_unsettled && !has_asked_anew_;
        return news.error();
    }
    now.news = *std::move(news);
    if (!now.is_new_epoch && !now.answer.has_more) now.state.is_roster_unsettled = false;
    return ok();
}

// A server that was restored has forgotten some of what it told, and may have heard other things
// since, in another order. From the start it tells all it holds; what it lacks is put behind that.
// Of this answer nothing else is kept, as if it had been lost. It is asked so once in a sync: one
// that lies would be asked for ever.
Result<void> StoreOffer::ask_for_whole_roster(const Answer& answer) {
    has_asked_anew_ = true;
    return session_.store.transaction([&]() -> Result<void> {
        TRY(session_.store.queue_all_statements());
        ExchangeState state = TRY(session_.store.exchange_state());
        state.roster_cursor = 0;
        state.nonce = answer.nonce;
        return session_.store.save(state);
    });
}

Result<void> StoreOffer::absorb_member(Absorbing& now, const Roster& before) {
    const Answer& answer = now.answer;
    for (const TeamId& team : answer.left) TRY(leave_team(now, team));
    if (now.news.has_changed) {
        TRY(follow_places(session_, before, now.state));
    }
    const KeyNews keys = TRY(read_key_news(session_, answer.keys));
    for (const auto& [team, delta] : answer.records) {
        TRY(absorb_record(session_, team, delta, keys, now.state, now.own_parked));
        now.touched.insert(delta.record);
        TRY(session_.store.relieve());
    }
    if (now.news.has_changed && has_new_reader_key(session_, before)) {
        TRY(wrap_for_new_readers(session_));
    }
    TRY(take_back_erasures(now));
    TRY(hand_over(session_, now.touched));
    return forget_given_away(session_, now.touched, now.state);
}

// The roster says where a replica has a place, not the server: one that lied would make it forget
// what is held nowhere else. Where the server's is still behind, the cursor stays, to be asked
// again; one of an earlier epoch does not, because nobody has said how far it holds in this one.
Result<void> StoreOffer::leave_team(Absorbing& now, const TeamId& team) {
    if (session_.roster.role(session_.self().replica, team)) {
        const auto asked = now.request.cursors.find(team);
        const bool holds = asked != now.request.cursors.end() && !now.is_new_epoch;
        if (holds) now.state.cursors.insert(*asked);
        return ok();
    }
    TRY(forget_team(session_, team, now.state.delivered));
    now.state.cursors.erase(team);
    now.state.unfinished.erase(team);
    return ok();
}

Result<void> StoreOffer::absorb_parked(Absorbing& now) {
    for (const ParkedItem& item : now.answer.parked) {
        TRY(session_.store.save(item));
        if (item.author != session_.self().replica) continue;
        if (!now.own_parked.insert(item.dot).second) continue;
        TRY(note_refused_erasure(now, item));
        if (now.state.former.contains(item.dot.log)) now.parked_since[item.record].insert(item.dot);
    }
    const std::uint64_t before = now.is_new_epoch ? 0 : now.state.parked_cursor;
    now.state.parked_cursor = std::max(before, now.answer.parked_cursor);
    return ok();
}

// What a server of an earlier epoch merged stands in the base, and in this one something else in
// its stead.
Result<void> StoreOffer::take_out_parked(Absorbing& now) {
    for (const auto& [id, dots] : now.parked_since) {
        StoredRecord* record = TRY(session_.store.load(id));
        if (record == nullptr || record->base().is_erased) continue;
        if (!holds_any(record->base(), dots)) continue;
        TRY(begin_base_anew(session_, now.state, id, *record, now.own_parked, {}));
        TRY(show_waiting(session_, id, *record, now.state.delivered));
        TRY(session_.store.save(id, *record));
    }
    return ok();
}

Result<void> StoreOffer::note_refused_erasure(Absorbing& now, const ParkedItem& item) {
    const auto logged = TRY(session_.store.change(item.dot));
    if (!logged || logged->body.empty()) return ok();
    if (!is_erasing(TRY(decode_change(logged->body)))) return ok();
    const auto record = TRY(session_.store.record(logged->record));
    if (record && record->base().is_erased) {
        now.not_erased.emplace(logged->record, record->base().team);
    }
    return ok();
}

// The server would not have the erasure: the record lives on, and whoever may see it is to hold it
// as everybody does. Its words are gone here, so its team is asked from the start.
Result<void> StoreOffer::take_back_erasures(Absorbing& now) {
    for (const auto& [id, team] : now.not_erased) {
        session_.keys.forget(id);
        TRY(session_.store.forget(id));
        TRY(session_.store.clear_queued_erased({id}));
        now.state.cursors.erase(team);
        now.state.unfinished.erase(team);
    }
    return ok();
}

Result<void> StoreOffer::absorb_safe(Absorbing& now) {
    if (!now.answer.safe) return ok();
    const SafeMark mark = TRY(decode_safe_mark(*now.answer.safe));
    if (!verify(session_.host.cipher, mark, session_.roster.founding().server)) {
        return Error{ErrorCode::bad_key, "a safe mark is not the server's"};
    }
    if (mark.log == now.request.log) {
        now.state.safe = std::min(std::max(now.state.safe, mark.through), now.state.delivered);
    }
    return ok();
}

Result<void> StoreOffer::clear_sent(Absorbing& now) {
    std::vector<RecordId> sent;
    for (const auto& [id, keys] : offered_keys_) {
        if (TRY(keep_sent(now, id, keys))) sent.push_back(id);
    }
    // A restored server may not have been able to take them yet: all go up again.
    if (!now.was_restored) TRY(session_.store.clear_queued_keys(sent));
    for (const RecordId& id : now.answer.unkeyed) TRY(queue_unkeyed(id));
    return clear_sent_erasures(now);
}

// Keys that this very request brought are not brought again: the server would not have them. Who
// handed a key over still holds it as it is wrapped for others.
Result<void> StoreOffer::queue_unkeyed(const RecordId& id) {
    if (offered_keys_.contains(id)) return ok();
    const auto record = TRY(session_.store.record(id));
    const bool is_held =
        record && record->key &&
        (is_wrapped_for_recovery(*record) || session_.keys.record_key(id, *record));
    if (is_held || TRY(session_.store.kept_key(id))) TRY(session_.store.queue_key(id));
    return ok();
}

// A compromised replica does not hear which keys a restored server lacks, and its own are about to
// go: those of the words it has just offered follow, whoever made them. Each goes up once: words
// that the server does not take are offered with every request.
Result<void> StoreOffer::queue_keys_of_words(const Request& request) {
    std::vector<RecordId> offered;
    for (const auto& [id, keys] : offered_keys_) offered.push_back(id);
    TRY(session_.store.clear_queued_keys(offered));
    keys_brought_.insert(offered.begin(), offered.end());
    std::set<RecordId> written;
    for (const Bytes& segment : request.segments) {
        for (const Entry& entry : TRY(decode_packed_segment(segment)).entries) {
            written.insert(entry.record);
        }
    }
    for (const RecordId& id : written) {
        if (!keys_brought_.contains(id)) TRY(queue_unkeyed(id));
    }
    return ok();
}

// What the server wants to be shown stays queued until it was. Whether it is believed then is the
// server's to say.
Result<void> StoreOffer::clear_sent_erasures(Absorbing& now) {
    unproven_.clear();
    for (const RecordId& id : now.answer.unproven) {
        if (proved_.contains(id)) continue;
        const auto record = TRY(session_.store.record(id));
        if (record && !record->erasure.empty()) unproven_.insert(id);
    }
    std::vector<RecordId> done = now.request.erased;
    std::erase_if(done, [&](const RecordId& id) { return unproven_.contains(id); });
    return session_.store.clear_queued_erased(done);
}

// Somebody here may have been given the key while the answer was on its way: what the server has
// then is not all there is, and goes up with the next request.
Result<bool> StoreOffer::keep_sent(Absorbing& now, const RecordId& id, const OfferedKeys& keys) {
    StoredRecord* record = TRY(session_.store.load(id));
    if (record == nullptr) return true;
    now.touched.insert(id);
    if (!record->key) return true;  // Erased meanwhile.
    std::vector<Wrap> given = record->wraps;
    std::erase_if(given, [&](const Wrap& wrap) {
        return std::any_of(keys.wraps.begin(), keys.wraps.end(),
                           [&](const Wrap& sent) { return is_same_recipient(sent, wrap); });
    });
    if (keys.is_new) {
        record->key = keys.statement;
        record->wraps = keys.wraps;
        record->wraps.insert(record->wraps.end(), given.begin(), given.end());
    }
    const std::size_t withdrawn =
        std::erase_if(record->wraps, [](const Wrap& wrap) { return wrap.box.empty(); });
    if (keys.is_new || withdrawn > 0) TRY(session_.store.save_all_but_shown(id, *record));
    return given.empty();
}

Result<void> StoreOffer::follow_log(Absorbing& now) {
    ExchangeState& state = now.state;
    if (now.request.log != TRY(session_.store.log())) return ok();
    const Sequence head = TRY(session_.store.head()).sequence;
    const Sequence held = now.answer.head.sequence;
    if (now.answer.is_forked || held > head) {
        if (is_planted(PlantedBug::sequence_reused)) return ok();
        const Sequence common = now.answer.is_forked ? now.answer.forked_after : head;
        return open_branch(session_, state, common, common, now.own_parked);
    }
    if (!state.is_log_closed) return ok();
    closed_.note_held(now.request.log, held);
    if (!closed_.is_held_within(state.delivered)) return ok();
    return open_branch(session_, state, state.delivered, held, now.own_parked);
}

}  // namespace godwit
