#include "sync-server/http/guard.h"

#include <algorithm>

namespace godwit {

double TokenBuckets::tokens_at(const Bucket& bucket, Instant now) const {
    const std::chrono::duration<double> passed = now - bucket.filled;
    return std::min(allowance_.burst,
                    bucket.tokens + std::max(0.0, passed.count()) * allowance_.per_second);
}

bool TokenBuckets::take(const std::string& key, Instant now) {
    auto found = buckets_.find(key);
    if (found == buckets_.end()) {
        if (buckets_.size() >= remembered_max_) forget_full(now);
        found = buckets_.emplace(key, Bucket{allowance_.burst, now}).first;
    }
    Bucket& bucket = found->second;
    bucket.tokens = tokens_at(bucket, now);
    bucket.filled = now;
    if (bucket.tokens < 1.0) return false;
    bucket.tokens -= 1.0;
    return true;
}

// A full bucket says no more than none. When none is full somebody invents keys, and any may go.
void TokenBuckets::forget_full(Instant now) {
    for (auto at = buckets_.begin(); at != buckets_.end();) {
        at = tokens_at(at->second, now) >= allowance_.burst ? buckets_.erase(at) : std::next(at);
    }
    if (buckets_.size() >= remembered_max_) buckets_.erase(buckets_.begin());
}

std::unique_ptr<Guard::Place> Guard::enter(const std::string& address) {
    const std::lock_guard lock(mutex_);
    if (connections_ >= bounds_.connections_max) return nullptr;
    std::size_t& of_address = connections_of_[address];
    if (of_address >= bounds_.connections_per_address_max) return nullptr;
    ++of_address;
    ++connections_;
    return std::make_unique<Place>(*this, address);
}

void Guard::leave(const std::string& address) {
    const std::lock_guard lock(mutex_);
    --connections_;
    const auto found = connections_of_.find(address);
    GODWIT_ASSERT(found != connections_of_.end());
    if (--found->second == 0) connections_of_.erase(found);
}

std::unique_ptr<Guard::Room> Guard::reserve(const std::string& address, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    const auto found = body_bytes_of_.find(address);
    const std::size_t of_address = found == body_bytes_of_.end() ? 0 : found->second;
    const bool is_room = bytes <= bounds_.body_bytes_max - body_bytes_ &&
                         bytes <= bounds_.body_bytes_per_address_max - of_address;
    if (!is_room) return nullptr;
    body_bytes_ += bytes;
    body_bytes_of_[address] = of_address + bytes;
    return std::make_unique<Room>(*this, address, bytes);
}

void Guard::give_back(const std::string& address, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    body_bytes_ -= bytes;
    const auto found = body_bytes_of_.find(address);
    // Two rooms of no bytes share an entry, and the first to go has taken it along.
    if (found == body_bytes_of_.end()) return;
    found->second -= bytes;
    if (found->second == 0) body_bytes_of_.erase(found);
}

Result<void> Guard::admit(const std::string& address, Instant now) {
    const std::lock_guard lock(mutex_);
    if (!addresses_.take(address, now)) return ErrorCode::too_many_requests;
    return ok();
}

Result<void> Guard::admit(const std::string& address, const ReplicaId& replica, Instant now) {
    const std::lock_guard lock(mutex_);
    const std::string key = address + '/' + std::string(text_of(replica.view()));
    if (!replicas_.take(key, now)) return ErrorCode::too_many_requests;
    return ok();
}

bool Guard::is_crowded() const {
    const std::lock_guard lock(mutex_);
    return connections_ * 4 > bounds_.connections_max * 3;
}

std::string address_key(ByteView bytes) {
    constexpr std::size_t network_bytes = 8;  // Of an IPv6 address: what one subscriber is given.
    constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (bytes.size() != 16) return std::string(text_of(bytes));
    const bool is_mapped = is_equal(bytes.first(mapped_prefix.size()), mapped_prefix);
    return std::string(text_of(is_mapped ? bytes.last(4) : bytes.first(network_bytes)));
}

}  // namespace godwit
