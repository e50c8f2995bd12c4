#include "field-client/replica/store_codec.h"

#include "shared/compression/packed.h"
#include "shared/merge/kept_state.h"
#include "shared/seal/key_batch.h"

namespace godwit::row {
namespace {

Error damaged(std::string_view what) {
    return {ErrorCode::storage_corrupt, "a row of the store is no " + std::string(what)};
}

/// Runs `read` over all of `bytes`; whatever it finds wrong is damage.
template <typename T, typename Read>
Result<T> decode_whole(ByteView bytes, std::string_view what, Read read) {
    cbor::Decoder in(bytes);
    Result<T> row = read(in);
    if (row && in.finish()) return row;
    return damaged(what);
}

template <typename Enum>
Result<Enum> decode_enum(cbor::Decoder& in, std::uint64_t last) {
    const std::uint64_t number = TRY(in.unsigned_integer());
    if (number > last) return ErrorCode::storage_corrupt;
    return static_cast<Enum>(number);
}

Result<std::uint32_t> decode_small(cbor::Decoder& in) {
    const std::uint64_t number = TRY(in.unsigned_integer());
    if (number > 0xffff'ffffU) return ErrorCode::storage_corrupt;
    return static_cast<std::uint32_t>(number);
}

void encode_time(cbor::Encoder& out, const HybridTime& time) {
    out.integer(time.wall_ms).unsigned_integer(time.tick);
}

Result<HybridTime> decode_time(cbor::Decoder& in) {
    const std::int64_t wall_ms = TRY(in.integer());
    return HybridTime{wall_ms, TRY(decode_small(in))};
}

template <typename Pair, typename Public, typename Secret>
Result<Pair> decode_pair(cbor::Decoder& in) {
    Pair pair;
    pair.public_key.bytes = TRY(in.fixed<Public::size>());
    pair.secret_key.bytes = TRY(in.fixed<Secret::size>());
    return pair;
}

Result<SigningKeyPair> decode_signing(cbor::Decoder& in) {
    return decode_pair<SigningKeyPair, SigningPublicKey, SigningSecretKey>(in);
}

Result<Identity> read_identity(cbor::Decoder& in) {
    TRY(in.array_of(12));
    if (TRY(in.unsigned_integer()) != 1) return ErrorCode::unknown_version;
    Identity identity;
    identity.replica = TRY(in.id<ReplicaId>());
    identity.member = TRY(in.id<MemberId>());
    identity.organisation = TRY(in.id<OrganisationId>());
    identity.organisation_key.bytes = TRY(in.fixed<32>());
    identity.signing = TRY(decode_signing(in));
    identity.box = TRY((decode_pair<BoxKeyPair, BoxPublicKey, BoxSecretKey>(in)));
    if (!TRY(in.try_null())) {
        TRY(in.array_of(2));
        identity.root = TRY(decode_signing(in));
    }
    identity.server_url = std::string(TRY(in.text()));
    if (!TRY(in.try_null())) identity.server_pin = TRY(in.fixed<32>());
    return identity;
}

Result<Cursors> read_cursors(cbor::Decoder& in) {
    const std::size_t count = TRY(in.array());
    if (count % 2 != 0) return ErrorCode::storage_corrupt;
    Cursors cursors;
    for (std::size_t index = 0; index < count; index += 2) {
        const TeamId team = TRY(in.id<TeamId>());
        cursors[team] = TRY(in.unsigned_integer());
    }
    return cursors;
}

void encode_cursors(cbor::Encoder& out, const Cursors& cursors) {
    out.array(cursors.size() * 2);
    for (const auto& [team, position] : cursors) out.id(team).unsigned_integer(position);
}

// former = [ log, [ sequence, hash ], held | null, safe, is_forked, … ]
constexpr std::size_t former_items = 5;

Result<std::map<LogId, FormerState>> read_former(cbor::Decoder& in) {
    const std::size_t count = TRY(in.array());
    if (count % former_items != 0) return ErrorCode::storage_corrupt;
    std::map<LogId, FormerState> former;
    for (std::size_t index = 0; index < count; index += former_items) {
        FormerState& each = former[TRY(in.id<LogId>())];
        TRY(in.array_of(2));
        each.head.sequence = TRY(in.unsigned_integer());
        each.head.hash = TRY(in.fixed<32>());
        if (!TRY(in.try_null())) each.held = TRY(in.unsigned_integer());
        each.safe = TRY(in.unsigned_integer());
        each.is_forked = TRY(in.boolean());
    }
    return former;
}

void encode_former(cbor::Encoder& out, const std::map<LogId, FormerState>& former) {
    out.array(former.size() * former_items);
    for (const auto& [log, each] : former) {
        out.id(log).array(2).unsigned_integer(each.head.sequence).bytes(each.head.hash);
        if (each.held) {
            out.unsigned_integer(*each.held);
        } else {
            out.null();
        }
        out.unsigned_integer(each.safe).boolean(each.is_forked);
    }
}

Result<ExchangeState> read_exchange(cbor::Decoder& in) {
    const std::size_t parts = TRY(in.array());
    if (parts < 12 || parts > 16) return ErrorCode::storage_corrupt;
    ExchangeState state;
    state.epoch = TRY(in.id<EpochId>());
    state.cursors = TRY(read_cursors(in));
    state.unfinished = TRY(read_cursors(in));
    state.roster_cursor = TRY(in.unsigned_integer());
    state.parked_cursor = TRY(in.unsigned_integer());
    state.nonce = TRY(in.fixed<24>());
    state.delivered = TRY(in.unsigned_integer());
    state.safe = TRY(in.unsigned_integer());
    if (!TRY(in.try_null())) state.last_contact_ms = TRY(in.integer());
    state.clock_offset_ms = TRY(in.integer());
    state.standing = TRY(decode_enum<Standing>(in, 3));
    state.must_offer_all = TRY(in.boolean());
    if (parts > 12) state.let_go = TRY(read_cursors(in));
    if (parts > 13) state.former = TRY(read_former(in));
    if (parts > 14) state.is_log_closed = TRY(in.boolean());
    if (parts > 15) state.is_roster_unsettled = TRY(in.boolean());
    return state;
}

/// No state that was ever written comes near it.
constexpr std::size_t unpacked_bytes_max = 64U << 20U;

Result<RecordState> unpack_state(ByteView packed) {
    return decode_kept_state(TRY(unpack(packed, unpacked_bytes_max)));
}

/// Base and shown as schema 0001 wrote them.
Result<void> read_plain_states(cbor::Decoder& in, RecordRow& row) {
    ByteView shown = TRY(in.bytes());
    RecordState base = TRY(decode_kept_state(shown));
    if (TRY(in.try_null())) {
        row.record.shown = std::move(base);
    } else {
        shown = TRY(in.bytes());
        row.record.shown = TRY(decode_kept_state(shown));
        row.record.base_apart = std::move(base);
    }
    row.shown = pack_state(encode_state(row.record.shown));
    return ok();
}

Result<void> read_states(cbor::Decoder& in, RecordRow& row) {
    if (TRY(in.unsigned_integer()) != 2) return ErrorCode::unknown_version;
    row.shown = copy_of(TRY(in.bytes()));
    row.record.shown = TRY(unpack_state(row.shown));
    if (TRY(in.try_null())) return ok();
    row.record.base_apart = TRY(unpack_state(TRY(in.bytes())));
    return ok();
}

// --- Keys as rows of schema 1 hold them; a row is written anew when its record is ----------------

/// [record, team, maker, commitment, signature]
Result<RecordKeyStatement> read_first_statement(cbor::Decoder& in) {
    TRY(in.array_of(5));
    RecordKeyStatement statement;
    statement.record = TRY(in.id<RecordId>());
    statement.team = TRY(in.id<TeamId>());
    statement.maker = TRY(in.id<ReplicaId>());
    statement.commitment = TRY(in.fixed<32>());
    statement.signature = TRY(in.fixed<64>());
    return statement;
}

/// [[record, recipient, recipient id, epoch, box], …], as one wrap after another.
Result<Bytes> read_first_wraps(cbor::Decoder& in) {
    std::vector<Wrap> wraps;
    const std::size_t count = TRY(in.array());
    for (std::size_t index = 0; index < count; ++index) {
        TRY(in.array_of(5));
        Wrap& wrap = wraps.emplace_back();
        wrap.record = TRY(in.id<RecordId>());
        wrap.recipient = TRY(decode_enum<Recipient>(in, 4));
        wrap.recipient_id = TRY(in.fixed<16>());
        wrap.epoch = TRY(in.unsigned_integer());
        wrap.box = copy_of(TRY(in.bytes()));
    }
    return encode_wraps(wraps);
}

Result<RecordKeyStatement> read_statement(cbor::Decoder& in) {
    if (TRY(in.peek()) == cbor::Kind::array) return read_first_statement(in);
    return decode_statement_alone(TRY(in.bytes()));
}

Result<void> read_wraps(cbor::Decoder& in, StoredRecord& record) {
    const bool is_first = TRY(in.peek()) == cbor::Kind::array;
    const Bytes bytes = is_first ? TRY(read_first_wraps(in)) : copy_of(TRY(in.bytes()));
    // Without a statement there is nothing they could be held to.
    if (record.key) record.wraps = TRY(decode_wraps(bytes, record.key->record));
    return ok();
}

Result<RecordRow> read_record(cbor::Decoder& in) {
    RecordRow row;
    const std::size_t items = TRY(in.array());
    if (items == 5) {
        TRY(read_plain_states(in, row));
    } else if (items == 6 || items == 7) {
        TRY(read_states(in, row));
    } else {
        return ErrorCode::storage_corrupt;
    }
    StoredRecord& record = row.record;
    if (!TRY(in.try_null())) record.key = TRY(read_statement(in));
    TRY(read_wraps(in, record));
    const std::size_t replicas = TRY(in.array());
    for (std::size_t index = 0; index < replicas; ++index) {
        record.unconfirmed.push_back(TRY(in.id<ReplicaId>()));
    }
    if (items == 7) record.erasure = copy_of(TRY(in.bytes()));
    return row;
}

Result<HistoryLine> read_line(cbor::Decoder& in) {
    TRY(in.array_of(10));
    HistoryLine line;
    line.dot = TRY(decode_dot(in));
    line.author = TRY(in.id<ReplicaId>());
    line.claimed = TRY(decode_time(in));
    line.effective = TRY(decode_time(in));
    line.field = TRY(decode_small(in));
    line.kind = TRY(decode_enum<OperationKind>(in, 255));
    line.form = TRY(decode_enum<Form>(in, 255));
    line.value = copy_of(TRY(in.bytes()));
    return line;
}

Result<ParkedItem> read_parked(cbor::Decoder& in) {
    TRY(in.array_of(9));
    ParkedItem item;
    item.number = TRY(in.unsigned_integer());
    item.dot = TRY(decode_dot(in));
    item.author = TRY(in.id<ReplicaId>());
    item.record = TRY(in.id<RecordId>());
    item.team = TRY(in.id<TeamId>());
    const std::uint64_t reason = TRY(in.unsigned_integer());
    if (reason > 0xffffU) return ErrorCode::storage_corrupt;
    item.reason = facts_for_number(static_cast<std::uint16_t>(reason)).code;
    item.detail = std::string(TRY(in.text()));
    item.body = copy_of(TRY(in.bytes()));
    if (!TRY(in.try_null())) item.adopted = TRY(decode_dot(in));
    return item;
}

Result<std::vector<Bytes>> read_list(cbor::Decoder& in) {
    const std::size_t count = TRY(in.array());
    std::vector<Bytes> list;
    list.reserve(count);
    for (std::size_t index = 0; index < count; ++index) list.push_back(copy_of(TRY(in.bytes())));
    return list;
}

}  // namespace

Bytes encode(const Identity& identity) {
    Bytes bytes;
    bytes.reserve(1024);  // Secrets: growing would leave copies of them behind.
    cbor::Encoder out(bytes);
    out.array(12).unsigned_integer(1).id(identity.replica).id(identity.member);
    out.id(identity.organisation).bytes(identity.organisation_key.view());
    out.bytes(identity.signing.public_key.view()).bytes(identity.signing.secret_key.view());
    out.bytes(identity.box.public_key.view()).bytes(identity.box.secret_key.view());
    if (identity.root) {
        out.array(2).bytes(identity.root->public_key.view());
        out.bytes(identity.root->secret_key.view());
    } else {
        out.null();
    }
    out.text(identity.server_url);
    if (identity.server_pin) {
        out.bytes(*identity.server_pin);
    } else {
        out.null();
    }
    return bytes;
}

Result<Identity> decode_identity(ByteView bytes) {
    return decode_whole<Identity>(bytes, "identity", read_identity);
}

Bytes encode(const ExchangeState& state) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    const std::size_t parts = state.is_roster_unsettled ? 16
                              : state.is_log_closed     ? 15
                              : !state.former.empty()   ? 14
                              : !state.let_go.empty()   ? 13
                                                        : 12;
    out.array(parts).id(state.epoch);
    encode_cursors(out, state.cursors);
    encode_cursors(out, state.unfinished);
    out.unsigned_integer(state.roster_cursor).unsigned_integer(state.parked_cursor);
    out.bytes(state.nonce).unsigned_integer(state.delivered).unsigned_integer(state.safe);
    if (state.last_contact_ms) {
        out.integer(*state.last_contact_ms);
    } else {
        out.null();
    }
    out.integer(state.clock_offset_ms).unsigned_integer(static_cast<std::uint8_t>(state.standing));
    out.boolean(state.must_offer_all);
    if (parts > 12) encode_cursors(out, state.let_go);
    if (parts > 13) encode_former(out, state.former);
    if (parts > 14) out.boolean(state.is_log_closed);
    if (parts > 15) out.boolean(state.is_roster_unsettled);
    return bytes;
}

Result<ExchangeState> decode_exchange(ByteView bytes) {
    return decode_whole<ExchangeState>(bytes, "exchange state", read_exchange);
}

Bytes encode(const LogRow& row) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    out.array(4).unsigned_integer(row.head.sequence).bytes(row.head.hash);
    encode_time(out, row.last);
    return bytes;
}

