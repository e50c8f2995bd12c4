/// Stores as past schemas left them, opened by today's code. `replica/NNNN.*` is a worker's store
/// at schema NNNN, and what it answered then; replica_sample.py says how they are made. Digests are
/// of today's layout of states (decisions/0021): that nothing else changed, `verify` says.
///
/// A new schema adds the sample of the one before it, made before the migration is written.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "shared/base/text.h"
#include "shared/sqlite/database.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {
namespace {

std::string text_of_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

/// A folder as the program of `schema` left it.
void unpack_sample(const std::string& schema, const std::filesystem::path& folder) {
    const std::filesystem::path sample = "tests/migration/replica/" + schema;
    std::string slot = text_of_file(sample.string() + ".key");
    slot.erase(slot.find_last_not_of('\n') + 1);
    std::ofstream(folder / "key", std::ios::binary) << text_of(*parse_hex(slot));
    DatabaseOptions options;
    options.path = folder / "store.db";
    options.is_created = true;
    const auto database = Database::open(options).value();
    REQUIRE(database->execute(text_of_file(sample.string() + ".sql")));
}

/// A store of a past schema, and what its program answered.
struct PastStore {
    explicit PastStore(const std::string& schema)
        : sample(Json::parse(text_of_file("tests/migration/replica/" + schema + ".json"))) {
        unpack_sample(schema, folder.path());
    }
    [[nodiscard]] std::unique_ptr<Replica> opened() {
        auto replica = Replica::open(folder.path(), host);
        REQUIRE(replica);
        REQUIRE((*replica)->call("unlock", format_json({{"phrase", sample["phrase"]}})));
        return std::move(replica).value();
    }

    Json sample;
    Folder folder;
    ToldClock clock;
    SeededRandom random{1};
    NoTransport transport;
    SodiumCipher cipher = test_cipher();  // As those stores were locked.
    Host host{clock, random, cipher, transport, {}, ""};
};

/// A line of history as it must come out again, whatever its place: what is said at one time may
/// stand in any order.
std::multiset<std::string> lines_of(const Json& history) {
    std::multiset<std::string> lines;
    for (const Json& change : history) {
        for (const Json& field : change["fields"]) {
            lines.insert(format_json({change["dot"], change["author"], change["claimed"], field}));
        }
    }
    return lines;
}

/// What lines of a list did not say when the samples were made is what `show` says; takes it out.
void take_out_grades(Replica& replica, Json& list) {
    for (Json& line : list["records"]) {
        const auto shown = replica.call("show", format_json({{"record", line["record"]}}));
        REQUIRE(shown);
        CHECK(line["saved"] == Json::parse(*shown)["saved"]);
        line.erase("saved");
    }
}

}  // namespace

TEST_CASE("a store of every past schema opens, verifies and says what it said", "[migration]") {
    PastStore past(GENERATE(as<std::string>(), "0001", "0002"));
    const auto replica = past.opened();

    const auto verified = replica->call("verify", "{}");
    REQUIRE(verified);
    CHECK(Json::parse(*verified)["problems"].empty());
    for (const Json& each : past.sample["calls"]) {
        const std::string method = each["method"];
        const auto answer = replica->call(method, format_json(each["parameters"]));
        INFO(format_json(each["parameters"]));
        REQUIRE(answer);
        Json now = Json::parse(*answer);
        Json then = each["answer"];
        if (method == "show") {
            CHECK(lines_of(now["history"]) == lines_of(then["history"]));
            now.erase("history");
            then.erase("history");
        }
        if (method == "list") take_out_grades(*replica, now);
        CHECK(now == then);
    }
}

TEST_CASE("a store of a past schema is written in as before", "[migration]") {
    PastStore past(GENERATE(as<std::string>(), "0001", "0002"));
    std::string record;
    {
        const auto replica = past.opened();
        const Json records = Json::parse(*replica->call("list", R"({"type": "visit"})"))["records"];
        Json writes = Json::array();
        for (const Json& each : records) {
            writes.push_back({{"do", "note"},
                              {"record", each["record"]},
                              {"field", "notes"},
                              {"value", "Seen again."}});
        }
        REQUIRE(replica->call("write_many", format_json({{"writes", writes}})));
        record = records.back()["record"];
        REQUIRE(replica->call("erase", format_json({{"record", record}})));
        CHECK(replica->call("verify", "{}"));
    }
    const auto replica = past.opened();
    CHECK(replica->call("verify", "{}"));
    const auto shown = replica->call("show", format_json({{"record", record}}));
    REQUIRE(shown);
    CHECK(Json::parse(*shown)["erased"] == true);
}

}  // namespace godwit
