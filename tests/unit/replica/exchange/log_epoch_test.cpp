// A log belongs to an epoch: after a restore what others have seen of it is not to be taken for
// what is said in it now.

#include "field-client/replica/exchange/closed_log.h"
#include "shared/base/text.h"
#include "shared/protocol/packed_segment.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/exchange/world.h"

namespace godwit {
namespace {

void tell(Person& person, const std::string& record, const std::string& words) {
    person.call("edit", {{"record", record}, {"fields", {{"narrative", words}}}});
}

std::string log_of(Person& person) {
    return person.call("status")["log"];
}

/// Words that do not pack, so that many requests are needed for a few records.
std::string long_words(int number) {
    std::string out;
    for (unsigned at = 0; at < 9'000; ++at) {
        out += static_cast<char>(
            'a' +
            (at * at * 31 + at * 17 + static_cast<unsigned>(number) * 7 + (at >> 3U) * 13) % 26);
    }
    return out;
}

}  // namespace

TEST_CASE("who read a copy's words does not silence what the original says after a restore",
          "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit("As first told."));
    team.settle();
    const auto twin = team.bela().copy();
    team.server.backup("before");
    tell(*twin, record, "By the copy.");
    twin->sync();
    team.caro().sync();
    team.server.restore("before");  // And the copy never comes again.
    tell(team.caro(), record, "By who read the copy.");
    const bool has_heard = GENERATE(false, true);
    if (has_heard) team.bela().sync();
    tell(team.bela(), record, "By the original.");
    const bool is_reader_first = GENERATE(false, true);

    (is_reader_first ? team.caro() : team.bela()).sync();
    for (int round = 0; round < 2; ++round) team.settle();

    team.check_agreement();
    CHECK(team.caro().sibling_count(record, "narrative") == 2);
    CHECK(team.bela().sibling_count(record, "narrative") == 2);
}

TEST_CASE("after a restore a replica goes on in a new log, and what it said is told once",
          "[exchange]") {
    Team team;
    const std::string sent = team.bela().capture("visit", visit("Sent."));
    team.settle();
    team.server.backup("now");
    const std::string before = log_of(team.bela());
    const std::string unsent = team.bela().capture("visit", visit("Not sent yet."));
    team.server.restore("now");

    const Json report = team.bela().sync();

    CHECK(log_of(team.bela()) != before);
    CHECK(team.bela().call("status")["unsent"] == 0);
    CHECK(report["parked"].empty());
    team.settle();
    team.check_agreement();
    CHECK(team.caro().value(unsent, "narrative") == "Not sent yet.");
    CHECK(team.caro().value(sent, "narrative") == "Sent.");
    // That is all: the next one says nothing, in the log it has now.
    const std::string after = log_of(team.bela());
    const int count = team.bela().wire.count;
    team.bela().sync();
    CHECK(team.bela().wire.count == count + 1);
    CHECK(log_of(team.bela()) == after);
}

TEST_CASE("what a restored server holds without its author's knowing is not said again",
          "[exchange]") {
    Team team;
    std::vector<std::string> records;
    for (int number = 0; number < 24; ++number) {
        records.push_back(team.bela().capture("visit", visit(long_words(number))));
    }
    // The second request is the larger one: its answer is lost, and it is in the backup.
    team.bela().wire.lie = [&](Answer&) {
        team.bela().wire.replies_to_lose = 1;
        team.bela().wire.lie = nullptr;
    };
    static_cast<void>(team.bela().refused("sync"));
    const Json before = team.bela().call("status");
    team.server.backup("held");
    team.server.restore("held");
    records.push_back(team.bela().capture("visit", visit("Said since.")));

    // Wherever the road breaks on the way.
    const int cut = GENERATE(-1, 1, 2, 3, 4, 5, 6);
    team.bela().wire.requests_before_cut = cut;
    if (cut > 0) static_cast<void>(team.bela().replica().call("sync", "{}"));
    team.bela().wire.requests_before_cut = -1;
    team.bela().sync();

    CHECK(log_of(team.bela()) != before["log"]);
    CHECK(team.bela().call("status")["unsent"] == 0);
    CHECK(team.bela().call("parked").empty());
    team.settle();
    team.check_agreement();
    CHECK(team.caro().call("status")["conflicts"] == 0);
    for (const std::string& record : records) {
        CHECK(team.caro().sibling_count(record, "narrative") == 1);
    }
    // What was held was taken as it stands: nothing of it was issued again.
    std::size_t issued_again = 0;
    for (const Request& request : team.bela().wire.requests) {
        for (const Bytes& packed : request.segments) {
            const auto segment = decode_packed_segment(packed);
            REQUIRE(segment);
            if (to_text(segment->log) != before["log"]) issued_again += segment->entries.size();
        }
    }
    CHECK(issued_again < records.size());
    CHECK(issued_again > 0);
}

TEST_CASE("what two copies bring, each in its epoch, counts once", "[exchange]") {
    Team team;
    team.settle();
    team.server.backup("empty");
    const std::string record = team.bela().capture("visit", visit("Said before the copy."));
    const auto twin = team.bela().copy();
    twin->sync();  // In its place in the log, with a receipt.
    team.server.restore("empty");
    team.bela().sync();  // Issued again, with a receipt.
    team.server.restore("empty");

    const bool is_first_place_first = GENERATE(false, true);
    (is_first_place_first ? *twin : team.bela()).sync();
    (is_first_place_first ? team.bela() : *twin).sync();
    for (int round = 0; round < 2; ++round) {
        team.settle();
        twin->sync();
    }

    team.check_agreement();
    CHECK(twin->digest() == team.server.digest(twin->id));
    CHECK(team.caro().sibling_count(record, "narrative") == 1);
    CHECK(team.caro().call("status")["conflicts"] == 0);
}

TEST_CASE("what two copies issue again of a log the server never had counts once", "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit("As first told."));
    team.settle();
    team.server.backup("now");
    team.server.restore("now");
    team.settle();  // Everybody goes on in a new log, in which nothing was sent yet.
    team.server.restore("now");
    tell(team.bela(), record, "Said before the copy.");
    const auto twin = team.bela().copy();

    team.bela().sync();
    twin->sync();

    CHECK(team.server.store().status().value().parked == 1);
    team.settle();
    twin->sync();
    team.check_agreement();
    CHECK(twin->digest() == team.server.digest(twin->id));
}

TEST_CASE("own words that a copy brought to a restored server count from when it did",
          "[exchange]") {
    Team team;
    team.settle();
    team.server.backup("empty");
    const std::string first = team.bela().capture("visit", visit("The first."));
    const auto short_copy = team.bela().copy();
    const std::string second = team.bela().capture("visit", visit("The second."));
    const auto long_copy = team.bela().copy();
    // One receipt for both, which the shorter copy cannot check; and the server forgets it.
    team.bela().sync();
    short_copy->sync();
    long_copy->sync();
    team.server.restore("empty");
    team.server.clock.ms += 7'200'000;

    short_copy->sync();
    long_copy->sync();
    for (int round = 0; round < 2; ++round) {
        team.settle();
        short_copy->sync();
        long_copy->sync();
    }

    team.check_agreement();
    CHECK(team.caro().value(second, "narrative") == "The second.");
    CHECK(team.caro().value(first, "narrative") == "The first.");
}

TEST_CASE("of a closed log what the server holds is compared, and nothing beyond", "[exchange]") {
    constexpr LogId log{{1}};
    const Stretch unreceipted{log, 5, 20};
    ClosedLog closed;

    SECTION("while nothing is known, nothing is offered") {
        CHECK(closed.to_compare(unreceipted).through == 5);
        CHECK_FALSE(closed.is_held_within(5));
    }
    SECTION("a head is how far it is held") {
        closed.note_offered({log, 5, 5});
        closed.note_held(log, 9);
        CHECK(closed.to_compare(unreceipted).after == 5);
        CHECK(closed.to_compare(unreceipted).through == 9);
        CHECK_FALSE(closed.is_held_within(5));
        CHECK(closed.is_held_within(9));
    }
    SECTION("unless it is where the offer ends") {
        closed.note_offered({log, 5, 9});
        closed.note_held(log, 9);
        CHECK_FALSE(closed.is_held_within(9));
        CHECK(closed.to_compare(unreceipted).through == 5);
        closed.note_offered({log, 9, 9});
        closed.note_held(log, 12);
        CHECK(closed.to_compare(unreceipted).after == 9);
        CHECK(closed.to_compare(unreceipted).through == 12);
        CHECK_FALSE(closed.is_held_within(9));
        CHECK(closed.is_held_within(12));
    }
    SECTION("of another log it says nothing") {
        closed.note_offered({log, 5, 5});
        closed.note_held(LogId{{2}}, 9);
        CHECK(closed.to_compare(unreceipted).through == 5);
    }
}

TEST_CASE("words that moved twice count once, and are told once, whoever else brings them",
          "[exchange]") {
    Team team;
    const std::string record = team.bela().capture("visit", visit("As first told."));
    team.settle();
    team.server.backup("now");
    tell(team.bela(), record, "Not sent yet.");
    const auto twin = team.bela().copy();
    const std::string before = log_of(team.bela());
    team.server.restore("now");
    // They move to a new log of which the server never hears.
    team.bela().wire.requests_before_cut = 2;
    team.bela().refused("sync");
    team.bela().wire.requests_before_cut = -1;
    CHECK(log_of(team.bela()) != before);
    CHECK(team.bela().call("status")["unsent"] == 1);
    team.server.restore("now");

    const bool is_twin_first = GENERATE(false, true);
    Person& first = is_twin_first ? *twin : team.bela();
    first.sync();
    (is_twin_first ? team.bela() : *twin).sync();
    for (int round = 0; round < 2; ++round) {
        team.settle();
        twin->sync();
    }

    CHECK(team.server.store().status().value().parked == 1);
    CHECK(team.caro().sibling_count(record, "narrative") == 1);
    const Json shown = first.call("show", {{"record", record}, {"history", true}});
    CHECK(shown["history"].size() == 2);
    CHECK(twin->digest() == team.server.digest(twin->id));
    team.check_agreement();
}

TEST_CASE("what two copies adopt counts once, though one of the adoptions moves", "[exchange]") {
    Team team;
    team.settle();
    team.server.backup("before");
    const std::string record = team.bela().capture("visit", visit("Parked."));
    team.asha.call("member",
                   {{"name", "bela"}, {"member", team.bela().member}, {"places", Json::array()}});
    team.asha.sync();
    team.bela().sync();
    team.caro().sync();
    const auto copy = team.caro().copy();
    team.people.erase("bela");
    team.server.restore("before");
    const bool has_heard = GENERATE(false, true);
    const Json change = team.caro().call("parked")[0]["change"];
    copy->call("adopt", {{"change", change}});  // In a log that a restore has closed.
    if (has_heard) team.caro().sync();
    team.caro().call("adopt", {{"change", change}});

    copy->sync();
    for (int round = 0; round < 2; ++round) {
        team.settle();
        copy->sync();
    }

    CHECK(team.server.store().status().value().parked == 1);
    CHECK(team.caro().value(record, "site_type") == "farm");
    CHECK(copy->digest() == team.server.digest(copy->id));
    team.check_agreement();
}

}  // namespace godwit
