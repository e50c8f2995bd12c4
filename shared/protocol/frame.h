/// How a message stands in a request or answer: one byte of form, then the message.
///
///   0  as it is          1  zstd frame with its content size declared and a checksum
///
/// Never a shared context across requests. A frame that declares more than the receiver's bound, or
/// more than 512 KiB and 32 times its own length, is refused before anything is inflated; a message
/// that shrinks further is sent as it is.
///
/// Spec: exchange §1.
#pragma once

#include "shared/base/bytes.h"
#include "shared/base/result.h"
#include "shared/compression/zstd_frame.h"

namespace godwit {

inline constexpr std::size_t message_bytes_max = 16U << 20U;

/// Compresses when that is shorter.
Bytes encode_frame(ByteView message, Effort effort = Effort::usual);

/// For a message that consists of what is packed already.
Bytes encode_plain_frame(ByteView message);

/// Fails with malformed, unknown_version or too_large.
Result<Bytes> decode_frame(ByteView frame, std::size_t bytes_max = message_bytes_max);

}  // namespace godwit
