#include <algorithm>
#include <limits>
#include <optional>

#include "shared/merge/record_state.h"

namespace godwit {

namespace {

constexpr std::size_t state_items = 11;

/// One row of the table that the changes and fields of a state name by index, so that a log costs
/// its sixteen bytes once a record. A log stands twice only if two siblings give it different
/// authors, which happens among no honest ends and must still encode.
struct LogRow {
    LogId log;
    std::optional<ReplicaId> author;

    auto operator<=>(const LogRow&) const = default;
};

using LogTable = std::vector<LogRow>;

/// Many name a row, few rows are named.
template <typename Row>
void add_row(std::vector<Row>& table, const Row& row) {
    const auto at = std::lower_bound(table.begin(), table.end(), row);
    if (at == table.end() || *at != row) table.insert(at, row);
}

template <typename Row>
std::size_t index_of(const std::vector<Row>& table, const Row& row) {
    const auto at = std::lower_bound(table.begin(), table.end(), row);
    return static_cast<std::size_t>(at - table.begin());
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

/// `later` - `earlier`, modulo 2^64: any two times have a distance, and adding it gets back.
std::int64_t distance(std::int64_t earlier, std::int64_t later) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(later) -
                                     static_cast<std::uint64_t>(earlier));
}

std::int64_t moved(std::int64_t earlier, std::int64_t distance) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(earlier) +
                                     static_cast<std::uint64_t>(distance));
}

/// What the siblings of one change have in common. Most fields of a record are said together, so
/// it stands once and they name it by its index. Honest ends give a dot one row; others must still
/// encode.
struct ChangeRow {
    std::size_t log{};  ///< Index of a row of the log table.
    Sequence sequence{};
    Role role{};
    Mark mark{};
    HybridTime claimed;
    HybridTime effective;

    auto operator<=>(const ChangeRow&) const = default;
};

using ChangeTable = std::vector<ChangeRow>;
constexpr std::size_t items_a_change = 8;

/// Is the field no more than one sibling, and that all it saw?
bool is_plain(const FieldState& field) {
    if (field.siblings.size() != 1 || !field.seen_early.empty()) return false;
    const Dot& dot = field.siblings.front().dot;
    const auto& seen = field.seen.entries();
    return seen.size() == 1 && seen.front().through == dot.sequence;  // It covers the dot.
}

class StateWriter {
public:
    explicit StateWriter(const RecordState& state) : state_(state), logs_(log_table(state)) {
        each_sibling([&](const Sibling& sibling) {
            add_row(changes_, row_of(sibling));
            ++sibling_count_;
            value_bytes_ += sibling.value.size();
        });
    }

    [[nodiscard]] Bytes write() const {
        Bytes bytes;
        bytes.reserve(bytes_around());
        cbor::Encoder out(bytes);
        out.array(state_items).unsigned_integer(state_.type).id(state_.team);
        out.boolean(state_.is_erased);
        write_logs(out);
        write_changes(out);
        write_fields(out);
        write_apart(out);
        write_siblings(out);
        return bytes;
    }

private:
    template <typename Use>
    void each_sibling(const Use& use) const {
        for (const auto& [number, field] : state_.fields) {
            for (const Sibling& each : field.siblings) use(each);
        }
    }

    [[nodiscard]] ChangeRow row_of(const Sibling& sibling) const {
        return {index_of(logs_, {sibling.dot.log, sibling.author}),
                sibling.dot.sequence,
                sibling.role,
                sibling.mark,
                sibling.claimed,
                sibling.effective};
    }

    void write_logs(cbor::Encoder& out) const {
        out.array(logs_.size());
        for (const LogRow& row : logs_) {
            out.array(2).id(row.log);
            if (row.author) {
                out.id(*row.author);
            } else {
                out.null();
            }
        }
    }

    void write_changes(cbor::Encoder& out) const {
        out.array(changes_.size() * items_a_change);
        std::int64_t before_ms = 0;
        for (const ChangeRow& row : changes_) {
            out.unsigned_integer(row.log)
                .unsigned_integer(row.sequence)
                .unsigned_integer(static_cast<std::uint64_t>(row.role))
                .unsigned_integer(static_cast<std::uint64_t>(row.mark))
                .integer(distance(before_ms, row.claimed.wall_ms))
                .unsigned_integer(row.claimed.tick)
                .integer(distance(row.claimed.wall_ms, row.effective.wall_ms))
                .unsigned_integer(row.effective.tick);
            before_ms = row.claimed.wall_ms;
        }
    }

