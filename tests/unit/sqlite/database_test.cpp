#include "shared/sqlite/database.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <limits>

#include "tests/disk/simulated_disk.h"
#include "tests/support/catch.h"
#include "tests/unit/sqlite/folder.h"

namespace godwit {
namespace {

std::unique_ptr<Database> made(const Folder& folder, const char* name = "a.db") {
    auto database = Database::open({.path = folder / name, .is_created = true});
    INFO(Catch::StringMaker<decltype(database)>::convert(database));
    REQUIRE(database);
    REQUIRE((*database)->execute("CREATE TABLE visit (id INTEGER PRIMARY KEY, value BLOB) STRICT"));
    return std::move(*database);
}

std::int64_t count_of(Database& database, const char* table = "visit") {
    auto statement = database.prepare(std::string("SELECT count(*) FROM ") + table);
    REQUIRE(statement);
    REQUIRE(*statement->step());
    return statement->column_integer(0);
}

/// How one program makes its database in a new folder of `disk`.
DatabaseOptions in_new_folder(SimulatedDisk& disk) {
    disk.add_folder("/store");
    DatabaseOptions options;
    options.path = "/store/a.db";
    options.files = &disk;
    options.is_exclusive = true;
    options.is_created = true;
    return options;
}

std::string setting(Database& database, const std::string& name) {
    auto statement = database.prepare("PRAGMA " + name);
    REQUIRE(statement);
    REQUIRE(*statement->step());
    return std::string(statement->column_text(0));
}

}  // namespace

TEST_CASE("a database is opened with the settings durability rests on", "[sqlite]") {
    const Folder folder;
    const auto database = made(folder);
    CHECK(setting(*database, "journal_mode") == "wal");
    CHECK(setting(*database, "synchronous") == "2");
    CHECK(setting(*database, "secure_delete") == "1");
    CHECK(setting(*database, "temp_store") == "2");
    CHECK(setting(*database, "foreign_keys") == "1");
    CHECK(setting(*database, "mmap_size") == "0");
}

TEST_CASE("a new database is readable by its owner alone, whatever the umask", "[sqlite]") {
    const Folder folder;
    const mode_t before = ::umask(0);
    const auto database = made(folder);
    ::umask(before);
    for (const char* name : {"a.db", "a.db-wal", "a.db-shm"}) {
        struct stat facts {};
        REQUIRE(::stat((folder / name).c_str(), &facts) == 0);
        CHECK((facts.st_mode & 0777U) == 0600U);
    }
}

TEST_CASE("opening says what is wrong with the file", "[sqlite]") {
    const Folder folder;
    SECTION("not there") {
        const auto outcome = Database::open({.path = folder / "none.db"});
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == ErrorCode::no_store);
    }
    SECTION("there, and to be made") {
        std::ofstream(folder / "a.db") << "";
        const auto outcome = Database::open({.path = folder / "a.db", .is_created = true});
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == ErrorCode::storage_failed);
    }
    SECTION("not a database") {
        std::ofstream(folder / "a.db") << std::string(8192, 'x');
        const auto outcome = Database::open({.path = folder / "a.db"});
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == ErrorCode::storage_corrupt);
    }
}

TEST_CASE("a damaged page is storage_corrupt", "[sqlite]") {
    const Folder folder;
    {
        const auto database = made(folder);
        for (int index = 0; index < 50; ++index) {
            REQUIRE(
                database->run("INSERT INTO visit (value) VALUES (?)", ByteView(Bytes(3000, 7))));
        }
    }
    {
        std::fstream file(folder / "a.db", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(8192);
        file << std::string(8192, '\xff');
    }
    auto database = Database::open({.path = folder / "a.db"});
    REQUIRE(database);
    const auto outcome = (*database)->run("INSERT INTO visit (value) VALUES (x'00')");
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::storage_corrupt);
}