Result<LogRow> decode_log(ByteView bytes) {
    return decode_whole<LogRow>(bytes, "change log", [](cbor::Decoder& in) -> Result<LogRow> {
        TRY(in.array_of(4));
        LogRow row;
        row.head.sequence = TRY(in.unsigned_integer());
        row.head.hash = TRY(in.fixed<32>());
        row.last = TRY(decode_time(in));
        return row;
    });
}

Bytes encode(const ChangeRow& row) {
    Bytes bytes;
    bytes.reserve(row.body.size() + 48);
    cbor::Encoder(bytes).array(2).bytes(row.digest).bytes(row.body);
    return bytes;
}

Result<ChangeRow> decode_change_row(ByteView bytes) {
    return decode_whole<ChangeRow>(bytes, "change", [](cbor::Decoder& in) -> Result<ChangeRow> {
        TRY(in.array_of(2));
        ChangeRow row;
        row.digest = TRY(in.fixed<32>());
        row.body = copy_of(TRY(in.bytes()));
        return row;
    });
}

Bytes pack_state(ByteView state) {
    return pack(state);
}

Bytes encode(const StoredRecord& record, ByteView packed_shown) {
    Bytes bytes;
    bytes.reserve(packed_shown.size() + 512);
    cbor::Encoder out(bytes);
    out.array(record.erasure.empty() ? 6 : 7).unsigned_integer(2).bytes(packed_shown);
    if (record.base_apart) {
        out.bytes(pack_state(encode_state(*record.base_apart)));
    } else {
        out.null();
    }
    if (record.key) {
        out.bytes(encode_statement(*record.key));
    } else {
        out.null();
    }
    out.bytes(encode_wraps(record.wraps));
    out.array(record.unconfirmed.size());
    for (const ReplicaId& replica : record.unconfirmed) out.id(replica);
    if (!record.erasure.empty()) out.bytes(record.erasure);
    return bytes;
}

