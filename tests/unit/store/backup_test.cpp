#include <fstream>
#include <thread>

#include "shared/model/common_fields.h"
#include "sync-server/store/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

struct Kept {
    World world;
    TeamId team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& caro = world.join("caro", {{team, Role::supervisor}});
    std::filesystem::path file = world.folder / "copy.backup";
    RecordId record = asha.capture(team);

    Kept() { sync_all(); }

    void sync_all() {
        for (int round = 0; round < 2; ++round) {
            REQUIRE(asha.sync());
            REQUIRE(caro.sync());
        }
    }
    Result<void> backup() { return world.store->backup(file, world.keys.signing.secret_key, {}); }
    Result<void> restore_from(const std::filesystem::path& from) {
        world.stop();
        for (const char* suffix : {"", "-wal", "-shm"}) {
            std::filesystem::remove(world.folder / (std::string(database_name) + suffix).c_str());
        }
        return ServerStore::restore(from, world.folder.path(), world.cipher, world.random,
                                    world.clock);
    }
    void restore() {
        const auto restored = restore_from(file);
        CAPTURE(restored);
        REQUIRE(restored);
        world.start();
    }
    void check_agreement() {
        CHECK(world.digest_for(asha) == asha.digest());
        CHECK(world.digest_for(caro) == caro.digest());
        const auto report = world.verify();
        CAPTURE(report.problems);
        CHECK(report.problems.empty());
    }
};

}  // namespace

TEST_CASE("what a backup holds is safe, and its author is told until surely told", "[store]") {
    Kept k;
    REQUIRE(k.backup());
    k.asha.capture(k.team);
    const auto lost = k.asha.exchange(k.asha.request());
    REQUIRE(lost);
    k.asha.nonce = {};
    REQUIRE(k.asha.sync());

    REQUIRE(k.asha.answered.safe);
    const SafeMark mark = decode_safe_mark(*k.asha.answered.safe).value();
    CHECK(verify(k.world.cipher, mark, k.world.keys.signing.public_key));
    CHECK(mark.log == k.asha.log);
    CHECK(mark.through == 1);
    CHECK(mark.epoch == k.asha.epoch);
    CHECK(k.world.status().last_backup_ms == k.world.clock.now_ms());
    REQUIRE(k.asha.sync());
    CHECK_FALSE(k.asha.answered.safe);
}

TEST_CASE("a backup that does not succeed marks nothing safe", "[store]") {
    Kept k;
    SECTION("a file is there already") {
        std::ofstream(k.file) << "something of somebody's";
        CHECK_FALSE(k.backup());
        CHECK(std::filesystem::file_size(k.file) == 23);
    }
    SECTION("the folder is not there") {
        k.file = k.world.folder / "nowhere/copy.backup";
        CHECK_FALSE(k.backup());
    }
    REQUIRE(k.asha.sync());
    CHECK_FALSE(k.asha.answered.safe);
    CHECK_FALSE(k.world.status().last_backup_ms);
}

TEST_CASE("a backup taken while replicas sync is one consistent state", "[store]") {
    Kept k;
    std::atomic<bool> is_done{};
    std::thread writer([&] {
        while (!is_done) {
            k.asha.capture(k.team);
            if (!k.asha.sync()) break;
        }
    });
    const auto made = k.backup();
    is_done = true;
    writer.join();
    REQUIRE(made);
    k.restore();

    CHECK(k.world.verify().problems.empty());
    k.sync_all();
    k.check_agreement();
}

TEST_CASE("a server restored from an older backup gets back all that replicas hold, as it was",
          "[store]") {
    Kept k;
    REQUIRE(k.backup());
    k.world.clock.advance(3'600'000);
    k.asha.clock_ahead_ms = 600'000;
    k.asha.write(k.record, visit::type, k.team, {set_text(visit::date, "2026-11-02")});
    k.asha.capture(k.team);
    k.caro.write(k.record, visit::type, k.team, {set_text(visit::date, "2026-11-03")});
    k.sync_all();
    const Digest before = k.world.store->digest(std::nullopt).value();
    const EpochId epoch = k.asha.epoch;
    k.world.clock.advance(3'600'000);

    k.restore();
    CHECK(k.world.store->digest(std::nullopt).value() != before);
    const bool is_reversed = GENERATE(false, true);
    if (is_reversed) REQUIRE(k.caro.sync());
    k.sync_all();

    CHECK(k.asha.epoch != epoch);
    CHECK(k.asha.epoch == k.caro.epoch);
    CHECK(k.world.store->digest(std::nullopt).value() == before);
    CHECK(k.world.status().parked == 0);
    k.check_agreement();
}

