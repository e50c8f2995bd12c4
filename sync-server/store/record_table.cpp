#include "sync-server/store/record_table.h"

#include <algorithm>

#include "shared/compression/packed.h"
#include "shared/merge/kept_state.h"

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

// traces = [ 2, group, … ]        as most fields of a record changed together
// group  = [ log, position, before, number, … ]        numbers ascending
// Servers of the first versions wrote [ [log, …], [number, position, log index, before, …] ].
constexpr std::uint64_t traces_version = 2;

using Traces = std::map<std::uint32_t, FieldTrace>;

Bytes encode_traces(const Traces& traces) {
    std::map<FieldTrace, std::vector<std::uint32_t>> groups;
    for (const auto& [number, trace] : traces) groups[trace].push_back(number);
    Bytes bytes;
    cbor::Encoder out(bytes);
    out.array(1 + groups.size()).unsigned_integer(traces_version);
    for (const auto& [trace, numbers] : groups) {
        out.array(3 + numbers.size())
            .id(trace.log)
            .unsigned_integer(trace.position)
            .unsigned_integer(trace.before);
        for (const std::uint32_t number : numbers) out.unsigned_integer(number);
    }
    return bytes;
}

Result<void> decode_group(cbor::Decoder& in, Traces& out) {
    constexpr std::size_t head_items = 3;
    const std::size_t items = TRY(in.array());
    if (items < head_items) return ErrorCode::malformed;
    FieldTrace trace;
    trace.log = TRY(in.id<LogId>());
    trace.position = TRY(in.unsigned_integer());
    trace.before = TRY(in.unsigned_integer());
    for (std::size_t left = items - head_items; left > 0; --left) {
        out.emplace(static_cast<std::uint32_t>(TRY(in.unsigned_integer())), trace);
    }
    return ok();
}

Result<void> decode_first_traces(cbor::Decoder& in, Traces& out) {
    std::vector<LogId> logs;
    for (std::size_t left = TRY(in.array()); left > 0; --left) {
        logs.push_back(TRY(in.id<LogId>()));
    }
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
    return ok();
}

Result<Traces> decode_traces(ByteView bytes) {
    cbor::Decoder in(bytes);
    Traces out;
    const std::size_t items = TRY(in.array());
    if (TRY(in.peek()) == cbor::Kind::array) {
        TRY(decode_first_traces(in, out));
    } else {
        if (TRY(in.unsigned_integer()) != traces_version) return ErrorCode::unknown_version;
        for (std::size_t left = items - 1; left > 0; --left) TRY(decode_group(in, out));
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
    auto fields = decode_traces(select.column_bytes(11));
    if (!fields) return Error{ErrorCode::storage_corrupt, "traces of a record do not read"};
    row.fields = std::move(fields).value();
    return row;
}

Result<Bytes> read_state(const Query& select) {
    const ByteView stored = select.column_bytes(state_column);
    // Servers of the first versions kept a state as it is, whose first byte no packed one has.
    const bool is_plain = !stored.empty() && stored[0] > 1;
    auto bytes = is_plain ? Result<Bytes>(copy_of(stored)) : unpack(stored, state_bytes_max);
    if (bytes) bytes = renew_kept_state(std::move(bytes).value());
    if (!bytes) return Error{ErrorCode::storage_corrupt, "the state of a record does not read"};
    return std::move(bytes).value();
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
                        ByteView(encode_traces(row.fields)), ByteView(pack(state)), row.id);
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
