/// A value that only named keys open.
///
///   sealed = nonce(24) ‖ XChaCha20-Poly1305(padded, associated = record ‖ field) ‖ tag(16)
///   padded = item ‖ 0x80 ‖ 0x00 …   to the Padmé length of item + 1, at least 32 bytes
///   field  = 4 bytes, big-endian
///
/// Spec: sealing §3. Source: Nikitin et al., Reducing Metadata Leakage (Padmé, 2019).
#pragma once

#include "shared/seal/cipher.h"

namespace godwit {

/// The padded length of an item of `length` bytes, its mark included.
std::size_t padded_bytes(std::size_t length);

/// `item` padded. Sensitive.
Bytes pad(ByteView item);

/// The item that pad() was given, in place. Fails with malformed or not_deterministic.
Result<ByteView> unpad(ByteView padded);

/// `item` is one encoded CBOR item.
Bytes seal_value(const Cipher& cipher, Random& random, const RecordKey& key, const RecordId& record,
                 std::uint32_t field, ByteView item);

/// Fails with cannot_open, or with the decoder's errors when what was sealed is no CBOR item.
Result<Bytes> open_value(const Cipher& cipher, const RecordKey& key, const RecordId& record,
                         std::uint32_t field, ByteView sealed);

}  // namespace godwit
