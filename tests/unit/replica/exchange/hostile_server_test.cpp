// A server that lies: nothing of such an answer is kept, and the person is told.

#include "shared/seal/receipt.h"
#include "shared/seal/record_key.h"
#include "shared/seal/roster_statement.h"
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
            sign(*world.cipher, receipt, world.server.signing().secret_key);
            bytes = encode_receipt(receipt);
        }
    });
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
            sign_statement(*world.cipher, statement, world.server.signing().secret_key));
    });
}

TEST_CASE("a record key nobody of the roster made is not taken", "[exchange]") {
    Watched world;
    world.bela->sync();
    const std::string other = world.caro->capture("visit", visit("Caro's."));
    world.caro->sync();
    world.check_kept_out([&](Answer& answer) {
        const SigningKeyPair keys = world.cipher->make_signing_keys(*world.random);
        for (auto& [team, delta] : answer.records) {
            RecordKey key;
            world.random->fill(key.bytes);
            Bytes bytes;
            cbor::Encoder out(bytes);
            encode(out, state_record_key(*world.cipher, key, delta.record, team,
                                         world.random->id<ReplicaId>(), keys.secret_key));
            delta.key = bytes;
        }
    });
    CHECK(world.bela->value(other, "narrative") == "Caro's.");
}

TEST_CASE("a safe mark of somebody else's makes nothing safe", "[exchange]") {
    Watched world;
    world.check_kept_out([&](Answer& answer) {
        SafeMark mark;
        mark.epoch = answer.epoch;
        mark.log = world.bela->wire.requests.back().log;
        mark.through = 1;
        sign(*world.cipher, mark, world.cipher->make_signing_keys(*world.random).secret_key);
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
