#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "sync-server/reconcile/committer.h"
#include "tests/disk/simulated_disk.h"
#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

/// No file of this process grows past `bytes` while this lives: a disk that fails.
class FailingDisk {
public:
    explicit FailingDisk(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit limit = before_;
        limit.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FailingDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FailingDisk(const FailingDisk&) = delete;
    FailingDisk& operator=(const FailingDisk&) = delete;

private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("many replicas exchanging at once all find everything, in fewer commits than exchanges",
          "[reconcile]") {
    World world;
    const TeamId team = world.add_team();
    constexpr int people = 8;
    constexpr int rounds = 12;
    std::vector<Person*> workers;
    for (int number = 0; number < people; ++number) {
        workers.push_back(&world.join("worker" + std::to_string(number), {{team, Role::worker}}));
    }
    const RecordId shared = workers.front()->capture(team);
    REQUIRE(workers.front()->sync());
    for (Person* each : workers) REQUIRE(each->sync());
    const ServiceCounts before = world.service->counts();

    std::vector<std::thread> threads;
    std::atomic<int> failures{};
    for (Person* each : workers) {
        threads.emplace_back([&, each] {
            for (int round = 0; round < rounds; ++round) {
                each->capture(team);
                each->write(shared, visit::type, team, {count_by(visit::people_reached, 1)});
                if (!each->sync()) ++failures;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (Person* each : workers) REQUIRE(each->sync());

    CHECK(failures == 0);
    const ServiceCounts after = world.service->counts();
    CHECK(after.changes - before.changes == people * rounds * 2);
    CHECK(after.commits - before.commits <= people * rounds);
    const Digest all = world.store->digest(std::nullopt).value();
    for (Person* each : workers) CHECK(each->digest() == all);
    const RecordState& state = workers.back()->base.at(shared);
    CHECK(state.fields.at(visit::people_reached).siblings.size() == people * rounds);
    const auto report = world.verify();
    CAPTURE(report.problems);
    CHECK(report.problems.empty());
}

TEST_CASE("a failed exchange leaves no trace on those committed with it", "[reconcile]") {
    World world;
    const TeamId team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& bela = world.join("bela", {{team, Role::worker}});
    asha.capture(team);
    REQUIRE(asha.sync());
    std::vector<std::thread> threads;
    std::atomic<int> refused{};
    threads.emplace_back([&] {
        for (int round = 0; round < 20; ++round) {
            asha.capture(team);
            if (!asha.sync()) ++refused;
        }
    });
    threads.emplace_back([&] {
        // Another's log, again and again.
        bela.log = asha.log;
        for (int round = 0; round < 20; ++round) {
            bela.capture(team);
            const auto answer = bela.exchange(bela.request(0));
            if (!answer && answer.error().code == ErrorCode::unknown_log) ++refused;
        }
    });
    for (std::thread& thread : threads) thread.join();

    CHECK(refused == 20);
    CHECK(world.status().changes == 21);
    CHECK(world.status().records == 21);
    CHECK(world.verify().problems.empty());
}

TEST_CASE("after a commit that failed nothing is acknowledged, and what was is still there",
          "[reconcile]") {
    World world;
    const TeamId team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& bela = world.join("bela", {{team, Role::worker}});
    asha.capture(team);
    REQUIRE(asha.sync());
    REQUIRE(bela.sync());
    const Digest held = world.store->digest(std::nullopt).value();
    for (int count = 0; count < 200; ++count) asha.capture(team);
    {
        const FailingDisk disk(64 * 1024);
        const auto outcome = asha.sync();
        REQUIRE_FALSE(outcome);
        CHECK((outcome.error().code == ErrorCode::storage_failed ||
               outcome.error().code == ErrorCode::storage_full));
    }
    SECTION("the service takes no more") {
        bela.capture(team);
        const auto refused = bela.sync();
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::storage_failed);
    }
    world.restart();
    CHECK(world.store->digest(std::nullopt).value() == held);
    REQUIRE(asha.sync());
    CHECK(world.status().changes >= 201);
    CHECK(world.digest_for(asha) == asha.digest());
    CHECK(world.verify().problems.empty());
}

TEST_CASE("a disk without room for what was erased is waited for, and stops nobody else",
          "[reconcile]") {
    const TestClock clock;
    auto random = SodiumRandom::create();
    REQUIRE(random);
    SimulatedDisk disk(1);
    disk.add_folder("/server");
    auto engine = Engine::open("/server", true, *random, clock, disk);
    REQUIRE(engine);
    RosterBook book(nullptr);
    Committer committer(**engine, book);
    constexpr std::size_t blob_bytes = 200'000;
    constexpr std::size_t room_bytes = 80'000;
    const auto write = [](Round& round) {
        return round.database.run("INSERT INTO scratch VALUES (?)", ByteView(Bytes(blob_bytes, 7)));
    };
    REQUIRE(committer.commit(
        [](Round& round) { return round.database.execute("CREATE TABLE scratch (x BLOB)"); }));
    // Room for the write-ahead log, and not for the database to grow by as much.
    disk.limit(disk.image().bytes_used() + blob_bytes + room_bytes);
    REQUIRE(committer.commit([&](Round& round) {
        round.has_erased = true;
        return write(round);
    }));
    CHECK_FALSE(committer.has_failed());

    disk.limit(~0ULL);
    CHECK(committer.commit(write));
    CHECK(disk.size("/server/godwit.db-wal").value() == 0);
}

}  // namespace godwit
