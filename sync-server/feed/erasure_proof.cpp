#include "sync-server/feed/erasure_proof.h"

#include "sync-server/store/change_log_table.h"
#include "sync-server/store/erasure_table.h"

namespace godwit {
namespace {

/// Drops every body but those that erase `record`. False when there is none.
bool keep_erasing(Segment& segment, const RecordId& record) {
    bool has_one = false;
    for (Entry& entry : segment.entries) {
        if (entry.is_erased()) continue;
        if (entry.record == record) {
            const auto change = decode_change(entry.body);
            if (change && is_erasing(*change)) {
                has_one = true;
                continue;
            }
        }
        entry.body.clear();
    }
    return has_one;
}

}  // namespace

Result<Bytes> erasure_proof(Database& database, const RecordId& record) {
    for (const std::int64_t id : TRY(segments_of(database, record))) {
        SegmentRow row = TRY(load_segment(database, id));
        if (!row.is_branch && keep_erasing(row.segment, record)) return encode_segment(row.segment);
    }
    return kept_erasure_proof(database, record);
}

}  // namespace godwit
