/// Signs segments and verifies them. Spec: change-format §5.
#pragma once

#include "shared/seal/cipher.h"

namespace godwit {

void sign(const Cipher& cipher, Segment& segment, const SigningSecretKey& key);

/// Fails with bad_signature.
Result<void> verify(const Cipher& cipher, const Segment& segment, const SigningPublicKey& key);

}  // namespace godwit
