#include "sync-server/store/record_table.h"

#include <algorithm>

#include "shared/compression/packed.h"

namespace godwit {
namespace {

// The state stands last: SQLite then reads its pages only for those who ask for it.
constexpr std::string_view select_columns =
    "SELECT id, team, type, position, keys_position, keys_log, keys_before, confirmed_position,"
    " is_erased, owners, former_owners, fields, state";
constexpr int state_column = 12;
constexpr int statement_column = 13;
constexpr int wraps_column = 14;

/// What may be unpacked: no record holds nearly as much.
constexpr std::size_t state_bytes_max = 64U << 20U;

std::string selecting(std::string_view rest) {
    return std::string(select_columns) + " FROM record " + std::string(rest);
}

Bytes encode_members(const std::vector<MemberId>& members) {
    Bytes out;
    for (const MemberId& member : members) append(out, member.view());
    return out;
}

Result<std::vector<MemberId>> decode_members(ByteView bytes) {
    std::vector<MemberId> out;
    for (; bytes.size() >= MemberId::size; bytes = bytes.subspan(MemberId::size)) {
        out.push_back(*MemberId::from(bytes.first(MemberId::size)));
    }
    if (!bytes.empty()) return Error{ErrorCode::storage_corrupt, "owners of a record are cut"};
    return out;
}

Bytes encode_fields(const std::map<std::uint32_t, FieldTrace>& fields) {
    std::vector<LogId> logs;
    for (const auto& [number, trace] : fields) logs.push_back(trace.log);
    std::sort(logs.begin(), logs.end());
    logs.erase(std::unique(logs.begin(), logs.end()), logs.end());
    Bytes bytes;
    cbor::Encoder out(bytes);
    out.array(2).array(logs.size());
    for (const LogId& log : logs) out.id(log);
    out.array(fields.size() * 4);
    for (const auto& [number, trace] : fields) {
        const auto at = std::lower_bound(logs.begin(), logs.end(), trace.log);
        out.unsigned_integer(number)
            .unsigned_integer(trace.position)
            .unsigned_integer(static_cast<std::uint64_t>(at - logs.begin()))
            .unsigned_integer(trace.before);
    }
    return bytes;
}

Result<std::map<std::uint32_t, FieldTrace>> decode_fields(ByteView bytes) {
    cbor::Decoder in(bytes);
    TRY(in.array_of(2));
    std::vector<LogId> logs;
    for (std::size_t left = TRY(in.array()); left > 0; --left) {
        logs.push_back(TRY(in.id<LogId>()));
    }
    std::map<std::uint32_t, FieldTrace> out;
    for (std::size_t left = TRY(in.array()) / 4; left > 0; --left) {
        const auto number = static_cast<std::uint32_t>(TRY(in.unsigned_integer()));
        FieldTrace trace;
        trace.position = TRY(in.unsigned_integer());
        const std::uint64_t index = TRY(in.unsigned_integer());
        trace.before = TRY(in.unsigned_integer());
        if (index >= logs.size()) return ErrorCode::malformed;
        trace.log = logs[index];
        out.emplace(number, trace);
    }
    TRY(in.finish());
    return out;
}

Result<RecordRow> read_row(const Query& select) {
    RecordRow row;
    row.id = TRY(select.column_id<RecordId>(0));
    row.team = TRY(select.column_id<TeamId>(1));
    row.type = static_cast<std::uint32_t>(TRY(select.column_unsigned(2)));
    row.position = TRY(select.column_unsigned(3));
    row.keys_position = TRY(select.column_unsigned(4));
    row.keys_log = TRY(select.column_id<LogId>(5));
    row.keys_before = TRY(select.column_unsigned(6));
    row.confirmed_position = TRY(select.column_unsigned(7));
    row.is_erased = select.column_integer(8) != 0;
    row.owners = TRY(decode_members(select.column_bytes(9)));
    row.former_owners = TRY(decode_members(select.column_bytes(10)));
    auto fields = decode_fields(select.column_bytes(11));
    if (!fields) return Error{ErrorCode::storage_corrupt, "traces of a record do not read"};
    row.fields = std::move(fields).value();
    return row;
}

Result<Bytes> read_state(const Query& select) {
    const ByteView stored = select.column_bytes(state_column);
    // Servers of the first versions kept a state as it is, whose first byte no packed one has.
    const bool is_plain = !stored.empty() && stored[0] > 1;
    if (is_plain) return copy_of(stored);
    auto state = unpack(stored, state_bytes_max);
    if (!state) return Error{ErrorCode::storage_corrupt, "the state of a record does not read"};
    return std::move(state).value();
}

}  // namespace

Result<std::optional<StoredState>> load_record(Database& database, const RecordId& id) {
    Query select = TRY(database.prepare(selecting("WHERE id = ?")));
    select.bind_all(id);
    if (!TRY(select.step())) return std::optional<StoredState>();
    StoredState out;
    out.row = TRY(read_row(select));
    const Bytes bytes = TRY(read_state(select));
    out.bytes = bytes.size();
    auto state = decode_state(bytes);
    if (!state) return Error{ErrorCode::storage_corrupt, "the state of a record does not read"};
    out.state = std::move(state).value();
    return std::optional(std::move(out));
}

Result<void> save_record(Database& database, const RecordRow& row, ByteView state, bool is_new) {
    constexpr std::string_view insert =
        "INSERT INTO record (team, type, position, keys_position, keys_log, keys_before,"
        " confirmed_position, is_erased, owners, former_owners, fields, state, id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    constexpr std::string_view update =
        "UPDATE record SET team = ?, type = ?, position = ?, keys_position = ?, keys_log = ?,"
        " keys_before = ?, confirmed_position = ?, is_erased = ?, owners = ?, former_owners = ?,"
        " fields = ?, state = ? WHERE id = ?";
    return database.run(is_new ? insert : update, row.team, row.type, row.position,
                        row.keys_position, row.keys_log, row.keys_before, row.confirmed_position,
                        row.is_erased ? 1 : 0, ByteView(encode_members(row.owners)),
                        ByteView(encode_members(row.former_owners)),
                        ByteView(encode_fields(row.fields)), ByteView(pack(state)), row.id);
}

Result<RecordCursor> RecordCursor::after(Database& database, const TeamId& team,
                                         Position position) {
    // With their keys: one row a record, and no statement for each.
    Query select = TRY(database.prepare(
        std::string(select_columns) +
        ", statement, wraps FROM record LEFT JOIN record_key ON record_key.record = record.id"
        " WHERE team = ? AND position > ? ORDER BY position"));
    select.bind_all(team, position);
    return RecordCursor(std::move(select));
}

Result<RecordCursor> RecordCursor::all(Database& database) {
    return RecordCursor(TRY(database.prepare(selecting("ORDER BY id"))));
}

Result<bool> RecordCursor::next() {
    if (!TRY(statement_.step())) return false;
    row_ = TRY(read_row(statement_));
    return true;
}

Result<Bytes> RecordCursor::state() const {
    return read_state(statement_);
}

Result<std::optional<RecordKeys>> RecordCursor::keys() const {
    if (statement_.is_null(statement_column)) return std::optional<RecordKeys>();
    return std::optional(TRY(decode_record_keys(row_.id, statement_.column_bytes(statement_column),
                                                statement_.column_bytes(wraps_column))));
}

}  // namespace godwit
