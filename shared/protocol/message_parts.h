/// The pieces messages are put together from: maps that omit what is empty, and bounded lists.
///
/// Inside `protocol` only.
#pragma once

#include "shared/protocol/messages.h"

namespace godwit {

/// The most items any list of a message may have, so that a small message cannot ask for a large
/// allocation.
inline constexpr std::size_t list_count_max = 1U << 16U;

/// Writes map entries in key order, counting them.
class EntryWriter {
public:
    EntryWriter() = default;
    EntryWriter(const EntryWriter&) = delete;
    EntryWriter& operator=(const EntryWriter&) = delete;

    /// Opens the entry `key`; the caller writes its value.
    cbor::Encoder& entry(std::uint64_t key);

    // Each writes its entry unless the value is the one that an absent key stands for.
    void unsigned_integer(std::uint64_t key, std::uint64_t value, std::uint64_t absent = 0);
    void integer(std::uint64_t key, std::int64_t value);
    void flag(std::uint64_t key, bool value);
    void byte_list(std::uint64_t key, const std::vector<Bytes>& values);
    void head(std::uint64_t key, const LogHead& value);
    void cursors(std::uint64_t key, const Cursors& value);

    template <typename Tag>
    void id(std::uint64_t key, const Id<Tag>& value) {
        if (!value.is_zero()) entry(key).id(value);
    }
    template <typename Tag>
    void id_list(std::uint64_t key, const std::vector<Id<Tag>>& values) {
        if (!values.empty()) encode_ids(entry(key), values);
    }

    /// The whole map.
    [[nodiscard]] Bytes finish() const;

    template <typename Tag>
    static void encode_ids(cbor::Encoder& out, const std::vector<Id<Tag>>& values) {
        out.array(values.size());
        for (const Id<Tag>& value : values) out.id(value);
    }
    static void encode_byte_list(cbor::Encoder& out, const std::vector<Bytes>& values);

private:
    std::size_t count_{};
    Bytes entries_;
    cbor::Encoder out_{entries_};
};

/// The count of a list whose items take at least `item_bytes` each. Fails with too_large above
/// list_count_max, and for a long list of items too small to be any: what is kept of an item takes
/// more room than one byte of a message.
Result<std::size_t> read_list(cbor::Decoder& in, std::size_t item_bytes = 1);
Result<std::vector<Bytes>> read_byte_list(cbor::Decoder& in);
Result<LogHead> read_head(cbor::Decoder& in);
/// Teams strictly ascend.
Result<Cursors> read_cursors(cbor::Decoder& in);

template <typename IdType>
Result<std::vector<IdType>> read_ids(cbor::Decoder& in) {
    const std::size_t count = TRY(read_list(in, IdType::size + 1));
    std::vector<IdType> values;
    values.reserve(count);
    for (std::size_t index = 0; index < count; ++index) values.push_back(TRY(in.id<IdType>()));
    return values;
}

/// Fails with unknown_version unless the next item is the number 1.
Result<void> read_version(cbor::Decoder& in);

/// An error as it travels: its code's number, then its detail.
void encode_error(cbor::Encoder& out, const Error& error);
/// Reads both into `error`. Numbers this build does not know become `malformed`.
Result<void> read_error(cbor::Decoder& in, Error& error);

}  // namespace godwit
