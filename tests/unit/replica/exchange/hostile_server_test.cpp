// A server that lies: nothing of such an answer is kept, and the person is told.

#include <limits>

#include "shared/base/text.h"
#include "shared/merge/record_state.h"
#include "shared/seal/key_batch.h"
#include "shared/seal/receipt.h"
#include "shared/seal/roster_statement.h"
#include "shared/seal/segment_signature.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/exchange/world.h"

namespace godwit {

namespace {

struct Watched : World {
    Watched() {
        found();
        caro = &join("caro", "supervisor");
        bela = &join("bela", "worker");
        settle();
        record = bela->capture("visit", visit());
    }

    /// Bela syncs with a server that lies so; then with an honest one.
    void check_kept_out(const std::function<void(Answer&)>& lie) {
        const Json before = bela->call("status");
        bela->wire.lie = lie;
        const Error error = bela->refused("sync");
        CHECK(error.kind() == ErrorKind::corrupt);
        CHECK(bela->call("status") == before);
        bela->wire.lie = nullptr;
        bela->sync();
        settle();
        check_agreement();
        CHECK(caro->value(record, "narrative") == "They sleep in shifts.");
    }

    Person* caro{};
    Person* bela{};
    std::string record;
};

}  // namespace

TEST_CASE("a receipt that is not the server's is not believed", "[exchange]") {
    Watched world;
    world.check_kept_out([&](Answer& answer) {
        for (Bytes& bytes : answer.receipts) {
            Receipt receipt = *decode_receipt(bytes);
            receipt.received_ms += 1000;  // And its signature is not over that.
            bytes = encode_receipt(receipt);
        }
    });
}

TEST_CASE("a receipt for other changes than were sent is not believed", "[exchange]") {
    Watched world;
    world.check_kept_out([&](Answer& answer) {
        for (Bytes& bytes : answer.receipts) {
            Receipt receipt = *decode_receipt(bytes);
            receipt.hash[0] ^= 1U;
            sign(world.cipher, receipt, world.server.signing().secret_key);
            bytes = encode_receipt(receipt);
        }
    });
}

TEST_CASE("a revocation that no administrator signed destroys no key", "[exchange]") {
    Watched world;
    world.check_kept_out([](Answer& answer) {
        answer.standing = Standing::compromised;
        answer.statements.clear();
    });
}

TEST_CASE("a revocation that the server signed itself destroys no key", "[exchange]") {
    Watched world;
    const Json status = world.bela->call("status");
    Statement statement;
    statement.organisation =
        parse_id<OrganisationId>(status["organisation"].get<std::string>()).value();
    statement.signer = parse_id<ReplicaId>(world.asha.id).value().bytes;
    statement.number = 99;
    world.check_kept_out([&](Answer& answer) {
        statement.body = Revocation{parse_id<ReplicaId>(world.bela->id).value(),
                                    Manner::compromised, answer.clock_ms};
        answer.standing = Standing::compromised;
        answer.statements = {
            sign_statement(world.cipher, statement, world.server.signing().secret_key)};
    });
}

TEST_CASE("an erasure that nobody signed destroys no record", "[exchange]") {
    Watched world;
    world.settle();
    const std::string other = world.caro->capture("visit", visit("Caro's."));
    world.caro->call("erase", {{"record", other}});
    world.caro->call("edit", {{"record", world.record}, {"fields", {{"site_type", "shelter"}}}});
    world.caro->sync();
    const RecordId wanted = parse_id<RecordId>(world.record).value();
    const auto erase_wanted = [&](Answer& answer, const std::optional<Bytes>& erasure) {
        for (auto& [team, delta] : answer.records) {
            if (delta.record != wanted) continue;
            RecordState state = decode_state(delta.state).value();
            state.fields.clear();
            state.is_erased = true;
            delta.state = encode_state(state);
            delta.erasure = erasure;
        }
    };
    SECTION("without a word") {
        world.check_kept_out([&](Answer& answer) { erase_wanted(answer, std::nullopt); });
    }
    SECTION("with the erasure of another record") {
        world.check_kept_out([&](Answer& answer) {
            std::optional<Bytes> shown;
            for (const auto& [team, delta] : answer.records) {
                if (delta.erasure) shown = delta.erasure;
            }
            REQUIRE(shown);
            erase_wanted(answer, shown);
        });
    }
    SECTION("with one the server signed itself") {
        world.check_kept_out([&](Answer& answer) {
            std::optional<Bytes> shown;
            for (const auto& [team, delta] : answer.records) {
                if (!delta.erasure) continue;
                Segment segment = decode_segment(*delta.erasure).value();
                for (Entry& entry : segment.entries) {
                    const auto change = decode_change(entry.body);
                    if (!change || !is_erasing(*change)) continue;
                    Change forged = *change;
                    forged.record = wanted;
                    entry = entry_of(encode_change(forged));
                }
                sign(world.cipher, segment, world.server.signing().secret_key);
                shown = encode_segment(segment);
            }
            REQUIRE(shown);
            erase_wanted(answer, shown);
        });
    }
}

TEST_CASE("a team that the roster still shows is not forgotten", "[exchange]") {
    Watched world;
    world.bela->sync();
    world.bela->wire.lie = [](Answer& answer) {
        for (const auto& [team, position] : answer.cursors) answer.left.push_back(team);
        answer.cursors.clear();
    };
    world.bela->sync();
    CHECK(world.bela->value(world.record, "narrative") == "They sleep in shifts.");
    world.bela->wire.lie = nullptr;
    world.settle();
    world.check_agreement();
}

TEST_CASE("a reader the roster does not know is not let in", "[exchange]") {
    Watched world;
    world.check_kept_out([&](Answer& answer) {
        // The server signs a member statement of its own making.
        Statement statement;
        statement.organisation =
            decode_statement(answer.statements.empty() ? Bytes{} : answer.statements.front())
                ? decode_statement(answer.statements.front())->organisation
                : OrganisationId{};
        statement.signer = world.random->id<ReplicaId>().bytes;
        MemberStatement body;
        body.member = world.random->id<MemberId>();
        body.sealed_name = Bytes(64, 7);
        statement.body = body;
        answer.statements.push_back(
            sign_statement(world.cipher, statement, world.server.signing().secret_key));
    });
}

TEST_CASE("a record key nobody of the roster made is not taken", "[exchange]") {
    Watched world;
    world.bela->sync();
    const std::string other = world.caro->capture("visit", visit("Caro's."));
    world.caro->sync();
    world.check_kept_out([&](Answer& answer) {
        const SigningKeyPair keys = world.cipher.make_signing_keys(*world.random);
        for (auto& [team, delta] : answer.records) {
            RecordKey key;
            world.random->fill(key.bytes);
            answer.keys = {
                encode_statement(state_record_key(world.cipher, key, delta.record, team,
                                                  world.random->id<ReplicaId>(), keys.secret_key))};
        }
    });
    CHECK(world.bela->value(other, "narrative") == "Caro's.");
}

TEST_CASE("a batch of record keys that was tampered with is not taken, in no part", "[exchange]") {
    Watched world;
    world.bela->sync();
    const std::string first = world.caro->capture("visit", visit("One."));
    const std::string second = world.caro->capture("visit", visit("Two."));
    world.caro->sync();
    REQUIRE(world.caro->wire.requests.back().keys.size() <= 1);  // Both under one signature.
    using Statements = std::vector<RecordKeyStatement>;
    std::function<void(Statements&)> tamper;

    SECTION("a leaf swapped for that of another key") {
        tamper = [](Statements& told) { told[1].commitment[0] ^= 1U; };
    }
    SECTION("two leaves in each other's places") {
        tamper = [](Statements& told) { std::swap(told[0].record, told[1].record); };
    }
    SECTION("a digest beside that is no leaf's") {
        tamper = [](Statements& told) {
            told.pop_back();
            told[0].path[0][0] ^= 1U;
        };
    }
    SECTION("a tree cut to a part of it") {
        tamper = [](Statements& told) {
            told.pop_back();
            told[0].path.clear();
        };
    }
    SECTION("another's name under it") {
        tamper = [&](Statements& told) {
            for (RecordKeyStatement& each : told) each.maker = *parse_id<ReplicaId>(world.bela->id);
        };
    }
    SECTION("for another team") {
        tamper = [](Statements& told) {
            for (RecordKeyStatement& each : told) each.team.bytes[0] ^= 1U;
        };
    }
    bool has_lied = false;
    world.check_kept_out([&](Answer& answer) {
        for (Bytes& bytes : answer.keys) {
            Statements told = decode_batch(bytes).value();
            REQUIRE(told.size() == 2);
            tamper(told);
            bytes = encode_batches(told).front();
            has_lied = true;
        }
    });
    CHECK(has_lied);
    CHECK(world.bela->value(first, "narrative") == "One.");
    CHECK(world.bela->value(second, "narrative") == "Two.");
}

TEST_CASE("a batch told without a digest it needs is not taken", "[exchange]") {
    Watched world;
    world.bela->sync();
    const std::string first = world.caro->capture("visit", visit("One."));
    world.caro->capture("visit", visit("Two."));
    world.caro->sync();
    world.check_kept_out([&](Answer& answer) {
        for (Bytes& bytes : answer.keys) {
            const RecordKeyStatement one = decode_batch(bytes).value().front();
            REQUIRE(one.path.size() == 1);
            bytes.clear();
            cbor::Encoder(bytes)
                .array(6)
                .id(one.maker)
                .id(one.team)
                .unsigned_integer(1)
                .bytes(one.signature)
                .array(3)
                .unsigned_integer(one.place)
                .id(one.record)
                .bytes(one.commitment)
                .bytes({});
        }
    });
    CHECK(world.bela->value(first, "narrative") == "One.");
}

TEST_CASE("a wrap told for another record, or spoiled, shows nothing and breaks nothing",
          "[exchange]") {
    Watched world;
    world.bela->sync();
    const std::string first = world.caro->capture("visit", visit("One."));
    const std::string second = world.caro->capture("visit", visit("Two."));
    world.caro->sync();
    const auto lie = [&](Answer& answer) {
        REQUIRE(answer.records.size() >= 2);
        std::swap(answer.records[0].second.wraps, answer.records[1].second.wraps);
    };
    world.bela->wire.lie = lie;
    world.bela->sync();
    world.bela->wire.lie = nullptr;
    for (const std::string& record : {first, second}) {
        const Json shown = world.bela->call("show", {{"record", record}});
        CHECK(shown["fields"]["narrative"]["readable"] == false);
    }
    world.check_agreement();
}

TEST_CASE("a server whose clock stands at the end of time spoils no other", "[exchange]") {
    Watched world;
    using Limits = std::numeric_limits<std::int64_t>;
    const bool is_first = GENERATE(true, false);
    world.bela->sync();  // A receipt would be held to the clock.
    world.bela->wire.lie = [&](Answer& answer) {
        answer.clock_ms = is_first ? Limits::min() : Limits::max();
    };
    world.bela->sync();
    const std::int64_t offset_ms = world.bela->call("status")["clock_offset_ms"];
    CHECK((is_first ? offset_ms == Limits::min() : offset_ms > Limits::max() / 2));
    const std::string record = world.bela->capture("visit", visit("Meanwhile."));
    CHECK(world.bela->value(record, "narrative") == "Meanwhile.");

    world.bela->wire.lie = nullptr;
    world.bela->sync();
    world.settle();
    world.check_agreement();
    CHECK(world.caro->value(record, "narrative") == "Meanwhile.");
}

TEST_CASE("a safe mark of somebody else's makes nothing safe", "[exchange]") {
    Watched world;
    world.check_kept_out([&](Answer& answer) {
        SafeMark mark;
        mark.epoch = answer.epoch;
        mark.log = world.bela->wire.requests.back().log;
        mark.through = 1;
        sign(world.cipher, mark, world.cipher.make_signing_keys(*world.random).secret_key);
        answer.safe = encode_safe_mark(mark);
    });
}

TEST_CASE("an answer that is cut or foreign changes nothing", "[exchange]") {
    Watched world;
    const Json before = world.bela->call("status");
    world.bela->wire.is_down = true;
    CHECK(world.bela->refused("sync").code == ErrorCode::unreachable);
    CHECK(world.bela->call("status") == before);
}

}  // namespace godwit
