#include "field-client/replica/exchange/own_changes.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "field-client/replica/exchange/key_work.h"
#include "field-client/replica/history.h"
#include "field-client/replica/log_receipts.h"
#include "shared/base/planted.h"
#include "shared/protocol/packed_segment.h"

namespace godwit {

namespace {

Result<Receipt> read_receipt(Session& session, ByteView bytes, const LogId& log,
                             const LogHead& head) {
    Receipt receipt = TRY(decode_receipt(bytes));
    const SigningPublicKey& server = session.roster.founding().server;
    if (!verify(session.host.cipher, receipt, server)) {
        return Error{ErrorCode::bad_key, "a receipt is not the server's"};
    }
    const bool is_of_this_log = receipt.replica == session.self().replica && receipt.log == log &&
                                receipt.after <= receipt.through &&
                                receipt.through <= head.sequence;
    if (!is_of_this_log) return Error{ErrorCode::broken_chain, "a receipt is another log's"};
    const auto hash = TRY(hash_through(session, log, head, receipt.through));
    if (!hash || *hash != receipt.hash) {
        return Error{ErrorCode::broken_chain, "a receipt is for other changes than ours"};
    }
    return receipt;
}

/// A change the base holds already, from an earlier epoch, is given the time of its new receipt:
/// the time the server now counts by.
void correct_time(RecordState& state, const Dot& dot, HybridTime effective) {
    for (auto& [number, field] : state.fields) {
        for (Sibling& sibling : field.siblings) {
            if (sibling.dot == dot) sibling.effective = effective;
        }
    }
}

void enter(RecordState& base, const Change& change, const Dot& dot, const ReplicaId& self,
           HybridTime effective) {
    Acceptance acceptance;
    acceptance.log = dot.log;
    acceptance.author = self;
    acceptance.effective = effective;
    if (apply(base, change, acceptance).empty()) correct_time(base, dot, effective);
}

/// Gives what stands of the own changes from `from` on the times that receipts fixed. True when
/// that changed any.
Result<bool> fix_times(RecordState& state, const LogId& log, Sequence from, LogReceipts& receipts) {
    bool is_changed = false;
    for (auto& [number, field] : state.fields) {
        for (Sibling& sibling : field.siblings) {
            if (sibling.dot.log != log || sibling.dot.sequence < from) continue;
            const HybridTime fixed = TRY(receipts.time_of(sibling.dot.sequence, sibling.claimed));
            if (fixed == sibling.effective) continue;
            sibling.effective = fixed;
            is_changed = true;
        }
    }
    return is_changed;
}

/// Receipts and parked changes as one answer leaves them.
struct Covered {
    const LogId& log;
    const ParkedDots& parked;
    Sequence delivered;
    LogReceipts& receipts;

