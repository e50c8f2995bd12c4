#include "field-client/replica/exchange/store_offer.h"

#include <algorithm>
#include <map>

#include "field-client/replica/exchange/former_logs.h"
#include "field-client/replica/exchange/key_work.h"
#include "shared/base/planted.h"
#include "shared/protocol/frame.h"
#include "shared/protocol/packed_segment.h"
#include "shared/seal/key_batch.h"
#include "shared/seal/segment_signature.h"

namespace godwit {

namespace {

/// Bounds of one request beside its segments: a cut costs no more than this again.
constexpr std::size_t keys_bytes_max = 512U * 1024;
/// Some twenty thousand statements: what waits beyond that comes with the next request. A whole
/// roster, which a restored server is offered at once, does not come near it.
constexpr std::size_t statements_bytes_max = 6U << 20U;
constexpr std::size_t erased_count_max = 4096;
constexpr std::size_t proofs_bytes_max = 512U * 1024;

/// Leaves room for what a segment holds beside its bodies.
constexpr std::size_t segment_bytes_bulk = segment_bytes_max - 64 * 1024;

/// Bodies in a request of `packed_bytes`: texts pack three to one. A server takes at most
/// message_bytes_max.
std::size_t unpacked_max(std::size_t packed_bytes) {
    return std::min<std::size_t>(3 * packed_bytes, message_bytes_max - 2 * segment_bytes_max);
}

/// An own chain that has to be signed again more often than this has a rival that is writing now:
/// the next sync sorts it out.
constexpr int signed_again_max = 3;

}  // namespace

Sequence StoreOffer::delivered_through() {
    const auto state = session_.store.exchange_state();
    return state ? state->delivered : 0;
}

Result<Request> StoreOffer::offer() {
    const ExchangeState state = TRY(session_.store.exchange_state());
    Request request;
    request.clock_ms = session_.host.wall.now_ms();
    request.log = TRY(session_.store.log());
    request.head = TRY(session_.store.head());
    request.epoch = state.epoch;
    request.cursors = state.cursors;
    request.unfinished = state.unfinished;
    request.roster_cursor = state.roster_cursor;
    request.parked_cursor = state.parked_cursor;
    request.former = former_to_name(state);
    if (session_.version_told_in != state.epoch) request.app_version = session_.host.app_version;
    // Whoever was revoked has nothing more to say of the roster, and nobody listens.
    if (state.standing == Standing::member) TRY(add_statements(request, state));
    request.erased = TRY(session_.store.queued_erased());
    if (request.erased.size() > erased_count_max) request.erased.resize(erased_count_max);
    TRY(add_proofs(request));
    return request;
}

Result<void> StoreOffer::add_proofs(Request& request) {
    proved_.clear();
    std::size_t bytes = 0;
    for (const RecordId& id : unproven_) {
        const auto record = TRY(session_.store.record(id));
        if (!record || record->erasure.empty()) continue;
        bytes += record->erasure.size();
        if (!proved_.empty() && bytes > proofs_bytes_max) return ok();
        request.proofs.push_back(record->erasure);
        proved_.insert(id);
    }
    return ok();
}

Result<void> StoreOffer::add_statements(Request& request, const ExchangeState& state) {
    const auto waiting = state.must_offer_all ? TRY(session_.store.statements())
                                              : TRY(session_.store.queued_statements());
    std::size_t bytes = 0;
    for (const Bytes& statement : waiting) {
        bytes += statement.size();
        if (bytes > statements_bytes_max) return ok();
        request.statements.push_back(statement);
    }
    if (is_owing_done_ || signed_again_count_ > signed_again_max) return ok();
    // Before the first answer the roster here may be behind; what others made is waited for.
    if (state.epoch.is_zero()) return ok();
    if (made_.empty()) made_ = due_statements(session_);
    for (const Bytes& statement : made_) request.statements.push_back(statement);
    return ok();
}

Result<void> StoreOffer::add_keys(Request& request) {
    offered_keys_.clear();
    TRY(choose_keys(request));
    sign_new_keys();
    std::vector<RecordKeyStatement> statements;
    for (const auto& [id, keys] : offered_keys_) {
        statements.push_back(keys.statement);
        if (!keys.wraps.empty()) request.wraps.push_back(encode_wraps_of(id, keys.wraps));
    }
    request.keys = encode_batches(std::move(statements));
    return ok();
}

Result<void> StoreOffer::choose_keys(const Request& request) {
    const std::vector<RecordId> queued = TRY(session_.store.queued_keys());
    if (queued.empty()) return ok();
    WrapMaker maker = session_.keys.wrap_maker();
    std::size_t bytes = 0;
    // Keys go with the changes of their records: whoever may read a record can, from the first.
    for (const Bytes& segment : request.segments) {
        for (const Entry& entry : TRY(decode_packed_segment(segment)).entries) {
            const bool is_queued = std::binary_search(queued.begin(), queued.end(), entry.record);
            if (is_queued && !offered_keys_.contains(entry.record)) {
                bytes += TRY(choose_key(maker, entry.record));
            }
        }
    }
    // Those of records with nothing to send fill what room there is; the others' time will come.
    // What a compromised replica wrote waits for ever.
    std::vector<RecordId> waiting;
    if (!is_compromised_) waiting = TRY(session_.store.records_waiting());
    for (const RecordId& id : queued) {
        if (bytes > keys_bytes_max) break;
        if (offered_keys_.contains(id)) continue;
        if (std::binary_search(waiting.begin(), waiting.end(), id)) continue;
        bytes += TRY(choose_key(maker, id));
    }
    return ok();
}

/// About how many bytes it adds to the request.
Result<std::size_t> StoreOffer::choose_key(WrapMaker& maker, const RecordId& id) {
    auto record = TRY(session_.store.record(id));
    if (!record || !record->key) return choose_kept_key(id);
    OfferedKeys offered;
    const RecordType* type = record_type(record->shown.type);
    if (!record->key->is_signed()) {
        GODWIT_ASSERT(type != nullptr);  // Whoever captured it knew its type.
        offered.is_new = true;
        offered.audience = type->audience;
        TRY(session_.keys.wrap_for_others(maker, id, *type, *record));
    } else if (type != nullptr && !is_wrapped_for_recovery(*record)) {
        // Another's key, for a server that may have forgotten it. Who cannot open it cannot help.
        if (!session_.keys.wrap_for_others(maker, id, *type, *record)) return std::size_t{0};
    }
    offered.statement = std::move(*record->key);
    offered.wraps = std::move(record->wraps);
    return offer_key(id, std::move(offered));
}

Result<std::size_t> StoreOffer::choose_kept_key(const RecordId& id) {
    auto kept = TRY(session_.store.kept_key(id));
    if (!kept) return std::size_t{0};
    return offer_key(id, {std::move(kept->statement), std::move(kept->wraps)});
}

std::size_t StoreOffer::offer_key(const RecordId& id, OfferedKeys offered) {
    std::size_t bytes = sizeof(Digest) + sizeof(Signature) + RecordId::size;
    for (const Wrap& wrap : offered.wraps) bytes += wrap.box.size() + wrap.recipient_id.size();
    offered_keys_.emplace(id, std::move(offered));
    return bytes;
}

// Together are signed only those that the same people may see: whoever is told one of a batch
// learns about how many stand in it.
void StoreOffer::sign_new_keys() {
    const auto& signing_key = session_.self().signing.secret_key;
    std::map<std::pair<TeamId, Audience>, std::vector<RecordKeyStatement*>> together;
    for (auto& [id, keys] : offered_keys_) {
        if (!keys.is_new) continue;
        auto& batch = together[{keys.statement.team, keys.audience}];
        batch.push_back(&keys.statement);
        if (keys.audience != Audience::owner) continue;
        sign_record_keys(session_.host.cipher, batch, signing_key);
        batch.clear();
    }
    for (const auto& [whose, batch] : together) {
        sign_record_keys(session_.host.cipher, batch, signing_key);
    }
}

SegmentWriter StoreOffer::segment_writer(const Digest& previous, std::size_t bytes_target) {
    return {session_.host.cipher, session_.self(), previous, bytes_target,
            [this](const Segment& segment) { return session_.store.save_segment(segment); }};
}

Result<void> StoreOffer::sign_segments(const Wanted& of, std::size_t bytes_max) {
    const LogHead from = TRY(session_.store.signed_head(of.log));
    if (from.sequence >= of.through) return ok();
    // What goes in one request is packed together: the more, the better it packs.
    const std::size_t target = std::clamp(bytes_max, segment_bytes_target, segment_bytes_bulk);
    SegmentWriter writer = segment_writer(from.hash, target);
    constexpr Sequence batch = 2048;  // A whole log need not stand in memory.
    std::size_t bytes = 0;
    for (Sequence at = from.sequence; at < of.through; at += batch) {
        const Sequence end = std::min(at + batch, of.through);
        for (LoggedChange& logged : TRY(session_.store.changes(of.log, at, end))) {
            if (writer.is_full_for(logged)) TRY(writer.close());
            if (writer.is_between() && bytes > unpacked_max(bytes_max)) return ok();
            if (logged.dot.sequence > of.after) bytes += logged.body.size();
            writer.add(std::move(logged));
        }
    }
    return writer.close();
}

/// Of a former log the last segment may run on past what counts: it is signed again without that.
Result<std::vector<Bytes>> StoreOffer::segments_of(const Wanted& of, std::size_t bytes_max) {
    std::vector<Bytes> found = TRY(session_.store.segments(of.log, of.after, bytes_max));
    while (of.ends_there && !found.empty()) {
        Segment last = TRY(decode_packed_segment(found.back()));
        if (last.last() <= of.through) break;
        found.pop_back();
        if (last.first > of.through) continue;
        last.entries.resize(static_cast<std::size_t>(of.through - last.first + 1));
        sign(session_.host.cipher, last, session_.self().signing.secret_key);
        found.push_back(pack_segment(last));
    }
    return found;
}

Result<void> StoreOffer::fit_to_receipts(Request& request, const Wanted& of) {
    std::map<Sequence, Receipt> by_end;  // Of several for one range, the last that was signed.
    for (Receipt& receipt : TRY(session_.store.receipts(of.log, of.after))) {
        if (receipt.after < of.after) continue;
        const auto [place, is_new] = by_end.emplace(receipt.through, receipt);
        if (!is_new && place->second.received_ms < receipt.received_ms) {
            place->second = std::move(receipt);
        }
    }
    if (by_end.empty()) return ok();
    // A receipt counts again only for the whole of its range, so a request ends where one does.
    const auto last_of = [](const Bytes& segment) -> Result<Sequence> {
        return TRY(decode_packed_segment(segment)).last();
    };
    Sequence offered = TRY(last_of(request.segments.back()));
    const auto next = by_end.upper_bound(offered);
    if (next != by_end.end() && next->second.after < offered) {
        const Sequence end =
            next->second.after > of.after ? next->second.after : next->second.through;
        if (end > offered) {
            constexpr std::size_t whole_upload = 2 * Pace::bytes_max;
            request.segments = TRY(segments_of(of, whole_upload));
        }
        while (request.segments.size() > 1 && TRY(last_of(request.segments.back())) > end) {
            request.segments.pop_back();
        }
        offered = TRY(last_of(request.segments.back()));
    }
    for (const auto& [end, receipt] : by_end) {
        if (end <= offered) request.receipts.push_back(encode_receipt(receipt));
    }
    return ok();
}

/// A segment made for a link that was quick once, and that never got through it, is cut smaller: a
/// link that always breaks before its end would never carry anything. Receipts end where segments
/// do, so what was receipted before stays as it is. Says whether anything was cut.
Result<bool> StoreOffer::cut_smaller(const Request& request, const Wanted& of,
                                     std::size_t bytes_max) {
    // What a former log's last segment holds beyond what is offered is kept nowhere else.
    if (of.ends_there) return false;
    if (request.segments.size() != 1 || request.segments.front().size() <= 2 * bytes_max) {
        return false;
    }
    Segment segment = TRY(decode_packed_segment(request.segments.front()));
    if (segment.first <= of.after || segment.entries.size() == 1) return false;
    if (!TRY(session_.store.receipts(of.log, of.after)).empty()) return false;
    TRY(session_.store.transaction([&]() -> Result<void> {
        SegmentWriter writer =
            segment_writer(segment.previous, std::max(bytes_max, segment_bytes_target));
        Sequence sequence = segment.first;
        for (Entry& entry : segment.entries) {
            LoggedChange logged{
                {segment.log, sequence++}, entry.record, entry.digest, std::move(entry.body)};
            if (writer.is_full_for(logged)) TRY(writer.close());
            writer.add(std::move(logged));
        }
        return writer.close();
    }));
    return true;
}

Result<void> StoreOffer::add_stretch(Request& request, const Wanted& of, std::size_t bytes_max) {
    TRY(session_.store.transaction([&] { return sign_segments(of, bytes_max); }));
    request.segments = TRY(segments_of(of, bytes_max));
    if (TRY(cut_smaller(request, of, bytes_max))) {
        request.segments = TRY(segments_of(of, bytes_max));
    }
    return request.segments.empty() ? ok() : fit_to_receipts(request, of);
}

StoreOffer::Wanted StoreOffer::wanted_of(const Request& request, const ExchangeState& state,
                                         Sequence after) const {
    // What was written first comes first: what came after it was written on it.
    if (const auto former = first_unheld(state)) return {*former, true};
    const Sequence last = request.head.sequence;
    if (!state.is_log_closed) return {{request.log, std::min(after, last), last}, false};
    return {closed_.to_compare({request.log, state.delivered, last}), true};
}

Result<void> StoreOffer::add_segments(Request& request, Sequence after, std::size_t bytes_max) {
    const ExchangeState state = TRY(session_.store.exchange_state());
    const Wanted wanted = wanted_of(request, state, after);
    if (wanted.after < wanted.through) TRY(add_stretch(request, wanted, bytes_max));
    Sequence offered = wanted.after;
    if (!request.segments.empty()) {
        offered = TRY(decode_packed_segment(request.segments.back())).last();
    }
    closed_.note_offered({wanted.log, wanted.after, offered});
    const Sequence last = request.head.sequence;
    const Sequence held = wanted.log == request.log ? wanted.after : std::min(after, last);
    request.unsent = last - held + unheld(state) - (offered - wanted.after);
    TRY(add_keys(request));
    if (is_planted(PlantedBug::keys_sent_once)) {
        TRY(session_.store.transaction([&]() -> Result<void> {
            return session_.store.clear_queued_keys(TRY(session_.store.queued_keys()));
        }));
    }
    return ok();
}

}  // namespace godwit
