#include "sync-server/store/change_log_table.h"

#include "shared/protocol/frame.h"
#include "shared/protocol/packed_segment.h"

namespace godwit {
namespace {

Result<LogRow> read_log(const Query& select) {
    LogRow row;
    row.log = TRY(select.column_id<LogId>(0));
    row.replica = TRY(select.column_id<ReplicaId>(1));
    row.head.sequence = TRY(select.column_unsigned(2));
    row.head.hash = TRY(select.column_fixed<32>(3));
    row.received_ms = select.column_integer(4);
    return row;
}

// What stands in our own table and does not decode is damage, whatever the decoder calls it.
Error damaged(const Error& error) {
    return {ErrorCode::storage_corrupt, "a stored segment does not read: " + error.detail};
}

/// Servers of the first versions kept a segment in a frame, whose first byte no packed one has.
Result<Segment> read_stored(ByteView bytes) {
    const bool is_framed = !bytes.empty() && bytes[0] <= 1;
    if (is_framed) return decode_segment(TRY(decode_frame(bytes)));
    return decode_packed_segment(bytes);
}

Result<SegmentRow> read_segment(const Query& select) {
    SegmentRow row;
    row.id = select.column_integer(0);
    row.log = TRY(select.column_id<LogId>(1));
    row.is_branch = select.column_integer(2) != 0;
    auto segment = read_stored(select.column_bytes(3));
    if (!segment) return damaged(segment.error());
    if (segment->log != row.log) return damaged({ErrorCode::malformed, "it is of another log"});
    row.segment = std::move(segment).value();
    return row;
}

Result<void> each_row(Query select, const std::function<Result<bool>(const SegmentRow&)>& each) {
    while (TRY(select.step())) {
        const SegmentRow row = TRY(read_segment(select));
        if (!TRY(each(row))) break;
    }
    return ok();
}

Result<ReceiptRow> read_receipt(const Query& select) {
    ReceiptRow row;
    row.after = TRY(select.column_unsigned(0));
    row.through = TRY(select.column_unsigned(1));
    row.mark = static_cast<Mark>(select.column_integer(2));
    row.bytes = copy_of(select.column_bytes(3));
    return row;
}

}  // namespace

Result<std::optional<LogRow>> load_log(Database& database, const LogId& log) {
    Query select =
        TRY(database.prepare("SELECT log, replica, sequence, hash, received_ms FROM change_log"
                             " WHERE log = ?"));
    select.bind_all(log);
    if (!TRY(select.step())) return std::optional<LogRow>();
    return std::optional(TRY(read_log(select)));
}

Result<void> save_log(Database& database, const LogRow& row) {
    return database.run("INSERT OR REPLACE INTO change_log VALUES (?, ?, ?, ?, ?)", row.log,
                        row.replica, row.head.sequence, ByteView(row.head.hash), row.received_ms);
}

Result<std::vector<LogRow>> all_logs(Database& database) {
    Query select =
        TRY(database.prepare("SELECT log, replica, sequence, hash, received_ms FROM change_log"
                             " ORDER BY log"));
    std::vector<LogRow> out;
    while (TRY(select.step())) out.push_back(TRY(read_log(select)));
    return out;
}

Result<void> insert_segment(Database& database, const Segment& segment, bool is_branch,
                            ByteView packed, const std::vector<RecordId>& records) {
    const LogHead head = head_after(segment);
    TRY(database.run(
        "INSERT OR IGNORE INTO segment (log, is_branch, first, last, head, bytes)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        segment.log, is_branch ? 1 : 0, segment.first, head.sequence, ByteView(head.hash), packed));
    if (database.changed_rows() == 0) return ok();
    const std::int64_t id = database.last_row_id();
    for (const RecordId& record : records) {
        TRY(database.run("INSERT INTO segment_record VALUES (?, ?)", record, id));
    }
    return ok();
}

Result<void> replace_segment(Database& database, const SegmentRow& row) {
    return database.run("UPDATE segment SET bytes = ? WHERE id = ?",
                        ByteView(pack_segment(row.segment)), row.id);
}

Result<std::vector<std::int64_t>> segments_of(Database& database, const RecordId& record) {
    Query select = TRY(database.prepare("SELECT segment FROM segment_record WHERE record = ?"));
    select.bind_all(record);
    std::vector<std::int64_t> out;
    while (TRY(select.step())) out.push_back(select.column_integer(0));
    return out;
}

Result<SegmentRow> load_segment(Database& database, std::int64_t id) {
    Query select =
        TRY(database.prepare("SELECT id, log, is_branch, bytes FROM segment WHERE id = ?"));
    select.bind_all(id);
    if (!TRY(select.step())) return damaged({ErrorCode::malformed, "it is not there"});
    return read_segment(select);
}

Result<void> each_segment(Database& database, const LogId& log, Sequence after,
                          const std::function<Result<bool>(const SegmentRow&)>& each) {
    Query select =
        TRY(database.prepare("SELECT id, log, is_branch, bytes FROM segment"
                             " WHERE log = ? AND is_branch = 0 AND last > ? ORDER BY last"));
    select.bind_all(log, after);
    return each_row(std::move(select), each);
}

Result<void> each_branch(Database& database, const LogId& log,
                         const std::function<Result<bool>(const SegmentRow&)>& each) {
    Query select =
        TRY(database.prepare("SELECT id, log, is_branch, bytes FROM segment"
                             " WHERE log = ? AND is_branch = 1 ORDER BY last, head"));
    select.bind_all(log);
    return each_row(std::move(select), each);
}

Result<std::vector<Digest>> held_hashes(Database& database, const LogRow& row, Sequence first,
                                        Sequence last) {
    GODWIT_ASSERT(first <= last && last <= row.head.sequence);
    std::vector<Digest> out;
    if (first == 0) out.push_back(empty_head(row.replica, row.log).hash);
    if (first == row.head.sequence && first > 0) out.push_back(row.head.hash);
    if (first + out.size() > last) return out;
    TRY(each_segment(database, row.log, first + out.size() - 1,
                     [&](const SegmentRow& held) -> Result<bool> {
                         Digest hash = held.segment.previous;
                         Sequence sequence = held.segment.first;
                         for (const Entry& entry : held.segment.entries) {
                             hash = chain(hash, entry);
                             if (sequence == first + out.size() && sequence <= last) {
                                 out.push_back(hash);
                             }
                             ++sequence;
                         }
                         return first + out.size() <= last;
                     }));
    if (first + out.size() <= last) {
        return Error{ErrorCode::storage_corrupt, "segments of a change log are missing"};
    }
    return out;
}

Result<void> insert_receipt(Database& database, const LogId& log, const ReceiptRow& row) {
    return database.run(
        "INSERT INTO receipt (log, after, through, mark, bytes)"
        " VALUES (?, ?, ?, ?, ?)",
        log, row.after, row.through, static_cast<int>(row.mark), ByteView(row.bytes));
}

Result<std::vector<ReceiptRow>> receipts_after(Database& database, const LogId& log,
                                               Sequence after) {
    Query select =
        TRY(database.prepare("SELECT after, through, mark, bytes FROM receipt"
                             " WHERE log = ? AND through > ? ORDER BY through"));
    select.bind_all(log, after);
    std::vector<ReceiptRow> out;
    while (TRY(select.step())) out.push_back(TRY(read_receipt(select)));
    return out;
}

Result<void> save_safe_mark(Database& database, const SafeMark& mark) {
    return database.run("INSERT OR REPLACE INTO safe_mark VALUES (?, ?, ?)", mark.log, mark.through,
                        ByteView(encode_safe_mark(mark)));
}

Result<std::optional<SafeMark>> load_safe_mark(Database& database, const LogId& log) {
    Query select = TRY(database.prepare("SELECT bytes FROM safe_mark WHERE log = ?"));
    select.bind_all(log);
    if (!TRY(select.step())) return std::optional<SafeMark>();
    auto mark = decode_safe_mark(select.column_bytes(0));
    if (!mark) return Error{ErrorCode::storage_corrupt, "a safe mark does not read"};
    return std::optional(std::move(mark).value());
}

Result<void> clear_safe_marks(Database& database) {
    return database.execute("DELETE FROM safe_mark");
}

Result<void> note_backup(Database& database, std::int64_t backed_up_ms) {
    return database.run("INSERT OR REPLACE INTO backup VALUES (?)", backed_up_ms);
}

Result<std::optional<std::int64_t>> last_backup_ms(Database& database) {
    Query select = TRY(database.prepare("SELECT max(backed_up_ms) FROM backup"));
    if (!TRY(select.step()) || select.is_null(0)) return std::optional<std::int64_t>();
    return std::optional(select.column_integer(0));
}

}  // namespace godwit
