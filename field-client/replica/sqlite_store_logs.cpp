// The store's change logs: which there are, where the one that is written stands, and the receipts
// for each.

#include "field-client/replica/sqlite_store.h"

namespace godwit {

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
    return is_working_ ? ok() : write_back();
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
