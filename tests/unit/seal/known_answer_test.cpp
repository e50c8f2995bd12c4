// The known answers of sealing, written by a second implementation (known_answers.py): every build
// must write the same bytes and open what the other sealed.

#include <fstream>
#include <nlohmann/json.hpp>

#include "shared/base/text.h"
#include "shared/seal/invitation.h"
#include "shared/seal/key_batch.h"
#include "shared/seal/phrase.h"
#include "shared/seal/reader_key.h"
#include "shared/seal/receipt.h"
#include "shared/seal/request_envelope.h"
#include "shared/seal/roster.h"
#include "shared/seal/sealed_value.h"
#include "shared/seal/wrap.h"
#include "tests/support/catch.h"
#include "tests/unit/seal/organisation.h"

namespace godwit {
namespace {

using Json = nlohmann::json;

/// The answers of one file; of one list in it, which holds some.
Json answers(const std::string& name) {
    std::ifstream file("shared/spec/known-answers/" + name + ".json");
    REQUIRE(file);
    return Json::parse(file);
}
Json answers(const std::string& name, const std::string& list) {
    Json out = answers(name).at(list);
    REQUIRE(out.size() > 0);
    return out;
}

Bytes hex(const Json& text) {
    const auto bytes = parse_hex(text.get<std::string>());
    REQUIRE(bytes.has_value());
    return *bytes;
}

template <typename Id>
Id id_from(const Json& text) {
    const auto id = Id::from(hex(text));
    REQUIRE(id.has_value());
    return *id;
}

template <std::size_t Size>
std::array<std::uint8_t, Size> fixed(const Json& text) {
    const Bytes bytes = hex(text);
    REQUIRE(bytes.size() == Size);
    std::array<std::uint8_t, Size> out{};
    std::memcpy(out.data(), bytes.data(), Size);
    return out;
}

template <typename Key>
Key key_from(const Json& text) {
    Key key;
    key.bytes = fixed<Key::size>(text);
    return key;
}

BoxKeyPair box_keys_from(const Cipher& cipher, const Json& secret) {
    BoxKeyPair pair;
    pair.secret_key = key_from<BoxSecretKey>(secret);
    pair.public_key = cipher.public_key_of(pair.secret_key);
    return pair;
}

/// Hands out the bytes it was given, once.
class Scripted final : public Random {
public:
    explicit Scripted(Bytes bytes) : bytes_(std::move(bytes)) {}
    void fill(std::span<std::uint8_t> out) override {
        REQUIRE(out.size() == bytes_.size());
        std::memcpy(out.data(), bytes_.data(), out.size());
    }

private:
    Bytes bytes_;
};

TEST_CASE("padding gives its known answers", "[seal]") {
    for (const Json& row : answers("sealing", "padding")) {
        CHECK(padded_bytes(row[0].get<std::size_t>()) == row[1].get<std::size_t>());
    }
}

TEST_CASE("sealed values give their known answers", "[seal]") {
    const SodiumCipher cipher = test_cipher();
    for (const Json& answer : answers("sealing", "values")) {
        const auto key = key_from<RecordKey>(answer["key"]);
        const auto record = id_from<RecordId>(answer["record"]);
        const auto field = answer["field"].get<std::uint32_t>();
        Scripted random(hex(answer["nonce"]));
        CHECK(seal_value(cipher, random, key, record, field, hex(answer["item"])) ==
              hex(answer["sealed"]));
        const auto opened = open_value(cipher, key, record, field, hex(answer["sealed"]));
        REQUIRE(opened);
        CHECK(*opened == hex(answer["item"]));
    }
}

TEST_CASE("record keys and wraps give their known answers", "[seal]") {
    const SodiumCipher cipher = test_cipher();
    const Json answer = answers("sealing").at("record_keys");
    const SigningKeyPair maker = cipher.signing_keys_from(key_from<SigningSeed>(answer["seed"]));
    const auto team = id_from<TeamId>(answer["team"]);
    std::vector<RecordKeyStatement> statements;
    std::vector<RecordKeyStatement*> all;
    for (const Json& each : answer["records"]) {
        statements.push_back(commit_to_record_key(cipher, key_from<RecordKey>(each["key"]),
                                                  id_from<RecordId>(each["record"]), team,
                                                  id_from<ReplicaId>(answer["maker"])));
    }
    for (RecordKeyStatement& each : statements) all.push_back(&each);
    sign_record_keys(cipher, all, maker.secret_key);

    // Five are a tree of four, and one.
    CHECK(encode_batches(statements) ==
          std::vector<Bytes>{hex(answer["batches"][0]), hex(answer["batches"][1])});
    for (const Json& told : answer["told"]) {
        std::vector<RecordKeyStatement> some;
        for (const Json& place : told["places"])
            some.push_back(statements[place.get<std::size_t>()]);
        CHECK(encode_batches(some) == std::vector<Bytes>{hex(told["batch"])});
        const auto read = decode_batch(hex(told["batch"]));
        REQUIRE(read);
        CHECK(*read == some);
        for (const RecordKeyStatement& each : *read) CHECK(verify(cipher, each, maker.public_key));
    }

    WrapMaker wraps(cipher, box_keys_from(cipher, answer["ephemeral"]));
    const BoxKeyPair reader = box_keys_from(cipher, answer["reader_secret"]);
    const BoxKeyPair recovery = box_keys_from(cipher, answer["recovery_secret"]);
    const auto organisation = id_from<OrganisationId>(answer["organisation"]);
    for (std::size_t index = 0; index < statements.size(); ++index) {
        const Json& each = answer["records"][index];
        const auto key = key_from<RecordKey>(each["key"]);
        const RecordKeyStatement& statement = statements[index];
        const std::vector<Wrap> made{
            wraps.wrap(key, statement,
                       {Recipient::recovery, organisation.bytes, 0, recovery.public_key}),
            wraps.wrap(key, statement, {Recipient::members, team.bytes, 1, reader.public_key})};
        CHECK(encode_wraps_of(statement.record, made) == hex(each["wraps"]));
        const auto opened = open_wrap(cipher, made[1], reader, statement);
        REQUIRE(opened);
        CHECK(is_equal(opened->view(), key.view()));
    }
}

TEST_CASE("statements and boxes of the first format still hold and open", "[seal]") {
    const SodiumCipher cipher = test_cipher();
    const Json answer = answers("sealing").at("record_keys");
    const SigningKeyPair maker = cipher.signing_keys_from(key_from<SigningSeed>(answer["seed"]));
    const auto statement = decode_statement_alone(hex(answer["first_format"]["statement"]));
    REQUIRE(statement);
    CHECK(verify(cipher, *statement, maker.public_key));
    const Wrap wrap{statement->record, Recipient::members, statement->team.bytes, 1,
                    hex(answer["first_format"]["box"])};
    REQUIRE(wrap.box.size() == 80);
    const auto opened =
        open_wrap(cipher, wrap, box_keys_from(cipher, answer["reader_secret"]), *statement);
    REQUIRE(opened);
    CHECK(is_equal(opened->view(), hex(answer["records"][4]["key"])));
}

TEST_CASE("signed requests give their known answers", "[seal]") {
    const SodiumCipher cipher = test_cipher();
    for (const Json& answer : answers("sealing", "requests")) {
        const SigningKeyPair keys = cipher.signing_keys_from(key_from<SigningSeed>(answer["seed"]));
        SigningPublicKey server;
        server.bytes = fixed<32>(answer["server"]);
        const auto path = answer["path"].get<std::string>();
        const Bytes envelope =
            sign_request(cipher, path, server, id_from<ReplicaId>(answer["replica"]),
                         fixed<24>(answer["nonce"]), hex(answer["payload"]), keys.secret_key);
        CHECK(envelope == hex(answer["envelope"]));
        const auto read = read_envelope(envelope);
        REQUIRE(read);
        CHECK(verify(cipher, *read, path, server, keys.public_key));
    }
}

TEST_CASE("phrases and slots give their known answers", "[seal]") {
    const SodiumCipher cipher = test_cipher();
    const Json sealing = answers("sealing");
    for (const Json& row : sealing["phrases"]) {
        Scripted random(hex(row[0]));
        CHECK(make_phrase(random) == row[1].get<std::string>());
    }
    for (const Json& answer : sealing["slots"]) {
        for (const char* const phrase : {"phrase", "typed"}) {
            const auto key =
                unlock_store_key(cipher, hex(answer["slot"]), answer[phrase].get<std::string>());
            REQUIRE(key);
            CHECK(is_equal(key->view(), hex(answer["key"])));
        }
    }
}

TEST_CASE("statements of every kind give their known answers", "[seal]") {
    const SodiumCipher cipher = test_cipher();
    std::set<std::size_t> kinds;
    for (const Json& answer : answers("roster", "statements")) {
        const Bytes bytes = hex(answer["statement"]);
        const auto decoded = decode_statement(bytes);
        REQUIRE(decoded);
        CHECK(decoded->body.index() + 1 == answer["kind"].get<std::size_t>());
        kinds.insert(decoded->body.index() + 1);

        Statement again = *decoded;
        again.signature = {};
        const SigningKeyPair keys = cipher.signing_keys_from(key_from<SigningSeed>(answer["seed"]));
        CHECK(sign_statement(cipher, again, keys.secret_key) == bytes);
    }
    CHECK(kinds.size() == std::variant_size_v<StatementBody>);
}

TEST_CASE("a roster of known statements is the known roster", "[seal]") {
    const SodiumCipher cipher = test_cipher();
    const Json answer = answers("roster");
    const auto team = id_from<TeamId>(answer["team"]);
    Roster roster(cipher, id_from<OrganisationId>(answer["organisation"]));
    for (const Json& statement : answer["statements"]) {
        if (statement["kind"] == 8) {
            const auto waiting = roster.waiting();
            REQUIRE(waiting.size() == answer["waiting_before_grant"].size());
            CHECK(waiting[0].replica == id_from<ReplicaId>(answer["waiting_before_grant"][0][3]));
        }
        REQUIRE(roster.accept(hex(statement["statement"]), std::nullopt));
    }
    CHECK(roster.waiting().empty());
    for (const Json& row : answer["roles"]) {
        CHECK(roster.role(id_from<ReplicaId>(row[0]), id_from<TeamId>(row[1])) ==
              static_cast<Role>(row[2].get<int>()));
    }
    CHECK(roster.replica(id_from<ReplicaId>(answer["revoked"]))->revoked == Manner::retired);

    const auto key = key_from<OrganisationKey>(answer["organisation_key"]);
    for (const Json& row : answer["names"]) {
        const auto name = open_name(cipher, key, hex(row[0]));
        REQUIRE(name);
        CHECK(*name == row[1].get<std::string>());
    }
    CHECK(roster.teams().at(team) == hex(answer["names"][0][0]));

    const auto* const entry = roster.reader_key(team, Readers::members);
    REQUIRE(entry != nullptr);
    for (const Json& grant : answer["grants"]) {
        const auto opened =
            open_grant(cipher, entry->grants.at(id_from<ReplicaId>(grant["replica"])),
                       box_keys_from(cipher, grant["box_secret"]), entry->key);
        REQUIRE(opened);
        CHECK(is_equal(opened->secret_key.view(), hex(grant["reader_secret"])));
        CHECK(is_equal(opened->public_key.view(), hex(grant["reader_public"])));
    }
}

std::optional<ServerPin> pin_from(const Json& pin) {
    if (pin.is_null()) return std::nullopt;
    return fixed<32>(pin);
}

TEST_CASE("founding links give their known answers", "[seal]") {
    for (const Json& answer : answers("invitation", "founding")) {
        const auto parsed = parse_founding_link(answer["text"].get<std::string>());
        REQUIRE(parsed);
        CHECK(parsed->server_url == answer["server_url"].get<std::string>());
        CHECK(parsed->server_pin == pin_from(answer["server_pin"]));
        CHECK(is_equal(parsed->server_key.view(), hex(answer["server_key"])));
        CHECK(is_equal(parsed->secret, hex(answer["secret"])));
        CHECK(format_founding_link(*parsed) == answer["text"].get<std::string>());
    }
}

TEST_CASE("invitations give their known answers, and their proofs prove", "[seal]") {
    const SodiumCipher cipher = test_cipher();
    for (const Json& answer : answers("invitation", "invitations")) {
        const auto parsed = parse_invitation(answer["text"].get<std::string>());
        REQUIRE(parsed);
        CHECK(parsed->server_url == answer["server_url"].get<std::string>());
        CHECK(parsed->server_pin == pin_from(answer["server_pin"]));
        CHECK(is_equal(parsed->organisation_key.view(), hex(answer["organisation_key"])));
        CHECK(is_equal(parsed->seed.view(), hex(answer["seed"])));
        CHECK(format_invitation(*parsed) == answer["text"].get<std::string>());

        Roster roster(cipher, parsed->organisation);
        REQUIRE(roster.accept_proof(parsed->proof));
        const auto given = id_from<InvitationId>(answer["invitation"]);
        REQUIRE(roster.invitations().contains(given));
        CHECK(roster.invitations().at(given).statement.key ==
              cipher.signing_keys_from(parsed->seed).public_key);
    }
}

TEST_CASE("receipts give their known answers", "[seal]") {
    const SodiumCipher cipher = test_cipher();
    const Json all = answers("receipt");
    const SigningKeyPair server =
        cipher.signing_keys_from(key_from<SigningSeed>(all["server_seed"]));
    for (const Json& answer : all["receipts"]) {
        Receipt receipt{id_from<EpochId>(answer["epoch"]),
                        id_from<ReplicaId>(answer["replica"]),
                        id_from<LogId>(answer["log"]),
                        answer["after"].get<Sequence>(),
                        answer["through"].get<Sequence>(),
                        fixed<32>(answer["hash"]),
                        answer["received_ms"].get<std::int64_t>(),
                        answer["floor_ms"].get<std::int64_t>(),
                        answer["offset_ms"].get<std::int64_t>(),
                        {}};
        sign(cipher, receipt, server.secret_key);
        CHECK(encode_receipt(receipt) == hex(answer["receipt"]));
        for (const Json& row : answer["times"]) {
            const HybridTime claimed{row[0][0].get<std::int64_t>(), row[0][1].get<std::uint32_t>()};
            const HybridTime effective{row[1][0].get<std::int64_t>(),
                                       row[1][1].get<std::uint32_t>()};
            CHECK(effective_time(claimed, receipt) == effective);
        }
    }
    for (const Json& answer : all["safe_marks"]) {
        SafeMark mark{id_from<EpochId>(answer["epoch"]),
                      id_from<LogId>(answer["log"]),
                      answer["through"].get<Sequence>(),
                      answer["backed_up_ms"].get<std::int64_t>(),
                      {}};
        sign(cipher, mark, server.secret_key);
        CHECK(encode_safe_mark(mark) == hex(answer["mark"]));
    }
}

}  // namespace
}  // namespace godwit
