#include <sqlite3.h>

#include <fstream>

#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {
namespace {

/// Changes the database of a closed store behind its back.
void tamper(Person& person, const std::string& sql) {
    person.close();
    sqlite3* connection = nullptr;
    REQUIRE(sqlite3_open((person.path() / "store.db").c_str(), &connection) == SQLITE_OK);
    char* problem = nullptr;
    const int code = sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &problem);
    INFO((problem == nullptr ? "" : problem));
    CHECK(code == SQLITE_OK);
    CHECK(sqlite3_changes(connection) > 0);
    sqlite3_free(problem);
    sqlite3_close(connection);
}

/// Flips one bit in the middle of a table's first sealed row.
std::string flip_in(const std::string& table) {
    const std::string middle = "(length(sealed) / 2)";
    const std::string byte = "substr(sealed, " + middle + ", 1)";
    return "UPDATE " + table + " SET sealed = CAST(substr(sealed, 1, " + middle + " - 1) || " +
           "CASE WHEN hex(" + byte + ") = '00' THEN x'01' ELSE x'00' END || substr(sealed, " +
           middle + " + 1) AS BLOB) WHERE rowid = (SELECT min(rowid) FROM " + table + ")";
}

void capture_some(Person& person) {
    for (int count = 0; count < 3; ++count) {
        const std::string record = person.capture(
            "visit", {{"date", "2026-11-21"}, {"site_type", "farm"}, {"narrative", "Words."}});
        person.call("count", {{"record", record}, {"field", "people_reached"}, {"by", 4}});
    }
}

}  // namespace

TEST_CASE("a store that nobody touched verifies", "[replica]") {
    Team team;
    capture_some(team.bela);
    const Json found = team.bela.call("verify");
    CHECK(found["changes"] == 6);
    CHECK(found["records"] == 3);
    CHECK(found["problems"].empty());
}

TEST_CASE("a flipped bit in any row is found by verify, and tells a person", "[replica]") {
    Team team;
    capture_some(team.bela);
    const std::string table =
        GENERATE(as<std::string>(), "change", "record", "history", "statement", "change_log");
    CAPTURE(table);
    {
        OpenStore open = team.bela.open();
        const HistoryLine said{{id_of<LogId>(4), 1}, team.dina.self.id, {}, {}, 16, {}, {}, {0xf6}};
        REQUIRE(open.store->add_history(id_of<RecordId>(1), {said}));
    }
    tamper(team.bela, flip_in(table));
    const auto store = Store::open(team.bela.path(), team.bela.host());
    REQUIRE(store);
    REQUIRE((*store)->unlock(Person::phrase));
    const auto found = (*store)->verify();
    REQUIRE(found);
    CHECK_FALSE(found->problems.empty());
}

TEST_CASE("verify refuses what is damaged and says where", "[replica]") {
    Team team;
    capture_some(team.bela);
    SECTION("a change") {
        tamper(team.bela, flip_in("change"));
        const Error error = team.bela.refused("verify");
        CHECK(error.code == ErrorCode::storage_corrupt);
        CHECK(error.kind() == ErrorKind::corrupt);
        CHECK(error.detail.find("change ") != std::string::npos);
    }
    SECTION("a change missing from the middle") {
        tamper(team.bela, "DELETE FROM change WHERE number = 3");
        CHECK(team.bela.refused("verify").detail.find("missing") != std::string::npos);
    }
    SECTION("the last change missing") {
        tamper(team.bela, "DELETE FROM change WHERE number = 6");
        CHECK(team.bela.refused("verify").detail.find("ends at 5") != std::string::npos);
    }
    SECTION("a row in another one's place") {
        tamper(team.bela,
               "UPDATE record SET sealed = (SELECT sealed FROM record ORDER BY rowid LIMIT 1)");
        CHECK(team.bela.refused("verify").detail.find("record ") != std::string::npos);
    }
}

TEST_CASE("a store whose roster was damaged does not unlock as if nothing were", "[replica]") {
    Team team;
    capture_some(team.bela);
    tamper(team.bela, flip_in("statement"));
    auto replica = Replica::open(team.bela.path(), team.bela.host());
    REQUIRE(replica);
    const auto answer = (*replica)->call("unlock", format_json({{"phrase", Person::phrase}}));
    CHECK(answer.error().code == ErrorCode::storage_corrupt);
}

TEST_CASE("a record whose row was damaged is refused, not shown in part", "[replica]") {
    Team team;
    const std::string record =
        team.bela.capture("visit", {{"date", "2026-11-21"}, {"site_type", "farm"}});
    tamper(team.bela, flip_in("record"));
    CHECK(team.bela.refused("show", {{"record", record}}).code == ErrorCode::storage_corrupt);
}

}  // namespace godwit
