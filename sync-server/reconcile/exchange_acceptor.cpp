#include "sync-server/reconcile/exchange_acceptor.h"

#include <algorithm>
#include <set>

#include "shared/base/planted.h"
#include "shared/protocol/packed_segment.h"
#include "sync-server/enrolment/enrolment.h"
#include "sync-server/reconcile/erasure.h"
#include "sync-server/reconcile/key_intake.h"
#include "sync-server/store/erasure_table.h"
#include "sync-server/store/key_table.h"
#include "sync-server/store/sight.h"

namespace godwit {
namespace {

/// Had its author seen anything of the record that `state` has not?
bool has_seen_more(const Change& change, const LogId& log, const RecordState& state) {
    Context seen;
    for (const auto& [number, field] : state.fields) seen.join(field.seen);
    const auto& entries = change.context.entries();
    return std::any_of(entries.begin(), entries.end(), [&](const Context::Entry& entry) {
        return entry.log != log && seen.through(entry.log) < entry.through;
    });
}

}  // namespace

Result<Accepted> ExchangeAcceptor::accept() {
    const EpochRow epoch = TRY(present_epoch(round_.database));
    epoch_ = epoch.id;
    was_restored_ = epoch.number > 1;
    Accepted out;
    out.answer = TRY(answer_request(*this, offered_.replica, offered_.request));
    TRY(finish());
    out.shared_log = shared_log_;
    out.changes = changes_;
    return out;
}

Standing ExchangeAcceptor::standing(const ReplicaId& replica) {
    standing_ = standing_of(*round_.roster, replica);
    return standing_;
}

// --- Statements --------------------------------------------------------------------------------

Result<void> ExchangeAcceptor::accept_statements(const ReplicaId& replica, const Request& request,
                                                 Answer& answer) {
    // Who may invite anew may also vouch for an enrolment this server has forgotten in a restore,
    // though its invitation has expired since.
    std::optional<std::int64_t> now_ms = terms_.now_ms;
    if (round_.roster->is_administrator(replica)) now_ms.reset();
    for (const Bytes& statement : request.statements) {
        auto accepted =
            append_to_roster(round_.database, round_.roster, terms_.cipher, statement, now_ms);
        if (accepted) {
            answer.verdicts.emplace_back(std::nullopt);
            continue;
        }
        if (is_of_storage(accepted.error())) return accepted;
        answer.verdicts.emplace_back(accepted.error());
    }
    return ok();
}

// --- Keys --------------------------------------------------------------------------------------

Result<void> ExchangeAcceptor::accept_keys(const ReplicaId&, const Request&) {
    return KeyIntake(round_.database, *round_.roster, standing_, was_restored_, records_)
        .take(offered_);
}

// --- Segments ----------------------------------------------------------------------------------

Result<void> ExchangeAcceptor::accept_segments(const ReplicaId& replica, const Request& request,
                                               Answer& answer) {
    // The log the replica writes is answered for even when nothing of it was offered.
    std::vector<LogId> logs{request.log};
    const auto add_log = [&](const LogId& log) {
        if (std::find(logs.begin(), logs.end(), log) == logs.end()) logs.push_back(log);
    };
    for (const OfferedSegment& offered : offered_.segments) add_log(offered.segment.log);
    for (const FormerLog& former : request.former) add_log(former.log);
    intakes_.reserve(logs.size());
    for (const LogId& log : logs) {
        intakes_.push_back(TRY(LogIntake::open(round_.database, replica, log)));
        LogIntake& intake = intakes_.back();
        for (const OfferedSegment& offered : offered_.segments) {
            if (offered.segment.log == log) TRY(intake.take(offered, may_add(request)));
        }
        TRY(accept_log(intake));
    }
    const LogIntake& written = intakes_.front();
    answer.head = TRY(written.head_to_tell(request.head));
    TRY(tell_receipts(written, answer));
    answer.is_forked = written.is_forked();
    answer.forked_after = written.forked_after();
    if (written.is_shared_through_head(request.head)) shared_log_ = request.log;
    TRY(tell_former(request, answer));
    return tell_unkeyed(answer);
}

// A replica that has not heard of a restore would go on in a log in which others may have seen what
// was forgotten here (decisions/0029). A compromised one hears of no epoch, and nothing of it
// counts.
bool ExchangeAcceptor::may_add(const Request& request) const {
    const bool is_of_now = request.epoch.is_zero() || request.epoch == epoch_;
    return is_of_now || standing_ == Standing::compromised ||
           is_planted(PlantedBug::log_outlives_epoch);
}

Result<void> ExchangeAcceptor::accept_log(LogIntake& intake) {
    const LogId& log = intake.row().log;
    const ReceiptTerms terms{epoch_, terms_.now_ms, offered_.request.clock_ms, terms_.server};
    const auto receipts = TRY(receipts_for(terms_.cipher, intake, offered_.receipts, terms));
    const Mark mark = standing_ == Standing::retired ? Mark::after_retirement : Mark::none;
    LogRow row = intake.row();
    auto addition = intake.additions().begin();
    for (const Receipt& receipt : receipts) {
        TRY(insert_receipt(round_.database, log,
                           {receipt.after, receipt.through, mark, encode_receipt(receipt)}));
        row.received_ms = std::max(row.received_ms, receipt.received_ms);
        for (; addition != intake.additions().end() && addition->sequence <= receipt.through;
             ++addition) {
            TRY(accept_change({log, *addition, receipt}));
        }
    }
    changes_ += intake.additions().size();
    row.head = intake.head();
    if (!receipts.empty()) TRY(save_log(round_.database, row));
    return accept_branch(intake);
}

// Those made now, and those for what was offered again: the replica did not know it to be held,
// because an answer was lost on the way. Only what the replica can check for itself.
Result<void> ExchangeAcceptor::tell_receipts(const LogIntake& intake, Answer& answer) {
    if (!intake.offered_after() || !intake.agreed()) return ok();
    for (ReceiptRow& row :
         TRY(receipts_after(round_.database, intake.row().log, *intake.offered_after()))) {
        if (row.through <= *intake.agreed()) answer.receipts.push_back(std::move(row.bytes));
    }
    return ok();
}

// What the replica wrote before it went on in another log, and a restore may have taken from here.
Result<void> ExchangeAcceptor::tell_former(const Request& request, Answer& answer) {
    for (const FormerLog& former : request.former) {
        const auto intake =
            std::find_if(intakes_.begin(), intakes_.end(),
                         [&](const LogIntake& each) { return each.row().log == former.log; });
        answer.former.push_back(TRY(intake->held_of_former(former.head)));
    }
    return ok();
}

// A restored server may have forgotten a key that its maker never brings again. Whoever seals words
// under it holds it too. What was offered before is asked for again: the answer may have been lost.
Result<void> ExchangeAcceptor::tell_unkeyed(Answer& answer) {
    if (!was_restored_ || is_planted(PlantedBug::unkeyed_unasked)) return ok();
    std::set<RecordId> unkeyed;
    for (const OfferedSegment& offered : offered_.segments) {
        for (const OfferedEntry& entry : offered.entries) {
            if (!entry.change || !says_sealed(*entry.change)) continue;
            const RecordId& id = entry.change->record;
            if (TRY(records_.get(id))->state.is_erased) continue;
            if (!unkeyed.contains(id) && !TRY(has_record_keys(round_.database, id))) {
                unkeyed.insert(id);
            }
        }
    }
    answer.unkeyed.assign(unkeyed.begin(), unkeyed.end());
    return ok();
}

Result<void> ExchangeAcceptor::accept_change(const Arrival& arrival) {
    const auto objection = TRY(objection_to(arrival));
    if (objection) return park_arrival(arrival.log, arrival.addition, *objection);
    if (const auto earlier = TRY(issued_before(arrival))) {
        return park_arrival(arrival.log, arrival.addition,
                            {ErrorCode::rule_does_not_allow, "it was issued again before"},
                            earlier);
    }
    return merge_change(arrival, *arrival.addition.offered->change);
}

// Two copies of a store bring the same unsent change, two supervisors adopt the same one; and a
// restored server may hear a change issued again before the first one comes. It counts once.
Result<std::optional<Dot>> ExchangeAcceptor::issued_before(const Arrival& arrival) {
    const Dot place{arrival.log, arrival.addition.sequence};
    const Change& change = *arrival.addition.offered->change;
    std::optional<Dot> earlier;
    if (change.cites) {
        earlier = TRY(adoption_of(round_.database, change.cites->dot, change.cites->digest));
        if (earlier == place) earlier.reset();
        if (!earlier && TRY(is_merged(*change.cites))) earlier = change.cites->dot;
    }
    if (!earlier && TRY(may_be_reissued(arrival.log))) {
        earlier = TRY(adoption_of(round_.database, place, arrival.addition.entry->digest));
    }
    return earlier;
}

// What is issued again was not held here, or was parked. But a restored server may have it from
// another copy of the store since.
Result<bool> ExchangeAcceptor::is_merged(const Citation& cited) {
    const LogId& log = cited.dot.log;
    const Sequence sequence = cited.dot.sequence;
    if (!was_restored_ || sequence == 0) return false;
    const bool is_at_hand = cited_in_ && cited_in_->log == log && cited_in_->first <= sequence &&
                            sequence <= cited_in_->last();
    if (!is_at_hand) {
        cited_in_.reset();
        TRY(each_segment(round_.database, log, sequence - 1,
                         [&](const SegmentRow& held) -> Result<bool> {
                             if (held.segment.first <= sequence) cited_in_ = held.segment;
                             return false;
                         }));
    }
    if (!cited_in_) return false;
    const Entry& entry = cited_in_->entries[static_cast<std::size_t>(sequence - cited_in_->first)];
    if (entry.digest != cited.digest) return false;
    return TRY(parked_of(round_.database, log, sequence - 1, sequence)).empty();
}

// Asked once a log, and not for every change of it.
Result<bool> ExchangeAcceptor::may_be_reissued(const LogId& log) {
    if (!was_restored_) return false;
    const auto known = reissued_.find(log);
    if (known != reissued_.end()) return known->second;
    const bool is_any = TRY(has_reissued(round_.database, log));
    reissued_.emplace(log, is_any);
    return is_any;
}

Result<std::optional<Objection>> ExchangeAcceptor::objection_to(const Arrival& arrival) {
    const OfferedEntry& offered = *arrival.addition.offered;
    if (arrival.addition.entry->is_erased()) {
        return std::optional(Objection{ErrorCode::record_erased, {}});
    }
    if (standing_ == Standing::compromised && !is_planted(PlantedBug::compromised_merged)) {
        return std::optional(Objection{ErrorCode::replica_revoked, {}});
    }
    if (!offered.change) return offered.objection;
    const Change& change = *offered.change;
    TouchedRecord& record = *TRY(records_.get(change.record));
    if (record.state.is_erased && !is_erasing(change) && !is_planted(PlantedBug::erased_accepted)) {
        return std::optional(Objection{ErrorCode::record_erased, {}});
    }
    if (!is_erasing(change) &&
        record.bytes + arrival.addition.entry->body.size() > TouchedRecord::bytes_max) {
        return std::optional(Objection{ErrorCode::too_large, "the record holds all it can"});
    }
    const Author author = author_of(*round_.roster, offered_.replica, change.team);
    auto objection =
        objection_to_author(change, arrival.log, author, record.state, record.row.owners);
    if (objection) return objection;
    if (TRY(claims_unheard(change))) return std::optional(Objection{ErrorCode::claims_unheard, {}});
    return offered.objection;
}

// What a change has seen it supersedes for good: one that claimed another's future would silence
// it. Nobody sees what this server has not had, unless this server forgot it in a restore.
Result<bool> ExchangeAcceptor::claims_unheard(const Change& change) {
    if (was_restored_) return false;
    for (const Context::Entry& entry : change.context.entries()) {
        if (entry.through > TRY(heard_through(entry.log))) return true;
    }
    for (const Operation& operation : change.operations) {
        for (const Dot& dot : operation.removed) {
            if (dot.sequence > TRY(heard_through(dot.log))) return true;
        }
    }
    return false;
}

Result<Sequence> ExchangeAcceptor::heard_through(const LogId& log) {
    const auto known = heard_.find(log);
    if (known != heard_.end()) return known->second;
    const auto row = TRY(load_log(round_.database, log));
    // Its own logs, those that come with this very request included, silence nobody else.
    const bool is_offered =
        std::any_of(offered_.segments.begin(), offered_.segments.end(),
                    [&](const OfferedSegment& each) { return each.segment.log == log; });
    const bool is_its_own = row ? row->replica == offered_.replica : is_offered;
    const Sequence through = is_its_own ? sequence_max : row ? row->head.sequence : 0;
    heard_.emplace(log, through);
    return through;
}

Result<void> ExchangeAcceptor::merge_change(const Arrival& arrival, const Change& change) {
    TouchedRecord& record = *TRY(records_.get(change.record));
    const bool was_erased = record.state.is_erased;
    const Mark mark = standing_ == Standing::retired ? Mark::after_retirement : Mark::none;
    // Who knows what a restore made this server forget holds another state than comes of it here:
    // they are told like everybody.
    const bool knows_more = was_restored_ && has_seen_more(change, arrival.log, record.state);
    const auto changed =
        apply(record.state, change,
              {arrival.log, offered_.replica, effective_time(change.time, arrival.receipt), mark});
    record.note_changed(changed, knows_more ? LogId{} : arrival.log);
    record.note_former_owners(owners_set_by(change));
    record.bytes += arrival.addition.entry->body.size();
    if (record.state.is_erased && !was_erased) note_erased(record, offered_.replica);
    return link_adoption(arrival.log, change);
}

void ExchangeAcceptor::note_erased(TouchedRecord& record, const ReplicaId& author) {
    record.is_newly_erased = true;
    // Of a record never seen here, its author alone may have had it.
    if (record.is_new && record.row.owners.empty()) {
        record.row.owners = {round_.roster->replica(author)->member};
    }
}

Result<void> ExchangeAcceptor::park_arrival(const LogId& log, const Addition& addition,
                                            const Objection& objection,
                                            const std::optional<Dot>& adopted) {
    const Entry& entry = *addition.entry;
    ParkedRow row;
    row.item.adopted = adopted;
    row.digest = entry.digest;
    row.item.dot = {log, addition.sequence};
    row.item.author = offered_.replica;
    row.item.record = entry.record;
    row.item.reason = objection.reason;
    row.item.detail = objection.detail;
    if (addition.offered->change) {
        row.item.team = addition.offered->change->team;
    } else {
        // Its team cannot be read: some supervisor of its author should see it all the same.
        const auto teams = teams_of(*round_.roster, offered_.replica);
        if (!teams.empty()) row.item.team = teams.front();
    }
    const TouchedRecord& record = *TRY(records_.get(entry.record));
    if (!record.state.is_erased) row.item.body = entry.body;
    return park(round_.database, row);
}

Result<void> ExchangeAcceptor::accept_branch(const LogIntake& intake) {
    for (const Addition& addition : intake.branch()) {
        if (is_planted(PlantedBug::branch_dropped)) break;
        TRY(park_arrival(intake.row().log, addition, {ErrorCode::forked_log, {}}));
    }
    return ok();
}

Result<void> ExchangeAcceptor::link_adoption(const LogId& log, const Change& change) {
    if (!change.cites) return ok();
    bool is_own_branch = false;
    const auto is_allowed = [&](const ParkedItem& item) {
        is_own_branch = item.author == offered_.replica;
        return is_own_branch || (change.role == Role::supervisor && item.team == change.team);
    };
    const Dot place{log, change.sequence};
    TRY(adopt_parked(round_.database, change.cites->dot, change.cites->digest, place, is_allowed));
    // A branch issued again stands in one place; a long one is not searched for others.
    if (!is_own_branch) {
        TRY(adopt_parked_elsewhere(round_.database, change, place, is_allowed));
    }
    if (!was_restored_) return ok();
    reissued_[change.cites->dot.log] = true;
    const auto cited = TRY(load_log(round_.database, change.cites->dot.log));
    // Whose a log is that never came here nobody can say; but who names the digest has the body.
    const bool is_of_another = cited && cited->replica != offered_.replica;
    if (is_of_another && change.role != Role::supervisor) return ok();
    return note_reissued(round_.database, change.cites->dot, change.cites->digest, place);
}

// --- Erasures ----------------------------------------------------------------------------------

bool ExchangeAcceptor::may_erase(const Change& change, const LogId& log, const ReplicaId& replica,
                                 const TouchedRecord& record) const {
    const Author author = author_of(*round_.roster, replica, change.team);
    if (!author.role || standing_of(*round_.roster, replica) == Standing::compromised) return false;
    Change theirs = change;
    theirs.role = *author.role;
    return !objection_to_author(theirs, log, author, record.state, record.row.owners);
}

// What a restore made this server forget, and whoever said it is not there to say again. Whether
// they might was judged once; now it takes somebody who may today: its author or who passes it on.
Result<void> ExchangeAcceptor::take_erasure(const OfferedErasure& offered) {
    const auto& [author, log, change] = offered.proof;
    TouchedRecord& record = *TRY(records_.get(change.record));
    if (record.state.is_erased) return ok();
    if (!may_erase(change, log, author, record) &&
        !may_erase(change, log, offered_.replica, record)) {
        return ok();
    }
    // Whose log it stands in says nothing of who has heard: everybody is told.
    record.note_changed(apply(record.state, change, {log, author, {}, Mark::none}), LogId{});
    note_erased(record, author);
    return save_erasure_proof(round_.database, change.record, offered.segment);
}

Result<void> ExchangeAcceptor::confirm_erasures(const ReplicaId& replica, const Request& request,
                                                Answer& answer) {
    for (const OfferedErasure& offered : offered_.erasures) TRY(take_erasure(offered));
    for (const RecordId& id : request.erased) {
        TouchedRecord& record = *TRY(records_.get(id));
        if (!record.state.is_erased) {
            answer.unproven.push_back(id);
            continue;
        }
        if (standing_ != Standing::member) continue;  // Nobody waits for it.
        if (TRY(save_confirmation(round_.database, id, replica))) {
            record.has_new_confirmation = true;
        }
    }
    return ok();
}

// --- Storing -----------------------------------------------------------------------------------

Result<void> ExchangeAcceptor::finish() {
    for (const LogIntake& intake : intakes_) TRY(store_segments(intake));
    for (const RecordId& record : records_.newly_erased()) {
        TRY(erase_content(round_.database, record));
        round_.has_erased = true;
    }
    TRY(records_.save(shared_log_.value_or(LogId{})));
    return ok();
}

Result<void> ExchangeAcceptor::store_segments(const LogIntake& intake) {
    for (const OfferedSegment* offered : intake.accepted()) TRY(store_segment(*offered, false));
    for (const OfferedSegment* offered : intake.branch_segments()) {
        if (is_planted(PlantedBug::branch_dropped)) break;
        TRY(store_segment(*offered, true));
    }
    return ok();
}

Result<void> ExchangeAcceptor::store_segment(const OfferedSegment& offered, bool is_branch) {
    std::set<RecordId> spoken_of;
    std::set<RecordId> erased;
    for (const Entry& entry : offered.segment.entries) {
        if (entry.is_erased()) continue;
        spoken_of.insert(entry.record);
        const bool is_kept = is_planted(PlantedBug::erased_accepted);
        if (TRY(records_.get(entry.record))->state.is_erased && !is_kept)
            erased.insert(entry.record);
    }
    const std::vector<RecordId> records(spoken_of.begin(), spoken_of.end());
    if (erased.empty()) {
        return insert_segment(round_.database, offered.segment, is_branch, offered.packed, records);
    }
    // What came too late for its record is not written down even once.
    Segment blanked = offered.segment;
    for (const RecordId& record : erased) blank_bodies(blanked, record);
    return insert_segment(round_.database, blanked, is_branch, pack_segment(blanked), records);
}

}  // namespace godwit
