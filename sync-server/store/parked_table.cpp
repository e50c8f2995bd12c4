#include "sync-server/store/parked_table.h"

#include "shared/base/planted.h"
#include "sync-server/store/epoch_table.h"

namespace godwit {
namespace {

constexpr std::string_view select_columns =
    "SELECT told, digest, number, log, sequence, author, record, team, reason, detail, body,"
    " adopted_log, adopted_sequence FROM parked ";

/// Words rarely stand in more places than two. Whoever parks much in one record makes no more work.
constexpr std::uint64_t places_searched_max = 32;

std::string selecting(std::string_view rest) {
    return std::string(select_columns) + std::string(rest);
}

Result<ParkedRow> read_row(const Query& select) {
    ParkedRow row;
    row.told = TRY(select.column_unsigned(0));
    row.digest = TRY(select.column_fixed<32>(1));
    row.item.number = TRY(select.column_unsigned(2));
    row.item.dot.log = TRY(select.column_id<LogId>(3));
    row.item.dot.sequence = TRY(select.column_unsigned(4));
    row.item.author = TRY(select.column_id<ReplicaId>(5));
    row.item.record = TRY(select.column_id<RecordId>(6));
    row.item.team = TRY(select.column_id<TeamId>(7));
    row.item.reason = facts_for_number(static_cast<std::uint16_t>(select.column_integer(8))).code;
    row.item.detail = std::string(select.column_text(9));
    row.item.body = copy_of(select.column_bytes(10));
    if (!select.is_null(11)) {
        row.item.adopted = Dot{TRY(select.column_id<LogId>(11)), TRY(select.column_unsigned(12))};
    }
    return row;
}

Result<std::uint64_t> next_told(Database& database) {
    Query select = TRY(database.prepare("SELECT coalesce(max(told), 0) + 1 FROM parked"));
    TRY(select.step());
    return select.column_unsigned(0);
}

Result<std::uint64_t> next_number(Database& database) {
    Query select = TRY(database.prepare("SELECT coalesce(max(number), 0) + 1 FROM parked"));
    TRY(select.step());
    const std::uint64_t next = TRY(select.column_unsigned(0));
    return std::max(next, TRY(present_epoch(database)).parked_number + 1);
}

Result<void> note_adopted(Database& database, std::uint64_t number, const Dot& adopted) {
    return database.run(
        "UPDATE parked SET told = ?, adopted_log = ?, adopted_sequence = ? WHERE number = ?",
        TRY(next_told(database)), adopted.log, adopted.sequence, number);
}

}  // namespace

Result<void> park(Database& database, const ParkedRow& row) {
    if (is_planted(PlantedBug::parked_dropped) && row.item.reason != ErrorCode::forked_log)
        return ok();
    {
        Query held = TRY(
            database.prepare("SELECT 1 FROM parked WHERE log = ? AND sequence = ? AND digest = ?"));
        held.bind_all(row.item.dot.log, row.item.dot.sequence, ByteView(row.digest));
        if (TRY(held.step())) return ok();
    }
    const std::uint64_t number = TRY(next_number(database));
    const std::uint64_t told = TRY(next_told(database));
    const ParkedItem& item = row.item;
    TRY(database.run("INSERT INTO parked VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
                     number, told, item.dot.log, item.dot.sequence, ByteView(row.digest),
                     item.author, item.record, item.team, static_cast<std::uint16_t>(item.reason),
                     item.detail, ByteView(item.body)));
    if (!item.adopted) return ok();
    return database.run("UPDATE parked SET adopted_log = ?, adopted_sequence = ? WHERE number = ?",
                        item.adopted->log, item.adopted->sequence, number);
}

Result<std::optional<Dot>> adoption_of(Database& database, const Dot& dot, const Digest& digest) {
    Query select =
        TRY(database.prepare(selecting("WHERE log = ? AND sequence = ? AND digest = ?")));
    select.bind_all(dot.log, dot.sequence, ByteView(digest));
    if (TRY(select.step())) {
        auto adopted = TRY(read_row(select)).item.adopted;
        if (adopted) return adopted;
    }
    Query noted =
        TRY(database.prepare("SELECT by_log, by_sequence FROM reissued"
                             " WHERE log = ? AND sequence = ? AND digest = ?"));
    noted.bind_all(dot.log, dot.sequence, ByteView(digest));
    if (!TRY(noted.step())) return std::optional<Dot>();
    return std::optional(Dot{TRY(noted.column_id<LogId>(0)), TRY(noted.column_unsigned(1))});
}

Result<bool> has_reissued(Database& database, const LogId& log) {
    Query select =
        TRY(database.prepare("SELECT EXISTS (SELECT 1 FROM reissued WHERE log = ?1)"
                             " OR EXISTS (SELECT 1 FROM parked WHERE log = ?1"
                             " AND adopted_log IS NOT NULL)"));
    select.bind_all(log);
    TRY(select.step());
    return select.column_integer(0) != 0;
}

Result<void> note_reissued(Database& database, const Dot& dot, const Digest& digest,
                           const Dot& again) {
    return database.run("INSERT OR IGNORE INTO reissued VALUES (?, ?, ?, ?, ?)", dot.log,
                        dot.sequence, ByteView(digest), again.log, again.sequence);
}

Result<void> adopt_parked(Database& database, const Dot& dot, const Digest& digest,
                          const Dot& adopted,
                          const std::function<bool(const ParkedItem&)>& is_allowed) {
    std::optional<ParkedRow> row;
    {
        Query select =
            TRY(database.prepare(selecting("WHERE log = ? AND sequence = ? AND digest = ?")));
        select.bind_all(dot.log, dot.sequence, ByteView(digest));
        if (TRY(select.step())) row = TRY(read_row(select));
    }
    if (!row || row->item.adopted || !is_allowed(row->item)) return ok();
    return note_adopted(database, row->item.number, adopted);
}

Result<void> adopt_parked_elsewhere(Database& database, const Change& again, const Dot& adopted,
                                    const std::function<bool(const ParkedItem&)>& is_allowed) {
    std::vector<std::uint64_t> numbers;
    {
        Query select = TRY(database.prepare(
            selecting("WHERE record = ? AND adopted_log IS NULL ORDER BY number DESC LIMIT ?")));
        select.bind_all(again.record, places_searched_max);
        while (TRY(select.step())) {
            const ParkedItem item = TRY(read_row(select)).item;
            const auto change = decode_change(item.body);
            if (!change || change->salt != again.salt || !is_allowed(item)) continue;
            numbers.push_back(item.number);
        }
    }
    for (const std::uint64_t number : numbers) TRY(note_adopted(database, number, adopted));
    return ok();
}

Result<void> erase_parked(Database& database, const RecordId& record) {
    std::vector<std::int64_t> numbers;
    {
        Query select =
            TRY(database.prepare("SELECT number FROM parked WHERE record = ? AND length(body) > 0"
                                 " ORDER BY number"));
        select.bind_all(record);
        while (TRY(select.step())) numbers.push_back(select.column_integer(0));
    }
    for (const std::int64_t number : numbers) {
        TRY(database.run("UPDATE parked SET told = ?, body = x'', detail = '' WHERE number = ?",
                         TRY(next_told(database)), number));
    }
    return ok();
}

Result<void> each_parked(Database& database, std::uint64_t told,
                         const std::function<Result<bool>(const ParkedRow&)>& each) {
    Query select = TRY(database.prepare(selecting("WHERE told > ? ORDER BY told")));
    select.bind_all(told);
    while (TRY(select.step())) {
        const ParkedRow row = TRY(read_row(select));
        if (!TRY(each(row))) break;
    }
    return ok();
}

Result<std::vector<ParkedRow>> parked_of(Database& database, const LogId& log, Sequence after,
                                         Sequence through) {
    Query select = TRY(database.prepare(
        selecting("WHERE log = ? AND sequence > ? AND sequence <= ? ORDER BY sequence, number")));
    select.bind_all(log, after, through);
    std::vector<ParkedRow> out;
    while (TRY(select.step())) out.push_back(TRY(read_row(select)));
    return out;
}

}  // namespace godwit
