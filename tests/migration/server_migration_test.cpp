/// Databases as past schemas left them, opened by today's code. `server/NNNN.sql` is a dump of a
/// small organisation's database at schema NNNN: two workers, a supervisor, records of two types,
/// keys, a parked change, a branch, an erasure, a retired replica.
///
/// A new schema adds the dump of the one before it, made before the migration is written:
///   GODWIT_SAMPLE=/tmp/sample server_migration_test "[.sample]"
///   sqlite3 /tmp/sample .dump > tests/migration/server/NNNN.sql
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "shared/base/text.h"
#include "shared/seal/key_batch.h"
#include "shared/sqlite/migration.h"
#include "sync-server/store/engine.h"
#include "sync-server/store/key_table.h"
#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

/// Fills a world with one of everything.
void fill(World& world) {
    const TeamId team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& bela = world.join("bela", {{team, Role::worker}});
    Person& caro = world.join("caro", {{team, Role::supervisor}});
    const RecordId kept = asha.capture(team);
    const RecordId erased = asha.capture(team);
    asha.capture(team, testimony::type);
    RecordKey key;
    world.random.fill(key.bytes);
    const RecordKeyStatement statement =
        state_record_key(world.cipher, key, kept, team, asha.replica, asha.signing.secret_key);
    asha.keys.push_back(encoded(statement));
    asha.wraps.push_back(
        encoded(wrap_for(world.cipher, world.random, key, statement,
                         {Recipient::replica, asha.replica.bytes, 0, asha.box.public_key})));
    asha.write(kept, visit::type, team, {set_sealed(visit::narrative, "sealed words")});
    asha.write(kept, visit::type, team, {set_text(visit::people_reached, "many")});
    REQUIRE(asha.sync());
    Person& copy = world.clone(asha);
    asha.write(erased, visit::type, team, {erase_record()});
    copy.write(kept, visit::type, team, {count_by(visit::people_reached, 2)});
    REQUIRE(asha.sync());
    REQUIRE(copy.sync());
    bela.write(kept, visit::type, team, {set_text(visit::date, "2026-11-02")});
    world.revoke(bela, Manner::retired);
    REQUIRE(bela.sync());
    REQUIRE(caro.sync());
    REQUIRE(caro.sync());
    REQUIRE(world.verify().problems.empty());
}

std::string text_of_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

}  // namespace

TEST_CASE("a sample for a migration to come", "[.sample]") {
    World world;
    fill(world);
    const char* path = std::getenv("GODWIT_SAMPLE");
    REQUIRE(path != nullptr);
    REQUIRE(world.store->backup(path, world.keys.signing.secret_key, {}));
}

TEST_CASE("a database of every past schema opens, verifies and says what it said", "[migration]") {
    const std::string schema = GENERATE(as<std::string>(), "0001", "0003", "0004");
    const std::string dump = text_of_file("tests/migration/server/" + schema + ".sql");
    REQUIRE_FALSE(dump.empty());
    Folder folder;
    const SodiumCipher cipher = SodiumCipher::create().value();
    SodiumRandom random = SodiumRandom::create().value();
    const TestClock clock;
    {
        DatabaseOptions options;
        options.path = folder / database_name;
        options.is_created = true;
        const auto database = Database::open(options).value();
        REQUIRE(database->execute(dump));
    }

    const auto store = ServerStore::open(folder.path(), false, cipher, random, clock);

    REQUIRE(store);
    const VerifyReport report = (*store)->verify({}).value();
    CAPTURE(report.problems);
    CHECK(report.problems.empty());
    const StoreStatus status = (*store)->status().value();
    CHECK(status.is_founded);
    CHECK(status.records == 3);
    CHECK(status.changes == 8);
    CHECK(status.parked == 2);
    CHECK(status.replicas == 4);
    CHECK(status.contacts.size() == 4);
    INFO("its last program knew the types this one knows: nothing is told anew");
    CHECK(dump.find("epoch VALUES(1,X'" + status.epoch) != std::string::npos);
    CHECK(format_hex((*store)->digest(std::nullopt).value()) ==
          text_of_file("tests/migration/server/" + schema + ".digest").substr(0, 64));
}

TEST_CASE("record keys of the first schema verify and open after it", "[migration]") {
    std::ifstream file("shared/spec/known-answers/sealing.json");
    const auto answer = nlohmann::json::parse(file).at("record_keys");
    const auto bytes = [](const nlohmann::json& text) {
        return *parse_hex(text.get<std::string>());
    };
    const RecordKeyStatement known =
        decode_statement_alone(bytes(answer["first_format"]["statement"])).value();
    const auto first_format = [&](const RecordId& record) {
        Bytes out;
        cbor::Encoder(out)
            .array(5)
            .id(record)
            .id(known.team)
            .id(known.maker)
            .bytes(known.commitment)
            .bytes(known.signature);
        return out;
    };
    const auto unwrapped = *RecordId::from(known.team.view());
    const Bytes box = bytes(answer["first_format"]["box"]);
    const TestClock clock;
    DatabaseOptions options;
    Folder folder;
    options.path = folder / database_name;
    options.is_created = true;
    const auto database = Database::open(options).value();
    REQUIRE(migrate(*database, server_migrations().first(1), clock));
    const auto wrap_as = [&](Recipient recipient, std::uint64_t epoch) {
        REQUIRE(database->run("INSERT INTO wrap VALUES (?, ?, ?, ?, ?)", known.record,
                              static_cast<int>(recipient), known.team, epoch, ByteView(box)));
    };
    for (const RecordId& record : {known.record, unwrapped}) {
        REQUIRE(database->run("INSERT INTO record_key VALUES (?, ?)", record,
                              ByteView(first_format(record))));
    }
    wrap_as(Recipient::members, 1);
    wrap_as(Recipient::recovery, 0);

    REQUIRE(migrate(*database, server_migrations(), clock));

    CHECK(load_record_keys(*database, unwrapped).value()->wraps.empty());
    const auto keys = load_record_keys(*database, known.record).value();
    REQUIRE(keys);
    CHECK(keys->statement == known);
    REQUIRE(keys->wraps.size() == 2);
    const SodiumCipher cipher = SodiumCipher::create().value();
    BoxKeyPair reader;
    const Bytes secret = bytes(answer["reader_secret"]);
    std::copy(secret.begin(), secret.end(), reader.secret_key.bytes.begin());
    reader.public_key = cipher.public_key_of(reader.secret_key);
    for (const Wrap& wrap : keys->wraps) {
        CHECK(wrap.recipient_id == known.team.bytes);
        CHECK(wrap.epoch == (wrap.recipient == Recipient::members ? 1U : 0U));
        CHECK(open_wrap(cipher, wrap, reader, keys->statement));
    }
}

TEST_CASE("a database of a newer program is left alone", "[migration]") {
    Folder folder;
    const SodiumCipher cipher = SodiumCipher::create().value();
    SodiumRandom random = SodiumRandom::create().value();
    const TestClock clock;
    REQUIRE(ServerStore::open(folder.path(), true, cipher, random, clock));
    {
        DatabaseOptions options;
        options.path = folder / database_name;
        const auto database = Database::open(options).value();
        REQUIRE(
            database->execute("INSERT INTO migration SELECT max(number) + 1, 'later', checksum,"
                              " applied_ms FROM migration"));
    }
    const auto store = ServerStore::open(folder.path(), false, cipher, random, clock);

    REQUIRE_FALSE(store);
    CHECK(store.error().code == ErrorCode::schema_newer);
}

}  // namespace godwit
