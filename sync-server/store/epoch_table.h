/// Epochs, and the positions of teams.
///
/// Spec: exchange §8, §9.
#pragma once

#include <set>

#include "shared/base/random.h"
#include "shared/base/wall_clock.h"
#include "shared/protocol/messages.h"
#include "shared/sqlite/database.h"

namespace godwit {

struct EpochRow {
    std::uint64_t number{};  ///< From 1; the greatest is the present one.
    EpochId id;
    std::int64_t started_ms{};
    std::uint64_t roster_position{};  ///< What the restored backup held …
    std::uint64_t parked_told{};
    std::uint64_t parked_number{};  ///< Numbers of parked items of this epoch are greater.
};

/// Makes the first epoch unless there is one.
Result<void> begin_first_epoch(Database& database, Random& random, const WallClock& wall);

/// Begins an epoch within the caller's transaction, noting how far positions have come: cursors of
/// earlier epochs reach no further. Those of the teams `told_anew` reach nowhere.
Result<void> begin_next_epoch(Database& database, Random& random, const WallClock& wall,
                              const std::set<TeamId>& told_anew = {});

Result<EpochRow> present_epoch(Database& database);

/// What a request's cursors are worth here. The epoch's number, or nothing for one this server has
/// never had.
Result<std::optional<std::uint64_t>> epoch_number(Database& database, const EpochId& id);

/// The lowest position of `team` at which an epoch later than `number` began; nothing when none is
/// later.
Result<std::optional<Position>> lowest_start_after(Database& database, std::uint64_t number,
                                                   const TeamId& team);

/// The same for statements and for parked items.
struct OrderStarts {
    std::uint64_t roster_position{};
    std::uint64_t parked_told{};
};
Result<std::optional<OrderStarts>> lowest_starts_after(Database& database, std::uint64_t number);

/// 0 before the first record.
Result<Position> team_position(Database& database, const TeamId& team);
Result<void> save_team_position(Database& database, const TeamId& team, Position position);

}  // namespace godwit
