/// zstd frames (RFC 8878) of one profile: the content's size declared, a checksum, no dictionary,
/// a window of at most 8 MiB. What a frame declares is held to the caller's bound, and to 512 KiB
/// or 32 times its own length, before anything is inflated.
///
/// Spec: exchange §1.
#pragma once

#include "shared/base/bytes.h"
#include "shared/base/result.h"

namespace godwit {

/// How much work a frame is worth: one that is read once, one that many wait for, one that is kept
/// and carried over a weak link.
enum class Effort : std::uint8_t { quick = 1, usual = 5, thorough = 9 };

/// The frame, or nothing when it could not be made or nobody would inflate it: content that shrinks
/// further than a frame may grow. Plain bytes are always right.
Bytes deflate(ByteView content, Effort effort);

/// Fails with malformed (no frame of this profile, damaged, or bytes beside it) or too_large.
Result<Bytes> inflate(ByteView frame, std::size_t bytes_max);

}  // namespace godwit
