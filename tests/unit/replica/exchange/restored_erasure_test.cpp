// An erasure that a restored server forgot, whose author never comes back: who heard of it shows
// it.

#include "field-client/replica/session.h"
#include "field-client/replica/store.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/exchange/world.h"

namespace godwit {
namespace {

struct Forgetful : Team {
    Forgetful() {
        record = caro().capture("visit", visit());
        settle();
        server.backup("yesterday");
        caro().call("erase", {{"record", record}});
        caro().sync();
    }
    bool is_erased_for(Person& person) {
        return person.call("show", {{"record", record}})["erased"] == true;
    }
    std::string record;
};

}  // namespace

TEST_CASE("an erasure outlives the server that forgot it and the replica that made it",
          "[exchange]") {
    Forgetful world;
    world.bela().sync();
    REQUIRE(world.is_erased_for(world.bela()));
    world.server.restore("yesterday");
    world.caro().wire.is_down = true;
    REQUIRE_FALSE(world.is_erased_for(world.dina()));

    world.bela().sync();
    CHECK(world.bela().wire.requests.back().proofs.size() == 1);
    world.dina().sync();

    CHECK(world.is_erased_for(world.dina()));
    for (Person* person : {&world.bela(), &world.dina()}) {
        CHECK(person->digest() == world.server.digest(person->id));
        CHECK(person->call("verify")["problems"].empty());
        const int before = person->wire.count;
        person->sync();
        person->sync();
        CHECK(person->wire.count <= before + 3);
        CHECK(person->wire.requests.back().proofs.empty());
    }
    world.caro().wire.is_down = false;
    world.settle();
    CHECK(world.caro().digest() == world.server.digest(world.caro().id));
}

TEST_CASE("it is shown again when the server is restored once more, by those told in between",
          "[exchange]") {
    Forgetful world;
    world.bela().sync();
    world.server.restore("yesterday");
    world.caro().wire.is_down = true;
    world.bela().sync();
    world.dina().sync();
    world.server.restore("yesterday");
    world.bela().wire.is_down = true;

    world.dina().sync();

    CHECK(world.dina().wire.requests.back().proofs.size() == 1);
    CHECK(world.dina().digest() == world.server.digest(world.dina().id));
}

TEST_CASE("a wire that breaks while it is shown costs only showing it again", "[exchange]") {
    Forgetful world;
    world.bela().sync();
    world.server.restore("yesterday");
    world.caro().wire.is_down = true;
    const int cut = GENERATE(1, 2, 3);
    world.bela().wire.requests_before_cut = cut;
    const auto ignored = world.bela().replica().call("sync", "{}");
    world.bela().wire.requests_before_cut = -1;
    world.bela().sync();
    world.dina().sync();
    CHECK(world.is_erased_for(world.dina()));
}

TEST_CASE("who never heard who erased has nothing to show, and asks once", "[exchange]") {
    Forgetful world;
    world.bela().sync();
    world.bela().with_session([&](Session& session) {
        const RecordId id = *parse_id<RecordId>(world.record);
        StoredRecord record = *session.store.record(id).value();
        CHECK_FALSE(record.erasure.empty());
        record.erasure.clear();  // As earlier programs kept it.
        REQUIRE(session.store.save(id, record));
    });
    world.server.restore("yesterday");
    world.caro().wire.is_down = true;
    world.bela().sync();
    const int before = world.bela().wire.count;
    world.bela().sync();
    CHECK(world.bela().wire.count == before + 1);
    CHECK_FALSE(world.is_erased_for(world.dina()));
    CHECK(world.is_erased_for(world.bela()));
}

}  // namespace godwit
