/// The secret half of a team's reader key on its way to those who may read.
///
///   box = crypto_box_seal(secret half) to the replica's box key
///
/// Spec: sealing §5.
#pragma once

#include "shared/seal/roster_statement.h"

namespace godwit {

/// `secret`, boxed for the replica `to`.
Grant grant_for(const Cipher& cipher, const BoxSecretKey& secret, const ReplicaKeys& to);

/// The reader key that `box` holds for the replica whose keys are `own`. `reader_key` is its public
/// half as the roster has it. Fails with cannot_open, or bad_key when the box holds another key:
/// whoever granted it was wrong or dishonest, and nothing may be opened or sealed with it.
Result<BoxKeyPair> open_grant(const Cipher& cipher, ByteView box, const BoxKeyPair& own,
                              const BoxPublicKey& reader_key);

}  // namespace godwit
