#include "shared/protocol/messages.h"

#include "shared/protocol/message_parts.h"

namespace godwit {
namespace {

constexpr std::size_t app_version_bytes_max = 64;
constexpr std::size_t delta_bytes_min = 24;

Result<std::size_t> read_former_count(cbor::Decoder& in) {
    const std::size_t count = TRY(in.array());
    if (count > former_logs_max) return Error{ErrorCode::too_large, "too many former logs"};
    return count;
}

void encode_former(cbor::Encoder& out, const std::vector<FormerLog>& former) {
    out.array(former.size());
    for (const FormerLog& each : former) {
        out.array(3).id(each.log).unsigned_integer(each.head.sequence).bytes(each.head.hash);
    }
}

Result<std::vector<FormerLog>> read_former_logs(cbor::Decoder& in) {
    std::vector<FormerLog> former(TRY(read_former_count(in)));
    for (FormerLog& each : former) {
        TRY(in.array_of(3));
        each.log = TRY(in.id<LogId>());
        each.head.sequence = TRY(in.unsigned_integer());
        each.head.hash = TRY(in.fixed<32>());
    }
    return former;
}

void encode_former(cbor::Encoder& out, const std::vector<FormerHeld>& former) {
    out.array(former.size());
    for (const FormerHeld& each : former) {
        out.array(3).unsigned_integer(each.through).boolean(each.is_forked);
        if (each.safe) {
            out.bytes(*each.safe);
        } else {
            out.null();
        }
    }
}

Result<std::vector<FormerHeld>> read_former_held(cbor::Decoder& in) {
    std::vector<FormerHeld> former(TRY(read_former_count(in)));
    for (FormerHeld& each : former) {
        TRY(in.array_of(3));
        each.through = TRY(in.unsigned_integer());
        each.is_forked = TRY(in.boolean());
        if (!TRY(in.try_null())) each.safe = copy_of(TRY(in.bytes()));
    }
    return former;
}

Result<void> read_request_entry(cbor::Decoder& in, std::uint64_t key, Request& request) {
    switch (key) {
        case 2:
            request.clock_ms = TRY(in.integer());
            break;
        case 3:
            request.log = TRY(in.id<LogId>());
            break;
        case 4:
            request.head = TRY(read_head(in));
            break;
        case 5:
            request.epoch = TRY(in.id<EpochId>());
            break;
        case 6:
            request.cursors = TRY(read_cursors(in));
            break;
        case 7:
            request.roster_cursor = TRY(in.unsigned_integer());
            break;
        case 8:
            request.parked_cursor = TRY(in.unsigned_integer());
            break;
        case 9:
            request.statements = TRY(read_byte_list(in));
            break;
        case 10:
            request.receipts = TRY(read_byte_list(in));
            break;
        case 11:
            request.segments = TRY(read_byte_list(in));
            break;
        case 12:
            request.keys = TRY(read_byte_list(in));
            break;
        case 13:
            request.wraps = TRY(read_byte_list(in));
            break;
        case 14:
            request.erased = TRY(read_ids<RecordId>(in));
            break;
        case 15:
            request.unsent = TRY(in.unsigned_integer());
            break;
        case 16:
            request.app_version = std::string(TRY(in.text()));
            break;
        case 17:
            request.budget_bytes = TRY(in.unsigned_integer());
            break;
        case 18:
            request.unfinished = TRY(read_cursors(in));
            break;
        case 19:
            request.proofs = TRY(read_byte_list(in));
            break;
        case 20:
            request.former = TRY(read_former_logs(in));
            break;
        default:
            TRY(in.item());
    }
    return ok();
}

// [number, dot, author, record, team, reason, detail, body, dot | null]
void encode_parked(cbor::Encoder& out, const ParkedItem& item) {
    out.array(9).unsigned_integer(item.number);
    encode(out, item.dot);
    out.id(item.author).id(item.record).id(item.team);
    encode_error(out, {item.reason, item.detail});
    out.bytes(item.body);
    if (item.adopted) {
        encode(out, *item.adopted);
    } else {
        out.null();
    }
}

Result<ParkedItem> read_parked(cbor::Decoder& in) {
    TRY(in.array_of(9));
    ParkedItem item;
    item.number = TRY(in.unsigned_integer());
    item.dot = TRY(decode_dot(in));
    item.author = TRY(in.id<ReplicaId>());
    item.record = TRY(in.id<RecordId>());
    item.team = TRY(in.id<TeamId>());
    Error reason;
    TRY(read_error(in, reason));
    item.reason = reason.code;
    item.detail = std::move(reason.detail);
    item.body = copy_of(TRY(in.bytes()));
    if (!TRY(in.try_null())) item.adopted = TRY(decode_dot(in));
    return item;
}

Result<std::vector<ParkedItem>> read_parked_list(cbor::Decoder& in) {
    const std::size_t count = TRY(read_list(in));
    std::vector<ParkedItem> items;
    for (std::size_t index = 0; index < count; ++index) items.push_back(TRY(read_parked(in)));
    return items;
}

void encode_optional_bytes(cbor::Encoder& out, const std::optional<Bytes>& bytes) {
    if (bytes) {
        out.bytes(*bytes);
    } else {
        out.null();
    }
}

// [record, position, state, [unconfirmed, …], wraps, erasure | null]
void encode_delta(cbor::Encoder& out, const RecordDelta& delta) {
    out.array(6).id(delta.record).unsigned_integer(delta.position).bytes(delta.state);
    EntryWriter::encode_ids(out, delta.unconfirmed);
    out.bytes(delta.wraps);
    encode_optional_bytes(out, delta.erasure);
}

Result<RecordDelta> read_delta(cbor::Decoder& in) {
    TRY(in.array_of(6));
    RecordDelta delta;
    delta.record = TRY(in.id<RecordId>());
    delta.position = TRY(in.unsigned_integer());
    delta.state = copy_of(TRY(in.bytes()));
    delta.unconfirmed = TRY(read_ids<ReplicaId>(in));
    delta.wraps = copy_of(TRY(in.bytes()));
    if (!TRY(in.try_null())) delta.erasure = copy_of(TRY(in.bytes()));
    return delta;
}

using Records = std::vector<std::pair<TeamId, RecordDelta>>;

// [team, [delta, …], team, [delta, …], …]: each run of one team names it once.
void encode_records(cbor::Encoder& out, const Records& records) {
    std::vector<std::size_t> starts;
    for (std::size_t index = 0; index < records.size(); ++index) {
        const bool is_start = index == 0 || records[index].first != records[index - 1].first;
        if (is_start) starts.push_back(index);
    }
    out.array(starts.size() * 2);
    for (std::size_t run = 0; run < starts.size(); ++run) {
        const std::size_t end = run + 1 < starts.size() ? starts[run + 1] : records.size();
        out.id(records[starts[run]].first).array(end - starts[run]);
        for (std::size_t index = starts[run]; index < end; ++index) {
            encode_delta(out, records[index].second);
        }
    }
}

Result<Records> read_records(cbor::Decoder& in) {
    const std::size_t count = TRY(read_list(in));
    if (count % 2 != 0) return Error{ErrorCode::malformed, "a team without its records"};
    Records records;
    for (std::size_t index = 0; index < count; index += 2) {
        const auto team = TRY(in.id<TeamId>());
        const std::size_t deltas = TRY(read_list(in, delta_bytes_min));
        const bool is_continued = !records.empty() && records.back().first == team;
        if (deltas == 0 || is_continued) {
            return Error{ErrorCode::not_deterministic, "a run of records is empty or split"};
        }
        records.reserve(records.size() + deltas);
        for (std::size_t each = 0; each < deltas; ++each) {
            records.emplace_back(team, TRY(read_delta(in)));
        }
    }
    return records;
}

// [null | [code, detail], …]
void encode_verdicts(cbor::Encoder& out, const std::vector<std::optional<Error>>& verdicts) {
    out.array(verdicts.size());
    for (const auto& verdict : verdicts) {
        if (verdict) {
            out.array(2);
            encode_error(out, *verdict);
        } else {
            out.null();
        }
    }
}

Result<std::optional<Error>> read_verdict(cbor::Decoder& in) {
    if (TRY(in.try_null())) return std::optional<Error>{};
    TRY(in.array_of(2));
    Error verdict;
    TRY(read_error(in, verdict));
    return std::optional<Error>{std::move(verdict)};
}

Result<void> read_verdicts(cbor::Decoder& in, std::vector<std::optional<Error>>& verdicts) {
    const std::size_t count = TRY(read_list(in));
    // One byte each on the way and many here: all of them are looked at before any is kept.
    cbor::Decoder ahead = in;
    for (std::size_t index = 0; index < count; ++index) TRY(read_verdict(ahead));
    verdicts.reserve(count);
    for (std::size_t index = 0; index < count; ++index) {
        verdicts.push_back(TRY(read_verdict(in)));
    }
    return ok();
}

Result<Standing> read_standing(cbor::Decoder& in) {
    const std::uint64_t number = TRY(in.unsigned_integer());
    if (number < 1 || number > 3) return Error{ErrorCode::malformed, "an unknown standing"};
    return static_cast<Standing>(number);
}

// How the server stands to the replica and its log.
Result<void> read_standing_entry(cbor::Decoder& in, std::uint64_t key, Answer& answer) {
    switch (key) {
        case 2:
            answer.epoch = TRY(in.id<EpochId>());
            break;
        case 3:
            answer.clock_ms = TRY(in.integer());
            break;
        case 4:
            answer.nonce = TRY(in.fixed<24>());
            break;
        case 5:
            answer.standing = TRY(read_standing(in));
            break;
        case 6:
            answer.head = TRY(read_head(in));
            break;
        case 7:
            answer.is_forked = TRY(in.boolean());
            break;
        case 8:
            answer.forked_after = TRY(in.unsigned_integer());
            break;
        case 9:
            answer.receipts = TRY(read_byte_list(in));
            break;
        case 10:
            answer.safe = copy_of(TRY(in.bytes()));
            break;
        default:
            TRY(in.item());
    }
    return ok();
}

// What it has to tell, and how far that goes.
Result<void> read_answer_entry(cbor::Decoder& in, std::uint64_t key, Answer& answer) {
    switch (key) {
        case 11:
            answer.statements = TRY(read_byte_list(in));
            break;
        case 12:
            answer.roster_cursor = TRY(in.unsigned_integer());
            break;
        case 13:
            answer.parked = TRY(read_parked_list(in));
            break;
        case 14:
            answer.parked_cursor = TRY(in.unsigned_integer());
            break;
        case 15:
            answer.records = TRY(read_records(in));
            break;
        case 16:
            answer.cursors = TRY(read_cursors(in));
            break;
        case 17:
            answer.has_more = TRY(in.boolean());
            break;
        case 18:
            answer.left = TRY(read_ids<TeamId>(in));
            break;
        case 19:
            TRY(read_verdicts(in, answer.verdicts));
            break;
        case 20:
            answer.unfinished = TRY(read_cursors(in));
            break;
        case 21:
            answer.as_asked = TRY(in.unsigned_integer());
            break;
        case 22:
            answer.short_receipt = copy_of(TRY(in.bytes()));
            break;
        case 23:
            answer.keys = TRY(read_byte_list(in));
            break;
        case 24:
            answer.unproven = TRY(read_ids<RecordId>(in));
            break;
        case 25:
            answer.unkeyed = TRY(read_ids<RecordId>(in));
            break;
        case 26:
            answer.former = TRY(read_former_held(in));
            break;
        default:
            return read_standing_entry(in, key, answer);
    }
    return ok();
}

// The layout of a whole message, so that a damaged one is refused before anything of it is kept.
// Depth counts from each value, as it does for whoever reads it.
Result<void> check_layout(ByteView bytes) {
    cbor::Decoder in(bytes);
    auto map = TRY(cbor::MapReader::open(in));
    while (TRY(map.next())) TRY(in.item());
    return in.finish();
}

// Key 1 is the version: read before anything else, because it says how to read the rest.
template <typename Message>
Result<Message> decode_message(ByteView bytes,
                               Result<void> (*read)(cbor::Decoder&, std::uint64_t, Message&)) {
    cbor::Decoder in(bytes);
    auto map = TRY(cbor::MapReader::open(in));
    const auto first = TRY(map.next());
    if (first != std::uint64_t{1}) return Error{ErrorCode::malformed, "a message without version"};
    TRY(read_version(in));
    TRY(check_layout(bytes));
    Message message;
    for (auto key = TRY(map.next()); key; key = TRY(map.next())) TRY(read(in, *key, message));
    TRY(in.finish());
    return message;
}

}  // namespace

Bytes encode_request(const Request& request) {
    EntryWriter out;
    out.entry(1).unsigned_integer(1);
    out.integer(2, request.clock_ms);
    out.id(3, request.log);
    out.head(4, request.head);
    out.id(5, request.epoch);
    out.cursors(6, request.cursors);
    out.unsigned_integer(7, request.roster_cursor);
    out.unsigned_integer(8, request.parked_cursor);
    out.byte_list(9, request.statements);
    out.byte_list(10, request.receipts);
    out.byte_list(11, request.segments);
    out.byte_list(12, request.keys);
    out.byte_list(13, request.wraps);
    out.id_list(14, request.erased);
    out.unsigned_integer(15, request.unsent);
    if (!request.app_version.empty()) out.entry(16).text(request.app_version);
    out.unsigned_integer(17, request.budget_bytes, Request{}.budget_bytes);
    out.cursors(18, request.unfinished);
    out.byte_list(19, request.proofs);
    if (!request.former.empty()) encode_former(out.entry(20), request.former);
    return out.finish();
}

Result<Request> decode_request(ByteView bytes) {
    Request request = TRY(decode_message<Request>(bytes, read_request_entry));
    if (request.app_version.size() > app_version_bytes_max) {
        return Error{ErrorCode::too_large, "a version's name is too long"};
    }
    return request;
}

Bytes encode_answer(const Answer& answer) {
    EntryWriter out;
    out.entry(1).unsigned_integer(1);
    out.id(2, answer.epoch);
    out.integer(3, answer.clock_ms);
    if (answer.nonce != RequestNonceBytes{}) out.entry(4).bytes(answer.nonce);
    out.unsigned_integer(5, static_cast<std::uint64_t>(answer.standing),
                         static_cast<std::uint64_t>(Standing::member));
    out.head(6, answer.head);
    out.flag(7, answer.is_forked);
    out.unsigned_integer(8, answer.forked_after);
    out.byte_list(9, answer.receipts);
    if (answer.safe) out.entry(10).bytes(*answer.safe);
    out.byte_list(11, answer.statements);
    out.unsigned_integer(12, answer.roster_cursor);
    if (!answer.parked.empty()) {
        cbor::Encoder& items = out.entry(13).array(answer.parked.size());
        for (const ParkedItem& item : answer.parked) encode_parked(items, item);
    }
    out.unsigned_integer(14, answer.parked_cursor);
    if (!answer.records.empty()) encode_records(out.entry(15), answer.records);
    out.cursors(16, answer.cursors);
    out.flag(17, answer.has_more);
    out.id_list(18, answer.left);
    if (!answer.verdicts.empty()) encode_verdicts(out.entry(19), answer.verdicts);
    out.cursors(20, answer.unfinished);
    out.unsigned_integer(21, answer.as_asked);
    if (answer.short_receipt) out.entry(22).bytes(*answer.short_receipt);
    out.byte_list(23, answer.keys);
    out.id_list(24, answer.unproven);
    out.id_list(25, answer.unkeyed);
    if (!answer.former.empty()) encode_former(out.entry(26), answer.former);
    return out.finish();
}

Result<Answer> decode_answer(ByteView bytes) {
    return decode_message<Answer>(bytes, read_answer_entry);
}

Bytes encode_refusal(const Refusal& refusal) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    out.array(4).unsigned_integer(1);
    encode_error(out, refusal.error);
    if (refusal.nonce) {
        out.bytes(*refusal.nonce);
    } else {
        out.null();
    }
    return bytes;
}

