/// The digest of what a replica and the server share: SHA-256 over every shared record, by id, of
/// id ‖ SHA-256(encode_state). Two ends that hold the same changes print the same digest.
///
/// Spec: merge §5.
#pragma once

#include "shared/base/sha256.h"
#include "shared/merge/record_state.h"

namespace godwit {

class StateDigest {
public:
    /// Records are added by id, strictly ascending, with the bytes of encode_state().
    void add(const RecordId& record, ByteView encoded_state);
    [[nodiscard]] Digest finish() const;

private:
    Bytes rows_;
};

}  // namespace godwit
