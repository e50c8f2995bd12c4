#include "shared/merge/kept_state.h"

#include <algorithm>

namespace godwit {

namespace {

constexpr std::size_t first_layout_items = 5;

struct LogRow {
    LogId log;
    ReplicaId author;
};

using LogTable = std::vector<LogRow>;

/// What reads the rest of a state in the first layout; nothing for all others.
std::optional<cbor::Decoder> open_first(ByteView bytes) {
    cbor::Decoder in(bytes);
    if (!in.array_of(first_layout_items)) return std::nullopt;
    return in;
}

Result<LogTable> read_logs(cbor::Decoder& in) {
    LogTable logs;
    for (std::size_t left = TRY(in.array()); left > 0; --left) {
        TRY(in.array_of(2));
        LogRow row{TRY(in.id<LogId>()), {}};
        if (!TRY(in.try_null())) row.author = TRY(in.id<ReplicaId>());
        logs.push_back(row);
    }
    return logs;
}

Result<LogRow> read_log(cbor::Decoder& in, const LogTable& logs) {
    const std::uint64_t index = TRY(in.unsigned_integer());
    if (index >= logs.size()) return Error{ErrorCode::malformed, "a log that is not in the table"};
    return logs[static_cast<std::size_t>(index)];
}

Result<std::vector<Dot>> read_dots(cbor::Decoder& in, const LogTable& logs) {
    std::vector<Dot> dots;
    for (std::size_t left = TRY(in.array()) / 2; left > 0; --left) {
        const LogId log = TRY(read_log(in, logs)).log;
        dots.push_back({log, TRY(in.unsigned_integer())});
    }
    return dots;
}

Result<HybridTime> read_time(cbor::Decoder& in, std::int64_t from_ms) {
    const std::int64_t wall_ms = TRY(in.integer());
    const auto tick = static_cast<std::uint32_t>(TRY(in.unsigned_integer()));
    // Modulo 2^64, as all times in a state.
    return HybridTime{static_cast<std::int64_t>(static_cast<std::uint64_t>(from_ms) +
                                                static_cast<std::uint64_t>(wall_ms)),
                      tick};
}

Result<Sibling> read_sibling(cbor::Decoder& in, const LogTable& logs) {
    TRY(in.array_of(11));
    Sibling out;
    const LogRow log = TRY(read_log(in, logs));
    out.dot = {log.log, TRY(in.unsigned_integer())};
    out.author = log.author;
    out.role = static_cast<Role>(TRY(in.unsigned_integer()));
    out.kind = static_cast<OperationKind>(TRY(in.unsigned_integer()));
    out.form = static_cast<Form>(TRY(in.unsigned_integer()));
    out.mark = static_cast<Mark>(TRY(in.unsigned_integer()));
    out.claimed = TRY(read_time(in, 0));
    out.effective = TRY(read_time(in, out.claimed.wall_ms));
    out.value = copy_of(TRY(in.item()));
    return out;
}

Result<FieldState> read_field(cbor::Decoder& in, const LogTable& logs) {
    TRY(in.array_of(3));
    FieldState field;
    for (const Dot& dot : TRY(read_dots(in, logs))) field.seen.add(dot);
    field.seen_early = TRY(read_dots(in, logs));
    for (std::size_t left = TRY(in.array()); left > 0; --left) {
        field.siblings.push_back(TRY(read_sibling(in, logs)));
    }
    return field;
}

Result<RecordState> decode_first(cbor::Decoder& in) {
    RecordState state;
    state.type = static_cast<std::uint32_t>(TRY(in.unsigned_integer()));
    state.team = TRY(in.id<TeamId>());
    state.is_erased = TRY(in.boolean());
    const LogTable logs = TRY(read_logs(in));
    for (std::size_t left = TRY(in.array()) / 2; left > 0; --left) {
        const auto number = static_cast<std::uint32_t>(TRY(in.unsigned_integer()));
        state.fields.emplace(number, TRY(read_field(in, logs)));
    }
    TRY(in.finish());
    return state;
}

}  // namespace

Result<RecordState> decode_kept_state(ByteView bytes) {
    auto first = open_first(bytes);
    return first ? decode_first(*first) : decode_state(bytes);
}

Result<Bytes> renew_kept_state(Bytes bytes) {
    auto first = open_first(bytes);
    if (!first) return bytes;
    return encode_state(TRY(decode_first(*first)));
}

}  // namespace godwit
