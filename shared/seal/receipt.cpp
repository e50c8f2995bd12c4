#include "shared/seal/receipt.h"

#include <algorithm>

#include "shared/base/planted.h"
#include "shared/base/saturating.h"

namespace godwit {

namespace {

constexpr std::string_view receipt_domain = "godwit receipt 1";
constexpr std::string_view safe_domain = "godwit safe 1";
constexpr std::uint64_t receipt_format = 1;

/// The items that are signed, without their array's head.
void encode_items(cbor::Encoder& out, const Receipt& receipt) {
    out.unsigned_integer(receipt_format).id(receipt.epoch).id(receipt.replica).id(receipt.log);
    out.unsigned_integer(receipt.after).unsigned_integer(receipt.through).bytes(receipt.hash);
    out.integer(receipt.received_ms).integer(receipt.floor_ms).integer(receipt.offset_ms);
}

void encode_items(cbor::Encoder& out, const SafeMark& mark) {
    out.unsigned_integer(receipt_format).id(mark.epoch).id(mark.log);
    out.unsigned_integer(mark.through).integer(mark.backed_up_ms);
}

template <typename T>
Bytes signed_bytes(const T& stated, std::string_view domain, std::size_t item_count) {
    Bytes bytes = copy_of(bytes_of(domain));
    cbor::Encoder out(bytes);
    out.array(item_count);
    encode_items(out, stated);
    return bytes;
}

Bytes signed_bytes(const Receipt& receipt) {
    return signed_bytes(receipt, receipt_domain, 10);
}
Bytes signed_bytes(const SafeMark& mark) {
    return signed_bytes(mark, safe_domain, 5);
}

Result<void> open_receipt(cbor::Decoder& in, std::size_t item_count) {
    const std::size_t count = TRY(in.array());
    if (TRY(in.unsigned_integer()) != receipt_format) return ErrorCode::unknown_version;
    if (count != item_count) {
        return Error{ErrorCode::malformed, "a server's statement has another count of items"};
    }
    return ok();
}

}  // namespace

std::int64_t counted_offset_ms(std::int64_t offset_ms) {
    constexpr std::int64_t ignored_ms = 2'000;
    return offset_ms >= -ignored_ms && offset_ms <= ignored_ms ? 0 : offset_ms;
}

HybridTime effective_time(HybridTime claimed, const Receipt& receipt) {
    const std::int64_t corrected = saturating_sum(claimed.wall_ms, receipt.offset_ms);
    const std::int64_t clamped =
        std::min(std::max(corrected, receipt.floor_ms), receipt.received_ms);
    if (is_planted(PlantedBug::effective_unclamped)) return {corrected, claimed.tick};
    return {clamped, clamped == corrected ? claimed.tick : 0};
}

void sign(const Cipher& cipher, Receipt& receipt, const SigningSecretKey& server) {
    receipt.signature = cipher.sign(signed_bytes(receipt), server);
}

void sign(const Cipher& cipher, SafeMark& mark, const SigningSecretKey& server) {
    mark.signature = cipher.sign(signed_bytes(mark), server);
}

Result<void> verify(const Cipher& cipher, const Receipt& receipt, const SigningPublicKey& server) {
    if (!cipher.verify(signed_bytes(receipt), receipt.signature, server)) {
        return Error{ErrorCode::bad_signature, "the receipt is not what the server signed"};
    }
    return ok();
}

Result<void> verify(const Cipher& cipher, const SafeMark& mark, const SigningPublicKey& server) {
    if (!cipher.verify(signed_bytes(mark), mark.signature, server)) {
        return Error{ErrorCode::bad_signature, "the safe mark is not what the server signed"};
    }
    return ok();
}

Bytes encode_receipt(const Receipt& receipt) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    out.array(11);
    encode_items(out, receipt);
    out.bytes(receipt.signature);
    return bytes;
}

Result<Receipt> decode_receipt(ByteView bytes) {
    cbor::Decoder in(bytes);
    TRY(open_receipt(in, 11));
    Receipt out;
    out.epoch = TRY(in.id<EpochId>());
    out.replica = TRY(in.id<ReplicaId>());
    out.log = TRY(in.id<LogId>());
    out.after = TRY(in.unsigned_integer());
    out.through = TRY(in.unsigned_integer());
    out.hash = TRY(in.fixed<32>());
    out.received_ms = TRY(in.integer());
    out.floor_ms = TRY(in.integer());
    out.offset_ms = TRY(in.integer());
    out.signature = TRY(in.fixed<64>());
    TRY(in.finish());
    if (out.after > out.through) {
        return Error{ErrorCode::malformed, "a receipt ends before it begins"};
    }
    if (out.floor_ms > out.received_ms) {
        return Error{ErrorCode::malformed, "a receipt is older than the one before it"};
    }
    return out;
}

Bytes encode_safe_mark(const SafeMark& mark) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    out.array(6);
    encode_items(out, mark);
    out.bytes(mark.signature);
    return bytes;
}

Result<SafeMark> decode_safe_mark(ByteView bytes) {
    cbor::Decoder in(bytes);
    TRY(open_receipt(in, 6));
    SafeMark out;
    out.epoch = TRY(in.id<EpochId>());
    out.log = TRY(in.id<LogId>());
    out.through = TRY(in.unsigned_integer());
    out.backed_up_ms = TRY(in.integer());
    out.signature = TRY(in.fixed<64>());
    TRY(in.finish());
    return out;
}

}  // namespace godwit
