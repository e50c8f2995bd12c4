#include <algorithm>
#include <random>

#include "shared/protocol/short_answer.h"

#include "tests/support/catch.h"
#include "tests/unit/protocol/both_ends.h"

namespace godwit {
namespace {

Bytes answered(MemoryServer& server, const ReplicaId& replica, ByteView message) {
    const auto request = decode_request(message);
    REQUIRE(request);
    const auto answer = answer_request(server, replica, *request);
    REQUIRE(answer);
    Answer told = *answer;
    shorten(told, *request, replica);
    return encode_answer(told);
}

// One whole session over a road that loses nothing.
SessionReport sync(MemoryServer& server, MemoryReplica& replica) {
    ReplicaSession session(replica, replica.replica);
    for (int round = 0; round < 200; ++round) {
        const auto message = session.next();
        REQUIRE(message);
        if (!*message) return session.report();
        REQUIRE(session.absorb(answered(server, replica.replica, **message)));
    }
    FAIL("the session does not end");
    return {};
}

enum class Fate {
    arrives,
    request_lost,
    answer_lost,
    answer_cut,
    request_doubled,
    old_request_first
};

// A session over a road where anything may happen; it ends at the first loss, as a sync does.
void sync_on_bad_road(MemoryServer& server, MemoryReplica& replica, std::mt19937& chance,
                      std::vector<Bytes>& old_requests) {
    ReplicaSession session(replica, replica.replica);
    while (true) {
        const auto message = session.next();
        REQUIRE(message);
        if (!*message) return;
        const auto fate = static_cast<Fate>(chance() % 6);
        if (fate == Fate::request_lost) return;
        if (fate == Fate::old_request_first && !old_requests.empty()) {
            answered(server, replica.replica, old_requests[chance() % old_requests.size()]);
        }
        if (fate == Fate::request_doubled) answered(server, replica.replica, **message);
        old_requests.push_back(**message);
        const Bytes answer = answered(server, replica.replica, **message);
        if (fate == Fate::answer_lost) return;
        if (fate == Fate::answer_cut) {
            const std::size_t absorbed = replica.absorbed;
            CHECK_FALSE(session.absorb(ByteView(answer).first(chance() % answer.size())));
            CHECK(replica.absorbed == absorbed);
            return;
        }
        REQUIRE(session.absorb(answer));
    }
}

std::vector<Bytes> texts(std::string_view name, int count) {
    std::vector<Bytes> out;
    for (int index = 0; index < count; ++index) {
        out.push_back(copy_of(bytes_of(std::string(name) + std::to_string(index))));
    }
    return out;
}

}  // namespace

TEST_CASE("nothing new is one exchange", "[protocol]") {
    MemoryServer server;
    MemoryReplica asha(1);
    const SessionReport report = sync(server, asha);
    CHECK(report.exchanges == 1);
    CHECK(report.changes_delivered == 0);
    CHECK(report.records_received == 0);
    CHECK(report.clock_offset_ms == 4'000);
}

TEST_CASE("a tiny edit is one exchange", "[protocol]") {
    MemoryServer server;
    MemoryReplica asha(1);
    asha.capture("a visit");
    const SessionReport report = sync(server, asha);
    CHECK(report.exchanges == 1);
    CHECK(report.changes_delivered == 1);
    CHECK(server.logs[asha.log].changes == asha.changes);
}

TEST_CASE("a session goes on until nothing is left either way", "[protocol]") {
    MemoryServer server;
    MemoryReplica asha(1);
    MemoryReplica bela(2);
    for (const Bytes& text : texts("bela", 10)) bela.capture(text_of(text));
    CHECK(sync(server, bela).changes_delivered == 10);
    for (const Bytes& text : texts("asha", 7)) asha.capture(text_of(text));

    const SessionReport report = sync(server, asha);
    CHECK(report.changes_delivered == 7);
    CHECK(report.records_received == 10);
    CHECK(report.exchanges == 4);
    CHECK(asha.received.size() == 10);
    CHECK(sync(server, bela).records_received == 7);
}

TEST_CASE("a reply lost after commit is delivered by asking again, once", "[protocol]") {
    MemoryServer server;
    MemoryReplica asha(1);
    asha.capture("a visit");
    {
        ReplicaSession lost(asha, asha.replica);
        const auto message = lost.next();
        REQUIRE((message && *message));
        answered(server, asha.replica, **message);
    }
    const SessionReport report = sync(server, asha);
    CHECK(report.changes_delivered == 1);
    CHECK(server.logs[asha.log].changes.size() == 1);
    CHECK(server.records.size() == 1);
}

TEST_CASE("whatever the road does, everything arrives once and in order", "[protocol]") {
    const auto seed = GENERATE(range(1U, 200U));
    INFO("seed " << seed);
    std::mt19937 chance(seed);
    MemoryServer server;
    MemoryReplica asha(1);
    MemoryReplica bela(2);
    std::vector<Bytes> old_of_asha;
    std::vector<Bytes> old_of_bela;
    int captured = 0;
    for (int day = 0; day < 25; ++day) {
        for (auto count = chance() % 5; count > 0; --count) {
            const std::string name = "visit " + std::to_string(captured++);
            (chance() % 2 == 0 ? asha : bela).capture(name);
        }
        if (chance() % 4 == 0) asha.statements.push_back({static_cast<std::uint8_t>(day)});
        if (chance() % 4 == 0) bela.keys.push_back({static_cast<std::uint8_t>(day)});
        sync_on_bad_road(server, asha, chance, old_of_asha);
        sync_on_bad_road(server, bela, chance, old_of_bela);
    }
    for (auto* replica : {&asha, &bela, &asha}) sync(server, *replica);

    CHECK(server.logs[asha.log].changes == asha.changes);
    CHECK(server.logs[bela.log].changes == bela.changes);
    CHECK(server.records.size() == static_cast<std::size_t>(captured));
    CHECK(asha.received.size() == bela.changes.size());
    CHECK(bela.received.size() == asha.changes.size());
    CHECK(asha.logs_opened + bela.logs_opened == 0);
    CHECK(asha.statements.empty());
    CHECK(bela.keys.empty());
}

TEST_CASE("a store restored from an older copy opens a new log and loses nothing", "[protocol]") {
    MemoryServer server;
    MemoryReplica asha(1);
    asha.capture("one");
    sync(server, asha);
    MemoryReplica older = asha;
    asha.capture("two");
    sync(server, asha);

    older.capture("three");
    const SessionReport report = sync(server, older);
    CHECK(older.logs_opened == 1);
    CHECK(report.changes_delivered == 1);
    CHECK(server.logs[asha.log].changes.size() == 2);
    CHECK(server.logs[older.log].changes == std::vector<Bytes>{copy_of(bytes_of("three"))});
}

TEST_CASE("a server restored from an older backup is offered what it lacks", "[protocol]") {
    MemoryServer server;
    MemoryReplica asha(1);
    asha.capture("one");
    sync(server, asha);
    MemoryServer backup = server;
    asha.capture("two");
    asha.capture("three");
    asha.capture("four");
    sync(server, asha);

    backup.epoch_now = EpochId{{2}};
    sync(backup, asha);
    CHECK(backup.logs[asha.log].changes == asha.changes);
    CHECK(asha.logs_opened == 0);
    CHECK(asha.epoch == EpochId{{2}});
}

TEST_CASE("a statement the server goes on refusing does not keep the session alive", "[protocol]") {
    MemoryServer server;
    MemoryReplica asha(1);
    asha.statements = {{'X'}};
    CHECK(sync(server, asha).exchanges == 2);
    CHECK(sync(server, asha).exchanges == 1);
    CHECK(server.statements.empty());
    asha.statements = {{'X'}, {'Y'}};
    CHECK(sync(server, asha).exchanges == 2);
    CHECK(server.statements == std::vector<Bytes>{{'Y'}});
}

TEST_CASE("a replica whose role changed asks for the team again at once", "[protocol]") {
    MemoryServer server;
    MemoryReplica asha(1);
    MemoryReplica caro(3);
    asha.capture("a visit");
    sync(server, asha);
    sync(server, caro);
    caro.received.clear();
    caro.wants_everything_again = true;
    CHECK(sync(server, caro).exchanges == 2);
    CHECK(caro.received.size() == 1);
}

TEST_CASE("a retired replica's work and keys enter, and it is told nothing more", "[protocol]") {
    MemoryServer server;
    MemoryReplica asha(1);
    MemoryReplica bela(2);
    bela.capture("bela's");
    sync(server, bela);
    asha.capture("one");
    asha.capture("two");
    asha.capture("three");
    asha.keys = {{9}};
    asha.statements = {{1}};
    server.retired.insert(asha.replica);

    const SessionReport report = sync(server, asha);
    CHECK(report.standing == Standing::retired);
    CHECK(report.changes_delivered == 3);
    CHECK(asha.received.empty());
    CHECK(server.keys.size() == 1);
    CHECK(server.statements.empty());
}

TEST_CASE("a compromised replica hears its standing, how far its log came and nothing else",
          "[protocol]") {
    MemoryServer server;
    MemoryReplica asha(1);
    MemoryReplica bela(2);
    bela.capture("bela's");
    sync(server, bela);
    asha.capture("one");
    asha.keys = {{9}};
    server.compromised.insert(asha.replica);

    const SessionReport report = sync(server, asha);
    CHECK(report.exchanges == 1);
    CHECK(report.standing == Standing::compromised);
    CHECK(server.parked == 1);
    CHECK(server.keys.size() == 1);  // For whoever adopts what is parked.
    CHECK(asha.received.empty());

    ReplicaSession again(asha, asha.replica);
    const auto message = again.next();
    REQUIRE((message && *message));
    Answer bare;
    bare.epoch = server.epoch_now;
    bare.clock_ms = 5'000;
    bare.standing = Standing::compromised;
    bare.head = MemoryServer::head_of(server.logs[asha.log], 1);
    shorten(bare, decode_request(**message).value(), asha.replica);
    CHECK(answered(server, asha.replica, **message) == encode_answer(bare));
}

TEST_CASE("all that a compromised replica holds goes up before its session ends", "[protocol]") {
    MemoryServer server;
    MemoryReplica asha(1);
    for (const Bytes& text : texts("asha", 5)) asha.capture(text_of(text));
    server.compromised.insert(asha.replica);

    const SessionReport report = sync(server, asha);
    CHECK(report.exchanges == 3);
    CHECK(server.parked == 5);
    CHECK(server.records.empty());
}

TEST_CASE("the keys of what a compromised replica wrote follow before its session ends",
          "[protocol]") {
    MemoryServer server;
    MemoryReplica asha(1);
    for (const Bytes& text : texts("asha", 2)) asha.capture(text_of(text));
    asha.keys_of_words = {{7}};
    server.compromised.insert(asha.replica);

    const SessionReport report = sync(server, asha);
    CHECK(report.exchanges == 2);
    CHECK(server.parked == 2);
    CHECK(server.keys == std::set<Bytes>{{7}});
}

TEST_CASE("an error in any part is the whole exchange's", "[protocol]") {
    MemoryServer server;
    MemoryReplica asha(1);
    Request request = *asha.offer();
    request.segments = {{0xff}};
    CHECK_FALSE(answer_request(server, asha.replica, request));
    request.segments.clear();
    CHECK(answer_request(server, asha.replica, request));
}

}  // namespace godwit
