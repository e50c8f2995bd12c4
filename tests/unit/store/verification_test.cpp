#include "shared/protocol/frame.h"
#include "sync-server/store/change_log_table.h"
#include "sync-server/store/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

struct Evidence {
    World world;
    TeamId team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& caro = world.join("caro", {{team, Role::supervisor}});
    RecordId record = asha.capture(team);

    Evidence() {
        asha.write(record, visit::type, team, {set_text(visit::date, "2026-11-02")});
        asha.write(record, visit::type, team, {set_text(visit::people_reached, "many")});
        REQUIRE(asha.sync());
        asha.write(record, visit::type, team, {set_sealed(visit::narrative, "words")});
        RecordKey key;
        world.random.fill(key.bytes);
        asha.keys.push_back(encoded(state_record_key(world.cipher, key, record, team, asha.replica,
                                                     asha.signing.secret_key)));
        REQUIRE(asha.sync());
        caro.capture(team);
        REQUIRE(caro.sync());
        const std::filesystem::path backup = world.folder / "backup.db";
        REQUIRE(world.store->backup(backup, world.keys.signing.secret_key, {}));
        REQUIRE(problems() == 0);
    }
    std::size_t problems() {
        const auto report = world.verify();
        return report.problems.size();
    }
    /// Changes the database behind the server's back.
    void tamper(const std::string& sql) {
        world.stop();
        DatabaseOptions options;
        options.path = world.folder / database_name;
        {
            const auto database = Database::open(options).value();
            const auto done = database->execute(sql);
            CAPTURE(done);
            REQUIRE(done);
        }
        world.start();
    }
};

}  // namespace

TEST_CASE("verification counts what it has walked", "[store]") {
    Evidence e;
    std::uint64_t last_done = 0;
    std::uint64_t last_total = 0;
    const auto report = e.world.store->verify([&](std::uint64_t done, std::uint64_t total) {
        CHECK(done >= last_done);
        last_done = done;
        last_total = total;
    });
    REQUIRE(report);
    CHECK(report->changes == 5);
    CHECK(report->records == 2);
    CHECK(report->segments == 3);
    CHECK(last_total == 5);
    CHECK(last_done == 5);
}

TEST_CASE("verification finds whatever was changed behind the server's back", "[store]") {
    Evidence e;
    SECTION("a state lost") {
        e.tamper("DELETE FROM record WHERE number = 1");
    }
    SECTION("a state that no change made") {
        e.tamper(
            "UPDATE record SET state = (SELECT state FROM record WHERE number = 2)"
            " WHERE number = 1");
    }
    SECTION("a record said to be erased") {
        e.tamper("UPDATE record SET is_erased = 1 WHERE number = 1");
    }
    SECTION("a segment lost") {
        e.tamper("DELETE FROM segment WHERE id = 1");
    }
    SECTION("a head moved back") {
        e.tamper("UPDATE change_log SET sequence = sequence - 1");
    }
    SECTION("a head that is another's") {
        e.tamper("UPDATE change_log SET hash = randomblob(32)");
    }
    SECTION("a log given to another replica") {
        e.tamper("UPDATE change_log SET replica = randomblob(16)");
    }
    SECTION("a receipt lost") {
        e.tamper("DELETE FROM receipt WHERE id = 1");
    }
    SECTION("a receipt of another range") {
        e.tamper("UPDATE receipt SET through = 1 WHERE id = 1");
    }
    SECTION("receipts marked as of a retired replica") {
        e.tamper("UPDATE receipt SET mark = 1");
    }
    SECTION("a parked change that is parked no more") {
        e.tamper("DELETE FROM parked");
    }
    SECTION("keys that do not read") {
        e.tamper("UPDATE record_key SET wraps = x'01'");
    }
    SECTION("keys given to another record") {
        e.tamper("UPDATE record_key SET record = randomblob(16)");
    }
    SECTION("keys that nobody vouches for") {
        e.tamper(
            "UPDATE record_key SET statement = CAST(substr(statement, 1, 60) || x'5a5a5a5a' ||"
            " substr(statement, 65) AS BLOB)");
    }
    SECTION("a safe mark that the server did not sign") {
        e.tamper(
            "UPDATE safe_mark SET bytes = CAST(substr(bytes, 1, length(bytes) - 4) || x'5a5a5a5a'"
            " AS BLOB)");
    }
    SECTION("a safe mark that does not read") {
        e.tamper("UPDATE safe_mark SET bytes = x'01'");
    }
    SECTION("a safe mark of another log") {
        e.tamper("UPDATE safe_mark SET bytes = (SELECT bytes FROM safe_mark LIMIT 1)");
    }
    const auto problems = e.world.verify().problems;
    CAPTURE(problems);
    CHECK_FALSE(problems.empty());
}

TEST_CASE("verification finds a segment whose signature is not its replica's", "[store]") {
    Evidence e;
    e.world.stop();
    {
        DatabaseOptions options;
        options.path = e.world.folder / database_name;
        const auto database = Database::open(options).value();
        SegmentRow row = load_segment(*database, 1).value();
        row.segment.signature[7] ^= 1U;
        REQUIRE(replace_segment(*database, row));
    }
    e.world.start();
    CHECK(e.problems() == 1);
}

TEST_CASE("a roster that no longer holds is not served from", "[store]") {
    Evidence e;
    e.tamper("UPDATE statement SET bytes = zeroblob(length(bytes)) WHERE position = 3");

    CHECK(e.problems() > 0);
    const auto refused = e.asha.exchange(e.asha.request());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::storage_corrupt);
}

}  // namespace godwit
