// What stands in a log that its replica has left, and a restored server has forgotten: nobody else
// may be there to bring it.

#include <algorithm>

#include "shared/base/text.h"
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
        first_log = bela->call("status")["log"];
        server.backup("captured");
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
    /// In the requests of `person` from the one numbered `from` on.
    static std::vector<Segment> offered_since(const Person& person, std::size_t from) {
        std::vector<Segment> out;
        const auto& requests = person.wire.requests;
        for (std::size_t index = from; index < requests.size(); ++index) {
            for (const Bytes& packed : requests[index].segments) {
                auto segment = decode_packed_segment(packed);
                REQUIRE(segment);
                out.push_back(*std::move(segment));
            }
        }
        return out;
    }
    [[nodiscard]] Json history(Person& person) const {
        return person.call("show", {{"record", record}, {"history", true}})["history"];
    }

    Person* caro{};
    Person* bela{};
    std::unique_ptr<Person> twin;
    std::string record;
    std::string first_log;  ///< Of both.
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

    std::vector<Sequence> first;
    for (const Segment& segment : world.offered_since(*world.twin, before)) {
        if (to_text(segment.log) == world.first_log) first.push_back(segment.first);
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
    for (const Request& request : again->wire.requests) {
        for (const FormerLog& former : request.former) {
            if (to_text(former.log) == world.first_log) counts = former.head.sequence;
        }
    }
    for (const Segment& segment : world.offered_since(*again, before)) {
        if (to_text(segment.log) == world.first_log) offered = std::max(offered, segment.last());
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
    const auto grade = [&] {
        const Json lines = again->call("list")["records"];
        const auto line = std::find_if(lines.begin(), lines.end(),
                                       [&](const Json& each) { return each["record"] == quiet; });
        REQUIRE(line != lines.end());
        CHECK((*line)["saved"] == again->grade(quiet));
        return again->grade(quiet);
    };
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
    World world;
    world.found();
    Person& caro = world.join("caro", "supervisor");
    const std::string invitation =
        world.invite("bela", Json::array({{{"team", "North"}, {"role", "worker"}}}));
    world.settle();
    world.server.backup("before");
    // Three copies of a store that had not met the server: their log is of no epoch.
    const auto bela = world.stranger();
    bela->call("enrol", {{"invitation", invitation}, {"phrase", Person::phrase}});
    const std::string record = bela->capture("visit", visit("As first told."));
    const auto tell = [&](Person& person, const std::string& words) {
        person.call("edit", {{"record", record}, {"fields", {{"narrative", words}}}});
    };
    const auto early = bela->copy();
    tell(*bela, "Before the copy.");
    bela->sync();
    const auto twin = bela->copy();
    tell(*bela, "By the one.");
    bela->sync();
    tell(*twin, "By the other.");
    twin->sync();
    world.server.restore("before");
    tell(*early, "By a third.");
    early->sync();

    for (int round = 0; round < 3; ++round) {
        twin->sync();
        early->sync();
        caro.sync();
    }
    CHECK(twin->call("status")["unsent"] == 0);
    Person& dina = world.join("dina", "supervisor");
    caro.sync();
    dina.sync();
    CHECK(dina.digest() == world.server.digest(dina.id));
    CHECK(dina.value(record, "narrative") == Json{"By the other.", "Before the copy."});
    const Json history = early->call("show", {{"record", record}, {"history", true}})["history"];
    CHECK(format_json(history).find("By a third.") != std::string::npos);
    twin->sync();
    const int before = twin->wire.count;
    twin->sync();
    CHECK(twin->wire.count == before + 1);
}

}  // namespace godwit
