// What a restored server has forgotten and others had heard: states agree again all the same.

#include "tests/support/catch.h"
#include "tests/unit/replica/exchange/world.h"

namespace godwit {
namespace {

Json narrative(const std::string& record, const std::string& words) {
    return {{"record", record}, {"fields", {{"narrative", words}}}};
}

/// A visit that everybody knows, and a backup of the server.
struct Known : Team {
    Known() {
        record = bela().capture("visit", {{"date", "2026-11-20"}, {"site_type", "farm"}});
        bela().call("edit", narrative(record, "First."));
        settle();
        server.backup("yesterday");
    }
    std::string record;
};

}  // namespace

TEST_CASE("a value stands again where what superseded it never comes again", "[exchange]") {
    Known world;
    world.dina().call("edit", narrative(world.record, "Second."));
    world.dina().sync();
    world.caro().sync();
    world.caro().call("edit", narrative(world.record, "Third."));
    world.server.restore("yesterday");
    world.dina().wire.is_down = true;

    world.caro().sync();
    world.bela().sync();

    for (Person* person : {&world.caro(), &world.bela()}) {
        CHECK(person->digest() == world.server.digest(person->id));
        CHECK(person->value(world.record, "narrative").size() == 2);
    }
    const int before = world.caro().wire.count;
    world.caro().sync();
    CHECK(world.caro().wire.count == before + 1);

    world.dina().wire.is_down = false;
    world.settle();
    world.check_agreement();
    CHECK(world.caro().value(world.record, "narrative") == "Third.");
}

TEST_CASE("words of two copies that stood in one place stand beside one another", "[exchange]") {
    Known world;
    const auto twin = world.bela().copy();
    world.bela().call("edit", narrative(world.record, "Of the one."));
    twin->clock.ms += 5'000;
    twin->call("edit", narrative(world.record, "Of the other."));
    world.bela().sync();
    world.caro().sync();
    CHECK(world.caro().value(world.record, "narrative") == "Of the one.");
    world.server.restore("yesterday");

    twin->sync();
    world.caro().sync();

    // Caro has heard what the server forgot, and keeps it until its author brings it again.
    CHECK(world.caro().value(world.record, "narrative") == Json{"Of the one.", "Of the other."});

    for (int round = 0; round < 3; ++round) {
        world.settle();
        twin->sync();
    }
    world.check_agreement();
    CHECK(twin->digest() == world.server.digest(twin->id));
    CHECK(world.caro().value(world.record, "narrative").size() == 2);
}

}  // namespace godwit