    void write_fields(cbor::Encoder& out) const {
        out.array(state_.fields.size());
        for (const auto& [number, field] : state_.fields) out.unsigned_integer(number);
    }

    void write_apart(cbor::Encoder& out) const {
        const auto plain = static_cast<std::size_t>(
            std::count_if(state_.fields.begin(), state_.fields.end(),
                          [](const auto& field) { return is_plain(field.second); }));
        out.array((state_.fields.size() - plain) * 4);
        std::size_t index = 0;
        for (const auto& [number, field] : state_.fields) {
            const std::size_t at = index++;
            if (is_plain(field)) continue;
            out.unsigned_integer(at);
            out.array(field.seen.entries().size() * 2);
            for (const auto& entry : field.seen.entries()) {
                out.unsigned_integer(index_of(logs_, {entry.log, {}}));
                out.unsigned_integer(entry.through);
            }
            out.array(field.seen_early.size() * 2);
            for (const Dot& dot : field.seen_early) {
                out.unsigned_integer(index_of(logs_, {dot.log, {}}));
                out.unsigned_integer(dot.sequence);
            }
            out.unsigned_integer(field.siblings.size());
        }
    }

    void write_siblings(cbor::Encoder& out) const {
        out.array(sibling_count_);
        each_sibling(
            [&](const Sibling& each) { out.unsigned_integer(index_of(changes_, row_of(each))); });
        out.array(sibling_count_);
        each_sibling([&](const Sibling& each) {
            out.unsigned_integer(static_cast<std::uint64_t>(each.kind));
        });
        out.array(sibling_count_);
        each_sibling([&](const Sibling& each) {
            out.unsigned_integer(static_cast<std::uint64_t>(each.form));
        });
        out.array(sibling_count_);
        each_sibling([&](const Sibling& each) { out.raw(each.value); });
    }

    /// How much it will be, more or less.
    [[nodiscard]] std::size_t bytes_around() const {
        constexpr std::size_t head = 64, a_log = 40, a_change = 32, a_field = 4, a_sibling = 8;
        return head + logs_.size() * a_log + changes_.size() * a_change +
               state_.fields.size() * a_field + sibling_count_ * a_sibling + value_bytes_;
    }

    const RecordState& state_;
    LogTable logs_;
    ChangeTable changes_;
    std::size_t sibling_count_{};
    std::size_t value_bytes_{};
};

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
    /// A field that is more, or less, than one sibling.
    struct Apart {
        std::size_t field{};
        FieldState state;  ///< Without its siblings.
        std::uint64_t sibling_count{};
    };

    template <typename Number>
    Result<Number> number();
    Result<Sequence> sequence();
    /// An index of a table of `size` rows.
    Result<std::size_t> index(std::size_t size);
    /// Groups of `each` items in an array of as many times `each`.
    Result<std::size_t> groups(std::size_t each);

    Result<void> read_logs();
    Result<void> check_row(const LogRow& row) const;
    Result<void> read_changes();
    Result<ChangeRow> read_change(std::int64_t before_ms);
    Result<void> read_fields();
    Result<void> read_apart();
    Result<Context> read_seen();
    Result<std::vector<Dot>> read_early(const Context& seen);
    /// A log named for what was seen of it: by the first of its rows.
    Result<LogId> seen_log();
    Result<void> read_said();
    Result<std::vector<std::uint8_t>> read_codes();
    Result<void> check_all_named() const;

    // The values come last; with each one of them a sibling is whole and enters its field.
    Result<void> read_values(RecordState& state);
    Result<FieldState> plain_field();
    Result<FieldState> field_apart(Apart& apart);
    Result<Sibling> next_sibling();
    [[nodiscard]] std::size_t siblings_left() const { return said_.size() - read_; }

    cbor::Decoder in_;
    LogTable logs_;
    ChangeTable changes_;
    std::vector<bool> is_log_named_;
    std::vector<bool> is_change_named_;
    std::vector<std::uint32_t> fields_;
    std::vector<Apart> apart_;
    // Of the siblings of each field in turn.
    std::vector<std::uint32_t> said_;
    std::vector<std::uint8_t> kinds_;
    std::vector<std::uint8_t> forms_;
    std::size_t read_{};  ///< So many of them are whole.
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

