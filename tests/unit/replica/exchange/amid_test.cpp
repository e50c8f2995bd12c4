// What is done while an answer of the server is on its way.

#include "tests/support/catch.h"
#include "tests/unit/replica/exchange/world.h"

namespace godwit {
namespace {

/// Begins to sync and stands where the first post is wanted.
Replica::Call begin_sync(Person& person) {
    Replica::Call call = person.replica().begin("sync", "{}");
    REQUIRE(call.wanted() != nullptr);
    return call;
}

Heard hear(Person& person, const Post& post) {
    return {person.wire.post(post.server, post.pin, post.path, post.body)};
}

Json finish(Person& person, Replica::Call& call) {
    while (const Post* post = call.wanted()) call.take(hear(person, *post));
    const auto result = call.result();
    REQUIRE(result);
    return Json::parse(*result);
}

/// A sync amid whose first answer `work` is done.
Json sync_amid(Person& person, const std::function<void()>& work) {
    Replica::Call call = begin_sync(person);
    const Heard heard = hear(person, *call.wanted());
    work();
    call.take(heard);
    return finish(person, call);
}

}  // namespace

TEST_CASE("what is captured while an answer is on its way is saved at once, and goes up next",
          "[exchange]") {
    Team team;
    team.bela().capture("visit", visit("Before."));
    std::string amid;
    const Json report = sync_amid(team.bela(), [&] {
        amid = team.bela().capture("visit", visit("Amid."));
        CHECK(team.bela().value(amid, "narrative") == "Amid.");
    });
    CHECK(report["delivered"] == 2);
    team.settle();
    CHECK(team.caro().value(amid, "narrative") == "Amid.");
    team.check_agreement();
}

TEST_CASE("an edit of what is on its way stands, and nothing of it is told twice", "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit("First words."));
    sync_amid(team.bela(), [&] {
        team.bela().call("edit",
                         {{"record", record}, {"fields", {{"narrative", "Better words."}}}});
    });
    team.settle();
    CHECK(team.caro().value(record, "narrative") == "Better words.");
    CHECK(team.caro().sibling_count(record, "narrative") == 1);
    team.check_agreement();
}

TEST_CASE("a record erased while it is on its way stays erased", "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit("No longer wanted."));
    sync_amid(team.bela(), [&] { team.bela().call("erase", {{"record", record}}); });
    team.settle();
    for (Person* person : {&team.bela(), &team.caro(), &team.dina()}) {
        CHECK(person->call("show", {{"record", record}})["erased"] == true);
    }
    team.check_agreement();
}

TEST_CASE("whoever is given a record while its key is on its way can read it", "[exchange]") {
    Team team;
    const std::string told = team.caro().capture("testimony", testimony("Caro wrote it down."));
    sync_amid(team.caro(), [&] {
        team.caro().call("edit", {{"record", told}, {"fields", {{"owner", team.bela().member}}}});
        team.caro().call("review", {{"record", told}, {"step", "start"}});
        team.caro().call("review",
                         {{"record", told}, {"step", "return"}, {"note", "Which month?"}});
    });
    team.settle();
    CHECK(team.bela().value(told, "narrative_original") == "Caro wrote it down.");
    team.check_agreement();
}

TEST_CASE("a statement made while another is on its way is told behind it", "[exchange]") {
    Team team;
    team.asha.call("team", {{"name", "South"}});
    const Json report = sync_amid(team.asha, [&] { team.asha.call("team", {{"name", "West"}}); });
    CHECK_FALSE(report.contains("refused"));
    team.settle();
    CHECK(team.caro().call("roster")["teams"].size() == 3);
}

TEST_CASE("the server is asked one thing at a time, and what is known is told meanwhile",
          "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit());
    Replica::Call call = begin_sync(team.bela());
    CHECK(team.bela().refused("sync").code == ErrorCode::exchange_under_way);
    CHECK(team.bela().refused("enrol", {{"invitation", "x"}}).code ==
          ErrorCode::exchange_under_way);
    CHECK(team.bela().value(record, "narrative") == visit()["narrative"]);
    finish(team.bela(), call);
    team.bela().sync();
}

TEST_CASE("locking does not wait for an answer, and what comes after it is of no account",
          "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit("Kept."));
    Replica::Call call = begin_sync(team.bela());
    const Heard heard = hear(team.bela(), *call.wanted());
    team.bela().call("lock");
    CHECK(call.wanted() == nullptr);
    call.take(heard);
    REQUIRE_FALSE(call.result());
    CHECK(call.result().error().code == ErrorCode::store_locked);
    CHECK(team.bela().refused("show", {{"record", record}}).code == ErrorCode::store_locked);

    team.bela().call("unlock", {{"phrase", std::string(Person::phrase)}});
    CHECK(team.bela().call("status")["unsent"] == 1);
    team.settle();
    CHECK(team.caro().value(record, "narrative") == "Kept.");
    team.check_agreement();
}

TEST_CASE("a call that outlives its replica is answered with a refusal", "[exchange]") {
    Team team;
    team.bela().capture("visit", visit("Kept."));
    Replica::Call call = begin_sync(team.bela());
    team.bela().close();
    CHECK(call.wanted() == nullptr);
    CHECK_FALSE(call.result());
    team.settle();
    team.check_agreement();
}

TEST_CASE("while a replica enrols nothing else runs, and its phrase is told in the end",
          "[exchange]") {
    World world;
    world.found();
    const std::string invitation =
        world.invite("bela", {{{"team", world.north}, {"role", "worker"}}});
    world.asha.sync();
    const auto bela = world.stranger();
    Replica::Call call = bela->replica().begin("enrol", format_json({{"invitation", invitation}}));
    REQUIRE(call.wanted() != nullptr);
    const Json capture = {{"type", "visit"}, {"fields", visit()}};
    CHECK(bela->refused("capture", capture).code == ErrorCode::exchange_under_way);
    CHECK(bela->refused("lock").code == ErrorCode::exchange_under_way);
    call.take({ErrorCode::unreachable, false});
    const Json place = Json::parse(*call.result());
    CHECK(place["reached"] == false);
    bela->call("lock");
    bela->call("unlock", {{"phrase", place["phrase"]}});
    CHECK(bela->capture("visit", visit()).size() == 32);
    CHECK(bela->sync()["delivered"] == 1);
}

}  // namespace godwit
