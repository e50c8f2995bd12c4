/// Deterministic CBOR: what every stored, signed and sent byte of Godwit is made of.
///
/// The profile: unsigned and negative integers, byte and text strings, arrays, maps, false, true,
/// null. Shortest heads, definite lengths, map keys sorted bytewise by their encoding and unique,
/// valid UTF-8, depth at most 16. No floats, tags, undefined or other simple values.
/// The decoder accepts exactly what the encoder can produce.
///
/// Spec: change-format §1. Source: RFC 8949 §4.2.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "shared/base/bytes.h"
#include "shared/base/id.h"
#include "shared/base/result.h"

namespace godwit::cbor {

inline constexpr int depth_max = 16;

enum class Kind : std::uint8_t {
    unsigned_integer,
    negative_integer,
    bytes,
    text,
    array,
    map,
    boolean,
    null
};

/// Appends items to a byte string. The caller opens arrays and maps with their exact counts, and
/// writes map entries in key order.
class Encoder {
public:
    explicit Encoder(Bytes& out) : out_(out) {}

    Encoder& unsigned_integer(std::uint64_t number);
    Encoder& integer(std::int64_t number);
    Encoder& bytes(ByteView value);
    Encoder& text(std::string_view value);  ///< `value` is valid UTF-8.
    Encoder& array(std::size_t count);
    Encoder& map(std::size_t count);
    Encoder& boolean(bool value);
    Encoder& null();
    /// `item` is one whole item already encoded.
    Encoder& raw(ByteView item);

    template <typename Tag>
    Encoder& id(const Id<Tag>& value) {
        return bytes(value.view());
    }

private:
    void head(std::uint8_t major, std::uint64_t argument);
    Bytes& out_;
};

/// Reads items from bytes it does not own; what it returns points into them.
/// Every reader fails with `malformed`, `not_deterministic`, `too_deep` or `trailing_bytes`, and
/// after a failure the decoder must not be used further.
class Decoder {
public:
    explicit Decoder(ByteView in) : in_(in) {}

    [[nodiscard]] std::size_t offset() const { return offset_; }
    /// Bytes not read yet.
    [[nodiscard]] std::size_t left() const { return in_.size() - offset_; }
    [[nodiscard]] bool is_at_end() const { return offset_ == in_.size(); }
    /// Fails with trailing_bytes unless everything has been read.
    Result<void> finish() const;

    /// The kind of the next item; fails at the end of input and for kinds outside the profile.
    Result<Kind> peek() const;

    Result<std::uint64_t> unsigned_integer();
    Result<std::int64_t> integer();
    Result<ByteView> bytes();
    Result<std::string_view> text();
    /// The count of items. Counts that could not fit the remaining bytes are malformed.
    Result<std::size_t> array();
    /// The count of entries; keys must be checked by whoever reads them: see MapReader.
    Result<std::size_t> map();
    Result<bool> boolean();
    Result<void> null();
    /// True, and read, when the next item is null.
    Result<bool> try_null();

    /// Fails with malformed unless the next item is an array of exactly `count` items.
    Result<void> array_of(std::size_t count);

    /// One whole item of any kind within the profile, checked throughout, as its exact bytes. It
    /// stands within `within` arrays and maps that count too: at most sixteen within one another.
    Result<ByteView> item(int within = 0);

    template <typename IdType>
    Result<IdType> id() {
        const ByteView view = TRY(bytes());
        const auto made = IdType::from(view);
        if (!made) return Error{ErrorCode::malformed, "an id is not sixteen bytes"};
        return *made;
    }
    template <std::size_t Size>
    Result<std::array<std::uint8_t, Size>> fixed() {
        const ByteView view = TRY(bytes());
        if (view.size() != Size)
            return Error{ErrorCode::malformed, "a fixed byte string has another length"};
        std::array<std::uint8_t, Size> out{};
        std::memcpy(out.data(), view.data(), Size);
        return out;
    }

private:
    struct Head {
        std::uint8_t major;
        std::uint64_t argument;
    };
    Result<Head> head();
    Result<void> skip(int depth);
    Result<void> skip_map(int depth);

    ByteView in_;
    std::size_t offset_ = 0;
};

/// Holds the keys of one map to strictly ascending unsigned integers, as all our own maps have.
class MapReader {
public:
    /// Fails with malformed unless the next item is a map.
    static Result<MapReader> open(Decoder& decoder);

    /// The next key, or nothing when every entry has been read. The caller reads the value before
    /// asking again. Fails with not_deterministic when keys do not ascend.
    Result<std::optional<std::uint64_t>> next();

private:
    MapReader(Decoder& decoder, std::size_t count) : decoder_(&decoder), left_(count) {}
    Decoder* decoder_;
    std::size_t left_;
    std::optional<std::uint64_t> last_;
};

/// Fails unless `item` is exactly one item within the profile.
Result<void> check(ByteView item);

}  // namespace godwit::cbor
