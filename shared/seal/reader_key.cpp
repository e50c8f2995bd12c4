#include "shared/seal/reader_key.h"

namespace godwit {

Grant grant_for(const Cipher& cipher, const BoxSecretKey& secret, const ReplicaKeys& to) {
    return {to.replica, cipher.box(secret.view(), to.box)};
}

Result<BoxKeyPair> open_grant(const Cipher& cipher, ByteView box, const BoxKeyPair& own,
                              const BoxPublicKey& reader_key) {
    Bytes opened = TRY(cipher.open_box(box, own));
    if (opened.size() != BoxSecretKey::size) {
        wipe(opened);
        return Error{ErrorCode::bad_key, "the grant holds no reader key"};
    }
    BoxKeyPair out;
    std::memcpy(out.secret_key.bytes.data(), opened.data(), opened.size());
    wipe(opened);
    out.public_key = cipher.public_key_of(out.secret_key);
    if (out.public_key != reader_key) {
        return Error{ErrorCode::bad_key, "the grant holds another key than the roster names"};
    }
    return out;
}

}  // namespace godwit
