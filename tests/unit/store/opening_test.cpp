#include <sys/stat.h>

#include <fstream>

#include "sync-server/store/engine.h"
#include "sync-server/store/epoch_table.h"
#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

struct Spot {
    Folder folder;
    SodiumCipher cipher = SodiumCipher::create().value();
    SodiumRandom random = SodiumRandom::create().value();
    TestClock clock;

    Result<std::unique_ptr<ServerStore>> open(bool is_created) {
        return ServerStore::open(folder.path(), is_created, cipher, random, clock);
    }
};

}  // namespace

TEST_CASE("a store is made once, opened after, and keeps its epoch", "[store]") {
    Spot place;
    std::string epoch;
    {
        const auto store = place.open(true);
        REQUIRE(store);
        epoch = (*store)->status().value().epoch;
        CHECK_FALSE((*store)->status().value().is_founded);
    }
    const auto again = place.open(false);
    REQUIRE(again);
    CHECK((*again)->status().value().epoch == epoch);
}

TEST_CASE("a store that is not there is not opened, and one that is is not made", "[store]") {
    Spot place;
    CHECK(place.open(false).error().code == ErrorCode::no_store);
    REQUIRE(place.open(true));
    CHECK_FALSE(place.open(true));
    CHECK(place.open(false));
}

TEST_CASE("a store in use is not opened a second time", "[store]") {
    Spot place;
    const auto store = place.open(true);
    REQUIRE(store);
    CHECK(place.open(false).error().code == ErrorCode::store_in_use);
}

TEST_CASE("a file that is no database is told as corrupt, and left as it is", "[store]") {
    Spot place;
    const std::string text(8'192, 'x');
    std::ofstream(place.folder / database_name, std::ios::binary) << text;

    CHECK(place.open(false).error().code == ErrorCode::storage_corrupt);

    std::ifstream file(place.folder / database_name, std::ios::binary);
    CHECK(std::string((std::istreambuf_iterator<char>(file)), {}) == text);
}

TEST_CASE("the database is its owner's alone", "[store]") {
    Spot place;
    REQUIRE(place.open(true));
    struct stat facts {};
    REQUIRE(::stat((place.folder / database_name).c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0077U) == 0);
}

TEST_CASE("readers see one state and never wait for the writer", "[store]") {
    Spot place;
    const auto store = place.open(true);
    REQUIRE(store);
    Engine& engine = (*store)->engine();
    const Engine::Reading before = engine.read().value();
    REQUIRE(team_position(before.database(), TeamId{}).value() == 0);
    const Engine::Writing writing = engine.write();
    auto transaction = Transaction::begin(writing.database());
    REQUIRE(transaction);
    REQUIRE(save_team_position(writing.database(), TeamId{}, 7));
    {
        const Engine::Reading meanwhile = engine.read().value();
        CHECK(team_position(meanwhile.database(), TeamId{}).value() == 0);
    }
    REQUIRE(transaction->commit());

    CHECK(team_position(before.database(), TeamId{}).value() == 0);
    CHECK(team_position(engine.read().value().database(), TeamId{}).value() == 7);
}

TEST_CASE("a reader cannot write", "[store]") {
    Spot place;
    const auto store = place.open(true);
    REQUIRE(store);
    const Engine::Reading reading = (*store)->engine().read().value();
    CHECK_FALSE(save_team_position(reading.database(), TeamId{}, 7));
}

}  // namespace godwit
