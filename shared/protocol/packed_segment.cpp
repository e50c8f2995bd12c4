#include "shared/protocol/packed_segment.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "shared/compression/zstd_frame.h"

namespace godwit {
namespace {

constexpr std::uint8_t form_as_it_is = 0x87;  ///< An array of seven: the segment itself.
constexpr std::uint8_t form_columns = 2;

namespace column {
constexpr std::uint64_t shape = 0;
constexpr std::uint64_t whole = 1;
constexpr std::uint64_t times = 2;
constexpr std::uint64_t heads = 3;
constexpr std::uint64_t contexts = 4;
constexpr std::uint64_t operations = 5;
constexpr std::uint64_t citations = 6;
constexpr std::uint64_t lengths = 7;
constexpr std::uint64_t first_field = 16;
}  // namespace column

enum class Way : std::uint8_t { erased = 0, whole = 1, like_before = 2, change = 3 };

// Layout of a change: change-format §4; of a segment: §5.
constexpr std::size_t change_items = 11;
constexpr std::size_t operation_items = 4;
constexpr std::size_t segment_items = 7;
constexpr std::uint64_t segment_version = 1;
constexpr std::size_t salt_bytes = sizeof(Change::salt);
constexpr auto sealed_form = static_cast<std::uint64_t>(Form::sealed);

// What the columns hold beside values is less than the values' own heads and places took.
constexpr std::size_t columns_bytes_max = 2 * segment_bytes_max;
// Fields, more or less. A segment that has more goes as it is.
constexpr std::size_t columns_count_max = 4'096;
// As for a segment: a few entries may be anything, many are at least an erased one each.
constexpr std::size_t entry_count_short = 1'024;
constexpr std::size_t entry_bytes_min = 48;
constexpr std::uint64_t field_max = 0xffff'ffffU;

Error malformed(const char* what) {
    return Error{ErrorCode::malformed, what};
}

/// How many entries ago a record was first named in this segment.
class RecordPlaces {
public:
    /// 0 when it never was.
    std::uint64_t since(const RecordId& record, std::uint64_t place) {
        const auto [at, is_new] = places_.emplace(record, place);
        return is_new ? 0 : place - at->second;
    }

private:
    std::unordered_map<RecordId, std::uint64_t> places_;
};

// --- Packing -----------------------------------------------------------------------------------

/// One change taken apart; the views lie in its body.
struct Parts {
    std::int64_t wall_ms{};
    std::uint64_t tick{};
    Bytes head;  ///< Role, schema version, type and team as they stand.
    RecordId record;
    ByteView context;
    struct Operation {
        std::uint64_t field{};
        ByteView place;  ///< Field, kind and form as they stand.
        ByteView value;
        bool is_sealed{};
    };
    std::vector<Operation> operations;
    ByteView salt;
    ByteView citation;
};

Result<Parts::Operation> take_operation(cbor::Decoder& in, ByteView body) {
    Parts::Operation out;
    TRY(in.array_of(operation_items));
    const std::size_t start = in.offset();
    out.field = TRY(in.unsigned_integer());
    if (out.field > field_max) return malformed("a field that is none");
    TRY(in.unsigned_integer());
    const std::uint64_t form = TRY(in.unsigned_integer());
    out.place = body.subspan(start, in.offset() - start);
    out.is_sealed = form == sealed_form;
    out.value = out.is_sealed ? TRY(in.bytes()) : TRY(in.item());
    return out;
}

/// Fails with anything when the body is no change of the known layout in its place.
Result<Parts> take_apart(ByteView body, Sequence sequence) {
    Parts out;
    cbor::Decoder in(body);
    TRY(in.array_of(change_items));
    if (TRY(in.unsigned_integer()) != sequence) return malformed("not in its place");
    TRY(in.array_of(2));
    out.wall_ms = TRY(in.integer());
    out.tick = TRY(in.unsigned_integer());
    for (int item = 0; item < 3; ++item) append(out.head, TRY(in.item()));
    out.record = TRY(in.id<RecordId>());
    append(out.head, TRY(in.item()));
    out.context = TRY(in.item());
    const std::size_t count = TRY(in.array());
    out.operations.reserve(std::min(count, operations_max));
    for (std::size_t left = count; left > 0; --left) {
        out.operations.push_back(TRY(take_operation(in, body)));
    }
    out.salt = TRY(in.bytes());
    if (out.salt.size() != salt_bytes) return malformed("a salt of another length");
    out.citation = TRY(in.item());
    TRY(in.finish());
    return out;
}

class Packer {
public:
    /// Nothing, when the segment had better go as it is.
    Bytes pack(const Segment& segment, std::size_t bytes);

private:
    Bytes& column(std::uint64_t key) { return columns_[key]; }
    void number(std::uint64_t key, std::uint64_t value) {
        cbor::Encoder(column(key)).unsigned_integer(value);
    }
    void way(Way value) { number(column::shape, static_cast<std::uint64_t>(value)); }
    void add(const Entry& entry, Sequence sequence);
    void add(const Parts& parts);

