#include "shared/change/hybrid_clock.h"

#include <limits>
#include <vector>

#include "tests/support/catch.h"

using namespace godwit;

namespace {

class SetClock : public WallClock {
public:
    explicit SetClock(std::int64_t ms) : ms_(ms) {}
    [[nodiscard]] std::int64_t now_ms() const override { return ms_; }
    void set(std::int64_t ms) { ms_ = ms; }

private:
    std::int64_t ms_;
};

constexpr std::int64_t year_2026 = 1'800'000'000'000;
constexpr std::int64_t year_2099 = 4'070'908'800'000;
constexpr std::uint32_t tick_max = std::numeric_limits<std::uint32_t>::max();

}  // namespace

TEST_CASE("the clock follows wall time while it runs forward", "[change]") {
    SetClock wall(year_2026);
    HybridClock clock(wall, {});
    CHECK((clock.now() == HybridTime{year_2026, 0}));
    wall.set(year_2026 + 5);
    CHECK((clock.now() == HybridTime{year_2026 + 5, 0}));
}

TEST_CASE("when wall time stalls or steps back, ticks advance", "[change]") {
    SetClock wall(year_2026);
    HybridClock clock(wall, {});
    CHECK((clock.now() == HybridTime{year_2026, 0}));
    CHECK((clock.now() == HybridTime{year_2026, 1}));
    wall.set(0);
    CHECK((clock.now() == HybridTime{year_2026, 2}));
    wall.set(year_2026 + 1);
    CHECK((clock.now() == HybridTime{year_2026 + 1, 0}));
}

TEST_CASE("the clock goes on from the newest time in the log", "[change]") {
    const SetClock wall(0);  // The phone lost its battery and wakes in 1970.
    HybridClock clock(wall, {year_2026, 7});
    CHECK((clock.now() == HybridTime{year_2026, 8}));
}

TEST_CASE("when ticks run out, the next millisecond begins", "[change]") {
    const SetClock wall(year_2026);
    HybridClock clock(wall, {year_2026, tick_max});
    CHECK((clock.now() == HybridTime{year_2026 + 1, 0}));
}

TEST_CASE("a change made after a peer's time sorts after it", "[change]") {
    const SetClock wall(year_2026);
    HybridClock clock(wall, {});
    const HybridTime peer{year_2026 + HybridClock::drift_max.count(), 3};
    REQUIRE(clock.witness(peer));
    CHECK(clock.now() > peer);

    REQUIRE(clock.witness({year_2026, 0}));  // An older time changes nothing.
    CHECK(clock.now() > peer);
}

TEST_CASE("a peer's time beyond the drift bound is not adopted", "[change]") {
    const SetClock wall(year_2026);
    HybridClock clock(wall, {});
    const auto witnessed = clock.witness({year_2026 + HybridClock::drift_max.count() + 1, 0});
    REQUIRE_FALSE(witnessed);
    CHECK(witnessed.error().code == ErrorCode::clock_ahead);
    CHECK((clock.now() == HybridTime{year_2026, 0}));

    CHECK_FALSE(clock.witness({year_2099, 0}));
    CHECK((clock.now() == HybridTime{year_2026, 1}));
}

TEST_CASE("whatever the wall clock shows, time only runs forward and stays in bounds", "[change]") {
    const auto least = std::numeric_limits<std::int64_t>::min();
    const auto most = std::numeric_limits<std::int64_t>::max();
    const std::vector<std::int64_t> shown{least,     -1,   0,         year_2026, year_2099,
                                          year_2026, most, year_2026, least,     wall_ms_max};
    SetClock wall(0);
    HybridClock clock(wall, {-wall_ms_max, 0});
    HybridTime last{-wall_ms_max, 0};
    for (const std::int64_t ms : shown) {
        wall.set(ms);
        for (int call = 0; call < 3; ++call) {
            const HybridTime now = clock.now();
            CHECK(now > last);
            CHECK(now.wall_ms <= wall_ms_max);
            last = now;
        }
    }
}

TEST_CASE("extreme peers are judged without overflow", "[change]") {
    const auto least = std::numeric_limits<std::int64_t>::min();
    const auto most = std::numeric_limits<std::int64_t>::max();
    SetClock wall(year_2026);
    HybridClock clock(wall, {});
    CHECK_FALSE(clock.witness({most, tick_max}));
    CHECK(clock.witness({least, 0}));
    CHECK((clock.now() == HybridTime{year_2026, 0}));

    // Even where the wall clock has gone mad, a peer leaves room for the next change.
    wall.set(most);
    CHECK_FALSE(clock.witness({most, tick_max}));
    CHECK_FALSE(clock.witness({wall_ms_max, tick_max}));
    CHECK(clock.now().wall_ms < wall_ms_max);
    wall.set(least);
    CHECK(clock.now().wall_ms < wall_ms_max);
    CHECK_FALSE(clock.witness({0, 0}));
}
