#include "shared/seal/segment_signature.h"

namespace godwit {

void sign(const Cipher& cipher, Segment& segment, const SigningSecretKey& key) {
    segment.signature = cipher.sign(signed_bytes(segment), key);
}

Result<void> verify(const Cipher& cipher, const Segment& segment, const SigningPublicKey& key) {
    if (!cipher.verify(signed_bytes(segment), segment.signature, key)) {
        return Error{ErrorCode::bad_signature, "the segment is not what its replica signed"};
    }
    return ok();
}

}  // namespace godwit
