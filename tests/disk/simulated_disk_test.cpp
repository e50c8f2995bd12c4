#include "tests/disk/simulated_disk.h"

#include <sqlite3.h>

#include <set>
#include <thread>

#include "shared/sqlite/database.h"
#include "tests/support/catch.h"

namespace godwit {
namespace {

DatabaseOptions options_on(SimulatedDisk& disk, bool is_created = false) {
    DatabaseOptions options;
    options.path = "/store/words.db";
    options.is_created = is_created;
    options.files = &disk;
    return options;
}

std::unique_ptr<Database> opened(SimulatedDisk& disk, bool is_created = false) {
    auto database = Database::open(options_on(disk, is_created));
    REQUIRE(database);
    return std::move(*database);
}

Result<void> add(Database& database, std::string_view word) {
    Transaction transaction = TRY(Transaction::begin(database));
    TRY(database.run("INSERT INTO word (text) VALUES (?)", word));
    return transaction.commit();
}

std::size_t count(Database& database) {
    auto query = database.prepare("SELECT count(*) FROM word");
    REQUIRE(query);
    REQUIRE(query->step());
    return static_cast<std::size_t>(query->column_integer(0));
}

/// A disk with a table of words, closed.
DiskImage with_words(std::size_t words) {
    SimulatedDisk disk(1);
    disk.add_folder("/store");
    auto database = opened(disk, true);
    REQUIRE(database->execute("CREATE TABLE word (text TEXT)"));
    for (std::size_t word = 0; word < words; ++word) REQUIRE(add(*database, "word"));
    database.reset();
    return disk.image();
}

TEST_CASE("SQLite keeps a database on a simulated disk and leaves no file elsewhere", "[disk]") {
    SimulatedDisk disk(1, with_words(3));
    {
        auto database = opened(disk);
        CHECK(count(*database) == 3);
        REQUIRE(add(*database, "fourth"));
        CHECK(disk.image().files() ==
              std::vector<std::string>{"/store/words.db", "/store/words.db-wal"});
        CHECK(database->integrity_problems()->empty());
    }
    CHECK(count(*opened(disk)) == 4);
    CHECK_FALSE(std::filesystem::exists("/store/words.db"));
}

TEST_CASE("what was committed outlives every power cut; what was not never half survives",
          "[disk]") {
    const DiskImage before = with_words(2);
    const auto survival =
        GENERATE(Survival::none, Survival::all, Survival::first_part, Survival::torn_last,
                 Survival::only_last, Survival::some, Survival::chance);
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        SimulatedDisk disk(seed, before);
        {
            auto database = opened(disk);
            REQUIRE(add(*database, "third"));
            disk.fail({bit_of(DiskOperation::sync), 1, FaultManner::power_cut});
            CHECK_FALSE(add(*database, "fourth"));
            CHECK(disk.is_stopped());
        }
        disk.start_after_power_cut(survival);
        auto database = opened(disk);
        const std::size_t words = count(*database);
        CAPTURE(seed, words);
        CHECK((words == 3 || words == 4));
        CHECK(database->integrity_problems()->empty());
    }
}

TEST_CASE("a disk that ignores syncs loses what was committed", "[disk]") {
    SimulatedDisk disk(1, with_words(2));
    disk.ignore_syncs(true);
    {
        auto database = opened(disk);
        REQUIRE(add(*database, "third"));
        disk.stop();
    }
    disk.start_after_power_cut(Survival::none);
    CHECK(count(*opened(disk)) == 2);
}

TEST_CASE("a program that was killed loses nothing that it wrote", "[disk]") {
    SimulatedDisk disk(1, with_words(2));
    disk.ignore_syncs(true);
    {
        auto database = opened(disk);
        REQUIRE(add(*database, "third"));
        disk.stop();
        CHECK_FALSE(add(*database, "fourth"));
    }
    disk.start();
    CHECK(count(*opened(disk)) == 3);
}

TEST_CASE("an operation fails once, or for ever, when it was told to", "[disk]") {
    SimulatedDisk disk(1, with_words(1));
    auto database = opened(disk);
    SECTION("once") {
        disk.fail({bit_of(DiskOperation::sync), 1, FaultManner::lose_sync});
        const auto outcome = add(*database, "second");
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == ErrorCode::storage_failed);
        CHECK(disk.faults_done() == 1);
    }
    SECTION("no space left") {
        disk.fail({bit_of(DiskOperation::write), 1, FaultManner::full, true});
        const auto outcome = add(*database, "second");
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == ErrorCode::storage_full);
        disk.heal();
        CHECK(add(*database, "third"));
    }
    SECTION("a limit to what it holds") {
        disk.limit(disk.image().bytes_used());
        const auto outcome = add(*database, "second");
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == ErrorCode::storage_full);
    }
    SECTION("only where it was told to") {
        disk.fail({every_disk_operation, 1, FaultManner::fail, true, "elsewhere"});
        CHECK(add(*database, "second"));
        CHECK(disk.faults_done() == 0);
    }
}

