#include <algorithm>
#include <limits>
#include <optional>

#include "shared/merge/record_state.h"

namespace godwit {

namespace {

/// One row of the table that the fields of a state name by index, so that a log costs its sixteen
/// bytes once a record. A log stands twice only if two siblings give it different authors, which
/// happens among no honest ends and must still encode.
struct LogRow {
    LogId log;
    std::optional<ReplicaId> author;

    auto operator<=>(const LogRow&) const = default;
};

using LogTable = std::vector<LogRow>;

/// Many name a log, few logs are named.
void add_row(LogTable& rows, const LogRow& row) {
    const auto at = std::lower_bound(rows.begin(), rows.end(), row);
    if (at == rows.end() || *at != row) rows.insert(at, row);
}

LogTable log_table(const RecordState& state) {
    LogTable rows;
    for (const auto& [number, field] : state.fields) {
        for (const auto& entry : field.seen.entries()) add_row(rows, {entry.log, {}});
        for (const Dot& dot : field.seen_early) add_row(rows, {dot.log, {}});
        for (const Sibling& each : field.siblings) add_row(rows, {each.dot.log, each.author});
    }
    // A row without author sorts before those of the same log that have one, and then says nothing.
    LogTable out;
    for (std::size_t index = 0; index < rows.size(); ++index) {
        const bool is_named_again =
            index + 1 < rows.size() && rows[index + 1].log == rows[index].log;
        if (!rows[index].author && is_named_again) continue;
        out.push_back(rows[index]);
    }
    return out;
}

std::size_t index_of(const LogTable& table, const LogRow& row) {
    const auto at = std::lower_bound(table.begin(), table.end(), row);
    return static_cast<std::size_t>(at - table.begin());
}

/// `later` - `earlier`, modulo 2^64: any two times have a distance, and adding it gets back.
std::int64_t distance(std::int64_t earlier, std::int64_t later) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(later) -
                                     static_cast<std::uint64_t>(earlier));
}

std::int64_t moved(std::int64_t earlier, std::int64_t distance) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(earlier) +
                                     static_cast<std::uint64_t>(distance));
}

void encode_sibling(cbor::Encoder& out, const LogTable& table, const Sibling& sibling) {
    out.array(11)
        .unsigned_integer(index_of(table, {sibling.dot.log, sibling.author}))
        .unsigned_integer(sibling.dot.sequence)
        .unsigned_integer(static_cast<std::uint64_t>(sibling.role))
        .unsigned_integer(static_cast<std::uint64_t>(sibling.kind))
        .unsigned_integer(static_cast<std::uint64_t>(sibling.form))
        .unsigned_integer(static_cast<std::uint64_t>(sibling.mark))
        .integer(sibling.claimed.wall_ms)
        .unsigned_integer(sibling.claimed.tick)
        .integer(distance(sibling.claimed.wall_ms, sibling.effective.wall_ms))
        .unsigned_integer(sibling.effective.tick)
        .raw(sibling.value);
}

void encode_field(cbor::Encoder& out, const LogTable& table, const FieldState& field) {
    out.array(3);
    out.array(field.seen.entries().size() * 2);
    for (const auto& entry : field.seen.entries()) {
        out.unsigned_integer(index_of(table, {entry.log, {}})).unsigned_integer(entry.through);
    }
    out.array(field.seen_early.size() * 2);
    for (const Dot& dot : field.seen_early) {
        out.unsigned_integer(index_of(table, {dot.log, {}})).unsigned_integer(dot.sequence);
    }
    out.array(field.siblings.size());
    for (const Sibling& each : field.siblings) encode_sibling(out, table, each);
}

/// How much it will be, more or less.
std::size_t bytes_around(const RecordState& state, const LogTable& table) {
    std::size_t bytes = 64 + table.size() * 40;
    for (const auto& [number, field] : state.fields) {
        bytes += 16 + field.seen.entries().size() * 8 + field.seen_early.size() * 8;
        for (const Sibling& each : field.siblings) bytes += 40 + each.value.size();
    }
    return bytes;
}

