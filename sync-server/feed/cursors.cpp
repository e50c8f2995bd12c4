#include "sync-server/feed/cursors.h"

#include <algorithm>

#include "shared/base/planted.h"
#include "sync-server/store/epoch_table.h"

namespace godwit {

Result<KnownThrough> known_through(Database& database, const Request& request) {
    const auto number = TRY(epoch_number(database, request.epoch));
    if (!number) return KnownThrough{};
    KnownThrough out{request.cursors, {}, request.roster_cursor, request.parked_cursor};
    if (request.epoch == TRY(present_epoch(database)).id) {
        out.unfinished = request.unfinished;
    }
    if (const auto starts = TRY(lowest_starts_after(database, *number))) {
        out.roster_cursor = std::min(out.roster_cursor, starts->roster_position);
        out.parked_cursor = std::min(out.parked_cursor, starts->parked_told);
    }
    for (auto& [team, position] : out.teams) {
        if (const auto start = TRY(lowest_start_after(database, *number, team))) {
            if (!is_planted(PlantedBug::cursor_outlives_restore))
                position = std::min(position, *start);
        }
    }
    return out;
}

}  // namespace godwit
