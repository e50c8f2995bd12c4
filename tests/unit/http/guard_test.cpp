#include "sync-server/http/guard.h"

#include "tests/support/catch.h"

namespace godwit {
namespace {

using std::chrono::milliseconds;
const Instant start{};

ReplicaId replica(std::uint8_t number) {
    ReplicaId made;
    made.bytes.fill(number);
    return made;
}

}  // namespace

TEST_CASE("a bucket gives its burst at once, and then so many a second", "[http]") {
    TokenBuckets buckets({3, 2}, 10);
    for (int count = 0; count < 3; ++count) CHECK(buckets.take("a", start));
    CHECK_FALSE(buckets.take("a", start));
    CHECK(buckets.take("b", start));
    CHECK_FALSE(buckets.take("a", start + milliseconds(499)));
    CHECK(buckets.take("a", start + milliseconds(1'000)));
    CHECK(buckets.take("a", start + milliseconds(1'000)));
    CHECK_FALSE(buckets.take("a", start + milliseconds(1'000)));
    int taken = 0;
    while (buckets.take("a", start + milliseconds(60'000))) ++taken;
    CHECK(taken == 3);
}

TEST_CASE("a bucket survives a clock that is asked out of order", "[http]") {
    TokenBuckets buckets({2, 1}, 10);
    CHECK(buckets.take("a", start + milliseconds(5'000)));
    CHECK(buckets.take("a", start));
    CHECK_FALSE(buckets.take("a", start));
}

TEST_CASE("no more keys are remembered than are allowed", "[http]") {
    TokenBuckets buckets({1, 1}, 50);
    for (int key = 0; key < 1'000; ++key) CHECK(buckets.take(std::to_string(key), start));
    CHECK(buckets.remembered() == 50);
    // Full buckets go first: the one in use is still empty.
    CHECK(buckets.take("used", start + milliseconds(10'000)));
    for (int key = 0; key < 30; ++key) {
        CHECK(buckets.take("new" + std::to_string(key), start + milliseconds(10'000)));
    }
    CHECK_FALSE(buckets.take("used", start + milliseconds(10'000)));
}

TEST_CASE("connections are capped for each address and for all", "[http]") {
    GuardBounds bounds;
    bounds.connections_max = 3;
    bounds.connections_per_address_max = 2;
    Guard guard(bounds);
    auto first = guard.enter("a");
    auto second = guard.enter("a");
    REQUIRE(first);
    REQUIRE(second);
    CHECK_FALSE(guard.enter("a"));
    auto third = guard.enter("b");
    REQUIRE(third);
    CHECK(guard.is_crowded());
    CHECK_FALSE(guard.enter("c"));
    first.reset();
    CHECK_FALSE(guard.is_crowded());
    CHECK(guard.enter("c"));
    CHECK(guard.enter("a"));
}

TEST_CASE("bodies have room for each address and for all, and give it back", "[http]") {
    GuardBounds bounds;
    bounds.body_bytes_max = 10;
    bounds.body_bytes_per_address_max = 6;
    Guard guard(bounds);
    auto first = guard.reserve("a", 4);
    const auto empty = guard.reserve("a", 0);
    REQUIRE(first);
    REQUIRE(empty);
    CHECK_FALSE(guard.reserve("a", 3));
    CHECK(guard.reserve("a", 2));
    const auto second = guard.reserve("b", 6);
    REQUIRE(second);
    CHECK_FALSE(guard.reserve("c", 1));
    CHECK_FALSE(guard.reserve("c", std::size_t{0} - 5));
    first.reset();
    CHECK(guard.reserve("c", 4));
    CHECK(guard.reserve("a", 4));
}

TEST_CASE("requests are counted by address, and by replica at its address", "[http]") {
    GuardBounds bounds;
    bounds.requests_per_address = {2, 1};
    bounds.requests_per_replica = {1, 1};
    Guard guard(bounds);
    CHECK(guard.admit("a", start));
    CHECK(guard.admit("a", start));
    const auto refused = guard.admit("a", start);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::too_many_requests);
    CHECK(guard.admit("b", start));

    CHECK(guard.admit("a", replica(1), start));
    CHECK_FALSE(guard.admit("a", replica(1), start));
    CHECK(guard.admit("a", replica(2), start));
    // Whoever names another's replica from elsewhere uses up nothing of theirs.
    CHECK(guard.admit("b", replica(1), start));
}

TEST_CASE("an IPv6 address counts with its network, and a mapped one as IPv4", "[http]") {
    Bytes one(16, 1);
    Bytes neighbour = one;
    neighbour[15] = 9;
    Bytes stranger = one;
    stranger[7] = 9;
    CHECK(address_key(one) == address_key(neighbour));
    CHECK(address_key(one) != address_key(stranger));

    const Bytes four{10, 0, 0, 1};
    Bytes mapped(10, 0);
    append(mapped, Bytes{0xff, 0xff});
    append(mapped, four);
    CHECK(address_key(mapped) == address_key(four));
    CHECK(address_key(four) != address_key(Bytes{10, 0, 0, 2}));
}

}  // namespace godwit
