#include "sync-server/reconcile/nonce_book.h"

#include "shared/base/planted.h"

namespace godwit {

NonceBook::NonceBook(const Cipher& cipher, Random& random) : cipher_(cipher) {
    random.fill(boot_key_);
}

RequestNonceBytes NonceBook::nonce_for(const ReplicaId& replica, std::uint64_t counter) const {
    const auto head = big_endian(counter);
    Bytes message = copy_of(head);
    append(message, replica.view());
    const Digest keyed = cipher_.keyed_hash(message, boot_key_);
    RequestNonceBytes nonce{};
    std::copy(head.begin(), head.end(), nonce.begin());
    std::copy_n(keyed.begin(), nonce.size() - head.size(), nonce.begin() + head.size());
    return nonce;
}

RequestNonceBytes NonceBook::make(const ReplicaId& replica) {
    return nonce_for(replica, ++counter_);
}

std::uint64_t NonceBook::counter_of(const RequestNonceBytes& nonce) {
    std::uint64_t counter = 0;
    for (std::size_t index = 0; index < 8; ++index) counter = (counter << 8U) | nonce[index];
    return counter;
}

bool NonceBook::is_fresh(const ReplicaId& replica, const RequestNonceBytes& nonce) const {
    const std::uint64_t counter = counter_of(nonce);
    // The all-zero nonce asks for one; no nonce has the counter 0.
    if (counter == 0) return false;
    if (!cipher_.is_same_secret(nonce, nonce_for(replica, counter))) return false;
    const std::lock_guard lock(mutex_);
    const auto found = highest_used_.find(replica);
    return found == highest_used_.end() || counter > found->second ||
           is_planted(PlantedBug::nonce_reused);
}

bool NonceBook::use(const ReplicaId& replica, const RequestNonceBytes& nonce) {
    const std::uint64_t counter = counter_of(nonce);
    const std::lock_guard lock(mutex_);
    std::uint64_t& highest = highest_used_[replica];
    if (counter <= highest) return is_planted(PlantedBug::nonce_reused);
    highest = counter;
    return true;
}

}  // namespace godwit
