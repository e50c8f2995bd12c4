#include "tests/support/catch.h"
#include "tests/unit/replica/exchange/world.h"

namespace godwit {

namespace {

struct Pair : World {
    Pair() {
        found();
        caro = &join("caro", "supervisor");
        bela = &join("bela", "worker");
        settle();
        record = bela->capture("visit", visit("As first told."));
        bela->call("count", {{"record", record}, {"field", "people_reached"}, {"by", 10}});
        settle();
    }
    void check_everywhere(const std::string& id, const char* field, const Json& value) {
        for (Person* person : {caro, bela}) CHECK(person->value(id, field) == value);
    }

    Person* caro{};
    Person* bela{};
    std::string record;
};

}  // namespace

TEST_CASE("two copies of one store both deliver what they wrote, in either order", "[exchange]") {
    Pair world;
    const auto copy = world.bela->copy();
    world.bela->call("count", {{"record", world.record}, {"field", "people_reached"}, {"by", 1}});
    const std::string first = world.bela->capture("visit", visit("By the first copy."));
    world.bela->call("edit", {{"record", first}, {"fields", {{"site_type", "shelter"}}}});
    copy->call("count", {{"record", world.record}, {"field", "people_reached"}, {"by", 2}});
    const std::string second = copy->capture("visit", visit("By the second copy."));
    copy->call("edit", {{"record", second}, {"fields", {{"narrative", "Second, corrected."}}}});
    copy->call("add", {{"record", second}, {"field", "purposes"}, {"value", "monitoring"}});
    copy->call("remove", {{"record", second}, {"field", "purposes"}, {"value", "monitoring"}});

    std::vector<Person*> order = {world.bela, copy.get()};
    SECTION("the original first") {}
    SECTION("the copy first") {
        std::swap(order[0], order[1]);
    }
    const std::string log_before = order[1]->call("status")["log"];
    order[0]->sync();
    order[1]->sync();
    CHECK(order[1]->call("status")["log"] != log_before);
    CHECK(order[1]->call("status")["unsent"] == 0);
    for (int round = 0; round < 2; ++round) {
        world.bela->sync();
        copy->sync();
        world.caro->sync();
    }
    for (Person* person : {world.bela, copy.get(), world.caro}) {
        CHECK(person->value(world.record, "people_reached") == 13);
        CHECK(person->value(first, "narrative") == "By the first copy.");
        CHECK(person->value(first, "site_type") == "shelter");
        CHECK(person->value(second, "narrative") == "Second, corrected.");
        CHECK(person->sibling_count(second, "narrative") == 1);
        CHECK(person->sibling_count(second, "purposes") == 0);
        CHECK(person->digest() == world.server.digest(world.bela->id));
    }
    // The history of the branch stands once.
    const Json history = copy->call("show", {{"record", second}, {"history", true}})["history"];
    CHECK(history.size() == 4);
    CHECK(order[1]->call("verify")["problems"].empty());
    for (const Json& item : world.caro->call("parked")) {
        CHECK(item["reason"] == "forked_log");
        CHECK(item["adopted"].is_string());
    }
}

TEST_CASE("a fork whose reply is lost is opened once more, and nothing is doubled", "[exchange]") {
    Pair world;
    const auto copy = world.bela->copy();
    world.bela->call("count", {{"record", world.record}, {"field", "people_reached"}, {"by", 1}});
    world.bela->sync();
    copy->call("count", {{"record", world.record}, {"field", "people_reached"}, {"by", 2}});
    // Cut after the request that finds the fork, then with each later one.
    for (int cut = 0; cut < 6; ++cut) {
        copy->wire.requests_before_cut = 1;
        copy->wire.replies_to_lose = cut % 2 == 0 ? 1 : 0;
        const auto ignored = copy->replica().call("sync", "{}");
        copy->wire.replies_to_lose = 0;
    }
    copy->wire.requests_before_cut = -1;
    copy->sync();
    world.settle();
    CHECK(world.caro->value(world.record, "people_reached") == 13);
    world.check_agreement();
}

TEST_CASE("a copy of a copy forks again, and its words arrive", "[exchange]") {
    Pair world;
    const auto second = world.bela->copy();
    world.bela->call("count", {{"record", world.record}, {"field", "people_reached"}, {"by", 1}});
    world.bela->sync();
    second->call("count", {{"record", world.record}, {"field", "people_reached"}, {"by", 2}});
    second->wire.replies_to_lose = 0;
    second->sync();
    second->call("count", {{"record", world.record}, {"field", "people_reached"}, {"by", 4}});
    const auto third = second->copy();
    second->sync();
    third->call("count", {{"record", world.record}, {"field", "people_reached"}, {"by", 8}});
    third->sync();
    for (int round = 0; round < 2; ++round) {
        for (Person* person : {second.get(), third.get()}) person->sync();
        world.settle();
    }
    // 10 + 1 + 2 + 8, and the 4 that second and third both hold: the same change, brought twice.
    CHECK(world.caro->value(world.record, "people_reached") == 25);
    CHECK(third->digest() == world.server.digest(third->id));
    CHECK(second->digest() == third->digest());
}

TEST_CASE("a store restored from an older copy goes on in a new log", "[exchange]") {
    Pair world;
    const auto older = world.bela->copy();
    const std::string later = world.bela->capture("visit", visit("After the copy was made."));
    world.bela->sync();
    world.bela->become(*older);

    SECTION("with nothing new") {}
    SECTION("with new work") {
        world.bela->call("count",
                         {{"record", world.record}, {"field", "people_reached"}, {"by", 5}});
    }
    world.bela->sync();
    world.settle();
    CHECK(world.bela->value(later, "narrative") == "After the copy was made.");
    CHECK(world.bela->call("status")["unsent"] == 0);
    CHECK(world.bela->value(world.record, "people_reached") ==
          world.caro->value(world.record, "people_reached"));
    world.check_agreement();
    const std::string more = world.bela->capture("visit", visit("And on."));
    world.settle();
    world.check_everywhere(more, "narrative", "And on.");
}

TEST_CASE("a server restored from an older backup gets back what replicas hold", "[exchange]") {
    Pair world;
    world.server.backup("yesterday");
    const std::string later = world.bela->capture("visit", visit("After the backup."));
    const std::string told = world.bela->capture("testimony", testimony("After it too."));
    world.bela->call("count", {{"record", world.record}, {"field", "people_reached"}, {"by", 3}});
    Person& dina = world.join("dina", "worker");
    const std::string by_dina = dina.capture("visit", visit("By one enrolled after it."));
    world.settle();
    world.caro->call("edit", {{"record", later}, {"fields", {{"site_type", "shelter"}}}});
    world.settle();
    const Json effective = world.caro->call(
        "show", {{"record", later}, {"siblings", true}})["fields"]["narrative"]["siblings"];

    world.server.clock.ms += 3'600'000;
    world.server.restore("yesterday");
    std::vector<Person*> order = {&world.asha, world.caro, world.bela, &dina};
    SECTION("the administrator comes first") {}
    SECTION("the one enrolled after the backup comes first") {
        std::reverse(order.begin(), order.end());
    }
    SECTION("the supervisor comes first") {
        std::swap(order[0], order[1]);
    }
    for (int round = 0; round < 3; ++round) {
        for (Person* person : order) person->sync();
    }
    CHECK(world.caro->value(later, "narrative") == "After the backup.");
    CHECK(world.caro->value(later, "site_type") == "shelter");
    CHECK(world.caro->value(told, "narrative_original") == "After it too.");
    CHECK(world.caro->value(by_dina, "narrative") == "By one enrolled after it.");
    CHECK(world.caro->value(world.record, "people_reached") == 13);
    CHECK(world.caro->call("parked").empty());
    // The times the first life of the server had fixed still hold.
    CHECK(world.caro->call(
              "show", {{"record", later}, {"siblings", true}})["fields"]["narrative"]["siblings"] ==
          effective);
    for (Person* person : order) CHECK(person->call("status")["unsent"] == 0);
    world.check_agreement();

    Person& emil = world.join("emil", "supervisor");
    world.settle();
    CHECK(emil.value(told, "narrative_original") == "After it too.");
    world.check_agreement();
}

TEST_CASE("what a restored server receives again after a retirement reads alike everywhere",
          "[exchange]") {
    Pair world;
    world.server.backup("yesterday");
    const std::string record = world.bela->capture("visit", visit("Before the retirement."));
    world.settle();
    CHECK(world.caro->value(record, "narrative") == "Before the retirement.");
    world.asha.call("revoke", {{"replica", world.bela->id}, {"manner", "retired"}});

    world.server.restore("yesterday");
    world.settle();
    world.settle();
    CHECK(world.caro->value(record, "narrative") == "Before the retirement.");
    CHECK(world.caro->digest() == world.server.digest(world.caro->id));
}

TEST_CASE("a copy that forks under a restored server keeps nothing of its old branch",
          "[exchange]") {
    Pair world;
    const auto older = world.bela->copy();
    world.server.backup("yesterday");
    const std::string record = world.bela->capture("visit", visit("After the backup."));
    world.bela->sync();
    world.server.restore("yesterday");
    older->call("count", {{"record", world.record}, {"field", "people_reached"}, {"by", 1}});
    older->sync();
    const auto newer = world.bela->copy();

    for (int round = 0; round < 3; ++round) {
        for (Person* person : {world.bela, newer.get(), older.get()}) person->sync();
        world.settle();
    }
    CHECK(world.caro->value(record, "narrative") == "After the backup.");
    for (Person* person : {world.bela, newer.get(), older.get()}) {
        CHECK(person->sibling_count(record, "narrative") == 1);
        CHECK(person->digest() == world.server.digest(person->id));
    }
}

TEST_CASE("a restored server hears again who carried out an erasure", "[exchange]") {
    Pair world;
    world.caro->call("erase", {{"record", world.record}});
    world.caro->sync();
    world.server.backup("yesterday");
    world.settle();
    CHECK(world.caro->call("show", {{"record", world.record}})["unconfirmed"].empty());

    world.server.restore("yesterday");
    world.settle();
    world.settle();
    CHECK(world.caro->call("show", {{"record", world.record}})["unconfirmed"].empty());
    world.check_agreement();
}

TEST_CASE("a sync with a restored server is cut anywhere and still ends whole", "[exchange]") {
    Pair world;
    world.server.backup("yesterday");
    for (int number = 0; number < 5; ++number) {
        world.bela->capture("visit", visit("Number " + std::to_string(number)));
    }
    world.settle();
    world.server.restore("yesterday");
    for (int cut = 0; cut < 8; ++cut) {
        world.bela->wire.requests_before_cut = 1;
        world.bela->wire.replies_to_lose = cut % 2;
        const auto ignored = world.bela->replica().call("sync", "{}");
        world.bela->wire.replies_to_lose = 0;
    }
    world.bela->wire.requests_before_cut = -1;
    world.settle();
    CHECK(world.caro->call("list", {{"type", "visit"}})["records"].size() == 6);
    CHECK(world.bela->call("status")["unsent"] == 0);
    world.check_agreement();
}

TEST_CASE("what a backup holds is called safe, and no more", "[exchange]") {
    Pair world;
    CHECK(world.bela->call("status")["safe"] == 0);
    world.server.backup("today");
    const std::string later = world.bela->capture("visit", visit());
    world.bela->sync();
    CHECK(world.bela->call("status")["safe"] == 2);
    CHECK(world.bela->call("status")["delivered"] == 3);
    CHECK(world.bela->grade(world.record) == "safe");
    CHECK(world.bela->grade(later) == "delivered");
    world.caro->sync();
    world.check_agreement();
}

TEST_CASE("two copies of the administrator's store both have their say", "[exchange]") {
    Pair world;
    const auto copy = world.asha.copy();
    world.asha.call("team", {{"name", "South"}});
    copy->call("team", {{"name", "East"}});
    const std::string invitation = [&] {
        const std::string member = copy->call(
            "member",
            {{"name", "Dina"},
             {"places", Json::array({{{"team", "East"}, {"role", "worker"}}})}})["member"];
        return copy->call("invite", {{"member", member}})["invitation"].get<std::string>();
    }();
    world.asha.sync();
    copy->sync();
    world.asha.sync();
    for (Person* person : {&world.asha, copy.get()}) {
        CHECK(person->call("roster")["teams"].size() == 3);
    }
    // What was signed again still lets in whom it invited.
    auto dina = world.stranger();
    const Json enrolled =
        dina->call("enrol", {{"invitation", invitation}, {"phrase", Person::phrase}});
    CHECK(enrolled["reached"] == true);
    dina->capture("visit", visit());
    CHECK(dina->sync()["delivered"] == 1);
}

}  // namespace godwit
