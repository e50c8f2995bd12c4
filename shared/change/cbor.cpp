#include "shared/change/cbor.h"

#include <algorithm>
#include <limits>
#include <string>

#include "shared/base/text.h"

namespace godwit::cbor {

namespace {

// Layout of an item's head (RFC 8949 §3):
//   byte 0, bits 7–5   major type
//   byte 0, bits 4–0   the argument itself (0–23), or 24–27: it follows in 1, 2, 4 or 8 bytes,
//                      most significant first
constexpr std::uint8_t major_unsigned = 0;
constexpr std::uint8_t major_negative = 1;
constexpr std::uint8_t major_bytes = 2;
constexpr std::uint8_t major_text = 3;
constexpr std::uint8_t major_array = 4;
constexpr std::uint8_t major_map = 5;
constexpr std::uint8_t major_tag = 6;
constexpr std::uint8_t major_simple = 7;

constexpr std::uint64_t simple_false = 20;
constexpr std::uint64_t simple_true = 21;
constexpr std::uint64_t simple_null = 22;

constexpr std::uint8_t argument_in_head_end = 24;
constexpr std::uint8_t argument_indefinite = 31;

constexpr auto integer_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

Error malformed_at(std::size_t offset, std::string_view what) {
    return {ErrorCode::malformed, std::string(what) + " at byte " + std::to_string(offset)};
}

Error not_deterministic_at(std::size_t offset, std::string_view what) {
    return {ErrorCode::not_deterministic, std::string(what) + " at byte " + std::to_string(offset)};
}

/// The smallest argument that needs as many bytes as `info` announces.
std::uint64_t argument_min(std::uint8_t info) {
    switch (info) {
        case 24:
            return argument_in_head_end;
        case 25:
            return 1ULL << 8U;
        case 26:
            return 1ULL << 16U;
        default:
            return 1ULL << 32U;
    }
}

/// True for the heads that are a whole item each and need no second look: small numbers, the empty
/// strings, false, true and null. Long lists of next to nothing are made of them.
bool is_whole_item(std::uint8_t head) {
    const auto info = static_cast<std::uint8_t>(head & 0x1fU);
    switch (head >> 5U) {
        case major_unsigned:
        case major_negative:
            return info < argument_in_head_end;
        case major_bytes:
        case major_text:
            return info == 0;
        case major_simple:
            return info == simple_false || info == simple_true || info == simple_null;
        default:
            return false;
    }
}

bool is_before(ByteView left, ByteView right) {
    return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end());
}

}  // namespace

void Encoder::head(std::uint8_t major, std::uint64_t argument) {
    const auto first = static_cast<std::uint8_t>(major << 5U);
    if (argument < argument_in_head_end) {
        out_.push_back(static_cast<std::uint8_t>(first | argument));
        return;
    }
    std::uint8_t info = 24;
    std::size_t bytes = 1;
    while (bytes < 8 && (argument >> (8U * bytes)) != 0) {
        bytes *= 2;
        ++info;
    }
    out_.push_back(static_cast<std::uint8_t>(first | info));
    const auto whole = big_endian(argument);
    append(out_, ByteView(whole).last(bytes));
}

Encoder& Encoder::unsigned_integer(std::uint64_t number) {
    head(major_unsigned, number);
    return *this;
}

Encoder& Encoder::integer(std::int64_t number) {
    if (number >= 0) {
        head(major_unsigned, static_cast<std::uint64_t>(number));
    } else {
        head(major_negative, ~static_cast<std::uint64_t>(number));  // -1 - number
    }
    return *this;
}

Encoder& Encoder::bytes(ByteView value) {
    head(major_bytes, value.size());
    append(out_, value);
    return *this;
}

Encoder& Encoder::text(std::string_view value) {
    GODWIT_ASSERT(is_utf8(value));
    head(major_text, value.size());
    append(out_, bytes_of(value));
    return *this;
}

Encoder& Encoder::array(std::size_t count) {
    head(major_array, count);
    return *this;
}

Encoder& Encoder::map(std::size_t count) {
    head(major_map, count);
    return *this;
}