    std::map<std::uint64_t, Bytes> columns_;
    Bytes plain_;
    Bytes head_before_;
    std::int64_t wall_before_{};
    RecordPlaces places_;
    std::uint64_t place_{};
};

void Packer::add(const Entry& entry, Sequence sequence) {
    ++place_;
    if (entry.is_erased()) {
        way(Way::erased);
        append(plain_, entry.record.view());
        append(plain_, entry.digest);
        return;
    }
    const auto parts = take_apart(entry.body, sequence);
    if (parts) {
        add(*parts);
        return;
    }
    way(Way::whole);
    number(column::shape, entry.body.size());
    append(column(column::whole), entry.body);
}

void Packer::add(const Parts& parts) {
    const bool is_like_before = parts.head == head_before_;
    way(is_like_before ? Way::like_before : Way::change);
    if (!is_like_before) append(column(column::heads), parts.head);
    head_before_ = parts.head;
    const auto step =
        static_cast<std::uint64_t>(parts.wall_ms) - static_cast<std::uint64_t>(wall_before_);
    cbor::Encoder(column(column::times))
        .integer(static_cast<std::int64_t>(step))
        .unsigned_integer(parts.tick);
    wall_before_ = parts.wall_ms;
    const std::uint64_t since = places_.since(parts.record, place_);
    number(column::shape, since);
    if (since == 0) append(plain_, parts.record.view());
    append(column(column::contexts), parts.context);
    number(column::shape, parts.operations.size());
    for (const Parts::Operation& operation : parts.operations) {
        append(column(column::operations), operation.place);
        if (operation.is_sealed) {
            number(column::lengths, operation.value.size());
            append(plain_, operation.value);
        } else {
            append(column(column::first_field + operation.field), operation.value);
        }
    }
    append(plain_, parts.salt);
    append(column(column::citations), parts.citation);
}

Bytes Packer::pack(const Segment& segment, std::size_t bytes) {
    append(plain_, segment.replica.view());
    append(plain_, segment.log.view());
    append(plain_, segment.previous);
    append(plain_, segment.signature);
    number(column::shape, segment.first);
    number(column::shape, segment.entries.size());
    Sequence sequence = segment.first;
    for (const Entry& entry : segment.entries) add(entry, sequence++);

    if (columns_.size() > columns_count_max) return {};
    Bytes columns;
    cbor::Encoder out(columns);
    out.array(columns_.size() * 2);
    for (const auto& [key, content] : columns_) out.unsigned_integer(key).bytes(content);
    const Bytes deflated = deflate(columns, Effort::thorough);
    if (deflated.empty()) return {};
    Bytes packed{form_columns};
    cbor::Encoder(packed).array(3).unsigned_integer(bytes).bytes(plain_).bytes(deflated);
    return packed;
}

// --- Unpacking ---------------------------------------------------------------------------------

/// Reads a column from its beginning to its end.
class Column {
public:
    Column() = default;
    explicit Column(ByteView content) : left_(content) {}

    [[nodiscard]] bool is_empty() const { return left_.empty(); }

    Result<ByteView> take(std::size_t count) {
        if (count > left_.size()) return malformed("a column ends early");
        const ByteView out = left_.first(count);
        left_ = left_.subspan(count);
        return out;
    }
    Result<ByteView> item() {
        cbor::Decoder in(left_);
        TRY(in.item());
        return take(in.offset());
    }
    /// A byte or text string by its length alone, any other item as item(): whoever reads the
    /// change looks at its text.
    Result<ByteView> value() {
        if (!left_.empty()) {
            const unsigned major = left_[0] >> 5U;
            const unsigned info = left_[0] & 31U;
            constexpr unsigned bytes_major = 2;
            constexpr unsigned text_major = 3;
            if ((major == bytes_major || major == text_major) && info < 24) return take(1 + info);
            if ((major == bytes_major || major == text_major) && info == 24 && left_.size() > 1) {
                return take(std::size_t{2} + left_[1]);
            }
            if ((major == bytes_major || major == text_major) && info == 25 && left_.size() > 2) {
                return take(std::size_t{3} + ((std::size_t{left_[1]} << 8U) | left_[2]));
            }
        }
        return item();
    }
    Result<std::uint64_t> number() {
        cbor::Decoder in(left_);
        const std::uint64_t out = TRY(in.unsigned_integer());
        TRY(take(in.offset()));
        return out;
    }
    Result<std::int64_t> integer() {
        cbor::Decoder in(left_);
        const std::int64_t out = TRY(in.integer());
        TRY(take(in.offset()));
        return out;
    }

private:
    ByteView left_;
};

class Unpacker {
public:
    Unpacker(Column plain, std::size_t bytes) : plain_(plain), bytes_(bytes) {}
    Result<void> read_columns(ByteView columns);
    /// Room for what is to come: what a segment says of its length is not believed.
    void reserve(std::size_t bytes) { out_.reserve(std::min(bytes_, bytes)); }
    Result<Bytes> unpack();

private:
    /// Those not there are empty.
    Column& column(std::uint64_t key) {
        return key < direct_.size() ? direct_[static_cast<std::size_t>(key)] : columns_[key];
    }
    Result<void> add_entry(Sequence sequence);
    Result<void> add_whole();
    Result<void> add_change(Way way, Sequence sequence);
    Result<void> add_head(Way way);
    Result<RecordId> record();
    Result<void> add_operation(cbor::Encoder& out);
    Result<void> check_room(std::size_t more) const;
    Result<void> check_all_read() const;