TEST_CASE("a full disk is storage_full, and nothing of the transaction stays", "[sqlite]") {
    const Folder folder;
    const auto database = made(folder);
    REQUIRE(database->execute("PRAGMA max_page_count=8"));
    {
        auto transaction = Transaction::begin(*database);
        REQUIRE(transaction);
        REQUIRE(database->run("INSERT INTO visit (value) VALUES (x'01')"));
        const auto outcome =
            database->run("INSERT INTO visit (value) VALUES (?)", ByteView(Bytes(100'000)));
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == ErrorCode::storage_full);
    }
    CHECK(count_of(*database) == 0);
}

TEST_CASE("an exclusive database is in use for everybody else", "[sqlite]") {
    const Folder folder;
    made(folder).reset();
    const auto first = Database::open({.path = folder / "a.db", .is_exclusive = true});
    REQUIRE(first);
    const auto second =
        Database::open({.path = folder / "a.db", .is_exclusive = true, .busy_timeout_ms = 1});
    REQUIRE_FALSE(second);
    CHECK(second.error().code == ErrorCode::store_in_use);
}

TEST_CASE("a reader sees what is committed and writes nothing", "[sqlite]") {
    const Folder folder;
    const auto writer = made(folder);
    const auto reader = Database::open({.path = folder / "a.db", .is_read_only = true});
    REQUIRE(reader);
    REQUIRE(writer->run("INSERT INTO visit (value) VALUES (x'01')"));
    CHECK(count_of(**reader) == 1);
    CHECK_FALSE((*reader)->run("INSERT INTO visit (value) VALUES (x'02')"));

    auto view = Transaction::begin(**reader, Transaction::Access::read);
    REQUIRE(view);
    CHECK(count_of(**reader) == 1);
    REQUIRE(writer->run("INSERT INTO visit (value) VALUES (x'03')"));
    CHECK(count_of(**reader) == 1);
    REQUIRE(view->commit());
    CHECK(count_of(**reader) == 2);
}

TEST_CASE("values come back as they were bound", "[sqlite]") {
    const Folder folder;
    const auto database = made(folder);
    REQUIRE(database->execute("CREATE TABLE kinds (a BLOB, b INTEGER, c TEXT, d BLOB, e BLOB)"));
    const RecordId id{{1, 2, 3}};
    const std::optional<std::int64_t> none;
    REQUIRE(database->run("INSERT INTO kinds VALUES (?, ?, ?, ?, ?)", id,
                          std::numeric_limits<std::int64_t>::min(), std::string_view("ሰላም"),
                          ByteView(), none));
    auto row = database->prepare("SELECT a, b, c, d, e FROM kinds");
    REQUIRE(row);
    REQUIRE(*row->step());
    CHECK(*row->column_id<RecordId>(0) == id);
    CHECK(row->column_integer(1) == std::numeric_limits<std::int64_t>::min());
    CHECK(row->column_text(2) == "ሰላም");
    CHECK_FALSE(row->is_null(3));
    CHECK(row->column_bytes(3).empty());
    CHECK(row->is_null(4));
    CHECK(row->column_unsigned(1).error().code == ErrorCode::storage_corrupt);
    CHECK(row->column_id<RecordId>(2).error().code == ErrorCode::storage_corrupt);
    CHECK(row->column_fixed<32>(0).error().code == ErrorCode::storage_corrupt);
}

TEST_CASE("a number that does not fit is refused before it is stored", "[sqlite]") {
    const Folder folder;
    const auto database = made(folder);
    const auto outcome =
        database->run("INSERT INTO visit (id) VALUES (?)", std::uint64_t{1} << 63U);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::wrong_value);
    CHECK(count_of(*database) == 0);
    CHECK(database->run("INSERT INTO visit (id) VALUES (?)", (std::uint64_t{1} << 63U) - 1));
}

TEST_CASE("a transaction that goes without commit leaves no trace", "[sqlite]") {
    const Folder folder;
    const auto database = made(folder);
    {
        auto transaction = Transaction::begin(*database);
        REQUIRE(transaction);
        REQUIRE(database->run("INSERT INTO visit (value) VALUES (x'01')"));
    }
    CHECK(count_of(*database) == 0);
    {
        auto transaction = Transaction::begin(*database);
        REQUIRE(transaction);
        REQUIRE(database->run("INSERT INTO visit (value) VALUES (x'01')"));
        REQUIRE(transaction->commit());
    }
    CHECK(count_of(*database) == 1);
}

TEST_CASE("a savepoint is undone alone, nested ones too", "[sqlite]") {
    const Folder folder;
    const auto database = made(folder);
    auto transaction = Transaction::begin(*database);
    REQUIRE(transaction);
    REQUIRE(database->run("INSERT INTO visit (id) VALUES (1)"));
    {
        auto outer = Savepoint::begin(*database);
        REQUIRE(outer);
        REQUIRE(database->run("INSERT INTO visit (id) VALUES (2)"));
        {
            auto inner = Savepoint::begin(*database);
            REQUIRE(inner);
            REQUIRE(database->run("INSERT INTO visit (id) VALUES (3)"));
        }
        CHECK(count_of(*database) == 2);
        REQUIRE(outer->keep());
    }
    {
        auto undone = Savepoint::begin(*database);
        REQUIRE(undone);
        REQUIRE(database->run("INSERT INTO visit (id) VALUES (4)"));
    }
    REQUIRE(transaction->commit());
    CHECK(count_of(*database) == 2);
}

TEST_CASE("one text may be prepared twice at once, and each reads its own rows", "[sqlite]") {
    const Folder folder;
    const auto database = made(folder);
    REQUIRE(database->execute("INSERT INTO visit (id) VALUES (1), (2)"));
    auto outer = database->prepare("SELECT id FROM visit ORDER BY id");
    int pairs = 0;
    REQUIRE(outer);
    while (*outer->step()) {
        auto inner = database->prepare("SELECT id FROM visit ORDER BY id");
        REQUIRE(inner);
        while (*inner->step()) ++pairs;
    }
    CHECK(pairs == 4);
}

TEST_CASE("text that is not exactly one statement is refused", "[sqlite]") {
    const Folder folder;
    const auto database = made(folder);
    for (const char* sql : {"", "SELECT 1; SELECT 2", "SELECT nothing_here", "SELEKT"}) {
        INFO(sql);
        CHECK_FALSE(database->prepare(sql));
    }
    CHECK(database->prepare("SELECT 1"));
}

TEST_CASE("what was committed is there after the process was killed", "[sqlite]") {
    const Folder folder;
    made(folder).reset();
    const pid_t child = ::fork();
    if (child == 0) {
        auto database = Database::open({.path = folder / "a.db"});
        const bool is_written = database && (*database)->run("INSERT INTO visit (id) VALUES (1)");
        if (is_written) ::kill(::getpid(), SIGKILL);
        ::_exit(1);
    }
    int outcome = 0;
    REQUIRE(::waitpid(child, &outcome, 0) == child);
    REQUIRE(WIFSIGNALED(outcome));
    auto database = Database::open({.path = folder / "a.db"});
    REQUIRE(database);
    CHECK(count_of(**database) == 1);
}

TEST_CASE("a backup is one state, whole, while writing goes on", "[sqlite]") {
    const Folder folder;
    const auto writer = made(folder);
    for (int index = 0; index < 6000; ++index) {
        REQUIRE(writer->run("INSERT INTO visit (value) VALUES (?)", ByteView(Bytes(2000, 9))));
    }
    const auto reader = Database::open({.path = folder / "a.db", .is_read_only = true});
    REQUIRE(reader);
    std::uint64_t steps = 0;
    const auto outcome =
        (*reader)->backup_to(folder / "copy.db", [&](std::uint64_t done, std::uint64_t total) {
            CHECK(done <= total);
            ++steps;
            CHECK(writer->run("INSERT INTO visit (value) VALUES (x'01')"));
        });
    REQUIRE(outcome);
    CHECK(steps > 1);
    CHECK(std::filesystem::exists(folder / "copy.db"));
    CHECK_FALSE(std::filesystem::exists(folder / "copy.db.part"));

    auto copy = Database::open({.path = folder / "copy.db", .is_read_only = true});
    REQUIRE(copy);
    CHECK(count_of(**copy) == 6000);
    const auto problems = (*copy)->integrity_problems();
    REQUIRE(problems);
    CHECK(problems->empty());
    CHECK(count_of(*writer) == 6000 + static_cast<std::int64_t>(steps));
}

TEST_CASE("a backup never writes over a file", "[sqlite]") {
    const Folder folder;
    const auto database = made(folder);
    std::ofstream(folder / "copy.db") << "kept";
    CHECK_FALSE(database->backup_to(folder / "copy.db", {}));
    std::string text;
    std::ifstream(folder / "copy.db") >> text;
    CHECK(text == "kept");
    CHECK_FALSE(database->backup_to(folder / "nowhere" / "copy.db", {}));
    CHECK(database->backup_to(folder / "other.db", {}));
}

TEST_CASE("the check names a row that refers to nothing", "[sqlite]") {
    const Folder folder;
    const auto database = made(folder);
    REQUIRE(database->execute("CREATE TABLE part (visit INTEGER REFERENCES visit (id)) STRICT"));
    CHECK(database->integrity_problems()->empty());
    REQUIRE(database->execute("PRAGMA foreign_keys=OFF; INSERT INTO part VALUES (7)"));
    const auto problems = database->integrity_problems();
    REQUIRE(problems);
    REQUIRE(problems->size() == 1);
    CHECK(problems->front() == "a row of part refers to none of visit");
}

TEST_CASE("a checkpoint empties the write-ahead log, and readers never make one", "[sqlite]") {
    const Folder folder;
    const auto writer =
        Database::open({.path = folder / "a.db", .is_created = true, .checkpoint_pages = 0});
    REQUIRE(writer);
    REQUIRE((*writer)->execute("CREATE TABLE visit (id INTEGER PRIMARY KEY, value BLOB) STRICT"));
    for (int index = 0; index < 1500; ++index) {
        REQUIRE((*writer)->run("INSERT INTO visit (value) VALUES (?)", ByteView(Bytes(2000, 9))));
    }
    const auto grown = std::filesystem::file_size(folder / "a.db-wal");
    {
        const auto reader = Database::open({.path = folder / "a.db", .is_read_only = true});
        REQUIRE(reader);
        CHECK(count_of(**reader) == 1500);
    }
    CHECK(std::filesystem::file_size(folder / "a.db-wal") == grown);
    REQUIRE((*writer)->checkpoint());
    CHECK(std::filesystem::file_size(folder / "a.db-wal") == 0);
}

TEST_CASE("what is committed after a sync that failed and a new start survives a power cut",
          "[sqlite]") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        SimulatedDisk disk(seed);
        DatabaseOptions options = in_new_folder(disk);
        {
            auto database = Database::open(options);
            REQUIRE(database);
            REQUIRE((*database)->execute("CREATE TABLE visit (id INTEGER PRIMARY KEY) STRICT"));
            disk.fail({bit_of(DiskOperation::sync), 1, FaultManner::lose_sync, false, {}});
            REQUIRE_FALSE((*database)->execute("INSERT INTO visit VALUES (1)"));
            disk.stop();
        }
        disk.start();
        options.is_created = false;
        {
            auto database = Database::open(options);
            REQUIRE(database);
            REQUIRE((*database)->execute("INSERT INTO visit VALUES (2)"));
            disk.stop();
        }
        disk.start_after_power_cut(Survival::none);
        auto database = Database::open(options);
        REQUIRE(database);
        CHECK(count_of(**database, "visit WHERE id = 2") == 1);
    }
}