Error malformed(const char* what) {
    return Error{ErrorCode::malformed, what};
}

Error not_deterministic(const char* what) {
    return Error{ErrorCode::not_deterministic, what};
}

/// Reads a state and holds it to what encode_state() gives.
class StateReader {
public:
    explicit StateReader(ByteView bytes) : in_(bytes) {}

    Result<RecordState> read();

private:
    template <typename Number>
    Result<Number> number();
    Result<Sequence> sequence();
    Result<void> read_table();
    Result<void> check_row(const LogRow& row) const;
    Result<FieldState> read_field();
    Result<Context> read_seen();
    Result<std::vector<Dot>> read_early(const Context& seen);
    Result<Sibling> read_sibling();
    Result<HybridTime> read_effective(const HybridTime& claimed);
    /// A log named for what was seen of it: by the first of its rows.
    Result<LogId> seen_log();
    /// Pairs in an array of twice as many items.
    Result<std::size_t> pairs();
    Result<std::size_t> row_index();
    Result<void> check_all_named() const;

    cbor::Decoder in_;
    LogTable table_;
    std::vector<bool>
        is_named_;  ///< By row: by a sibling; for rows without author by what was seen.
};

/// An unsigned integer that fits `Number`.
template <typename Number>
Result<Number> StateReader::number() {
    const std::uint64_t read = TRY(in_.unsigned_integer());
    if (read > std::numeric_limits<Number>::max()) return malformed("a number out of its range");
    return static_cast<Number>(read);
}

Result<Sequence> StateReader::sequence() {
    const Sequence read = TRY(in_.unsigned_integer());
    if (read == 0 || read > sequence_max) return malformed("a sequence out of bounds");
    return read;
}

Result<void> StateReader::check_row(const LogRow& row) const {
    if (table_.empty()) return ok();
    const LogRow& last = table_.back();
    if (!(last < row)) return not_deterministic("logs out of order");
    if (last.log == row.log && !last.author) return not_deterministic("a log named twice");
    return ok();
}

Result<void> StateReader::read_table() {
    for (std::size_t left = TRY(in_.array()); left > 0; --left) {
        TRY(in_.array_of(2));
        LogRow row{TRY(in_.id<LogId>()), {}};
        if (!TRY(in_.try_null())) row.author = TRY(in_.id<ReplicaId>());
        TRY(check_row(row));
        table_.push_back(row);
    }
    is_named_.resize(table_.size());
    return ok();
}

Result<std::size_t> StateReader::pairs() {
    const std::size_t items = TRY(in_.array());
    if (items % 2 != 0) return malformed("half a pair");
    return items / 2;
}

Result<std::size_t> StateReader::row_index() {
    const std::uint64_t index = TRY(in_.unsigned_integer());
    if (index >= table_.size()) return malformed("a log that is not in the table");
    return static_cast<std::size_t>(index);
}

Result<LogId> StateReader::seen_log() {
    const std::size_t index = TRY(row_index());
    const LogRow& row = table_[index];
    if (index > 0 && table_[index - 1].log == row.log) {
        return not_deterministic("a log named by another than its first row");
    }
    if (!row.author) is_named_[index] = true;
    return row.log;
}

Result<Context> StateReader::read_seen() {
    Context seen;
    for (std::size_t left = TRY(pairs()); left > 0; --left) {
        const Dot dot{TRY(seen_log()), TRY(sequence())};
        if (!seen.is_empty() && seen.entries().back().log >= dot.log) {
            return not_deterministic("logs out of order in what was seen");
        }
        seen.add(dot);
    }
    return seen;
}

Result<std::vector<Dot>> StateReader::read_early(const Context& seen) {
    std::vector<Dot> early;
    for (std::size_t left = TRY(pairs()); left > 0; --left) {
        const Dot dot{TRY(seen_log()), TRY(sequence())};
        if (seen.covers(dot)) return malformed("seen early, yet seen");
        if (!early.empty() && early.back() >= dot) {
            return not_deterministic("dots out of order in what was seen early");
        }
        early.push_back(dot);
    }
    return early;
}

