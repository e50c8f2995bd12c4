/// The server's signed statement that a change log is durable through a sequence.
///
///   receipt = [ 1, epoch, replica, log, after, through, hash, received_ms, floor_ms,
///               offset_ms, signature ]
///   signed  = "godwit receipt 1" ‖ the encoding of the first ten as an array
///
/// It also fixes effective time for the changes (after, through]:
///   effective = clamp(claimed + offset_ms, floor_ms, received_ms); a clamped time has tick 0
/// A replica keeps its receipts and offers them again to a restored server, which trusts its own
/// signature and so computes the same times.
///
///   safe   = [ 1, epoch, log, through, backed_up_ms, signature ]
///   signed = "godwit safe 1" ‖ the encoding of the first five as an array
///
/// Spec: exchange §4.
#pragma once

#include "shared/seal/cipher.h"

namespace godwit {

struct Receipt {
    EpochId epoch;
    ReplicaId replica;
    LogId log;
    Sequence after{};    ///< The receipt covers the changes after this one …
    Sequence through{};  ///< … through this one.
    Digest hash{};       ///< hash(through)
    std::int64_t received_ms{};
    std::int64_t floor_ms{};   ///< received_ms of the log's previous receipt; 0 for the first.
    std::int64_t offset_ms{};  ///< Server clock minus replica clock, as counted_offset_ms() says.
    Signature signature{};

    bool operator==(const Receipt&) const = default;
};

/// The offset between two clocks as it counts: the time a request takes on its way is not a clock
/// being wrong (decisions/0006).
std::int64_t counted_offset_ms(std::int64_t offset_ms);

/// The effective time of a change that `receipt` covers.
HybridTime effective_time(HybridTime claimed, const Receipt& receipt);

struct SafeMark {
    EpochId epoch;
    LogId log;
    Sequence through{};
    std::int64_t backed_up_ms{};
    Signature signature{};

    bool operator==(const SafeMark&) const = default;
};

void sign(const Cipher& cipher, Receipt& receipt, const SigningSecretKey& server);
void sign(const Cipher& cipher, SafeMark& mark, const SigningSecretKey& server);
/// Fail with bad_signature.
Result<void> verify(const Cipher& cipher, const Receipt& receipt, const SigningPublicKey& server);
Result<void> verify(const Cipher& cipher, const SafeMark& mark, const SigningPublicKey& server);

Bytes encode_receipt(const Receipt& receipt);
Result<Receipt> decode_receipt(ByteView bytes);
Bytes encode_safe_mark(const SafeMark& mark);
Result<SafeMark> decode_safe_mark(ByteView bytes);

}  // namespace godwit
