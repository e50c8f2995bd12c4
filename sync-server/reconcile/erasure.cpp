#include "sync-server/reconcile/erasure.h"

#include "shared/base/planted.h"
#include "sync-server/reconcile/change_check.h"
#include "sync-server/store/change_log_table.h"
#include "sync-server/store/key_table.h"
#include "sync-server/store/parked_table.h"

namespace godwit {

bool blank_bodies(Segment& segment, const RecordId& record) {
    bool has_blanked = false;
    for (Entry& entry : segment.entries) {
        if (entry.is_erased() || entry.record != record) continue;
        const auto change = decode_change(entry.body);
        if (change && is_erasing(*change)) continue;
        entry.body.clear();
        has_blanked = true;
    }
    return has_blanked;
}

Result<void> erase_content(Database& database, const RecordId& record) {
    TRY(erase_keys(database, record));
    TRY(erase_parked(database, record));
    for (const std::int64_t id : TRY(segments_of(database, record))) {
        SegmentRow row = TRY(load_segment(database, id));
        if (blank_bodies(row.segment, record) && !is_planted(PlantedBug::erasure_keeps_bodies))
            TRY(replace_segment(database, row));
    }
    return ok();
}

}  // namespace godwit
