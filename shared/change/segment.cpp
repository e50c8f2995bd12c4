#include "shared/change/segment.h"

#include <string>

#include "shared/base/sha256.h"
#include "shared/change/cbor.h"

namespace godwit {

namespace {

// Layout of a segment: an array of seven items, in this order (spec: change-format §5).
constexpr std::size_t segment_items = 7;
constexpr std::size_t erased_entry_items = 2;
constexpr std::size_t record_index = 5;  ///< Of the record in a body.
constexpr std::uint64_t segment_version = 1;
// An erased entry takes 52 bytes, and no body that names a record, a team and a salt fewer. A few
// may be less: bodies are not looked into here.
constexpr std::size_t entry_bytes_min = 48;
constexpr std::size_t entry_count_short = 1'024;

constexpr std::string_view log_label = "godwit change log 1";
constexpr std::string_view segment_label = "godwit segment 1";

Result<Entry> decode_entry(cbor::Decoder& in) {
    const std::size_t start = in.offset();
    if (TRY(in.peek()) == cbor::Kind::bytes) {
        const ByteView body = TRY(in.bytes());
        if (body.empty()) {
            return Error{ErrorCode::malformed, "an empty body at byte " + std::to_string(start)};
        }
        return entry_of(copy_of(body));
    }
    TRY(in.array_of(erased_entry_items));
    Entry entry;
    entry.record = TRY(in.id<RecordId>());
    entry.digest = TRY(in.fixed<32>());
    return entry;
}

Result<std::vector<Entry>> decode_entries(cbor::Decoder& in, Sequence first) {
    const std::size_t count = TRY(in.array());
    if (count == 0) return Error{ErrorCode::malformed, "a segment without changes"};
    if (first == 0 || first > sequence_max || count - 1 > sequence_max - first) {
        return Error{ErrorCode::malformed, "a sequence out of bounds"};
    }
    if (count > entry_count_short && count > in.left() / entry_bytes_min) {
        return Error{ErrorCode::too_large, "a segment of many changes that are next to nothing"};
    }
    cbor::Decoder ahead = in;  // All of them, before any of it is kept.
    for (std::size_t left = count; left > 0; --left) TRY(ahead.item());
    std::vector<Entry> entries;
    entries.reserve(count);
    for (std::size_t left = count; left > 0; --left) entries.push_back(TRY(decode_entry(in)));
    return entries;
}

}  // namespace

RecordId record_of(ByteView body) {
    cbor::Decoder in(body);
    const auto count = in.array();
    if (!count || *count <= record_index) return {};
    for (std::size_t index = 0; index < record_index; ++index) {
        if (!in.item()) return {};
    }
    const auto record = in.id<RecordId>();
    return record ? *record : RecordId{};
}

Entry entry_of(Bytes body) {
    Entry entry;
    entry.record = record_of(body);
    entry.digest = sha256({body});
    entry.body = std::move(body);
    return entry;
}

LogHead empty_head(const ReplicaId& replica, const LogId& log) {
    return {0, sha256({bytes_of(log_label), replica.view(), log.view()})};
}

Digest chain(const Digest& previous, const RecordId& record, const Digest& body_digest) {
    return sha256({previous, record.view(), body_digest});
}

LogHead head_after(const Segment& segment) {
    return {segment.last(), hash_at(segment, segment.last())};
}

Digest hash_at(const Segment& segment, Sequence sequence) {
    GODWIT_ASSERT(segment.first >= 1 && sequence >= segment.first - 1 &&
                  sequence <= segment.last());
    const auto count = static_cast<std::size_t>(sequence - (segment.first - 1));
    Digest hash = segment.previous;
    for (std::size_t index = 0; index < count; ++index) {
        hash = chain(hash, segment.entries[index]);
    }
    return hash;
}

Bytes signed_bytes(const Segment& segment) {
    const LogHead head = head_after(segment);
    Bytes out = copy_of(bytes_of(segment_label));
    append(out, segment.replica.view());
    append(out, segment.log.view());
    append(out, big_endian(segment.first));
    append(out, big_endian(head.sequence));
    append(out, head.hash);
    return out;
}

Bytes encode_segment(const Segment& segment) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    out.array(segment_items)
        .unsigned_integer(segment_version)
        .id(segment.replica)
        .id(segment.log)
        .unsigned_integer(segment.first)
        .bytes(segment.previous)
        .array(segment.entries.size());
    for (const Entry& entry : segment.entries) {
        if (entry.is_erased()) {
            out.array(erased_entry_items).id(entry.record).bytes(entry.digest);
        } else {
            out.bytes(entry.body);
        }
    }
    out.bytes(segment.signature);
    return bytes;
}

Result<Segment> decode_segment(ByteView bytes) {
    if (bytes.size() > segment_bytes_max) {
        return Error{ErrorCode::too_large, "a segment of " + std::to_string(bytes.size()) +
                                               " bytes; at most " +
                                               std::to_string(segment_bytes_max)};
    }
    cbor::Decoder in(bytes);
    // The version before the count: a later version may well have more items.
    const std::size_t items = TRY(in.array());
    if (TRY(in.unsigned_integer()) != segment_version) {
        return Error{ErrorCode::unknown_version, "of a segment"};
    }
    if (items != segment_items) {
        return Error{ErrorCode::malformed, "a segment of " + std::to_string(items) + " items"};
    }
    Segment segment;
    segment.replica = TRY(in.id<ReplicaId>());
    segment.log = TRY(in.id<LogId>());
    segment.first = TRY(in.unsigned_integer());
    segment.previous = TRY(in.fixed<32>());
    segment.entries = TRY(decode_entries(in, segment.first));
    segment.signature = TRY(in.fixed<64>());
    TRY(in.finish());
    return segment;
}

}  // namespace godwit