Result<Refusal> decode_refusal(ByteView bytes) {
    cbor::Decoder in(bytes);
    TRY(in.array_of(4));
    TRY(read_version(in));
    Refusal refusal;
    TRY(read_error(in, refusal.error));
    if (!TRY(in.try_null())) refusal.nonce = TRY(in.fixed<24>());
    TRY(in.finish());
    return refusal;
}

Bytes encode_founding_request(const FoundingRequest& request) {
    Bytes bytes;
    cbor::Encoder(bytes)
        .array(3)
        .unsigned_integer(1)
        .bytes(request.secret)
        .bytes(request.statement);
    return bytes;
}

Result<FoundingRequest> decode_founding_request(ByteView bytes) {
    cbor::Decoder in(bytes);
    TRY(in.array_of(3));
    TRY(read_version(in));
    FoundingRequest request;
    request.secret = TRY(in.fixed<32>());
    request.statement = copy_of(TRY(in.bytes()));
    TRY(in.finish());
    return request;
}

Bytes encode_statements(const std::vector<Bytes>& statements) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    out.array(2).unsigned_integer(1);
    EntryWriter::encode_byte_list(out, statements);
    return bytes;
}

Result<std::vector<Bytes>> decode_statements(ByteView bytes) {
    cbor::Decoder in(bytes);
    TRY(in.array_of(2));
    TRY(read_version(in));
    std::vector<Bytes> statements = TRY(read_byte_list(in));
    TRY(in.finish());
    return statements;
}

}  // namespace godwit
