/// Change logs, the segments that prove them, their receipts and safe marks.
///
/// Invariants
///   - Of one log, the segments that are no branch cover 1 … head without gaps and under one hash
///     chain; each begins at or before the end of the one before it.
///   - Receipts of one log lie end to end, from its first change to its head.
///
/// Spec: exchange §4, §6.
#pragma once

#include <functional>

#include "shared/merge/record_state.h"
#include "shared/seal/receipt.h"
#include "shared/sqlite/database.h"

namespace godwit {

struct LogRow {
    LogId log;
    ReplicaId replica;
    LogHead head;
    std::int64_t received_ms{};  ///< Of the newest receipt; 0 before the first.
};

Result<std::optional<LogRow>> load_log(Database& database, const LogId& log);
Result<void> save_log(Database& database, const LogRow& row);
Result<std::vector<LogRow>> all_logs(Database& database);  ///< By log id.

struct SegmentRow {
    std::int64_t id{};
    LogId log;
    bool is_branch{};
    Segment segment;
};

/// `packed` is what pack_segment() gives of `segment`. `records` are those its bodies speak of,
/// ascending and unique. A segment held already changes nothing.
Result<void> insert_segment(Database& database, const Segment& segment, bool is_branch,
                            ByteView packed, const std::vector<RecordId>& records);

Result<void> replace_segment(Database& database, const SegmentRow& row);

/// The segments that speak of `record`, by id.
Result<std::vector<std::int64_t>> segments_of(Database& database, const RecordId& record);

/// Fails with storage_corrupt when there is none, or its bytes are no segment.
Result<SegmentRow> load_segment(Database& database, std::int64_t id);

/// Segments of `log` that are no branch and end after `after`, in order. `each` returns false to
/// stop. Fails with storage_corrupt as load_segment().
Result<void> each_segment(Database& database, const LogId& log, Sequence after,
                          const std::function<Result<bool>(const SegmentRow&)>& each);
Result<void> each_branch(Database& database, const LogId& log,
                         const std::function<Result<bool>(const SegmentRow&)>& each);

/// hash(first) … hash(last) of what is held; `last` is at most the head's sequence.
Result<std::vector<Digest>> held_hashes(Database& database, const LogRow& row, Sequence first,
                                        Sequence last);

struct ReceiptRow {
    Sequence after{};
    Sequence through{};
    Mark mark{Mark::none};  ///< Of the changes it covers.
    Bytes bytes;
};

Result<void> insert_receipt(Database& database, const LogId& log, const ReceiptRow& row);

/// Receipts that cover anything after `after`, in order.
Result<std::vector<ReceiptRow>> receipts_after(Database& database, const LogId& log,
                                               Sequence after);

Result<void> save_safe_mark(Database& database, const SafeMark& mark);
Result<std::optional<SafeMark>> load_safe_mark(Database& database, const LogId& log);
Result<void> clear_safe_marks(Database& database);

Result<void> note_backup(Database& database, std::int64_t backed_up_ms);
Result<std::optional<std::int64_t>> last_backup_ms(Database& database);

}  // namespace godwit