    std::array<Column, 256> direct_;
    std::map<std::uint64_t, Column> columns_;  ///< Those of greater keys.
    Column plain_;
    std::size_t bytes_;
    Bytes out_;
    Bytes body_;  ///< Of the entry in hand.
    std::vector<ByteView> head_;
    std::int64_t wall_before_{};
    std::vector<std::optional<RecordId>> records_;  ///< By place: those of changes.
};

Result<void> Unpacker::read_columns(ByteView columns) {
    cbor::Decoder in(columns);
    const std::size_t items = TRY(in.array());
    if (items % 2 != 0) return malformed("half a column");
    if (items / 2 > columns_count_max) return malformed("too many columns");
    std::optional<std::uint64_t> last;
    for (std::size_t left = items / 2; left > 0; --left) {
        const std::uint64_t key = TRY(in.unsigned_integer());
        if (last && *last >= key) return malformed("columns out of order");
        last = key;
        column(key) = Column(TRY(in.bytes()));
    }
    return in.finish();
}

Result<void> Unpacker::check_room(std::size_t more) const {
    if (out_.size() + more > bytes_) return malformed("a segment longer than it says");
    return ok();
}

Result<void> Unpacker::check_all_read() const {
    bool is_any_left = !plain_.is_empty();
    for (const Column& content : direct_) is_any_left |= !content.is_empty();
    for (const auto& [key, content] : columns_) is_any_left |= !content.is_empty();
    if (is_any_left) return malformed("a column that nothing reads to its end");
    return ok();
}

Result<Bytes> Unpacker::unpack() {
    const ByteView replica = TRY(plain_.take(ReplicaId::size));
    const ByteView log = TRY(plain_.take(LogId::size));
    const ByteView previous = TRY(plain_.take(sizeof(Digest)));
    const ByteView signature = TRY(plain_.take(sizeof(Signature)));
    const Sequence first = TRY(column(column::shape).number());
    const std::uint64_t count = TRY(column(column::shape).number());
    if (count > entry_count_short && count > bytes_ / entry_bytes_min) {
        return malformed("more entries than bytes for them");
    }
    cbor::Encoder(out_)
        .array(segment_items)
        .unsigned_integer(segment_version)
        .bytes(replica)
        .bytes(log)
        .unsigned_integer(first)
        .bytes(previous)
        .array(count);
    for (std::uint64_t index = 0; index < count; ++index) TRY(add_entry(first + index));
    cbor::Encoder(out_).bytes(signature);
    TRY(check_all_read());
    if (out_.size() != bytes_) return malformed("a segment of another length than it says");
    return std::move(out_);
}

Result<void> Unpacker::add_entry(Sequence sequence) {
    const std::uint64_t way = TRY(column(column::shape).number());
    records_.emplace_back();
    switch (static_cast<Way>(way)) {
        case Way::erased: {
            const ByteView record = TRY(plain_.take(RecordId::size));
            const ByteView digest = TRY(plain_.take(sizeof(Digest)));
            cbor::Encoder(out_).array(2).bytes(record).bytes(digest);
            return check_room(0);
        }
        case Way::whole:
            return add_whole();
        case Way::like_before:
        case Way::change:
            return add_change(static_cast<Way>(way), sequence);
    }
    return malformed("an entry of an unknown way");
}

Result<void> Unpacker::add_whole() {
    const std::uint64_t length = TRY(column(column::shape).number());
    if (length > bytes_) return malformed("a body longer than its segment");
    cbor::Encoder(out_).bytes(TRY(column(column::whole).take(static_cast<std::size_t>(length))));
    return check_room(0);
}

Result<void> Unpacker::add_head(Way way) {
    if (way == Way::like_before) {
        if (head_.empty()) return malformed("like a change that is not there");
        return ok();
    }
    head_.clear();
    for (int item = 0; item < 4; ++item) head_.push_back(TRY(column(column::heads).item()));
    return ok();
}

Result<RecordId> Unpacker::record() {
    const std::uint64_t since = TRY(column(column::shape).number());
    RecordId out;
    if (since == 0) {
        out = *RecordId::from(TRY(plain_.take(RecordId::size)));
    } else {
        if (since >= records_.size()) return malformed("a record that was not named");
        const auto& named = records_[records_.size() - 1 - static_cast<std::size_t>(since)];
        if (!named) return malformed("a record that was not named");
        out = *named;
    }
    records_.back() = out;
    return out;
}

Result<void> Unpacker::add_change(Way way, Sequence sequence) {
    TRY(add_head(way));
    const std::int64_t step = TRY(column(column::times).integer());
    const std::uint64_t tick = TRY(column(column::times).number());
    wall_before_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(wall_before_) +
                                             static_cast<std::uint64_t>(step));
    const RecordId id = TRY(record());
    body_.clear();
    cbor::Encoder out(body_);
    out.array(change_items).unsigned_integer(sequence);
    out.array(2).integer(wall_before_).unsigned_integer(tick);
    out.raw(head_[0]).raw(head_[1]).raw(head_[2]).id(id).raw(head_[3]);
    out.raw(TRY(column(column::contexts).item()));
    const std::uint64_t count = TRY(column(column::shape).number());
    if (count > bytes_) return malformed("more operations than bytes");
    out.array(static_cast<std::size_t>(count));
    for (std::uint64_t left = count; left > 0; --left) TRY(add_operation(out));
    out.bytes(TRY(plain_.take(salt_bytes)));
    out.raw(TRY(column(column::citations).item()));
    cbor::Encoder(out_).bytes(body_);
    return check_room(0);
}

Result<void> Unpacker::add_operation(cbor::Encoder& out) {
    Column& places = column(column::operations);
    const std::uint64_t field = TRY(places.number());
    if (field > field_max) return malformed("a field that is none");
    const std::uint64_t kind = TRY(places.number());
    const std::uint64_t form = TRY(places.number());
    out.array(operation_items).unsigned_integer(field).unsigned_integer(kind);
    out.unsigned_integer(form);
    if (form == sealed_form) {
        const std::uint64_t length = TRY(column(column::lengths).number());
        out.bytes(TRY(plain_.take(static_cast<std::size_t>(length))));
    } else {
        out.raw(TRY(column(column::first_field + field).value()));
    }
    return check_room(body_.size());
}

bool is_as_it_is(ByteView packed) {
    return !packed.empty() && packed[0] == form_as_it_is;
}

struct Packed {
    std::size_t bytes{};
    ByteView plain;
    ByteView deflated;
};

Result<Packed> open_packed(ByteView packed) {
    if (packed.empty() || packed[0] != form_columns) return malformed("packed in an unknown form");
    cbor::Decoder in(packed.subspan(1));
    TRY(in.array_of(3));
    const std::uint64_t bytes = TRY(in.unsigned_integer());
    if (bytes > segment_bytes_max) return ErrorCode::too_large;
    Packed out;
    out.bytes = static_cast<std::size_t>(bytes);
    out.plain = TRY(in.bytes());
    out.deflated = TRY(in.bytes());
    TRY(in.finish());
    return out;
}

}  // namespace

Bytes pack_segment(const Segment& segment) {
    Bytes bytes = encode_segment(segment);
    Bytes packed = Packer().pack(segment, bytes.size());
    return !packed.empty() && packed.size() < bytes.size() ? packed : bytes;
}

Result<std::size_t> unpacked_size(ByteView packed) {
    if (is_as_it_is(packed)) return packed.size();
    return TRY(open_packed(packed)).bytes;
}

Result<Bytes> unpack_segment(ByteView packed) {
    if (is_as_it_is(packed)) {
        if (packed.size() > segment_bytes_max) return ErrorCode::too_large;
        return copy_of(packed);
    }
    const Packed parts = TRY(open_packed(packed));
    const Bytes columns = TRY(inflate(parts.deflated, columns_bytes_max));
    Unpacker unpacker(Column(parts.plain), parts.bytes);
    TRY(unpacker.read_columns(columns));
    unpacker.reserve(parts.plain.size() + columns.size());
    return unpacker.unpack();
}

Result<Segment> decode_packed_segment(ByteView packed) {
    if (is_as_it_is(packed)) return decode_segment(packed);
    return decode_segment(TRY(unpack_segment(packed)));
}

}  // namespace godwit
