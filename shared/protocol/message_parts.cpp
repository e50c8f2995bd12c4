#include "shared/protocol/message_parts.h"

#include "shared/base/text.h"

namespace godwit {
namespace {

// A list this short may hold anything.
constexpr std::size_t list_count_short = 1'024;
// The smallest of what stands in lists is a withdrawn wrap.
constexpr std::size_t listed_bytes_min = 32;

}  // namespace

cbor::Encoder& EntryWriter::entry(std::uint64_t key) {
    ++count_;
    return out_.unsigned_integer(key);
}

void EntryWriter::unsigned_integer(std::uint64_t key, std::uint64_t value, std::uint64_t absent) {
    if (value != absent) entry(key).unsigned_integer(value);
}

void EntryWriter::integer(std::uint64_t key, std::int64_t value) {
    if (value != 0) entry(key).integer(value);
}

void EntryWriter::flag(std::uint64_t key, bool value) {
    if (value) entry(key).boolean(true);
}

void EntryWriter::byte_list(std::uint64_t key, const std::vector<Bytes>& values) {
    if (!values.empty()) encode_byte_list(entry(key), values);
}

void EntryWriter::encode_byte_list(cbor::Encoder& out, const std::vector<Bytes>& values) {
    out.array(values.size());
    for (const Bytes& value : values) out.bytes(value);
}

void EntryWriter::head(std::uint64_t key, const LogHead& value) {
    if (value == LogHead{}) return;
    entry(key).array(2).unsigned_integer(value.sequence).bytes(value.hash);
}

void EntryWriter::cursors(std::uint64_t key, const Cursors& value) {
    if (value.empty()) return;
    cbor::Encoder& out = entry(key).array(value.size() * 2);
    for (const auto& [team, position] : value) out.id(team).unsigned_integer(position);
}

Bytes EntryWriter::finish() const {
    Bytes out;
    cbor::Encoder(out).map(count_);
    append(out, entries_);
    return out;
}

Result<std::size_t> read_list(cbor::Decoder& in, std::size_t item_bytes) {
    const std::size_t count = TRY(in.array());
    if (count > list_count_max) return Error{ErrorCode::too_large, "a list of too many items"};
    if (count > list_count_short && count > in.left() / item_bytes) {
        return Error{ErrorCode::too_large, "a long list of next to nothing"};
    }
    return count;
}

Result<std::vector<Bytes>> read_byte_list(cbor::Decoder& in) {
    const std::size_t count = TRY(read_list(in, listed_bytes_min));
    std::vector<Bytes> values;
    values.reserve(count);
    for (std::size_t index = 0; index < count; ++index) values.push_back(copy_of(TRY(in.bytes())));
    return values;
}

Result<LogHead> read_head(cbor::Decoder& in) {
    TRY(in.array_of(2));
    LogHead head;
    head.sequence = TRY(in.unsigned_integer());
    head.hash = TRY(in.fixed<32>());
    return head;
}

Result<Cursors> read_cursors(cbor::Decoder& in) {
    const std::size_t count = TRY(read_list(in));
    if (count % 2 != 0) return Error{ErrorCode::malformed, "a cursor without its position"};
    Cursors cursors;
    for (std::size_t index = 0; index < count; index += 2) {
        const auto team = TRY(in.id<TeamId>());
        if (!cursors.empty() && !(cursors.rbegin()->first < team)) {
            return Error{ErrorCode::not_deterministic, "cursors do not ascend"};
        }
        cursors.emplace_hint(cursors.end(), team, TRY(in.unsigned_integer()));
    }
    return cursors;
}

Result<void> read_version(cbor::Decoder& in) {
    if (TRY(in.unsigned_integer()) != 1) {
        return Error{ErrorCode::unknown_version, "a message of another version"};
    }
    return ok();
}

void encode_error(cbor::Encoder& out, const Error& error) {
    out.unsigned_integer(static_cast<std::uint16_t>(error.code));
    // A detail that came from outside may be no text; the code says enough then.
    out.text(is_utf8(error.detail) ? std::string_view(error.detail) : std::string_view());
}

Result<void> read_error(cbor::Decoder& in, Error& error) {
    const std::uint64_t number = TRY(in.unsigned_integer());
    if (number > 0xffff) return Error{ErrorCode::malformed, "an error code is out of range"};
    error.code = facts_for_number(static_cast<std::uint16_t>(number)).code;
    error.detail = std::string(TRY(in.text()));
    return ok();
}

}  // namespace godwit