TEST_CASE("power cut at any moment of a new start spoils nothing that was committed", "[sqlite]") {
    constexpr int rows = 30;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        CAPTURE(seed);
        SimulatedDisk disk(seed);
        DatabaseOptions options = in_new_folder(disk);
        options.checkpoint_pages = 5;  // Part of the log lies in the database already.
        {
            auto database = Database::open(options);
            REQUIRE(database);
            REQUIRE(
                (*database)->execute("CREATE TABLE visit (id INTEGER PRIMARY KEY, value BLOB)"));
            for (int row = 0; row < rows; ++row) {
                REQUIRE((*database)->execute("INSERT INTO visit (value) VALUES (zeroblob(1500))"));
            }
            disk.stop();
        }
        disk.start();
        options.is_created = false;
        constexpr std::uint64_t within = 8;
        disk.fail({changing_disk_operations, 1 + seed % within, FaultManner::power_cut, false, {}});
        static_cast<void>(static_cast<bool>(Database::open(options)));
        disk.stop();
        disk.heal();
        disk.start_after_power_cut();

        auto database = Database::open(options);
        REQUIRE(database);
        CHECK(setting(**database, "integrity_check") == "ok");
        CHECK(count_of(**database) == rows);
    }
}

TEST_CASE("a database opens on a disk that has no room for a copy of its log", "[sqlite]") {
    SimulatedDisk disk(1);
    DatabaseOptions options = in_new_folder(disk);
    {
        auto database = Database::open(options);
        REQUIRE(database);
        REQUIRE((*database)->execute("CREATE TABLE visit (id INTEGER PRIMARY KEY, value BLOB)"));
        REQUIRE((*database)->execute("INSERT INTO visit (value) VALUES (zeroblob(90000))"));
        disk.stop();
    }
    disk.start();
    disk.limit(disk.image().bytes_used() + 40'000);
    options.is_created = false;
    auto database = Database::open(options);
    REQUIRE(database);
    CHECK(count_of(**database) == 1);
    CHECK_FALSE(disk.is_there("/store/a.db-wal.new").value());
}

TEST_CASE("what is committed survives a power cut, whichever sync failed before it", "[sqlite]") {
    std::uint64_t refused = 0;
    for (std::uint64_t at = 1;; ++at) {
        CAPTURE(at);
        SimulatedDisk disk(at);
        DatabaseOptions options = in_new_folder(disk);
        disk.fail({bit_of(DiskOperation::sync), at, FaultManner::fail, false, {}});
        bool is_committed = false;
        {
            auto database = Database::open(options);
            is_committed =
                database &&
                (*database)->execute("CREATE TABLE visit (id INTEGER PRIMARY KEY) STRICT") &&
                (*database)->execute("INSERT INTO visit VALUES (1)");
            disk.stop();
        }
        if (disk.faults_done() == 0) break;
        if (!is_committed) {
            ++refused;
            continue;
        }
        disk.start_after_power_cut(Survival::none);
        options.is_created = false;
        auto database = Database::open(options);
        REQUIRE(database);
        CHECK(count_of(**database) == 1);
    }
    CHECK(refused > 2);
}

TEST_CASE("a database that a disk does not show is not taken for none", "[sqlite]") {
    SimulatedDisk disk(1);
    DatabaseOptions options = in_new_folder(disk);
    REQUIRE(Database::open(options));
    options.is_created = false;
    std::uint64_t refused = 0;
    for (std::uint64_t at = 1; disk.faults_done() + 1 == at; ++at) {
        CAPTURE(at);
        disk.fail({bit_of(DiskOperation::look), at, FaultManner::fail, false, {}});
        const auto database = Database::open(options);
        disk.heal();
        if (database) continue;
        CHECK(database.error().code == ErrorCode::storage_failed);
        ++refused;
    }
    CHECK(refused > 1);
}

TEST_CASE("a page that a disk withholds once is not called damaged", "[sqlite]") {
    SimulatedDisk disk(1);
    DatabaseOptions options = in_new_folder(disk);
    {
        const auto database = Database::open(options);
        REQUIRE(database);
        REQUIRE((*database)->execute("CREATE TABLE visit (id INTEGER PRIMARY KEY, value BLOB)"));
        for (int row = 0; row < 40; ++row) {
            REQUIRE((*database)->execute("INSERT INTO visit (value) VALUES (zeroblob(9000))"));
        }
    }
    options.is_created = false;
    std::uint64_t refused = 0;
    for (std::uint64_t at = 1; disk.faults_done() + 1 == at; ++at) {
        CAPTURE(at);
        const auto database = Database::open(options);
        REQUIRE(database);
        disk.fail({bit_of(DiskOperation::read), at, FaultManner::fail, false, {}});
        const auto problems = (*database)->integrity_problems();
        disk.heal();
        if (problems) {
            CHECK(problems->empty());
        } else {
            CHECK(problems.error().code == ErrorCode::storage_failed);
            ++refused;
        }
    }
    CHECK(refused > 20);
}

}  // namespace godwit
