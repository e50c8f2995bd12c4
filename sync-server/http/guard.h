/// Who may come in, and how often: caps on connections and requests, so that nobody, by malice or
/// by a broken program, takes the server from everybody else.
///
/// Any number of threads may use one Guard. Addresses are kept in memory while they matter and
/// nowhere else; an IPv6 address counts with its whole /64.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "shared/base/id.h"
#include "shared/base/result.h"

namespace godwit {

/// An instant of a clock that only runs forward.
using Instant = std::chrono::steady_clock::time_point;

/// That clock, handed in.
class MonotonicClock {
public:
    virtual ~MonotonicClock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
};

/// So many at once, and so many a second in the long run.
struct Allowance {
    double burst{};
    double per_second{};
};

struct GuardBounds {
    std::size_t connections_max{512};
    /// Many phones may share one address: a shelter's router, a mobile network's gateway.
    std::size_t connections_per_address_max{64};
    /// Bodies on their way in and answers not yet out, by what their heads promised.
    std::size_t body_bytes_max{256U << 20U};
    std::size_t body_bytes_per_address_max{64U << 20U};
    Allowance requests_per_address{2'000, 500};
    Allowance requests_per_replica{200, 50};
    /// Addresses and replicas remembered at once, each.
    std::size_t remembered_max{65'536};
};

/// Buckets of tokens, one for each key: a request takes one, time refills them.
class TokenBuckets {
public:
    TokenBuckets(Allowance allowance, std::size_t remembered_max)
        : allowance_(allowance), remembered_max_(remembered_max) {}

    /// False: the bucket is empty.
    bool take(const std::string& key, Instant now);

    [[nodiscard]] std::size_t remembered() const { return buckets_.size(); }

private:
    struct Bucket {
        double tokens{};
        Instant filled;
    };
    [[nodiscard]] double tokens_at(const Bucket& bucket, Instant now) const;
    void forget_full(Instant now);

    Allowance allowance_;
    std::size_t remembered_max_;
    std::map<std::string, Bucket> buckets_;
};

class Guard {
public:
    explicit Guard(const GuardBounds& bounds)
        : bounds_(bounds),
          addresses_(bounds.requests_per_address, bounds.remembered_max),
          replicas_(bounds.requests_per_replica, bounds.remembered_max) {}

    /// A place among the connections, given back when it goes.
    class Place {
    public:
        Place(Guard& guard, std::string address) : guard_(guard), address_(std::move(address)) {}
        ~Place() { guard_.leave(address_); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

    private:
        Guard& guard_;
        std::string address_;
    };

    /// `address` as address_key() gives it. Nothing when a cap is reached.
    std::unique_ptr<Place> enter(const std::string& address);

    /// Room for a body, given back when it goes.
    class Room {
    public:
        Room(Guard& guard, std::string address, std::size_t bytes)
            : guard_(guard), address_(std::move(address)), bytes_(bytes) {}
        ~Room() { guard_.give_back(address_, bytes_); }
        Room(const Room&) = delete;
        Room& operator=(const Room&) = delete;

    private:
        Guard& guard_;
        std::string address_;
        std::size_t bytes_;
    };

    /// Nothing when so many bytes more would pass a cap.
    std::unique_ptr<Room> reserve(const std::string& address, std::size_t bytes);

    /// Fails with too_many_requests.
    Result<void> admit(const std::string& address, Instant now);

    /// The same for a replica that `address` names; who it is has not been verified yet, so that
    /// nobody can use up another's requests from elsewhere.
    Result<void> admit(const std::string& address, const ReplicaId& replica, Instant now);

    /// So many connections stand open that none should be kept open without need.
    [[nodiscard]] bool is_crowded() const;

private:
    void leave(const std::string& address);
    void give_back(const std::string& address, std::size_t bytes);

    GuardBounds bounds_;
    mutable std::mutex mutex_;
    std::size_t connections_{};
    std::map<std::string, std::size_t> connections_of_;
    std::size_t body_bytes_{};
    std::map<std::string, std::size_t> body_bytes_of_;
    TokenBuckets addresses_;
    TokenBuckets replicas_;
};

/// The key under which an address counts: `bytes` are its four or sixteen.
std::string address_key(ByteView bytes);

}  // namespace godwit
