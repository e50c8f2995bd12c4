#include "shared/protocol/short_answer.h"

#include <algorithm>

namespace godwit {
namespace {

constexpr std::uint64_t same_epoch = 1;
constexpr std::uint64_t same_head = 2;
constexpr std::uint64_t same_cursors = 4;

// Layout of a receipt: seal/receipt.h. Here only what can be left out of it matters.
constexpr std::size_t receipt_items = 11;
constexpr std::size_t short_receipt_items = 5;
constexpr std::uint64_t receipt_version = 1;

struct ReceiptParts {
    Sequence after{};
    std::int64_t received_ms{};
    std::int64_t floor_ms{};
    std::int64_t offset_ms{};
    Signature signature{};
};

/// Whose receipt it would be, and of what.
struct Covered {
    EpochId epoch;
    ReplicaId replica;
    LogId log;
    LogHead head;
};

Bytes whole_receipt(const Covered& covered, const ReceiptParts& parts) {
    Bytes out;
    cbor::Encoder(out)
        .array(receipt_items)
        .unsigned_integer(receipt_version)
        .id(covered.epoch)
        .id(covered.replica)
        .id(covered.log)
        .unsigned_integer(parts.after)
        .unsigned_integer(covered.head.sequence)
        .bytes(covered.head.hash)
        .integer(parts.received_ms)
        .integer(parts.floor_ms)
        .integer(parts.offset_ms)
        .bytes(parts.signature);
    return out;
}

Result<ReceiptParts> parts_of(ByteView receipt) {
    ReceiptParts out;
    cbor::Decoder in(receipt);
    TRY(in.array_of(receipt_items));
    for (int item = 0; item < 4; ++item) TRY(in.item());
    out.after = TRY(in.unsigned_integer());
    for (int item = 0; item < 2; ++item) TRY(in.item());
    out.received_ms = TRY(in.integer());
    out.floor_ms = TRY(in.integer());
    out.offset_ms = TRY(in.integer());
    out.signature = TRY(in.fixed<64>());
    return out;
}

Bytes encode_short(const ReceiptParts& parts) {
    Bytes out;
    cbor::Encoder(out)
        .array(short_receipt_items)
        .unsigned_integer(parts.after)
        .integer(parts.received_ms)
        .integer(parts.floor_ms)
        .integer(parts.offset_ms)
        .bytes(parts.signature);
    return out;
}

Result<ReceiptParts> decode_short(ByteView bytes) {
    ReceiptParts out;
    cbor::Decoder in(bytes);
    TRY(in.array_of(short_receipt_items));
    out.after = TRY(in.unsigned_integer());
    out.received_ms = TRY(in.integer());
    out.floor_ms = TRY(in.integer());
    out.offset_ms = TRY(in.integer());
    out.signature = TRY(in.fixed<64>());
    TRY(in.finish());
    return out;
}

}  // namespace

void shorten(Answer& answer, const Request& request, const ReplicaId& replica) {
    const Covered covered{answer.epoch, replica, request.log, request.head};
    if (answer.receipts.size() == 1) {
        const auto parts = parts_of(answer.receipts.front());
        if (parts && whole_receipt(covered, *parts) == answer.receipts.front()) {
            answer.short_receipt = encode_short(*parts);
            answer.receipts.clear();
        }
    }
    if (answer.epoch == request.epoch) {
        answer.as_asked |= same_epoch;
        answer.epoch = {};
    }
    if (answer.head == request.head) {
        answer.as_asked |= same_head;
        answer.head = {};
    }
    if (answer.cursors == request.cursors) {
        answer.as_asked |= same_cursors;
        answer.cursors.clear();
    }
}

Result<void> restore(Answer& answer, const Request& request, const ReplicaId& replica) {
    if (answer.as_asked > (same_epoch | same_head | same_cursors)) {
        return Error{ErrorCode::malformed, "an answer that leaves out what is not known here"};
    }
    if ((answer.as_asked & same_epoch) != 0) answer.epoch = request.epoch;
    if ((answer.as_asked & same_head) != 0) answer.head = request.head;
    if ((answer.as_asked & same_cursors) != 0) answer.cursors = request.cursors;
    answer.as_asked = 0;
    if (!answer.short_receipt) return ok();
    const Covered covered{answer.epoch, replica, request.log, request.head};
    answer.receipts.push_back(whole_receipt(covered, TRY(decode_short(*answer.short_receipt))));
    answer.short_receipt.reset();
    return ok();
}

}  // namespace godwit