Encoder& Encoder::boolean(bool value) {
    head(major_simple, value ? simple_true : simple_false);
    return *this;
}

Encoder& Encoder::null() {
    head(major_simple, simple_null);
    return *this;
}

Encoder& Encoder::raw(ByteView item) {
    GODWIT_ASSERT(!item.empty());
    append(out_, item);
    return *this;
}

Result<void> Decoder::finish() const {
    if (is_at_end()) return ok();
    return Error{ErrorCode::trailing_bytes, std::to_string(in_.size() - offset_) +
                                                " bytes after byte " + std::to_string(offset_)};
}

Result<Kind> Decoder::peek() const {
    if (is_at_end()) return malformed_at(offset_, "the input ends where an item should begin");
    const std::uint8_t byte = in_[offset_];
    const auto major = static_cast<std::uint8_t>(byte >> 5U);
    if (major < major_tag) return static_cast<Kind>(major);
    const std::uint8_t info = byte & 0x1fU;
    if (major == major_simple && (info == simple_false || info == simple_true)) {
        return Kind::boolean;
    }
    if (major == major_simple && info == simple_null) return Kind::null;
    return malformed_at(offset_, "an item outside the profile");
}

Result<Decoder::Head> Decoder::head() {
    static_cast<void>(TRY(peek()));
    const std::size_t start = offset_;
    const std::uint8_t byte = in_[offset_++];
    const auto major = static_cast<std::uint8_t>(byte >> 5U);
    const std::uint8_t info = byte & 0x1fU;
    if (info < argument_in_head_end) return Head{major, info};
    if (info == argument_indefinite && major >= major_bytes) {
        return not_deterministic_at(start, "an indefinite length");
    }
    if (info > 27) return malformed_at(start, "a reserved head");

    const std::size_t bytes = std::size_t{1} << (info - 24U);
    if (in_.size() - offset_ < bytes) return malformed_at(start, "the input ends within a head");
    std::uint64_t argument = 0;
    for (std::size_t index = 0; index < bytes; ++index) {
        argument = (argument << 8U) | in_[offset_++];
    }
    if (argument < argument_min(info)) return not_deterministic_at(start, "a head too long");
    return Head{major, argument};
}

Result<std::uint64_t> Decoder::unsigned_integer() {
    const std::size_t start = offset_;
    const Head read = TRY(head());
    if (read.major != major_unsigned) return malformed_at(start, "not an unsigned integer");
    return read.argument;
}

Result<std::int64_t> Decoder::integer() {
    const std::size_t start = offset_;
    const Head read = TRY(head());
    if (read.major != major_unsigned && read.major != major_negative) {
        return malformed_at(start, "not an integer");
    }
    if (read.argument > integer_max) return malformed_at(start, "an integer beyond 64 bits");
    const auto magnitude = static_cast<std::int64_t>(read.argument);
    return read.major == major_unsigned ? magnitude : -1 - magnitude;
}

Result<ByteView> Decoder::bytes() {
    const std::size_t start = offset_;
    const Head read = TRY(head());
    if (read.major != major_bytes) return malformed_at(start, "not a byte string");
    if (read.argument > in_.size() - offset_) return malformed_at(start, "a string cut short");
    const ByteView view = in_.subspan(offset_, static_cast<std::size_t>(read.argument));
    offset_ += view.size();
    return view;
}

Result<std::string_view> Decoder::text() {
    const std::size_t start = offset_;
    const Head read = TRY(head());
    if (read.major != major_text) return malformed_at(start, "not a text");
    if (read.argument > in_.size() - offset_) return malformed_at(start, "a text cut short");
    const ByteView view = in_.subspan(offset_, static_cast<std::size_t>(read.argument));
    if (!is_utf8(text_of(view))) return malformed_at(start, "a text that is not UTF-8");
    offset_ += view.size();
    return text_of(view);
}

Result<std::size_t> Decoder::array() {
    const std::size_t start = offset_;
    const Head read = TRY(head());
    if (read.major != major_array) return malformed_at(start, "not an array");
    // Each item takes a byte at least: so no count makes a reader allocate more than it was sent.
    if (read.argument > in_.size() - offset_) return malformed_at(start, "an array cut short");
    return static_cast<std::size_t>(read.argument);
}