Result<HybridTime> StateReader::read_effective(const HybridTime& claimed) {
    const std::int64_t difference_ms = TRY(in_.integer());
    return HybridTime{moved(claimed.wall_ms, difference_ms), TRY(number<std::uint32_t>())};
}

Result<Sibling> StateReader::read_sibling() {
    TRY(in_.array_of(11));
    const std::size_t index = TRY(row_index());
    const LogRow& row = table_[index];
    if (!row.author) return malformed("a sibling without its author");
    is_named_[index] = true;

    Sibling out;
    out.dot = {row.log, TRY(sequence())};
    out.author = *row.author;
    out.role = static_cast<Role>(TRY(number<std::uint8_t>()));
    if (out.role < Role::worker || out.role > Role::advocate) {
        return malformed("a role that is none");
    }
    out.kind = static_cast<OperationKind>(TRY(number<std::uint8_t>()));
    if (out.kind == OperationKind::remove || out.kind == OperationKind::erase) {
        return malformed("a sibling of a kind that has none");
    }
    out.form = static_cast<Form>(TRY(number<std::uint8_t>()));
    out.mark = static_cast<Mark>(TRY(number<std::uint8_t>()));
    const std::int64_t claimed_ms = TRY(in_.integer());
    out.claimed = {claimed_ms, TRY(number<std::uint32_t>())};
    out.effective = TRY(read_effective(out.claimed));
    out.value = copy_of(TRY(in_.item()));
    return out;
}

Result<FieldState> StateReader::read_field() {
    TRY(in_.array_of(3));
    FieldState field;
    field.seen = TRY(read_seen());
    field.seen_early = TRY(read_early(field.seen));
    for (std::size_t left = TRY(in_.array()); left > 0; --left) {
        Sibling each = TRY(read_sibling());
        if (!field.seen.covers(each.dot)) return malformed("a sibling that its field has not seen");
        if (!field.siblings.empty() && field.siblings.back().dot >= each.dot) {
            return not_deterministic("siblings out of order");
        }
        field.siblings.push_back(std::move(each));
    }
    return field;
}

Result<void> StateReader::check_all_named() const {
    if (std::find(is_named_.begin(), is_named_.end(), false) != is_named_.end()) {
        return malformed("a log that no field names");
    }
    return ok();
}

Result<RecordState> StateReader::read() {
    TRY(in_.array_of(5));
    RecordState state;
    state.type = TRY(number<std::uint32_t>());
    state.team = TRY(in_.id<TeamId>());
    state.is_erased = TRY(in_.boolean());
    TRY(read_table());
    const std::size_t count = TRY(pairs());
    if (state.is_erased && count > 0) return malformed("an erased record with fields");
    for (std::size_t left = count; left > 0; --left) {
        const auto field = TRY(number<std::uint32_t>());
        if (!state.fields.empty() && state.fields.rbegin()->first >= field) {
            return not_deterministic("fields out of order");
        }
        state.fields.emplace_hint(state.fields.end(), field, TRY(read_field()));
    }
    TRY(check_all_named());
    TRY(in_.finish());
    return state;
}

}  // namespace

Bytes encode_state(const RecordState& state) {
    const LogTable table = log_table(state);
    Bytes bytes;
    bytes.reserve(bytes_around(state, table));
    cbor::Encoder out(bytes);
    out.array(5).unsigned_integer(state.type).id(state.team).boolean(state.is_erased);
    out.array(table.size());
    for (const LogRow& row : table) {
        out.array(2).id(row.log);
        if (row.author) {
            out.id(*row.author);
        } else {
            out.null();
        }
    }
    out.array(state.fields.size() * 2);
    for (const auto& [number, field] : state.fields) {
        out.unsigned_integer(number);
        encode_field(out, table, field);
    }
    return bytes;
}

Result<RecordState> decode_state(ByteView bytes) {
    return StateReader(bytes).read();
}

}  // namespace godwit
