/// Small contents that are kept one by one, such as a record's state in its row.
///
///   packed = form ‖ content      form 0: as it is; 1: a zstd frame
///
/// What is packed is read by those who wrote it and never sent: a record's length then tells a
/// little of what it says, which a row that is sealed, or that its server can read anyway, may.
///
/// Spec: local-store.
#pragma once

#include "shared/base/bytes.h"
#include "shared/base/result.h"

namespace godwit {

Bytes pack(ByteView content);

/// Fails with malformed or too_large.
Result<Bytes> unpack(ByteView packed, std::size_t bytes_max);

}  // namespace godwit
