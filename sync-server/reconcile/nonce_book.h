/// Request nonces: handed out without being stored, used once.
///
///   nonce = counter (8 bytes, big-endian) ‖ keyed BLAKE2b(boot key, counter ‖ replica)[0..16]
///
/// The boot key is made at each start, so a restart makes all nonces stale.
///
/// Spec: exchange §2.
#pragma once

#include <atomic>
#include <mutex>
#include <unordered_map>

#include "shared/base/random.h"
#include "shared/protocol/messages.h"
#include "shared/seal/cipher.h"

namespace godwit {

/// Any thread may call anything.
class NonceBook {
public:
    NonceBook(const Cipher& cipher, Random& random);

    [[nodiscard]] RequestNonceBytes make(const ReplicaId& replica);

    /// Is it one of ours for this replica, and newer than every one it has used?
    [[nodiscard]] bool is_fresh(const ReplicaId& replica, const RequestNonceBytes& nonce) const;

    /// Uses it up. False when it is not fresh any more: somebody else used it meanwhile.
    [[nodiscard]] bool use(const ReplicaId& replica, const RequestNonceBytes& nonce);

    /// The nonce's place among all handed out since the start.
    [[nodiscard]] static std::uint64_t counter_of(const RequestNonceBytes& nonce);

private:
    [[nodiscard]] RequestNonceBytes nonce_for(const ReplicaId& replica,
                                              std::uint64_t counter) const;

    const Cipher& cipher_;
    std::array<std::uint8_t, 32> boot_key_{};
    std::atomic<std::uint64_t> counter_{};
    mutable std::mutex mutex_;
    std::unordered_map<ReplicaId, std::uint64_t> highest_used_;
};

}  // namespace godwit
