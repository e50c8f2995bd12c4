#include "shared/seal/sealed_value.h"

#include <algorithm>
#include <bit>

#include "shared/base/planted.h"

namespace godwit {

namespace {

constexpr std::size_t padded_bytes_min = 32;
constexpr std::uint8_t padding_mark = 0x80;

/// The least Padmé length that holds `length` bytes, `length` at least 2.
std::size_t padme(std::size_t length) {
    const auto exponent = static_cast<unsigned>(std::bit_width(length)) - 1U;
    const auto exponent_bits = static_cast<unsigned>(std::bit_width(exponent));
    // `length` of 2 or more has an exponent no narrower than its own width.
    const std::size_t mask = (std::size_t{1} << (exponent - exponent_bits)) - 1U;
    return (length + mask) & ~mask;
}

/// record ‖ field: a sealed value opens in no other place than its own.
Bytes place_of(const RecordId& record, std::uint32_t field) {
    Bytes out = copy_of(record.view());
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        out.push_back(static_cast<std::uint8_t>((field >> shift) & 0xffU));
    }
    return out;
}

}  // namespace

std::size_t padded_bytes(std::size_t length) {
    if (is_planted(PlantedBug::value_unpadded)) return std::max(length + 1, padded_bytes_min);
    return padme(std::max(length + 1, padded_bytes_min));
}

Bytes pad(ByteView item) {
    Bytes out;
    out.reserve(padded_bytes(item.size()));
    append(out, item);
    out.push_back(padding_mark);
    out.resize(padded_bytes(item.size()));
    return out;
}

Result<ByteView> unpad(ByteView padded) {
    std::size_t end = padded.size();
    while (end > 0 && padded[end - 1] == 0) --end;
    if (end == 0 || padded[end - 1] != padding_mark) {
        return Error{ErrorCode::malformed, "what was sealed is not padded"};
    }
    const ByteView item = padded.first(end - 1);
    if (padded.size() != padded_bytes(item.size())) {
        return Error{ErrorCode::not_deterministic, "what was sealed is padded to another length"};
    }
    return item;
}

Bytes seal_value(const Cipher& cipher, Random& random, const RecordKey& key, const RecordId& record,
                 std::uint32_t field, ByteView item) {
    Bytes padded = pad(item);
    Bytes sealed = cipher.seal(padded, place_of(record, field), key.bytes, random);
    wipe(padded);
    return sealed;
}

Result<Bytes> open_value(const Cipher& cipher, const RecordKey& key, const RecordId& record,
                         std::uint32_t field, ByteView sealed) {
    const Bytes padded = TRY(cipher.open(sealed, place_of(record, field), key.bytes));
    const ByteView item = TRY(unpad(padded));
    TRY(cbor::check(item));
    return copy_of(item);
}

}  // namespace godwit
