// The store's changes, a row each.
//
// A change's body stands once. It is in its row while nothing is signed over it; a segment that is
// kept holds the bodies of its changes, and their rows then only say what they are about
// (sqlite_store_segments.cpp).

#include <algorithm>

#include "field-client/replica/sqlite_store.h"
#include "shared/base/sha256.h"

namespace godwit {

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
    if (!is_working_) TRY(write_back());
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

Result<std::vector<Dot>> SqliteStore::last_said_of(const RecordId& record) {
    TRY(write_tail());
    std::vector<Dot> found;
    Query row = TRY(database_->prepare(
        "SELECT max(number) FROM change WHERE record = ? AND number > ? AND number <= ?"));
    for (const LogPlace& at : *TRY(logs())) {
        row.bind_all(record, at.before, TRY(end_of(at)));
        if (TRY(row.step()) && !row.is_null(0)) {
            found.push_back({at.id, TRY(row.column_unsigned(0)) - at.before});
        }
        row.reset();
    }
    return found;
}

Result<std::set<RecordId>> SqliteStore::records_behind(const Dot& dot) {
    TRY(write_tail());
    std::set<RecordId> found;
    const LogPlace* at = TRY(place_of(dot.log));
    if (at == nullptr) return found;
    const std::uint64_t end = TRY(end_of(*at));
    Query rows = TRY(
        database_->prepare("SELECT DISTINCT record FROM change WHERE number > ? AND number <= ?"));
    rows.bind_all(at->before + std::min<std::uint64_t>(dot.sequence, sequence_max), end);
    while (TRY(rows.step())) found.insert(TRY(rows.column_id<RecordId>(0)));
    return found;
}

// --- Erasing ---------------------------------------------------------------------------------

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
    return database_->run("DELETE FROM kept_key WHERE record = ?", record);
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

}  // namespace godwit
