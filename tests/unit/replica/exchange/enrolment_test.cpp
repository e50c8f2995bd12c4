#include "field-client/replica/session.h"
#include "shared/base/text.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/exchange/world.h"

namespace godwit {

TEST_CASE("a founding link makes the organisation, and its recovery key is told once",
          "[exchange]") {
    World world;
    world.found();
    CHECK(world.founded["role"] == "administrator");
    CHECK(world.founded["reached"] == true);
    CHECK(parse_base64url(world.founded["recovery"].get<std::string>())->size() == 32);
    CHECK_FALSE(world.founded.contains("phrase"));  // It was given one.
    const Json roster = world.asha.call("roster");
    CHECK(roster["organisation"] == "Harbour Network");
    CHECK(roster["members"][0]["name"] == "Asha");
    CHECK(roster["teams"][0]["name"] == "North");
    world.check_agreement();
}

TEST_CASE("a phrase is made when none is given, and opens the store", "[exchange]") {
    World world;
    const Json made = world.asha.call("enrol", {{"invitation", world.server.founding_link()},
                                                {"organisation", "Harbour Network"},
                                                {"member", "Asha"}});
    const std::string phrase = made["phrase"];
    world.asha.call("lock");
    CHECK(world.asha.refused("status").code == ErrorCode::store_locked);
    CHECK(world.asha.refused("unlock", {{"phrase", "wrong"}}).code == ErrorCode::wrong_phrase);
    CHECK(world.asha.call("unlock", {{"phrase", phrase}})["replica"] == made["replica"]);
}

TEST_CASE("a server is founded once; whoever comes second is left as they were", "[exchange]") {
    World world;
    world.found();
    const auto second = world.stranger();
    const Error error = second->refused("enrol", {{"invitation", world.server.founding_link()},
                                                  {"organisation", "Another"},
                                                  {"member", "Bela"},
                                                  {"phrase", Person::phrase}});
    CHECK(error.code == ErrorCode::already_founded);
    CHECK_FALSE(std::filesystem::exists(second->folder.path() / "key"));
    CHECK(second->refused("status").code == ErrorCode::not_enrolled);
}

TEST_CASE("founding needs both names", "[exchange]") {
    World world;
    const Error error = world.asha.refused(
        "enrol", {{"invitation", world.server.founding_link()}, {"member", "A"}});
    CHECK(error.code == ErrorCode::wrong_parameters);
    CHECK_FALSE(std::filesystem::exists(world.asha.folder.path() / "key"));
}

TEST_CASE("a founding whose reply was lost is taken up with the same link", "[exchange]") {
    World world;
    const Json parameters = {{"invitation", world.server.founding_link()},
                             {"organisation", "Harbour Network"},
                             {"member", "Asha"},
                             {"phrase", Person::phrase}};
    SECTION("after the server had founded") {
        world.asha.wire.replies_to_lose = 1;
    }
    SECTION("before the server heard of it") {
        world.asha.wire.is_down = true;
    }
    const Json first = world.asha.call("enrol", parameters);
    CHECK(first["reached"] == false);
    CHECK(first.contains("recovery"));
    world.asha.wire.is_down = false;
    world.asha.close();

    const Json again = world.asha.call("enrol", parameters);
    CHECK(again["reached"] == true);
    CHECK(again["replica"] == first["replica"]);
    CHECK_FALSE(again.contains("recovery"));
    world.asha.call("team", {{"name", "North"}});
    world.asha.sync();
    CHECK(world.asha.refused("enrol", parameters).code == ErrorCode::already_enrolled);
}

TEST_CASE("a founding takes the recovery key that whoever calls has put away", "[exchange]") {
    World world;
    BoxSecretKey secret;
    secret.bytes.fill(7);
    Json parameters = {{"invitation", world.server.founding_link()},
                       {"organisation", "Harbour Network"},
                       {"member", "Asha"},
                       {"phrase", Person::phrase},
                       {"recovery", format_base64url(secret.view())}};
    SECTION("and does not tell it") {
        CHECK_FALSE(world.asha.call("enrol", parameters).contains("recovery"));
    }
    SECTION("and the same again when it is taken up, no other") {
        world.asha.wire.is_down = true;
        CHECK(world.asha.call("enrol", parameters)["reached"] == false);
        world.asha.wire.is_down = false;
        Json other = parameters;
        other["recovery"] = format_base64url(Bytes(32, 8));
        CHECK(world.asha.refused("enrol", other).code == ErrorCode::wrong_parameters);
        CHECK(world.asha.call("enrol", parameters)["reached"] == true);
    }
    const BoxPublicKey expected = world.cipher.public_key_of(secret);
    world.asha.with_session(
        [&](Session& session) { CHECK(session.roster.founding().recovery == expected); });
}

TEST_CASE("a recovery key that is none, or not this organisation's, is refused", "[exchange]") {
    World world;
    const Json founding = {{"invitation", world.server.founding_link()},
                           {"organisation", "Harbour Network"},
                           {"member", "Asha"},
                           {"phrase", Person::phrase}};
    for (const std::string& text : {std::string(), std::string("AAAA"), std::string(44, '!')}) {
        CAPTURE(text);
        Json parameters = founding;
        parameters["recovery"] = text;
        CHECK(world.asha.refused("enrol", parameters).code == ErrorCode::wrong_parameters);
    }
    CHECK_FALSE(std::filesystem::exists(world.asha.folder.path() / "key"));

    world.found();
    const auto bela = world.stranger();
    const Error error = bela->refused(
        "enrol", {{"invitation",
                   world.invite("Bela", Json::array({{{"team", "North"}, {"role", "worker"}}}))},
                  {"phrase", Person::phrase},
                  {"recovery", format_base64url(Bytes(32, 8))}});
    CHECK(error.code == ErrorCode::wrong_parameters);
    CHECK_FALSE(std::filesystem::exists(bela->folder.path() / "key"));
}

TEST_CASE("an invitation works without the server, and the first sync tells of it", "[exchange]") {
    World world;
    world.found();
    const std::string invitation =
        world.invite("Bela", Json::array({{{"team", "North"}, {"role", "worker"}}}));
    world.asha.sync();

    auto bela = world.stranger();
    bela->wire.is_down = true;
    const Json enrolled =
        bela->call("enrol", {{"invitation", invitation}, {"phrase", Person::phrase}});
    CHECK(enrolled["reached"] == false);
    CHECK(enrolled["role"] == "worker");
    bela->id = enrolled["replica"];
    const std::string record = bela->capture("visit", visit());
    CHECK(bela->value(record, "narrative") == "They sleep in shifts.");
    CHECK(bela->refused("sync").code == ErrorCode::unreachable);
    CHECK(bela->call("status")["unsent"] == 1);

    bela->wire.is_down = false;
    CHECK(bela->sync()["delivered"] == 1);
    CHECK(bela->call("status")["unsent"] == 0);
    CHECK(bela->digest() == world.server.digest(bela->id));
}

TEST_CASE("an invitation takes one replica, and the second keeps nothing", "[exchange]") {
    World world;
    world.found();
    const std::string invitation =
        world.invite("Bela", Json::array({{{"team", "North"}, {"role", "worker"}}}));
    world.asha.sync();
    auto first = world.stranger();
    first->call("enrol", {{"invitation", invitation}, {"phrase", Person::phrase}});
    auto second = world.stranger();
    const Error error =
        second->refused("enrol", {{"invitation", invitation}, {"phrase", Person::phrase}});
    CHECK(error.code == ErrorCode::invitation_used);
    CHECK_FALSE(std::filesystem::exists(second->folder.path() / "key"));
    CHECK(first->refused("enrol", {{"invitation", invitation}, {"phrase", Person::phrase}}).code ==
          ErrorCode::already_enrolled);
}

TEST_CASE("an invitation past its day is refused by the server's clock", "[exchange]") {
    World world;
    world.found();
    const std::string invitation =
        world.invite("Bela", Json::array({{{"team", "North"}, {"role", "worker"}}}));
    world.asha.sync();
    world.server.clock.ms += 8LL * 24 * 60 * 60 * 1000;
    auto bela = world.stranger();
    CHECK(bela->refused("enrol", {{"invitation", invitation}, {"phrase", Person::phrase}}).code ==
          ErrorCode::invitation_expired);
    CHECK_FALSE(std::filesystem::exists(bela->folder.path() / "key"));
}

TEST_CASE("an invitation the server has not heard of waits for its administrator", "[exchange]") {
    World world;
    world.found();
    const std::string invitation =
        world.invite("Bela", Json::array({{{"team", "North"}, {"role", "worker"}}}));
    auto bela = world.stranger();
    const Json enrolled =
        bela->call("enrol", {{"invitation", invitation}, {"phrase", Person::phrase}});
    INFO(enrolled.dump());
    CHECK(enrolled["reached"] == false);
    world.asha.sync();
    bela->capture("visit", visit());
    CHECK(bela->sync()["delivered"] == 1);
}

TEST_CASE("what is no invitation is refused before a folder is touched", "[exchange]") {
    World world;
    world.found();
    std::string invitation =
        world.invite("Bela", Json::array({{{"team", "North"}, {"role", "worker"}}}));
    SECTION("some other text") {
        invitation = "https://example.org";
    }
    SECTION("cut short") {
        invitation.resize(invitation.size() / 2);
    }
    SECTION("altered") {
        char& letter = invitation[invitation.size() - 40];
        letter = letter == 'A' ? 'B' : 'A';
    }
    auto bela = world.stranger();
    const Error error =
        bela->refused("enrol", {{"invitation", invitation}, {"phrase", Person::phrase}});
    CHECK(error.kind() != ErrorKind::unreachable);
    CHECK_FALSE(std::filesystem::exists(bela->folder.path() / "key"));
}

TEST_CASE("administration is for administrators", "[exchange]") {
    World world;
    world.found();
    Person& bela = world.join("bela", "worker");
    world.settle();
    CHECK(bela.refused("team", {{"name", "South"}}).code == ErrorCode::not_permitted);
    CHECK(bela.refused("member", {{"name", "X"}, {"places", Json::array()}}).code ==
          ErrorCode::not_permitted);
    CHECK(bela.refused("invite", {{"member", "Asha"}}).code == ErrorCode::not_permitted);
    CHECK(bela.refused("revoke", {{"replica", world.asha.id}, {"manner", "retired"}}).code ==
          ErrorCode::not_permitted);

    CHECK(world.asha.refused("team", {{"name", "North"}}).code == ErrorCode::wrong_parameters);
    CHECK(world.asha.refused("team", {{"name", " "}}).code == ErrorCode::wrong_parameters);
    CHECK(world.asha
              .refused("member", {{"name", "X"}, {"places", Json::array({{{"role", "worker"}}})}})
              .code == ErrorCode::wrong_parameters);
    CHECK(
        world.asha
            .refused("member", {{"name", "X"},
                                {"places", Json::array({{{"team", "East"}, {"role", "worker"}}})}})
            .code == ErrorCode::unknown_team);
    CHECK(world.asha.refused("invite", {{"member", "Nobody"}}).code == ErrorCode::unknown_member);
    CHECK(world.asha.refused("invite", {{"member", "Bela"}, {"days", 0}}).code ==
          ErrorCode::wrong_parameters);
    CHECK(world.asha.refused("revoke", {{"replica", bela.id}, {"manner", "lost"}}).code ==
          ErrorCode::wrong_parameters);
}

}  // namespace godwit
