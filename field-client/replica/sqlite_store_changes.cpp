// The store's change logs, segments and receipts.
//
// A change's body stands once. It is in its row while nothing is signed over it; a segment that is
// kept holds the bodies of its changes, and their rows then only say what they are about. What a
// long transaction appends is signed as it goes, without ever having been a row.

#include <algorithm>
#include <utility>

#include "field-client/replica/segment_writer.h"
#include "field-client/replica/sqlite_store.h"
#include "shared/base/sha256.h"
#include "shared/protocol/packed_segment.h"

namespace godwit {

namespace {

/// How much of a long transaction is signed together: more packs better, less has to come through a
/// weak link in one piece (a third of it).
constexpr std::size_t segment_bytes_bulk = 576 * 1024;

}  // namespace

// --- Logs ------------------------------------------------------------------------------------

Result<const std::vector<SqliteStore::LogPlace>*> SqliteStore::logs() {
    TRY(require_unlocked());
    if (logs_.empty()) {
        Query row =
            TRY(database_->prepare("SELECT place, log, before FROM change_log ORDER BY place"));
        while (TRY(row.step())) {
            logs_.push_back(
                {row.column_integer(0), TRY(row.column_id<LogId>(1)), TRY(row.column_unsigned(2))});
        }
    }
    if (logs_.empty()) return Error{ErrorCode::storage_corrupt, "there is no change log"};
    return &logs_;
}

Result<const SqliteStore::LogPlace*> SqliteStore::place_of(const LogId& log) {
    for (const LogPlace& each : *TRY(logs())) {
        if (each.id == log) return &each;
    }
    return nullptr;
}

Result<const SqliteStore::LogPlace*> SqliteStore::log_of(std::uint64_t number) {
    const LogPlace* found = nullptr;
    for (const LogPlace& each : *TRY(logs())) {
        if (each.before < number) found = &each;
    }
    if (found == nullptr) return Error{ErrorCode::storage_corrupt, "a change stands in no log"};
    return found;
}

/// The number of the last change the log can have: the next log's follow.
Result<std::uint64_t> SqliteStore::end_of(const LogPlace& log) {
    for (const LogPlace& other : *TRY(logs())) {
        if (other.place == log.place + 1) return other.before;
    }
    return std::uint64_t{sequence_max};
}

Result<SqliteStore::CurrentLog*> SqliteStore::current_log() {
    TRY(require_unlocked());
    if (log_) return &*log_;
    const LogPlace at = TRY(logs())->back();
    log_ = CurrentLog{at, TRY(read_log(at))};
    return &*log_;
}

Result<row::LogRow> SqliteStore::read_log(const LogPlace& log) {
    Query row = TRY(database_->prepare("SELECT sealed FROM change_log WHERE place = ?"));
    row.bind(1, log.place);
    if (!TRY(row.step())) return Error{ErrorCode::storage_corrupt, "there is no change log"};
    return row::decode_log(TRY(open("change_log", {log.id.view()}, row.column_bytes(0))));
}

Result<void> SqliteStore::save_log(const CurrentLog& log) {
    return database_->run(
        "INSERT INTO change_log (place, log, before, sealed) VALUES (?1, ?2, ?3, ?4) "
        "ON CONFLICT (place) DO UPDATE SET sealed = ?4",
        log.at.place, log.at.id, log.at.before,
        seal("change_log", {log.at.id.view()}, row::encode(log.row)));
}

Result<LogId> SqliteStore::log() {
    return TRY(current_log())->at.id;
}

Result<LogHead> SqliteStore::head() {
    return TRY(current_log())->row.head;
}

Result<HybridTime> SqliteStore::last_time() {
    return TRY(current_log())->row.last;
}

Result<void> SqliteStore::open_log(LogId log) {
    CurrentLog* current = TRY(current_log());
    TRY(write_tail());
    if (is_log_changed_) TRY(save_log(*current));
    const LogPlace at{current->at.place + 1, log, current->at.before + current->row.head.sequence};
    // The time goes on: a new log of the same replica must not run backwards.
    *current = CurrentLog{at, {empty_head(identity().replica, log), current->row.last}};
    logs_.push_back(at);
    is_log_changed_ = true;
    return is_working() ? ok() : write_back();
}

// --- Appending -------------------------------------------------------------------------------

Result<Dot> SqliteStore::append(const Change& change) {
    CurrentLog& log = *TRY(current_log());
    if (change.sequence != log.row.head.sequence + 1) {
        return Error{ErrorCode::gap_in_sequence, "the change is not the next of its log"};
    }
    LoggedChange logged;
    logged.dot = {log.at.id, change.sequence};
    logged.record = change.record;
    logged.body = encode_change(change);
    if (logged.body.size() > change_bytes_max) {
        return Error{ErrorCode::too_large, "one change holds at most 512 KiB"};
    }
    logged.digest = sha256({logged.body});
    if (tail_bytes_ + logged.body.size() > segment_bytes_bulk) TRY(sign_tail());
    if (tail_.empty()) tail_before_ = log.row.head;
    log.row.head = LogHead{change.sequence, chain(log.row.head.hash, change.record, logged.digest)};
    log.row.last = std::max(log.row.last, change.time);
    is_log_changed_ = true;
    const Dot dot = logged.dot;
    tail_bytes_ += logged.body.size();
    tail_.push_back(std::move(logged));
    if (!is_working()) TRY(write_back());
    return dot;
}

Result<void> SqliteStore::insert_change(const LoggedChange& change, bool has_body) {
    const LogPlace& at = log_->at;
    std::optional<Bytes> sealed;
    if (has_body) {
        sealed =
            seal("change", {at.id.view(), big_endian(change.dot.sequence), change.record.view()},
                 row::encode(row::ChangeRow{change.digest, change.body}));
    }
    Query row =
        TRY(database_->prepare("INSERT INTO change (number, record, sealed) VALUES (?, ?, ?)"));
    row.bind(1, at.before + change.dot.sequence).bind(2, change.record);
    if (sealed) {
        row.bind(3, ByteView(*sealed));
    } else {
        row.bind(3, std::nullopt);
    }
    return row.run();
}

Result<void> SqliteStore::write_tail() {
    for (const LoggedChange& change : tail_) TRY(insert_change(change, true));
    tail_.clear();
    tail_bytes_ = 0;
    return ok();
}

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

// --- Reading ---------------------------------------------------------------------------------

Result<LoggedChange> SqliteStore::read_change(Query& row) {
    LoggedChange change;
    const std::uint64_t number = TRY(row.column_unsigned(0));
    const LogPlace& log = *TRY(log_of(number));
    change.dot = {log.id, number - log.before};
    change.record = TRY(row.column_id<RecordId>(1));
    if (!row.is_null(2)) {
        const Bytes content = TRY(
            open("change", {log.id.view(), big_endian(change.dot.sequence), change.record.view()},
                 row.column_bytes(2)));
        row::ChangeRow opened = TRY(row::decode_change_row(content));
        change.digest = opened.digest;
        change.body = std::move(opened.body);
        return change;
    }
    const Segment* segment = TRY(segment_with(change.dot));
    if (segment == nullptr) return Error{ErrorCode::storage_corrupt, "a change has lost its body"};
    const Entry& entry =
        segment->entries[static_cast<std::size_t>(change.dot.sequence - segment->first)];
    if (entry.record != change.record) {
        return Error{ErrorCode::storage_corrupt, "a segment says another record than its row"};
    }
    change.digest = entry.digest;
    change.body = entry.body;
    return change;
}

Result<std::vector<LoggedChange>> SqliteStore::read_changes(Query& rows) {
    std::vector<LoggedChange> found;
    while (TRY(rows.step())) found.push_back(TRY(read_change(rows)));
    return found;
}

Result<std::vector<LoggedChange>> SqliteStore::changes(const LogId& log, Sequence after,
                                                       Sequence through) {
    TRY(write_tail());
    const LogPlace* at = TRY(place_of(log));
    if (at == nullptr) return std::vector<LoggedChange>();
    const std::uint64_t end = TRY(end_of(*at));
    Query rows =
        TRY(database_->prepare("SELECT number, record, sealed FROM change "
                               "WHERE number > ? AND number <= ? ORDER BY number"));
    rows.bind_all(at->before + std::min<std::uint64_t>(after, sequence_max),
                  std::min(end, at->before + std::min<std::uint64_t>(through, sequence_max)));
    return read_changes(rows);
}

Result<std::vector<LoggedChange>> SqliteStore::changes_of(const RecordId& record) {
    TRY(require_unlocked());
    TRY(write_tail());
    Query rows = TRY(database_->prepare(
        "SELECT number, record, sealed FROM change WHERE record = ? ORDER BY number"));
    rows.bind(1, record);
    return read_changes(rows);
}

Result<std::optional<LoggedChange>> SqliteStore::change(const Dot& dot) {
    std::vector<LoggedChange> found = TRY(changes(dot.log, dot.sequence - 1, dot.sequence));
    if (found.empty()) return std::optional<LoggedChange>();
    return std::optional<LoggedChange>(std::move(found.front()));
}

Result<std::optional<RecordId>> SqliteStore::record_of(const Dot& dot) {
    TRY(write_tail());
    const LogPlace* at = TRY(place_of(dot.log));
    if (at == nullptr) return std::optional<RecordId>();
    if (dot.sequence > TRY(end_of(*at)) - at->before) return std::optional<RecordId>();
    Query row = TRY(database_->prepare("SELECT record FROM change WHERE number = ?"));
    row.bind(1, at->before + dot.sequence);
    if (!TRY(row.step())) return std::optional<RecordId>();
    return std::optional<RecordId>(TRY(row.column_id<RecordId>(0)));
}

Result<std::vector<SaidOf>> SqliteStore::said_in(Sequence after, Sequence through) {
    TRY(write_tail());
    const LogPlace at = TRY(current_log())->at;
    Query rows = TRY(
        database_->prepare("SELECT record, min(number), (SELECT max(number) FROM change AS other "
                           "WHERE other.record = change.record) "
                           "FROM change WHERE number > ? AND number <= ? GROUP BY record"));
    rows.bind_all(at.before + after, at.before + through);
    std::vector<SaidOf> found;
    while (TRY(rows.step())) {
        found.push_back({TRY(rows.column_id<RecordId>(0)), TRY(rows.column_unsigned(1)) - at.before,
                         TRY(rows.column_unsigned(2)) - at.before});
    }
    return found;
}

Result<Sequence> SqliteStore::last_said_of(const RecordId& record) {
    TRY(write_tail());
    const LogPlace at = TRY(current_log())->at;
    Query row = TRY(database_->prepare("SELECT max(number) FROM change WHERE record = ?"));
    row.bind(1, record);
    if (!TRY(row.step()) || row.is_null(0)) return Sequence{0};
    const std::uint64_t number = TRY(row.column_unsigned(0));
    return number > at.before ? number - at.before : Sequence{0};
}

// --- Segments --------------------------------------------------------------------------------

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

// --- Erasure ---------------------------------------------------------------------------------

Result<void> SqliteStore::erase_bodies(const RecordId& record) {
    std::vector<LoggedChange> blanked;
    for (LoggedChange& change : TRY(changes_of(record))) {
        if (change.body.empty()) continue;
        const auto decoded = decode_change(change.body);
        if (decoded && is_erasing(*decoded)) continue;
        change.body.clear();
        TRY(blank_change(change));
        blanked.push_back(std::move(change));
    }
    TRY(blank_in_segments(blanked));
    TRY(blank_parked(record));
    must_purge_ = true;
    return ok();
}

/// Blanks the body in the change's own row, if it stands there.
Result<void> SqliteStore::blank_change(const LoggedChange& change) {
    const LogPlace* at = TRY(place_of(change.dot.log));
    if (at == nullptr) return ok();
    return database_->run(
        "UPDATE change SET sealed = ? WHERE number = ? AND sealed IS NOT NULL",
        seal("change",
             {change.dot.log.view(), big_endian(change.dot.sequence), change.record.view()},
             row::encode(row::ChangeRow{change.digest, {}})),
        at->before + change.dot.sequence);
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

// --- Receipts --------------------------------------------------------------------------------

Result<void> SqliteStore::save(const Receipt& receipt) {
    TRY(require_unlocked());
    return database_->run(
        "INSERT OR REPLACE INTO receipt (log, through, after, sealed) VALUES (?, ?, ?, ?)",
        receipt.log, receipt.through, receipt.after,
        seal("receipt",
             {receipt.log.view(), big_endian(receipt.through), big_endian(receipt.after)},
             encode_receipt(receipt)));
}

Result<std::vector<Receipt>> SqliteStore::receipts(const LogId& log, Sequence after) {
    Query row = TRY(database_->prepare(
        "SELECT through, after, sealed FROM receipt WHERE log = ? AND through > ? "
        "ORDER BY through, after"));
    row.bind_all(log, after);
    std::vector<Receipt> found;
    while (TRY(row.step())) {
        const Sequence through = TRY(row.column_unsigned(0));
        const Sequence from = TRY(row.column_unsigned(1));
        const Bytes content = TRY(open(
            "receipt", {log.view(), big_endian(through), big_endian(from)}, row.column_bytes(2)));
        found.push_back(TRY(decode_receipt(content)));
    }
    return found;
}

}  // namespace godwit
