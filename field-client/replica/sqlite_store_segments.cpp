// The store's segments. What a long transaction appends is signed as it goes, without ever having
// been a row with a body.

#include <utility>

#include "field-client/replica/segment_writer.h"
#include "field-client/replica/sqlite_store.h"
#include "shared/protocol/packed_segment.h"

namespace godwit {

// --- Signing ---------------------------------------------------------------------------------

/// Signs what this transaction appended so far, and what stood unsigned before it.
Result<void> SqliteStore::sign_tail() {
    if (tail_.empty()) return ok();
    if (TRY(segmented_through(log_->at.id)) != tail_before_.sequence) TRY(sign_older());
    SegmentWriter writer(host_.cipher, identity(), tail_before_.hash, segment_bytes_bulk,
                         [this](const Segment& segment) { return write_segment(segment); });
    for (LoggedChange& change : tail_) {
        TRY(insert_change(change, false));
        writer.add(std::move(change));
    }
    tail_.clear();
    tail_bytes_ = 0;
    return writer.close();
}

/// Signs what stands unsigned before this transaction's changes: a segment joins the one before.
Result<void> SqliteStore::sign_older() {
    std::vector<LoggedChange> tail = std::exchange(tail_, {});
    const LogId log = log_->at.id;
    const LogHead from = TRY(signed_head(log));
    SegmentWriter writer(host_.cipher, identity(), from.hash, segment_bytes_bulk,
                         [this](const Segment& segment) { return save_segment(segment); });
    for (LoggedChange& change : TRY(changes(log, from.sequence, tail_before_.sequence))) {
        if (writer.is_full_for(change)) TRY(writer.close());
        writer.add(std::move(change));
    }
    TRY(writer.close());
    tail_ = std::move(tail);
    return ok();
}

// --- Keeping ---------------------------------------------------------------------------------

Result<const Segment*> SqliteStore::segment_with(const Dot& dot) {
    if (const Segment* held = read_segments_.find(dot)) return held;
    Query row =
        TRY(database_->prepare("SELECT first, sealed FROM segment WHERE log = ? AND first <= ? "
                               "ORDER BY first DESC LIMIT 1"));
    row.bind_all(dot.log, dot.sequence);
    if (!TRY(row.step())) return nullptr;
    const Sequence first = TRY(row.column_unsigned(0));
    const Bytes content =
        TRY(open("segment", {dot.log.view(), big_endian(first)}, row.column_bytes(1)));
    Segment segment = TRY(decode_packed_segment(content));
    if (segment.log != dot.log || segment.first != first) {
        return Error{ErrorCode::storage_corrupt, "a segment stands in another one's place"};
    }
    if (segment.last() < dot.sequence) return nullptr;
    return read_segments_.keep(std::move(segment));
}

Result<std::vector<Bytes>> SqliteStore::segments(const LogId& log, Sequence after,
                                                 std::size_t bytes_max) {
    Query row = TRY(database_->prepare(
        "SELECT first, sealed FROM segment WHERE log = ? AND last > ? ORDER BY first"));
    row.bind_all(log, after);
    std::vector<Bytes> found;
    std::size_t bytes = 0;
    while (TRY(row.step())) {
        const Sequence first = TRY(row.column_unsigned(0));
        Bytes segment = TRY(open("segment", {log.view(), big_endian(first)}, row.column_bytes(1)));
        bytes += segment.size();
        if (!found.empty() && bytes > bytes_max) break;
        found.push_back(std::move(segment));
    }
    return found;
}

Result<void> SqliteStore::write_segment(const Segment& segment) {
    read_segments_.drop(segment.log, segment.first);
    return database_->run(
        "INSERT OR REPLACE INTO segment (log, first, last, sealed) VALUES (?, ?, ?, ?)",
        segment.log, segment.first, segment.last(),
        seal("segment", {segment.log.view(), big_endian(segment.first)}, pack_segment(segment)));
}

Result<void> SqliteStore::save_segment(const Segment& segment) {
    TRY(require_unlocked());
    TRY(write_tail());
    TRY(write_segment(segment));
    const LogPlace* at = TRY(place_of(segment.log));
    if (at == nullptr) return ok();
    return database_->run(
        "UPDATE change SET sealed = NULL WHERE number >= ? AND number <= ? AND sealed IS NOT NULL",
        at->before + segment.first, at->before + segment.last());
}

Result<LogHead> SqliteStore::signed_head(const LogId& log) {
    TRY(require_unlocked());
    const Sequence last = TRY(segmented_through(log));
    if (last == 0) return empty_head(identity().replica, log);
    const Segment* segment = TRY(segment_with({log, last}));
    if (segment == nullptr) return Error{ErrorCode::storage_corrupt, "a segment is missing"};
    return head_after(*segment);
}

/// Without unpacking a segment.
Result<Sequence> SqliteStore::segmented_through(const LogId& log) {
    Query row = TRY(
        database_->prepare("SELECT last FROM segment WHERE log = ? ORDER BY first DESC LIMIT 1"));
    row.bind(1, log);
    if (!TRY(row.step())) return Sequence{0};
    return row.column_unsigned(0);
}

/// `changes` ascend within each log.
Result<void> SqliteStore::blank_in_segments(const std::vector<LoggedChange>& changes) {
    std::optional<Segment> segment;
    for (const LoggedChange& change : changes) {
        const bool is_inside =
            segment && segment->log == change.dot.log && segment->last() >= change.dot.sequence;
        if (!is_inside) {
            if (segment) TRY(write_segment(*segment));
            segment.reset();
            const Segment* found = TRY(segment_with(change.dot));
            if (found == nullptr) continue;  // Not signed yet: it will be, without its body.
            segment = *found;
        }
        Entry& entry =
            segment->entries[static_cast<std::size_t>(change.dot.sequence - segment->first)];
        entry.body.clear();
        entry.record = change.record;
    }
    return segment ? write_segment(*segment) : ok();
}

}  // namespace godwit
