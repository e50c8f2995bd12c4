#include "shared/sqlite/migration.h"

#include <algorithm>

#include "shared/sqlite/files.h"
#include "shared/sqlite/schema_shape.h"
#include "tests/support/catch.h"
#include "tests/unit/sqlite/folder.h"

namespace godwit {
namespace {

class StillClock final : public WallClock {
public:
    [[nodiscard]] std::int64_t now_ms() const override { return 1'700'000'000'000; }
};

constexpr Migration first{1, "first", "CREATE TABLE a (x INTEGER); CREATE TABLE b (y INTEGER);"};
constexpr Migration second{2, "second", "ALTER TABLE a ADD COLUMN z TEXT;"};
constexpr Migration broken{2, "broken", "CREATE TABLE c (x INTEGER); CREATE TABLE a (x INTEGER);"};
constexpr Migration edited{1, "first", "CREATE TABLE a (x INTEGER); CREATE TABLE b (y TEXT);"};

std::unique_ptr<Database> empty_store(const Folder& folder) {
    auto database = Database::open({.path = folder / "a.db", .is_created = true});
    REQUIRE(database);
    return std::move(*database);
}

bool has_table(Database& database, std::string_view name) {
    auto statement = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?");
    REQUIRE(statement);
    statement->bind(1, name);
    return *statement->step();
}

}  // namespace

TEST_CASE("migrations are applied once, in order", "[sqlite]") {
    const Folder folder;
    const StillClock clock;
    const auto database = empty_store(folder);
    CHECK(*schema_number(*database) == 0);

    const std::vector<Migration> one{first};
    REQUIRE(migrate(*database, one, clock));
    CHECK(*schema_number(*database) == 1);

    const std::vector<Migration> both{first, second};
    REQUIRE(migrate(*database, both, clock));
    REQUIRE(migrate(*database, both, clock));
    CHECK(*schema_number(*database) == 2);
    CHECK(database->run("INSERT INTO a (x, z) VALUES (1, 'two')"));

    auto row = database->prepare("SELECT name, applied_ms FROM migration WHERE number = 2");
    REQUIRE(row);
    REQUIRE(*row->step());
    CHECK(row->column_text(0) == "second");
    CHECK(row->column_integer(1) == 1'700'000'000'000);
}

TEST_CASE("a migration that fails leaves the database at the one before", "[sqlite]") {
    const Folder folder;
    const StillClock clock;
    const auto database = empty_store(folder);
    const std::vector<Migration> two{first, broken};
    CHECK_FALSE(migrate(*database, two, clock));
    CHECK(*schema_number(*database) == 1);
    CHECK(has_table(*database, "a"));
    CHECK_FALSE(has_table(*database, "c"));
}

TEST_CASE("a migration edited after it was applied is found", "[sqlite]") {
    const Folder folder;
    const StillClock clock;
    const auto database = empty_store(folder);
    REQUIRE(migrate(*database, std::vector<Migration>{first}, clock));
    const auto outcome = migrate(*database, std::vector<Migration>{edited, second}, clock);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::storage_corrupt);
    CHECK(*schema_number(*database) == 1);
}

TEST_CASE("a database of a newer program is left alone", "[sqlite]") {
    const Folder folder;
    const StillClock clock;
    const auto database = empty_store(folder);
    REQUIRE(migrate(*database, std::vector<Migration>{first, second}, clock));
    const auto outcome = migrate(*database, std::vector<Migration>{first}, clock);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::schema_newer);
}

// The text of a table is under no checksum, and SQLite takes it as it stands.
TEST_CASE("a table that reads otherwise than it was made is found", "[sqlite]") {
    struct Turned {
        std::string from;
        std::string to;
        std::string lacks;
    };
    const Turned turned = GENERATE(
        Turned{"sealed BLOB", "seaned BLOB", "table visit column sealed BLOB 1 0 "},
        Turned{"BLOB NOT NULL", "BLOB         ", "table visit column sealed BLOB 1 0 "},
        Turned{"INTEGER PRIMARY KEY", "INTEGER            ", "table visit column id INTEGER 0 1 "},
        Turned{"ON visit (number)", "ON visit (sealed)",
               "index by_number of visit column number 0 0 BINARY"});
    const Folder folder;
    const StillClock clock;
    const std::vector<Migration> migrations{
        {1, "visit",
         "CREATE TABLE visit (id INTEGER PRIMARY KEY, number INTEGER, sealed BLOB NOT NULL);"
         "CREATE INDEX by_number ON visit (number)"}};
    {
        const auto database = empty_store(folder);
        REQUIRE(migrate(*database, migrations, clock));
        REQUIRE(database->execute("ANALYZE"));
        CHECK(SchemaShape(migrations).problems(*database).value().empty());
        REQUIRE(database->checkpoint());
    }
    auto bytes = system_files().read(folder / "a.db", 1U << 20U).value();
    const auto at = std::search(bytes.begin(), bytes.end(), turned.from.begin(), turned.from.end());
    REQUIRE(at != bytes.end());
    std::copy(turned.to.begin(), turned.to.end(), at);
    REQUIRE(system_files().write(folder / "a.db", bytes));

    const auto database = Database::open({.path = folder / "a.db"});

    REQUIRE(database);
    const auto problems = SchemaShape(migrations).problems(**database).value();
    CHECK(std::count(problems.begin(), problems.end(), "the schema lacks " + turned.lacks) == 1);
    CHECK(problems.size() >= 2);
}

TEST_CASE("what asks for a column that is not there says that the file is damaged", "[sqlite]") {
    const Folder folder;
    const auto database = empty_store(folder);
    REQUIRE(database->execute("CREATE TABLE a (x INTEGER)"));
    CHECK(database->prepare("SELECT y FROM a").error().code == ErrorCode::storage_corrupt);
    CHECK(database->prepare("SELECT x FROM a"));
}

}  // namespace godwit