Result<std::size_t> Decoder::map() {
    const std::size_t start = offset_;
    const Head read = TRY(head());
    if (read.major != major_map) return malformed_at(start, "not a map");
    if (read.argument > (in_.size() - offset_) / 2) return malformed_at(start, "a map cut short");
    return static_cast<std::size_t>(read.argument);
}

Result<bool> Decoder::boolean() {
    const std::size_t start = offset_;
    const Head read = TRY(head());
    if (read.major != major_simple || read.argument == simple_null) {
        return malformed_at(start, "not a boolean");
    }
    return read.argument == simple_true;
}

Result<void> Decoder::null() {
    const std::size_t start = offset_;
    const Head read = TRY(head());
    if (read.major != major_simple || read.argument != simple_null) {
        return malformed_at(start, "not null");
    }
    return ok();
}

Result<bool> Decoder::try_null() {
    if (TRY(peek()) != Kind::null) return false;
    ++offset_;
    return true;
}

Result<void> Decoder::array_of(std::size_t count) {
    const std::size_t start = offset_;
    const std::size_t found = TRY(array());
    if (found != count) {
        return malformed_at(
            start, "an array of " + std::to_string(found) + " items, not " + std::to_string(count));
    }
    return ok();
}

Result<ByteView> Decoder::item(int within) {
    const std::size_t start = offset_;
    TRY(skip(within));
    return in_.subspan(start, offset_ - start);
}

/// Passes one item that stands within `depth` arrays and maps.
Result<void> Decoder::skip(int depth) {
    const std::size_t start = offset_;
    if (!is_at_end() && is_whole_item(in_[offset_])) {
        ++offset_;
        return ok();
    }
    switch (TRY(peek())) {
        case Kind::unsigned_integer:
            static_cast<void>(TRY(unsigned_integer()));
            return ok();
        case Kind::negative_integer:
            static_cast<void>(TRY(integer()));
            return ok();
        case Kind::bytes:
            static_cast<void>(TRY(bytes()));
            return ok();
        case Kind::text:
            static_cast<void>(TRY(text()));
            return ok();
        case Kind::boolean:
        case Kind::null:
            ++offset_;
            return ok();
        case Kind::array: {
            if (depth == depth_max) {
                return Error{ErrorCode::too_deep, "at byte " + std::to_string(start)};
            }
            for (std::size_t left = TRY(array()); left > 0; --left) TRY(skip(depth + 1));
            return ok();
        }
        case Kind::map:
            if (depth == depth_max) {
                return Error{ErrorCode::too_deep, "at byte " + std::to_string(start)};
            }
            return skip_map(depth);
    }
    return malformed_at(start, "an item outside the profile");
}

Result<void> Decoder::skip_map(int depth) {
    ByteView last;
    for (std::size_t left = TRY(map()); left > 0; --left) {
        const std::size_t start = offset_;
        TRY(skip(depth + 1));
        const ByteView key = in_.subspan(start, offset_ - start);
        if (!last.empty() && !is_before(last, key)) {
            return not_deterministic_at(start, "a map key out of order");
        }
        last = key;
        TRY(skip(depth + 1));
    }
    return ok();
}

Result<MapReader> MapReader::open(Decoder& decoder) {
    const std::size_t count = TRY(decoder.map());
    return MapReader(decoder, count);
}

Result<std::optional<std::uint64_t>> MapReader::next() {
    if (left_ == 0) return std::optional<std::uint64_t>{};
    --left_;
    const std::size_t start = decoder_->offset();
    const std::uint64_t key = TRY(decoder_->unsigned_integer());
    if (last_ && key <= *last_) return not_deterministic_at(start, "a map key out of order");
    last_ = key;
    return std::optional<std::uint64_t>{key};
}

Result<void> check(ByteView item) {
    Decoder decoder(item);
    static_cast<void>(TRY(decoder.item()));
    return decoder.finish();
}

}  // namespace godwit::cbor