    [[nodiscard]] bool has_parked(Sequence from, Sequence last) const {
        if (is_planted(PlantedBug::parked_merged_here)) return false;
        const auto first = parked.lower_bound({log, from});
        return first != parked.end() && first->log == log && first->sequence <= last;
    }
};

/// What receipts now cover of one record, nothing of which was parked: what is shown is the base.
Result<void> enter_shown(Session& session, const RecordId& id, StoredRecord& record, Sequence from,
                         const Covered& covered) {
    TRY(keep_what_leaves(session, id, record.base(), record.shown));
    record.base_apart.reset();
    record.waiting_from = 0;
    if (TRY(fix_times(record.shown, covered.log, from, covered.receipts))) {
        return session.store.save(id, record);
    }
    return session.store.save_all_but_shown(id, record);
}

/// Enters the changes of one record that receipts now cover, unless others of it still wait.
Result<void> enter_record(Session& session, const SaidOf& said, const Covered& covered,
                          std::set<RecordId>& touched) {
    StoredRecord* record = TRY(session.store.load(said.record));
    if (record == nullptr) return ok();  // Forgotten with its team; the log keeps what was said.
    if (record->base().is_erased) {
        touched.insert(said.record);
        return ok();
    }
    // A receipt of a new epoch covers again what has entered long ago.
    const Sequence from =
        record->has_waiting() ? std::min(record->waiting_from, said.first) : said.first;
    if (said.last > covered.delivered) {
        if (from == record->waiting_from) return ok();
        record->wait_from(from);
        return session.store.save_all_but_shown(said.record, *record);
    }
    touched.insert(said.record);
    if (!covered.has_parked(from, said.last)) {
        return enter_shown(session, said.record, *record, from, covered);
    }
    record->wait_from(from);
    TRY(enter_covered(session, said.record, *record, covered.delivered, covered.parked));
    const bool is_left = record->base().fields.empty() && !session.role_in(record->shown.team);
    if (is_left) return let_record_go(session, said.record, *record);
    return session.store.save(said.record, *record);
}

/// The parts of the log that receipts cover anew: (after, through].
using Covers = std::vector<std::pair<Sequence, Sequence>>;

/// Receipts of earlier epochs, offered again, are not told again: a restored server confirms them
/// by one that begins where they end. They carry `delivered` on as far as `through`.
Result<void> bridge(Session& session, const LogId& log, Sequence through, Sequence& delivered,
                    Covers& covered) {
    if (delivered >= through) return ok();
    for (const Receipt& receipt : TRY(session.store.receipts(log, delivered))) {
        if (receipt.after > delivered || receipt.through <= delivered) continue;
        if (receipt.through > through) continue;
        covered.emplace_back(receipt.after, receipt.through);
        delivered = receipt.through;
    }
    return ok();
}

}  // namespace

Result<std::optional<Digest>> hash_through(Session& session, const LogId& log, const LogHead& head,
                                           Sequence sequence) {
    if (sequence == head.sequence) return std::optional<Digest>(head.hash);
    if (sequence == 0) return std::optional<Digest>(empty_head(session.self().replica, log).hash);
    const std::vector<Bytes> kept = TRY(session.store.segments(log, sequence - 1, 0));
    if (kept.empty()) return std::optional<Digest>();
    const Segment segment = TRY(decode_packed_segment(kept.front()));
    if (sequence + 1 < segment.first || sequence > segment.last()) return std::optional<Digest>();
    return std::optional<Digest>(hash_at(segment, sequence));
}

Result<ParkedDots> own_parked(Session& session) {
    ParkedDots dots;
    for (const ParkedItem& item : TRY(session.store.parked())) {
        if (item.author == session.self().replica) dots.insert(item.dot);
    }
    return dots;
}

Result<void> enter_receipts(Session& session, ExchangeState& state,
                            const std::vector<Bytes>& receipts, const ParkedDots& parked,
                            std::set<RecordId>& touched) {
    const LogId log = TRY(session.store.log());
    const LogHead head = TRY(session.store.head());
    std::vector<Receipt> read;
    for (const Bytes& bytes : receipts) {
        read.push_back(TRY(read_receipt(session, bytes, log, head)));
    }
    std::sort(read.begin(), read.end(), [](const Receipt& left, const Receipt& right) {
        return std::tie(left.through, left.after) < std::tie(right.through, right.after);
    });
    Covers covers;
    for (const Receipt& receipt : read) {
        TRY(bridge(session, log, receipt.after, state.delivered, covers));
        if (receipt.after > state.delivered) break;  // One between is missing: offered again.
        TRY(session.store.save(receipt));
        covers.emplace_back(receipt.after, receipt.through);
        state.delivered = std::max(state.delivered, receipt.through);
    }
    LogReceipts known(session, log);
    const Covered covered{log, parked, state.delivered, known};
    for (const auto& [after, through] : covers) {
        for (const SaidOf& said : TRY(session.store.said_in(after, through))) {
            TRY(enter_record(session, said, covered, touched));
            TRY(session.store.relieve());
        }
    }
    return ok();
}

Result<BaseThrough> base_through(Session& session, const RecordId& id, const StoredRecord& record,
                                 Sequence delivered, const ParkedDots& parked) {
    BaseThrough out{record.base(), 0};
    if (!record.has_waiting()) return out;
    const LogId log = TRY(session.store.log());
    LogReceipts receipts(session, log);
    for (const LoggedChange& logged : TRY(session.store.changes_of(id))) {
        const Sequence sequence = logged.dot.sequence;
        if (logged.dot.log != log || sequence < record.waiting_from) continue;
        if (sequence > delivered) {
            out.waiting_from = sequence;
            break;
        }
        if (logged.body.empty() || parked.contains(logged.dot)) continue;
        const Change change = TRY(decode_change(logged.body));
        enter(out.base, change, logged.dot, session.self().replica,
              TRY(receipts.time_of(sequence, change.time)));
    }
    return out;
}

Result<void> enter_covered(Session& session, const RecordId& id, StoredRecord& record,
                           Sequence delivered, const ParkedDots& parked) {
    if (!record.has_waiting()) return ok();
    BaseThrough entered = TRY(base_through(session, id, record, delivered, parked));
    TRY(keep_what_leaves(session, id, record.base(), entered.base));
    if (entered.waiting_from == 0) {
        record.show_base(std::move(entered.base));
        return ok();
    }
    record.base_apart = std::move(entered.base);
    record.waiting_from = entered.waiting_from;
    return ok();
}

Result<void> show_waiting(Session& session, const RecordId& id, StoredRecord& record,
                          Sequence delivered) {
    const LogId log = TRY(session.store.log());
    record.show_base(RecordState(record.base()));
    if (record.shown.is_erased) return ok();
    for (const LoggedChange& logged : TRY(session.store.changes_of(id))) {
        if (logged.dot.log != log || logged.dot.sequence <= delivered) continue;
        if (logged.body.empty() || is_planted(PlantedBug::waiting_hidden)) continue;
        const Change change = TRY(decode_change(logged.body));
        record.wait_from(logged.dot.sequence);
        enter(record.shown, change, logged.dot, session.self().replica,
              TRY(session.provisional_time(change.time)));
    }
    return ok();
}

Result<RecordState> rebuild_base(Session& session, const RecordId& id, const StoredRecord& record,
                                 const ParkedDots& parked, const Dot& without) {
    RecordState base;
    base.type = record.shown.type;
    base.team = record.shown.team;
    std::map<LogId, LogReceipts> receipts;
    for (const LoggedChange& logged : TRY(session.store.changes_of(id))) {
        const Dot& dot = logged.dot;
        const bool is_left_out = dot.log == without.log && dot.sequence > without.sequence;
        if (is_left_out || logged.body.empty() || parked.contains(dot)) continue;
        auto known = receipts.try_emplace(dot.log, session, dot.log).first;
        const Receipt* covering = TRY(known->second.covering(dot.sequence));
        if (covering == nullptr) continue;
        const Change change = TRY(decode_change(logged.body));
        enter(base, change, dot, session.self().replica, effective_time(change.time, *covering));
    }
    return base;
}

Result<void> begin_base_anew(Session& session, ExchangeState& state, const RecordId& id,
                             StoredRecord& record, const ParkedDots& parked, const Dot& without) {
    RecordState base = TRY(rebuild_base(session, id, record, parked, without));
    TRY(keep_what_leaves(session, id, record.base(), base));
    state.cursors.erase(base.team);
    state.unfinished.erase(base.team);
    record.show_base(std::move(base));
    return ok();
}

}  // namespace godwit
