// A record's key that a restored server forgot, and whose maker does not bring it again, or has
// left: who wrote under it does.

#include <algorithm>

#include "field-client/replica/session.h"
#include "field-client/replica/store.h"
#include "shared/base/text.h"
#include "shared/seal/key_batch.h"
#include "sync-server/store/engine.h"
#include "sync-server/store/key_table.h"
#include "sync-server/store/record_table.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/exchange/world.h"

namespace godwit {
namespace {

std::vector<Recipient> recipients_of(const std::vector<Wrap>& wraps) {
    std::vector<Recipient> out;
    for (const Wrap& wrap : wraps) out.push_back(wrap.recipient);
    std::sort(out.begin(), out.end());
    return out;
}

/// Whom the server holds the key of `record` wrapped for.
std::vector<Recipient> wrapped_for(ServerSide& server, const std::string& record) {
    const auto reading = server.store().engine().read();
    REQUIRE(reading);
    const auto keys = load_record_keys(reading->database(), *parse_id<RecordId>(record));
    REQUIRE(keys);
    return *keys ? recipients_of((*keys)->wraps) : std::vector<Recipient>();
}

bool holds(ServerSide& server, const std::string& record) {
    const auto reading = server.store().engine().read();
    REQUIRE(reading);
    return load_record(reading->database(), *parse_id<RecordId>(record)).value().has_value();
}

/// What `person` keeps of the key of a record that is not held there any more.
std::optional<KeptKey> kept_by(Person& person, const std::string& record) {
    std::optional<KeptKey> kept;
    person.with_session([&](Session& session) {
        kept = session.store.kept_key(*parse_id<RecordId>(record)).value();
    });
    return kept;
}

/// Bela wrote, left the team, and the server was put back to before both.
struct Left : Team {
    explicit Left(const std::string& type, const Json& fields) {
        server.backup("yesterday");
        record = bela().capture(type, fields);
        asha.call("member",
                  {{"name", "bela"}, {"member", bela().member}, {"places", Json::array()}});
        asha.sync();
        bela().sync();
    }
    std::string record;
};

}  // namespace

TEST_CASE("a key outlives the server that forgot it and the replica that made it", "[exchange]") {
    Team team;
    team.server.backup("yesterday");
    const std::string record = team.bela().capture("visit", visit("As it was."));
    team.settle();
    team.server.restore("yesterday");
    team.bela().wire.is_down = true;
    const bool is_told_before = GENERATE(true, false);
    Person& author = GENERATE(true, false) ? team.caro() : team.dina();
    if (is_told_before) author.sync();
    author.call("edit", {{"record", record}, {"fields", {{"narrative", "As it is now."}}}});

    author.sync();

    CHECK(author.wire.requests.back().keys.size() == 1);
    CHECK(wrapped_for(team.server, record) == std::vector{Recipient::members, Recipient::recovery});
    Person& emil = team.join("emil", "worker");
    author.sync();  // Grants the members' key.
    emil.sync();
    CHECK(emil.value(record, "narrative") == "As it is now.");
    const int before = author.wire.count;
    author.sync();
    CHECK(author.wire.count == before + 1);
    CHECK(author.wire.requests.back().keys.empty());

    team.bela().wire.is_down = false;
    team.settle();
    team.check_agreement();
}

TEST_CASE("a wire that breaks while a key is brought costs only bringing it again", "[exchange]") {
    Team team;
    team.server.backup("yesterday");
    const std::string record = team.bela().capture("visit", visit());
    team.settle();
    team.server.restore("yesterday");
    team.bela().wire.is_down = true;
    team.dina().call("edit", {{"record", record}, {"fields", {{"narrative", "Since."}}}});
    const bool is_lost = GENERATE(true, false);
    for (int sent = 1; sent < 6; ++sent) {
        team.dina().wire.requests_before_cut = sent;
        team.dina().wire.replies_to_lose = is_lost ? 1 : 0;
        const auto ignored = team.dina().replica().call("sync", "{}");
    }
    team.dina().wire.requests_before_cut = -1;
    team.dina().wire.replies_to_lose = 0;

    team.dina().sync();

    CHECK(wrapped_for(team.server, record) == std::vector{Recipient::members, Recipient::recovery});
    Person& emil = team.join("emil", "worker");
    team.dina().sync();
    emil.sync();
    CHECK(emil.value(record, "narrative") == "Since.");
}

TEST_CASE("a compromised replica brings the keys of its last words, whoever made them",
          "[exchange]") {
    Team team;
    team.server.backup("yesterday");
    const std::string record = team.bela().capture("visit", visit("As it was."));
    team.settle();
    team.server.restore("yesterday");
    team.bela().wire.is_down = true;
    // Her words are in the record before she is revoked, and their key was about to follow.
    const bool is_merged = GENERATE(true, false);
    if (is_merged) team.dina().sync();
    team.dina().call("edit", {{"record", record}, {"fields", {{"narrative", "The last."}}}});
    for (int sent = 1; is_merged && !holds(team.server, record); ++sent) {
        REQUIRE(sent < 9);
        team.dina().wire.requests_before_cut = sent;
        const auto ignored = team.dina().replica().call("sync", "{}");
    }
    team.dina().wire.requests_before_cut = -1;
    REQUIRE(wrapped_for(team.server, record).empty());
    team.asha.call("revoke", {{"replica", team.dina().id}, {"manner", "compromised"}});
    team.asha.sync();

    CHECK(team.dina().sync()["standing"] == "compromised");

    CHECK(wrapped_for(team.server, record) == std::vector{Recipient::members, Recipient::recovery});
}

TEST_CASE("a compromised author brings what a restored server lost, with the key they handed over",
          "[exchange]") {
    Team team;
    team.server.backup("yesterday");
    const std::string record = team.bela().capture("testimony", testimony());
    team.bela().sync();
    REQUIRE(team.bela().call(
                "show", {{"record", record}})["fields"]["narrative_original"]["readable"] == false);
    team.server.restore("yesterday");
    team.asha.call("revoke", {{"replica", team.bela().id}, {"manner", "compromised"}});
    team.asha.sync();

    CHECK(team.bela().sync()["standing"] == "compromised");

    CHECK(wrapped_for(team.server, record) ==
          std::vector{Recipient::supervisors, Recipient::recovery});
    team.caro().sync();
    CHECK(team.caro().call("parked").size() == 1);
}

TEST_CASE("a compromised copy, whose words are not taken, brings each key once", "[exchange]") {
    Team team;
    const std::string read = team.dina().capture("visit", visit());
    team.settle();
    const auto copy = team.bela().copy();
    team.bela().call("edit", {{"record", read}, {"fields", {{"narrative", "First."}}}});
    team.bela().sync();
    // One key has gone up long ago, one goes up with its words.
    copy->call("edit", {{"record", read}, {"fields", {{"narrative", "Branch."}}}});
    const std::string own = copy->capture("visit", visit());
    team.asha.call("revoke", {{"replica", team.bela().id}, {"manner", "compromised"}});
    team.asha.sync();

    copy->wire.requests_before_cut = 9;
    CHECK(copy->sync()["standing"] == "compromised");

    // The first is refused: the original has spent the copy's nonce.
    const std::vector<Request>& sent = copy->wire.requests;
    REQUIRE(sent.size() == 3);
    std::map<std::string, int> times;
    for (std::size_t index = 1; index < sent.size(); ++index) {
        for (const Bytes& batch : sent[index].keys) {
            const auto keys = decode_batch(batch);
            for (const RecordKeyStatement& key : keys.value()) ++times[to_text(key.record)];
        }
    }
    CHECK(times[read] == 1);
    CHECK(times[own] == 1);
}

TEST_CASE("what somebody wrote before they left can be read when a server had forgotten it",
          "[exchange]") {
    Left world("testimony", testimony("They kept her passport."));
    world.server.restore("yesterday");

    world.bela().sync();
    world.caro().sync();

    CHECK(wrapped_for(world.server, world.record) ==
          std::vector{Recipient::supervisors, Recipient::recovery});
    const Json parked = world.caro().call("parked");
    REQUIRE(parked.size() == 1);
    world.caro().call("adopt", {{"change", parked[0]["change"]}});
    world.settle();
    CHECK(world.caro().value(world.record, "narrative_original") == "They kept her passport.");
    CHECK(world.bela().sync()["round_trips"] == 1);
    world.check_agreement();
}

TEST_CASE("whoever left opens nothing of what they keep for others", "[exchange]") {
    Left world("testimony", testimony());
    CHECK(world.bela().refused("show", {{"record", world.record}}).code ==
          ErrorCode::unknown_record);
    const auto kept = kept_by(world.bela(), world.record);
    REQUIRE(kept);
    CHECK(recipients_of(kept->wraps) == std::vector{Recipient::supervisors, Recipient::recovery});

    Left open("visit", visit());
    const auto kept_of_visit = kept_by(open.bela(), open.record);
    REQUIRE(kept_of_visit);
    // Bela was granted the members' key.
    CHECK(recipients_of(kept_of_visit->wraps) == std::vector{Recipient::recovery});
    CHECK(open.bela().call("verify")["problems"].empty());
}

TEST_CASE("of records that somebody only read nothing is kept", "[exchange]") {
    Team team;
    const std::string record = team.caro().capture("visit", visit());
    team.settle();
    team.asha.call("member",
                   {{"name", "bela"}, {"member", team.bela().member}, {"places", Json::array()}});
    team.asha.sync();
    team.bela().sync();
    CHECK_FALSE(kept_by(team.bela(), record));
}

TEST_CASE("an erasure takes a kept key along", "[exchange]") {
    Left world("visit", visit());
    REQUIRE(kept_by(world.bela(), world.record));
    const RecordId id = *parse_id<RecordId>(world.record);
    world.bela().with_session([&](Session& session) {
        REQUIRE(session.store.transaction([&] { return session.store.erase_bodies(id); }));
    });
    CHECK_FALSE(kept_by(world.bela(), world.record));
}

}  // namespace godwit