TEST_CASE("several connections read while one writes", "[disk]") {
    SimulatedDisk disk(1, with_words(1));
    auto writer = opened(disk);
    DatabaseOptions options = options_on(disk);
    options.is_read_only = true;
    auto reader = Database::open(options);
    REQUIRE(reader);
    {
        auto pinned = Transaction::begin(**reader, Transaction::Access::read);
        REQUIRE(pinned);
        CHECK(count(**reader) == 1);
        REQUIRE(add(*writer, "second"));
        CHECK(count(**reader) == 1);  // It sees one state until it ends.
    }
    CHECK(count(**reader) == 2);
    CHECK_FALSE(add(**reader, "third"));

    std::thread other([&] {
        for (int turn = 0; turn < 200; ++turn) GODWIT_ASSERT(add(*writer, "more"));
    });
    for (int turn = 0; turn < 200; ++turn) {
        Transaction::begin(**reader, Transaction::Access::read).value();
        GODWIT_ASSERT(count(**reader) >= 2);
    }
    other.join();
    CHECK(count(**reader) == 202);
}

TEST_CASE("a second writer finds the store in use", "[disk]") {
    SimulatedDisk disk(1, with_words(1));
    auto options = options_on(disk);
    options.is_exclusive = true;
    const auto first = Database::open(options);
    REQUIRE(first);
    options.busy_timeout_ms = 10;
    const auto second = Database::open(options);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == ErrorCode::store_in_use);

    auto held = disk.lock("/store/lock");
    REQUIRE(held);
    const auto again = disk.lock("/store/lock");
    REQUIRE_FALSE(again);
    CHECK(again.error().code == ErrorCode::store_in_use);
    held->reset();
    CHECK(disk.lock("/store/lock"));
}

TEST_CASE("disks cloned from one template do not touch each other", "[disk]") {
    const DiskImage original = with_words(2);
    SimulatedDisk left(1, original);
    SimulatedDisk right(2, original);
    REQUIRE(add(*opened(left), "left"));
    CHECK(count(*opened(left)) == 3);
    CHECK(count(*opened(right)) == 2);
}

TEST_CASE("the same seed and the same work leave the same trace", "[disk]") {
    const auto run = [](std::uint64_t seed, const char* word) {
        seed_sqlite(7);
        SimulatedDisk disk(seed);
        disk.add_folder("/store");
        {
            auto database = opened(disk, true);
            REQUIRE(database->execute("CREATE TABLE word (text TEXT)"));
            REQUIRE(add(*database, word));
            disk.fail({bit_of(DiskOperation::write), 2, FaultManner::cut_short});
            CHECK_FALSE(add(*database, word));
        }
        return std::pair(disk.trace_hash(), disk.count());
    };
    CHECK(run(1, "word") == run(1, "word"));
    CHECK(run(1, "word").first != run(1, "lord").first);
}

TEST_CASE("every operation is shown before it takes effect", "[disk]") {
    SimulatedDisk disk(1, with_words(1));
    std::vector<DiskImage> images;
    disk.watch([&](const DiskEvent& event, const DiskImage& image) {
        if ((bit_of(event.operation) & changing_disk_operations) != 0) images.push_back(image);
    });
    REQUIRE(add(*opened(disk), "second"));
    disk.watch({});
    CHECK(images.size() > 3);
    std::set<std::size_t> counts;
    for (const DiskImage& image : images) {
        DiskChance chance(1);
        SimulatedDisk other(1, image.after_power_cut(Survival::all, chance));
        counts.insert(count(*opened(other)));
    }
    CHECK(counts == std::set<std::size_t>{1, 2});
}

TEST_CASE("a bit that flipped is noticed", "[disk]") {
    // Half of the bytes of a small database are empty: some flips change nothing.
    std::size_t noticed = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        SimulatedDisk disk(seed, with_words(300));
        REQUIRE(disk.rot("/store/words.db"));
        const auto database = Database::open(options_on(disk));
        const auto problems = database ? (*database)->integrity_problems()
                                       : Result<std::vector<std::string>>(database.error());
        if (!problems || !problems->empty()) ++noticed;
    }
    CHECK(noticed > 0);
}

TEST_CASE("files are written whole, replaced by name, and gone when removed", "[disk]") {
    SimulatedDisk disk(1);
    REQUIRE(disk.make_folder("/deep/folder"));
    CHECK_FALSE(disk.write("/nowhere/file", bytes_of("x")));
    REQUIRE(disk.write("/deep/folder/new", bytes_of("slot")));
    REQUIRE(rename_durably(disk, "/deep/folder/new", "/deep/folder/slot"));
    disk.start_after_power_cut(Survival::none);
    CHECK(disk.read("/deep/folder/slot", 10).value() == copy_of(bytes_of("slot")));
    CHECK(disk.size("/deep/folder/slot").value() == 4);
    CHECK_FALSE(disk.read("/deep/folder/slot", 3));
    REQUIRE(disk.write_over("/deep/folder/slot", bytes_of("xx")));
    CHECK(disk.read("/deep/folder/slot", 10).value() == copy_of(bytes_of("xxot")));
    REQUIRE(disk.remove("/deep/folder/slot"));
    CHECK_FALSE(disk.is_there("/deep/folder/slot").value());
    CHECK_FALSE(disk.make_file("/deep/folder"));
}

TEST_CASE("a backup is made on the disk where the database lies", "[disk]") {
    SimulatedDisk disk(1, with_words(5));
    REQUIRE(opened(disk)->backup_to("/store/copy.db", {}));
    disk.start_after_power_cut(Survival::none);
    DatabaseOptions options = options_on(disk);
    options.path = "/store/copy.db";
    options.is_read_only = true;
    const auto copy = Database::open(options);
    REQUIRE(copy);
    CHECK(count(**copy) == 5);
}

}  // namespace
}  // namespace godwit