Result<RecordRow> decode_record(ByteView bytes) {
    return decode_whole<RecordRow>(bytes, "record", read_record);
}

Bytes encode(const std::vector<HistoryLine>& lines) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    out.array(lines.size());
    for (const HistoryLine& line : lines) {
        out.array(10);
        godwit::encode(out, line.dot);
        out.id(line.author);
        encode_time(out, line.claimed);
        encode_time(out, line.effective);
        out.unsigned_integer(line.field).unsigned_integer(static_cast<std::uint8_t>(line.kind));
        out.unsigned_integer(static_cast<std::uint8_t>(line.form)).bytes(line.value);
    }
    return bytes;
}

Result<std::vector<HistoryLine>> decode_history(ByteView bytes) {
    using Lines = std::vector<HistoryLine>;
    return decode_whole<Lines>(bytes, "history", [](cbor::Decoder& in) -> Result<Lines> {
        const std::size_t count = TRY(in.array());
        Lines lines;
        for (std::size_t index = 0; index < count; ++index) lines.push_back(TRY(read_line(in)));
        return lines;
    });
}

Bytes encode(const ParkedItem& item) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    out.array(9).unsigned_integer(item.number);
    godwit::encode(out, item.dot);
    out.id(item.author).id(item.record).id(item.team);
    out.unsigned_integer(static_cast<std::uint16_t>(item.reason)).text(item.detail);
    out.bytes(item.body);
    if (item.adopted) {
        godwit::encode(out, *item.adopted);
    } else {
        out.null();
    }
    return bytes;
}

Result<ParkedItem> decode_parked(ByteView bytes) {
    return decode_whole<ParkedItem>(bytes, "parked change", read_parked);
}

Bytes encode(const KeptKey& kept) {
    return encode(std::vector<Bytes>{encode_statement(kept.statement), encode_wraps(kept.wraps)});
}

Result<KeptKey> decode_kept_key(ByteView bytes, const RecordId& record) {
    const std::vector<Bytes> parts = TRY(decode_list(bytes));
    if (parts.size() != 2) return damaged("kept key");
    auto statement = decode_statement_alone(parts[0]);
    auto wraps = decode_wraps(parts[1], record);
    if (!statement || !wraps || statement->record != record) return damaged("kept key");
    return KeptKey{*std::move(statement), *std::move(wraps)};
}

Bytes encode(const std::vector<Bytes>& list) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    out.array(list.size());
    for (const Bytes& item : list) out.bytes(item);
    return bytes;
}

Result<std::vector<Bytes>> decode_list(ByteView bytes) {
    return decode_whole<std::vector<Bytes>>(bytes, "list", read_list);
}

}  // namespace godwit::row
