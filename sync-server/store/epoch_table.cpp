#include "sync-server/store/epoch_table.h"

#include "shared/base/planted.h"

namespace godwit {
namespace {

// Wide enough that two restores of one backup do not meet, narrow enough for 53-bit readers.
constexpr unsigned parked_number_jump_bits = 44;

Result<std::uint64_t> number_from(Database& database, std::string_view sql) {
    Query statement = TRY(database.prepare(sql));
    if (!TRY(statement.step())) return std::uint64_t{0};
    return statement.column_unsigned(0);
}

Result<void> insert_epoch(Database& database, const EpochRow& row) {
    return database.run("INSERT INTO epoch VALUES (?, ?, ?, ?, ?, ?)", row.number, row.id,
                        row.started_ms, row.roster_position, row.parked_told, row.parked_number);
}

}  // namespace

Result<void> begin_first_epoch(Database& database, Random& random, const WallClock& wall) {
    if (TRY(number_from(database, "SELECT count(*) FROM epoch")) > 0) return ok();
    return insert_epoch(database, {1, random.id<EpochId>(), wall.now_ms(), 0, 0, 0});
}

Result<void> begin_next_epoch(Database& database, Random& random, const WallClock& wall,
                              const std::set<TeamId>& told_anew) {
    if (is_planted(PlantedBug::restore_keeps_epoch)) return ok();
    EpochRow row = TRY(present_epoch(database));
    std::array<std::uint8_t, 8> chance{};
    random.fill(chance);
    std::uint64_t jump = 0;
    for (const std::uint8_t byte : chance) jump = (jump << 8U) | byte;
    const std::uint64_t last =
        std::max(row.parked_number,
                 TRY(number_from(database, "SELECT coalesce(max(number), 0) FROM parked")));
    row.number += 1;
    row.id = random.id<EpochId>();
    row.started_ms = wall.now_ms();
    row.roster_position =
        TRY(number_from(database, "SELECT coalesce(max(position), 0) FROM statement"));
    row.parked_told = TRY(number_from(database, "SELECT coalesce(max(told), 0) FROM parked"));
    row.parked_number = last + (jump >> (64U - parked_number_jump_bits));
    TRY(insert_epoch(database, row));
    TRY(database.run("INSERT INTO epoch_start SELECT ?, team, position FROM team_position",
                     row.number));
    for (const TeamId& team : told_anew) {
        TRY(database.run("DELETE FROM epoch_start WHERE epoch = ? AND team = ?", row.number, team));
    }
    return ok();
}

Result<EpochRow> present_epoch(Database& database) {
    Query select =
        TRY(database.prepare("SELECT number, id, started_ms, roster_position, parked_told,"
                             " parked_number FROM epoch ORDER BY number DESC LIMIT 1"));
    if (!TRY(select.step())) return Error{ErrorCode::storage_corrupt, "there is no epoch"};
    EpochRow row;
    row.number = TRY(select.column_unsigned(0));
    row.id = TRY(select.column_id<EpochId>(1));
    row.started_ms = select.column_integer(2);
    row.roster_position = TRY(select.column_unsigned(3));
    row.parked_told = TRY(select.column_unsigned(4));
    row.parked_number = TRY(select.column_unsigned(5));
    return row;
}

Result<std::optional<std::uint64_t>> epoch_number(Database& database, const EpochId& id) {
    Query select = TRY(database.prepare("SELECT number FROM epoch WHERE id = ?"));
    select.bind_all(id);
    if (!TRY(select.step())) return std::optional<std::uint64_t>();
    return std::optional(TRY(select.column_unsigned(0)));
}

Result<std::optional<Position>> lowest_start_after(Database& database, std::uint64_t number,
                                                   const TeamId& team) {
    Query select =
        TRY(database.prepare("SELECT min(coalesce(epoch_start.position, 0)) FROM epoch"
                             " LEFT JOIN epoch_start ON epoch_start.epoch = epoch.number"
                             " AND epoch_start.team = ? WHERE epoch.number > ?"));
    select.bind_all(team, number);
    if (!TRY(select.step()) || select.is_null(0)) return std::optional<Position>();
    return std::optional(TRY(select.column_unsigned(0)));
}

Result<std::optional<OrderStarts>> lowest_starts_after(Database& database, std::uint64_t number) {
    Query select =
        TRY(database.prepare("SELECT min(roster_position), min(parked_told) FROM epoch"
                             " WHERE number > ?"));
    select.bind_all(number);
    if (!TRY(select.step()) || select.is_null(0)) return std::optional<OrderStarts>();
    return std::optional(
        OrderStarts{TRY(select.column_unsigned(0)), TRY(select.column_unsigned(1))});
}

Result<Position> team_position(Database& database, const TeamId& team) {
    Query select = TRY(database.prepare("SELECT position FROM team_position WHERE team = ?"));
    select.bind_all(team);
    if (!TRY(select.step())) return Position{0};
    return select.column_unsigned(0);
}

Result<void> save_team_position(Database& database, const TeamId& team, Position position) {
    return database.run(
        "INSERT INTO team_position VALUES (?, ?)"
        " ON CONFLICT (team) DO UPDATE SET position = excluded.position",
        team, position);
}

}  // namespace godwit