Result<std::size_t> StateReader::index(std::size_t size) {
    const std::uint64_t read = TRY(in_.unsigned_integer());
    if (read >= size) return malformed("a row that is not in its table");
    return static_cast<std::size_t>(read);
}

Result<std::size_t> StateReader::groups(std::size_t each) {
    const std::size_t items = TRY(in_.array());
    if (items % each != 0) return malformed("a group cut short");
    return items / each;
}

Result<void> StateReader::check_row(const LogRow& row) const {
    if (logs_.empty()) return ok();
    const LogRow& last = logs_.back();
    if (!(last < row)) return not_deterministic("logs out of order");
    if (last.log == row.log && !last.author) return not_deterministic("a log named twice");
    return ok();
}

Result<void> StateReader::read_logs() {
    for (std::size_t left = TRY(in_.array()); left > 0; --left) {
        TRY(in_.array_of(2));
        LogRow row{TRY(in_.id<LogId>()), {}};
        if (!TRY(in_.try_null())) row.author = TRY(in_.id<ReplicaId>());
        TRY(check_row(row));
        logs_.push_back(row);
    }
    is_log_named_.resize(logs_.size());
    return ok();
}

Result<ChangeRow> StateReader::read_change(std::int64_t before_ms) {
    ChangeRow row;
    row.log = TRY(index(logs_.size()));
    if (!logs_[row.log].author) return malformed("a sibling without its author");
    is_log_named_[row.log] = true;
    row.sequence = TRY(sequence());
    row.role = static_cast<Role>(TRY(number<std::uint8_t>()));
    if (row.role < Role::worker || row.role > Role::advocate) {
        return malformed("a role that is none");
    }
    row.mark = static_cast<Mark>(TRY(number<std::uint8_t>()));
    row.claimed.wall_ms = moved(before_ms, TRY(in_.integer()));
    row.claimed.tick = TRY(number<std::uint32_t>());
    row.effective.wall_ms = moved(row.claimed.wall_ms, TRY(in_.integer()));
    row.effective.tick = TRY(number<std::uint32_t>());
    return row;
}

Result<void> StateReader::read_changes() {
    std::int64_t before_ms = 0;
    for (std::size_t left = TRY(groups(items_a_change)); left > 0; --left) {
        const ChangeRow row = TRY(read_change(before_ms));
        if (!changes_.empty() && !(changes_.back() < row)) {
            return not_deterministic("changes out of order");
        }
        changes_.push_back(row);
        before_ms = row.claimed.wall_ms;
    }
    is_change_named_.resize(changes_.size());
    return ok();
}

Result<void> StateReader::read_fields() {
    for (std::size_t left = TRY(in_.array()); left > 0; --left) {
        const auto field = TRY(number<std::uint32_t>());
        if (!fields_.empty() && fields_.back() >= field) {
            return not_deterministic("fields out of order");
        }
        fields_.push_back(field);
    }
    return ok();
}

Result<void> StateReader::read_apart() {
    for (std::size_t left = TRY(groups(4)); left > 0; --left) {
        Apart apart;
        apart.field = TRY(index(fields_.size()));
        if (!apart_.empty() && apart_.back().field >= apart.field) {
            return not_deterministic("fields apart out of order");
        }
        apart.state.seen = TRY(read_seen());
        apart.state.seen_early = TRY(read_early(apart.state.seen));
        apart.sibling_count = TRY(in_.unsigned_integer());
        apart_.push_back(std::move(apart));
    }
    return ok();
}

Result<LogId> StateReader::seen_log() {
    const std::size_t at = TRY(index(logs_.size()));
    const LogRow& row = logs_[at];
    if (at > 0 && logs_[at - 1].log == row.log) {
        return not_deterministic("a log named by another than its first row");
    }
    if (!row.author) is_log_named_[at] = true;
    return row.log;
}

