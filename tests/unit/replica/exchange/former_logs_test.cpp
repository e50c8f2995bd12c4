// What stands in a log that its replica has left, and a restored server has forgotten: nobody else
// may be there to bring it.

#include <algorithm>

#include "shared/protocol/packed_segment.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/exchange/world.h"

namespace godwit {
namespace {

/// A visit told by bela, and a copy of their store that went on in a log of its own. What bela said
/// of it before the copy was made stands in the copy's former log.
struct Parted : World {
    Parted() {
        found();
        caro = &join("caro", "supervisor");
        bela = &join("bela", "worker");
        settle();
        server.backup("empty");
        record = bela->capture("visit", visit("As first told."));
        bela->sync();
        server.backup("captured");
        early = bela->copy();
        tell(*bela, "Before the copy.");
        bela->sync();
        twin = bela->copy();
        tell(*bela, "By the one.");
        bela->sync();
        tell(*twin, "By the other.");
        twin->clock.ms += 5'000;
        for (int round = 0; round < 2; ++round) {
            twin->sync();
            settle();
        }
    }
    void tell(Person& person, const std::string& words) const {
        person.call("edit", {{"record", record}, {"fields", {{"narrative", words}}}});
    }
    /// The server is put back, and bela, whose replica alone writes the former log, never comes.
    void restore(const std::string& backup) {
        server.restore(backup);
        bela->wire.is_down = true;
    }
    [[nodiscard]] Json history(Person& person) const {
        return person.call("show", {{"record", record}, {"history", true}})["history"];
    }

    Person* caro{};
    Person* bela{};
    std::unique_ptr<Person> early;  ///< A copy of before the second thing was said.
    std::unique_ptr<Person> twin;
    std::string record;
};

}  // namespace

TEST_CASE("what stands in a former log is brought to a server that forgot it", "[exchange]") {
    Parted world;
    const std::string backup = GENERATE("empty", "captured");
    world.restore(backup);

    world.twin->sync();

    CHECK(world.twin->call("status")["unsent"] == 0);
    // Who comes anew hears all of it from the server, in its order.
    Person& dina = world.join("dina", "supervisor");
    world.caro->sync();
    dina.sync();
    CHECK(dina.digest() == world.server.digest(dina.id));
    CHECK(dina.value(world.record, "date") == world.twin->value(world.record, "date"));
    CHECK(dina.value(world.record, "narrative") == "By the other.");
    world.twin->sync();
    const int before = world.twin->wire.count;
    world.twin->sync();
    CHECK(world.twin->wire.count == before + 1);

    // And when its other writer comes after all.
    world.bela->wire.is_down = false;
    for (int round = 0; round < 2; ++round) {
        world.settle();
        world.twin->sync();
    }
    world.check_agreement();
    CHECK(world.twin->digest() == world.server.digest(world.twin->id));
    CHECK(format_json(world.history(*world.caro)).find("By the one.") != std::string::npos);
}

TEST_CASE("of a former log only what the server lacks is offered", "[exchange]") {
    Parted world;
    world.restore("captured");
    const std::size_t before = world.twin->wire.requests.size();

    world.twin->sync();

    const auto& requests = world.twin->wire.requests;
    LogId former;
    std::vector<Sequence> first;
    for (std::size_t index = before; index < requests.size(); ++index) {
        if (!requests[index].former.empty()) former = requests[index].former[0].log;
        for (const Bytes& packed : requests[index].segments) {
            const auto segment = decode_packed_segment(packed);
            REQUIRE(segment);
            if (segment->log == former) first.push_back(segment->first);
        }
    }
    CHECK(first == std::vector<Sequence>{2});
}

TEST_CASE("what stood behind the place where two copies parted is not offered", "[exchange]") {
    Parted world;
    // Both copies hold it unsent: each signs it together with what it says next.
    world.tell(*world.bela, "Unsent, and copied.");
    const auto again = world.bela->copy();
    world.tell(*world.bela, "By the one, behind it.");
    world.bela->sync();
    world.tell(*again, "By the other, behind it.");
    again->sync();
    const std::size_t before = again->wire.requests.size();
    world.restore("empty");

    again->sync();

    Sequence counts = 0;
    Sequence offered = 0;
    for (std::size_t index = before; index < again->wire.requests.size(); ++index) {
        const Request& request = again->wire.requests[index];
        if (request.former.empty()) continue;
        counts = request.former[0].head.sequence;
        for (const Bytes& packed : request.segments) {
            const auto segment = decode_packed_segment(packed);
            REQUIRE(segment);
            if (segment->log == request.former[0].log) offered = std::max(offered, segment->last());
        }
    }
    CHECK(counts > 0);
    CHECK(offered == counts);
    CHECK(again->call("status")["unsent"] == 0);
}

TEST_CASE("until a restored server has it again it counts as saved, and as nothing more",
          "[exchange]") {
    Parted world;
    const std::string quiet = world.bela->capture("visit", visit("Of the former log alone."));
    world.bela->sync();
    const auto again = world.bela->copy();
    world.bela->capture("visit", visit("By the one, later."));
    world.bela->sync();
    again->capture("visit", visit("By the other, later."));
    again->sync();
    const auto grade = [&] { return again->call("show", {{"record", quiet}})["saved"]; };
    CHECK(grade() == "delivered");

    world.restore("empty");
    again->wire.requests_before_cut = 2;  // The first brings a nonce, the second the new epoch.
    static_cast<void>(again->refused("sync"));
    CHECK(grade() == "saved");
    CHECK(again->call("status")["unsent"] > 0);

    again->wire.requests_before_cut = -1;
    again->wire.is_down = false;
    again->sync();
    CHECK(grade() == "delivered");
    CHECK(again->call("status")["unsent"] == 0);
}

TEST_CASE("what another copy took the place of in a former log is issued again", "[exchange]") {
    Parted world;
    world.restore("captured");
    world.tell(*world.early, "By a third.");
    world.early->sync();

    for (int round = 0; round < 3; ++round) {
        world.twin->sync();
        world.early->sync();
        world.caro->sync();
    }
    CHECK(world.twin->call("status")["unsent"] == 0);
    Person& dina = world.join("dina", "supervisor");
    world.caro->sync();
    dina.sync();
    CHECK(dina.digest() == world.server.digest(dina.id));
    CHECK(dina.value(world.record, "narrative") == Json{"By the other.", "Before the copy."});
    CHECK(format_json(world.history(*world.early)).find("By a third.") != std::string::npos);
    world.twin->sync();
    const int before = world.twin->wire.count;
    world.twin->sync();
    CHECK(world.twin->wire.count == before + 1);
}

}  // namespace godwit
