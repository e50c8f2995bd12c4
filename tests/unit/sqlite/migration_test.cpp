#include "shared/sqlite/migration.h"

#include <fstream>

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

std::unique_ptr<Database> made(const Folder& folder) {
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
    const auto database = made(folder);
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
    const auto database = made(folder);
    const std::vector<Migration> two{first, broken};
    CHECK_FALSE(migrate(*database, two, clock));
    CHECK(*schema_number(*database) == 1);
    CHECK(has_table(*database, "a"));
    CHECK_FALSE(has_table(*database, "c"));
}

TEST_CASE("a migration edited after it was applied is found", "[sqlite]") {
    const Folder folder;
    const StillClock clock;
    const auto database = made(folder);
    REQUIRE(migrate(*database, std::vector<Migration>{first}, clock));
    const auto outcome = migrate(*database, std::vector<Migration>{edited, second}, clock);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::storage_corrupt);
    CHECK(*schema_number(*database) == 1);
}

TEST_CASE("a database of a newer program is left alone", "[sqlite]") {
    const Folder folder;
    const StillClock clock;
    const auto database = made(folder);
    REQUIRE(migrate(*database, std::vector<Migration>{first, second}, clock));
    const auto outcome = migrate(*database, std::vector<Migration>{first}, clock);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::schema_newer);
}

}  // namespace godwit