Result<Context> StateReader::read_seen() {
    Context seen;
    for (std::size_t left = TRY(groups(2)); left > 0; --left) {
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
    for (std::size_t left = TRY(groups(2)); left > 0; --left) {
        const Dot dot{TRY(seen_log()), TRY(sequence())};
        if (seen.covers(dot)) return malformed("seen early, yet seen");
        if (!early.empty() && early.back() >= dot) {
            return not_deterministic("dots out of order in what was seen early");
        }
        early.push_back(dot);
    }
    return early;
}

Result<std::vector<std::uint8_t>> StateReader::read_codes() {
    TRY(in_.array_of(said_.size()));
    std::vector<std::uint8_t> codes;
    codes.reserve(said_.size());
    while (codes.size() < said_.size()) codes.push_back(TRY(number<std::uint8_t>()));
    return codes;
}

Result<void> StateReader::read_said() {
    const std::size_t count = TRY(in_.array());
    said_.reserve(count);
    while (said_.size() < count) {
        const std::size_t at = TRY(index(changes_.size()));
        is_change_named_[at] = true;
        said_.push_back(static_cast<std::uint32_t>(at));
    }
    kinds_ = TRY(read_codes());
    forms_ = TRY(read_codes());
    return ok();
}

Result<void> StateReader::check_all_named() const {
    if (std::find(is_log_named_.begin(), is_log_named_.end(), false) != is_log_named_.end()) {
        return malformed("a log that nothing names");
    }
    if (std::find(is_change_named_.begin(), is_change_named_.end(), false) !=
        is_change_named_.end()) {
        return malformed("a change that no sibling names");
    }
    return ok();
}

Result<Sibling> StateReader::next_sibling() {
    if (siblings_left() == 0) return malformed("a field without its sibling");
    const ChangeRow& row = changes_[said_[read_]];
    const LogRow& log = logs_[row.log];
    Sibling out;
    out.dot = {log.log, row.sequence};
    out.author = *log.author;
    out.role = row.role;
    out.kind = static_cast<OperationKind>(kinds_[read_]);
    if (out.kind == OperationKind::remove || out.kind == OperationKind::erase) {
        return malformed("a sibling of a kind that has none");
    }
    out.form = static_cast<Form>(forms_[read_]);
    out.mark = row.mark;
    out.claimed = row.claimed;
    out.effective = row.effective;
    out.value = copy_of(TRY(in_.item()));
    ++read_;
    return out;
}

Result<FieldState> StateReader::plain_field() {
    FieldState field;
    field.siblings.push_back(TRY(next_sibling()));
    field.seen.add(field.siblings.front().dot);
    return field;
}

Result<FieldState> StateReader::field_apart(Apart& apart) {
    FieldState field = std::move(apart.state);
    for (std::uint64_t left = apart.sibling_count; left > 0; --left) {
        Sibling each = TRY(next_sibling());
        if (!field.seen.covers(each.dot)) return malformed("a sibling that its field has not seen");
        if (!field.siblings.empty() && field.siblings.back().dot >= each.dot) {
            return not_deterministic("siblings out of order");
        }
        field.siblings.push_back(std::move(each));
    }
    if (is_plain(field)) return not_deterministic("a plain field apart");
    return field;
}

Result<void> StateReader::read_values(RecordState& state) {
    TRY(in_.array_of(said_.size()));
    auto apart = apart_.begin();
    for (std::size_t at = 0; at < fields_.size(); ++at) {
        const bool is_apart = apart != apart_.end() && apart->field == at;
        FieldState field = TRY(is_apart ? field_apart(*apart++) : plain_field());
        state.fields.emplace_hint(state.fields.end(), fields_[at], std::move(field));
    }
    if (siblings_left() > 0) return malformed("a sibling without its field");
    return ok();
}

Result<RecordState> StateReader::read() {
    TRY(in_.array_of(state_items));
    RecordState state;
    state.type = TRY(number<std::uint32_t>());
    state.team = TRY(in_.id<TeamId>());
    state.is_erased = TRY(in_.boolean());
    TRY(read_logs());
    TRY(read_changes());
    TRY(read_fields());
    if (state.is_erased && !fields_.empty()) return malformed("an erased record with fields");
    TRY(read_apart());
    TRY(read_said());
    TRY(check_all_named());
    TRY(read_values(state));
    TRY(in_.finish());
    return state;
}

}  // namespace

Bytes encode_state(const RecordState& state) {
    return StateWriter(state).write();
}

Result<RecordState> decode_state(ByteView bytes) {
    return StateReader(bytes).read();
}

}  // namespace godwit
