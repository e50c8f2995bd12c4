#include "field-client/replica/exchange/own_changes.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "shared/protocol/packed_segment.h"

namespace godwit {

namespace {

/// The hash of the current log through `sequence`, from what is kept signed.
Result<std::optional<Digest>> hash_through(Session& session, const LogId& log, const LogHead& head,
                                           Sequence sequence) {
    if (sequence == head.sequence) return std::optional<Digest>(head.hash);
    const std::vector<Bytes> kept = TRY(session.store.segments(log, sequence - 1, 0));
    if (kept.empty()) return std::optional<Digest>();
    const Segment segment = TRY(decode_packed_segment(kept.front()));
    if (sequence + 1 < segment.first || sequence > segment.last()) return std::optional<Digest>();
    return std::optional<Digest>(hash_at(segment, sequence));
}

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

/// A change that a receipt covers, and the time it fixes.
struct Covered {
    Dot dot;
    Change change;
    HybridTime effective;
};

/// Enters the changes of one record that receipts now cover.
Result<void> enter_record(Session& session, const RecordId& id, const std::vector<Covered>& covered,
                          const ParkedDots& parked, Sequence delivered) {
    auto kept = TRY(session.store.record(id));
    if (!kept) return ok();  // Forgotten with its team; the log keeps what was said.
    for (const Covered& each : covered) {
        if (parked.contains(each.dot)) continue;
        enter(kept->base, each.change, each.dot, session.self().replica, each.effective);
    }
    TRY(show_waiting(session, id, *kept, delivered));
    const bool is_left = kept->base.fields.empty() && !kept->base.is_erased && !kept->has_waiting &&
                         !session.role_in(kept->base.team);
    if (is_left) {
        session.keys.forget(id);
        return session.store.forget(id);
    }
    return session.store.save(id, *kept);
}

using CoveredChanges = std::map<RecordId, std::vector<Covered>>;

/// Adds the changes that `receipt` covers, at the times it fixes.
Result<void> cover(Session& session, const Receipt& receipt, CoveredChanges& covered) {
    for (const LoggedChange& logged :
         TRY(session.store.changes(receipt.log, receipt.after, receipt.through))) {
        if (logged.body.empty()) continue;  // Erased since.
        Change change = TRY(decode_change(logged.body));
        const HybridTime effective = effective_time(change.time, receipt);
        covered[logged.record].push_back({logged.dot, std::move(change), effective});
    }
    return ok();
}

/// Receipts of earlier epochs, offered again, are not told again: a restored server confirms them
/// by one that begins where they end. They carry `delivered` on as far as `through`.
Result<void> bridge(Session& session, const LogId& log, Sequence through, Sequence& delivered,
                    CoveredChanges& covered) {
    if (delivered >= through) return ok();
    for (const Receipt& receipt : TRY(session.store.receipts(log, delivered))) {
        if (receipt.after > delivered || receipt.through <= delivered) continue;
        if (receipt.through > through) continue;
        TRY(cover(session, receipt, covered));
        delivered = receipt.through;
    }
    return ok();
}

}  // namespace

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
    std::map<RecordId, std::vector<Covered>> covered;
    for (const Receipt& receipt : read) {
        TRY(bridge(session, log, receipt.after, state.delivered, covered));
        if (receipt.after > state.delivered) break;  // One between is missing: offered again.
        TRY(session.store.save(receipt));
        TRY(cover(session, receipt, covered));
        state.delivered = std::max(state.delivered, receipt.through);
    }
    for (const auto& [id, changes] : covered) {
        TRY(enter_record(session, id, changes, parked, state.delivered));
        touched.insert(id);
    }
    return ok();
}

Result<void> show_waiting(Session& session, const RecordId& id, StoredRecord& record,
                          Sequence delivered) {
    const LogId log = TRY(session.store.log());
    record.shown = record.base;
    record.has_waiting = false;
    if (record.base.is_erased) return ok();
    for (const LoggedChange& logged : TRY(session.store.changes_of(id))) {
        if (logged.dot.log != log || logged.dot.sequence <= delivered) continue;
        if (logged.body.empty()) continue;
        const Change change = TRY(decode_change(logged.body));
        enter(record.shown, change, logged.dot, session.self().replica,
              TRY(session.provisional_time(change.time)));
        record.has_waiting = true;
    }
    return ok();
}

Result<void> rebuild_base(Session& session, const RecordId& id, StoredRecord& record,
                          const ParkedDots& parked, const Dot& without) {
    RecordState base;
    base.type = record.base.type;
    base.team = record.base.team;
    std::map<LogId, std::vector<Receipt>> receipts;
    for (const LoggedChange& logged : TRY(session.store.changes_of(id))) {
        const Dot& dot = logged.dot;
        const bool is_left_out = dot.log == without.log && dot.sequence > without.sequence;
        if (is_left_out || logged.body.empty() || parked.contains(dot)) continue;
        auto found = receipts.find(dot.log);
        if (found == receipts.end()) {
            found = receipts.emplace(dot.log, TRY(session.store.receipts(dot.log, 0))).first;
        }
        // Of several that cover it the last the server signed is the one it counts by.
        const Receipt* covering = nullptr;
        for (const Receipt& receipt : found->second) {
            if (receipt.after >= dot.sequence || receipt.through < dot.sequence) continue;
            if (covering == nullptr || receipt.received_ms >= covering->received_ms) {
                covering = &receipt;
            }
        }
        if (covering == nullptr) continue;
        const Change change = TRY(decode_change(logged.body));
        enter(base, change, dot, session.self().replica, effective_time(change.time, *covering));
    }
    record.base = std::move(base);
    return ok();
}

}  // namespace godwit
