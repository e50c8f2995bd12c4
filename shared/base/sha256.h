/// SHA-256 (FIPS 180-4). Declared here, defined by the library each build links: `shared/digest`
/// (OpenSSL, with the machine's instructions) natively, libsodium in WebAssembly.
#pragma once

#include <initializer_list>

#include "shared/base/bytes.h"

namespace godwit {

/// The digest of `parts`, one after another.
Digest sha256(std::initializer_list<ByteView> parts);

}  // namespace godwit