TEST_CASE("cursors of an earlier epoch reach no further than the backup did", "[store]") {
    Kept k;
    REQUIRE(k.backup());
    const Position held = k.caro.cursors.at(k.team);
    for (int count = 0; count < 5; ++count) k.asha.capture(k.team);
    k.sync_all();
    REQUIRE(k.caro.cursors.at(k.team) > held);
    const Person& copy = k.world.clone(k.caro);
    k.restore();

    // New records take the very positions that caro's cursor had passed.
    Person& dora = k.world.join("dora", {{k.team, Role::worker}});
    const RecordId fresh = dora.capture(k.team);
    REQUIRE(dora.sync());
    REQUIRE(k.caro.sync());

    CHECK(copy.cursors.at(k.team) > held);
    CHECK(k.caro.base.contains(fresh));
    k.sync_all();
    k.check_agreement();
}

TEST_CASE("a request of an epoch nobody knows is told everything", "[store]") {
    Kept k;
    k.caro.epoch = k.world.random.id<EpochId>();
    Person& copy = k.world.clone(k.caro);
    copy.base.clear();

    REQUIRE(copy.sync());

    CHECK(copy.base == k.caro.base);
}

TEST_CASE("numbers of parked changes are not used again after a restore", "[store]") {
    Kept k;
    REQUIRE(k.backup());
    k.asha.write(k.record, visit::type, k.team, {set_text(visit::people_reached, "many")});
    k.sync_all();
    REQUIRE(k.caro.parked_items.size() == 1);
    k.restore();
    Person& dora = k.world.join("dora", {{k.team, Role::worker}});
    dora.write(k.record, visit::type, k.team, {set_text(visit::people_reached, "few")});
    REQUIRE(dora.sync());

    k.sync_all();

    CHECK(k.caro.parked_items.size() == 3);
    CHECK(k.world.status().parked == 2);
}

TEST_CASE("an erasure the backup had not seen is learned again from who erased", "[store]") {
    Kept k;
    REQUIRE(k.backup());
    k.asha.write(k.record, visit::type, k.team, {erase_record()});
    k.sync_all();
    k.restore();
    REQUIRE(k.world.status().records == 1);

    k.sync_all();

    CHECK(k.caro.base.at(k.record).is_erased);
    k.check_agreement();
}

TEST_CASE("a clone that raced in after a restore is told apart from the log it copied", "[store]") {
    Kept k;
    REQUIRE(k.backup());
    Person& copy = k.world.clone(k.asha);
    for (int count = 0; count < 9; ++count) k.asha.capture(k.team);
    REQUIRE(k.asha.sync());
    for (int count = 0; count < 5; ++count) copy.capture(k.team);
    k.restore();

    REQUIRE(copy.sync());
    k.sync_all();
    REQUIRE(copy.sync());
    k.sync_all();

    CHECK(k.asha.log != copy.log);
    CHECK(k.world.status().records == 15);
    k.check_agreement();
}

TEST_CASE("what is no sound backup is not restored, and leaves no database", "[store]") {
    Kept k;
    for (int count = 0; count < 200; ++count) k.asha.capture(k.team);
    REQUIRE(k.asha.sync());
    REQUIRE(k.backup());
    const auto damaged = k.world.folder / "damaged";
    SECTION("a text") {
        std::ofstream(damaged) << std::string(10'000, 'x');
    }
    SECTION("cut short") {
        std::filesystem::copy_file(k.file, damaged);
        std::filesystem::resize_file(damaged, std::filesystem::file_size(damaged) / 2);
    }
    SECTION("overwritten in places") {
        std::filesystem::copy_file(k.file, damaged);
        std::fstream file(damaged, std::ios::in | std::ios::out | std::ios::binary);
        for (std::uintmax_t at = 5'000; at < std::filesystem::file_size(damaged); at += 4'096) {
            file.seekp(static_cast<std::streamoff>(at));
            file.write("godwit", 6);
        }
    }
    SECTION("one page overwritten inside a blob") {
        std::filesystem::copy_file(k.file, damaged);
        DatabaseOptions options;
        options.path = damaged;
        const auto database = Database::open(options).value();
        REQUIRE(database->run("UPDATE segment SET bytes = zeroblob(length(bytes))"));
    }
    const auto restored = k.restore_from(damaged);

    REQUIRE_FALSE(restored);
    CHECK(restored.error().code == ErrorCode::storage_corrupt);
    CHECK_FALSE(std::filesystem::exists(k.world.folder / database_name));
    CHECK_FALSE(std::filesystem::exists(k.world.folder / "godwit.db.restoring"));
    REQUIRE(ServerStore::restore(k.file, k.world.folder.path(), k.world.cipher, k.world.random,
                                 k.world.clock));
    k.world.start();
    CHECK(k.world.status().records == 201);
}

TEST_CASE("a backup is not restored over a database", "[store]") {
    Kept k;
    REQUIRE(k.backup());
    k.world.stop();
    CHECK_FALSE(ServerStore::restore(k.file, k.world.folder.path(), k.world.cipher, k.world.random,
                                     k.world.clock));
    k.world.start();
    CHECK(k.world.status().records == 1);
}

}  // namespace godwit
