#include "field-client/cli/app_host/sync_schedule.h"

#include "tests/support/catch.h"

namespace godwit {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr SyncSchedule::Instant start{std::chrono::hours(1)};

/// One that was unlocked at `start`.
SyncSchedule unlocked() {
    SyncSchedule schedule;
    schedule.unlocked(start);
    return schedule;
}

}  // namespace

TEST_CASE("a locked store is not synced", "[app_host]") {
    SyncSchedule schedule;
    CHECK_FALSE(schedule.due());
    schedule.written(start);
    schedule.synced(start);
    schedule.refused(start);
    CHECK_FALSE(schedule.due());
    schedule.unlocked(start);
    CHECK(schedule.due() == start);
    schedule.locked();
    CHECK_FALSE(schedule.due());
}

TEST_CASE("while the server answers, a sync is due every two minutes", "[app_host]") {
    SyncSchedule schedule = unlocked();
    schedule.synced(start);
    CHECK(schedule.due() == start + minutes(2));
}

TEST_CASE("a change makes it due soon, never later than it was", "[app_host]") {
    SyncSchedule schedule = unlocked();
    schedule.synced(start);
    schedule.written(start + seconds(10));
    CHECK(schedule.due() == start + seconds(15));
    schedule.written(start + seconds(12));
    CHECK(schedule.due() == start + seconds(15));
}

TEST_CASE("pauses after refusals double, to half an hour", "[app_host]") {
    SyncSchedule schedule = unlocked();
    const auto pause = [&] {
        schedule.refused(start);
        return *schedule.due() - start;
    };
    for (const seconds each : {seconds(30), seconds(60), seconds(120), seconds(240), seconds(480),
                               seconds(960), seconds(1800), seconds(1800)}) {
        CHECK(pause() == each);
    }
    schedule.written(start);  // Nobody is there to hear of it.
    CHECK(*schedule.due() - start == seconds(1800));
    schedule.synced(start);
    CHECK(pause() == seconds(30));
}

TEST_CASE("while a sync is under way no other is due", "[app_host]") {
    SyncSchedule schedule = unlocked();
    schedule.begun(start);
    CHECK(schedule.due() == start + minutes(30));
    schedule.refused(start + seconds(1));
    CHECK(schedule.due() == start + seconds(31));
}

}  // namespace godwit
