#include "shared/base/text.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {
namespace {

const Json visit_fields = {{"date", "2026-11-21"}, {"site_type", "farm"}};

}  // namespace

TEST_CASE("a request is answered under its id", "[replica]") {
    Team team;
    const Json answer = team.bela.rpc(R"({"jsonrpc":"2.0","id":7,"method":"status","params":{}})");
    CHECK(answer["jsonrpc"] == "2.0");
    CHECK(answer["id"] == 7);
    CHECK(answer["result"]["saved"] == 0);
    CHECK(answer["result"]["role"] == "worker");
    CHECK(answer["result"]["member_name"] == "Bela");
    CHECK(answer["result"]["organisation_name"] == "An invented organisation");
    CHECK_FALSE(answer.contains("error"));
}

TEST_CASE("text that is not JSON gets the parse error", "[replica]") {
    Team team;
    const char* line = GENERATE("", "{", "status", "{\"id\":1,}", "\xff");
    const Json answer = team.bela.rpc(line);
    CHECK(answer["error"]["code"] == -32700);
    CHECK(answer["error"]["data"]["code"] == "not_json");
    CHECK(answer["id"].is_null());
}

TEST_CASE("where a text stops being JSON is said, and nothing of what it holds", "[replica]") {
    Team team;
    const auto answer =
        team.bela.replica().call("capture", "{\n  \"type\": \"visit\",\n  Meena\n}");
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::not_json);
    CHECK(answer.error().detail.find("line 3") != std::string::npos);
    CHECK(answer.error().detail.find("Meena") == std::string::npos);
}

TEST_CASE("what is JSON but no request is refused as one", "[replica]") {
    Team team;
    const char* line = GENERATE("[]", "1", R"({"jsonrpc":"2.0","method":"status"})",
                                R"({"id":1,"method":"status"})", R"({"jsonrpc":"2.0","id":1})",
                                R"({"jsonrpc":"2.0","id":{},"method":"status"})",
                                R"({"jsonrpc":"2.0","id":1,"method":["status"]})");
    CHECK(team.bela.rpc(line)["error"]["code"] == -32600);
}

TEST_CASE("a refusal carries its code, kind, sentence and what to do next", "[replica]") {
    Team team;
    const Json answer =
        team.bela.rpc(R"({"jsonrpc":"2.0","id":"a","method":"show","params":{"record":"0123"}})");
    CHECK(answer["error"]["code"] == static_cast<int>(ErrorCode::unknown_record));
    const Json& data = answer["error"]["data"];
    CHECK(data["code"] == "unknown_record");
    CHECK(data["kind"] == "refused");
    CHECK(data["message"] == std::string(facts(ErrorCode::unknown_record).text));
    CHECK(data["next"] == std::string(facts(ErrorCode::unknown_record).next));
}

TEST_CASE("unknown methods and parameters are refused", "[replica]") {
    Team team;
    CHECK(team.bela.refused("destroy").code == ErrorCode::unknown_method);
    const Error error = team.bela.refused("status", {{"verbose", true}});
    CHECK(error.code == ErrorCode::wrong_parameters);
    CHECK(error.detail.find("verbose") != std::string::npos);
    CHECK(team.bela.replica().call("status", "[]").error().code == ErrorCode::wrong_parameters);
    CHECK(team.bela.replica().call("status", "nothing").error().code == ErrorCode::not_json);
}

TEST_CASE("a name that stands twice is refused, for one of the two would be lost", "[replica]") {
    Team team;
    const auto answer = team.bela.replica().call(
        "capture",
        R"({"type":"visit","fields":{"date":"2026-11-21","site_type":"farm","site_type":"ship"}})");
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::wrong_parameters);
    CHECK(answer.error().detail.find("site_type") != std::string::npos);
    CHECK(team.bela.call("status")["records"] == 0);
}

TEST_CASE("JSON nested beyond measure is refused", "[replica]") {
    Team team;
    const std::string deep = std::string(5'000, '[') + std::string(5'000, ']');
    CHECK(team.bela.replica().call("status", deep).error().code == ErrorCode::too_deep);
}

TEST_CASE("a locked replica tells types and vocabularies and nothing else", "[replica]") {
    Team team;
    const std::string record = team.bela.capture("visit", visit_fields);
    team.bela.call("lock");
    CHECK(team.bela.call("types")["types"].size() == 5);
    CHECK_FALSE(team.bela.call("vocabulary", {{"name", "site_types"}})["terms"].empty());
    CHECK(team.bela.refused("vocabulary", {{"name", "no_such"}}).code ==
          ErrorCode::wrong_parameters);
    CHECK(team.bela.refused("status").code == ErrorCode::store_locked);
    CHECK(team.bela.refused("show", {{"record", record}}).code == ErrorCode::store_locked);
    CHECK(team.bela.refused("find", {{"text", "farm"}}).code == ErrorCode::store_locked);
    CHECK(team.bela.refused("unlock", {{"phrase", "bade fimo"}}).code == ErrorCode::wrong_phrase);
    CHECK(team.bela.call("unlock", {{"phrase", Person::phrase}})["replica"] ==
          to_text(team.bela.self.id));
    CHECK(team.bela.value(record, "site_type") == "farm");
}

TEST_CASE("a folder where nobody enrolled says so", "[replica]") {
    Team team;
    const Folder folder;
    auto replica = Replica::open(folder / "store", team.bela.host());
    REQUIRE(replica);
    CHECK((*replica)->call("status", "{}").error().code == ErrorCode::not_enrolled);
    CHECK((*replica)->call("unlock", R"({"phrase":"a b c"})").error().code ==
          ErrorCode::not_enrolled);
    CHECK((*replica)->call("types", "{}"));
}

TEST_CASE("every field of every type is described with its rule and its bounds", "[replica]") {
    Team team;
    std::size_t fields = 0;
    const Json described = team.bela.call("types");
    for (const Json& type : described["types"]) {
        const RecordType* declared = record_type(type["type"].get<std::string>());
        REQUIRE(declared != nullptr);
        REQUIRE(type["fields"].size() == declared->fields.size());
        for (std::size_t index = 0; index < declared->fields.size(); ++index) {
            const Json& field = type["fields"][index];
            CHECK(field["field"] == std::string(declared->fields[index].name));
            CHECK(field["sealed"] == declared->fields[index].is_sealed);
            CHECK(field["number"] == declared->fields[index].number);
            ++fields;
        }
    }
    CHECK(fields >= 120);
}

TEST_CASE("status counts what is saved, unsent and in conflict", "[replica]") {
    Team team;
    team.bela.capture("visit", visit_fields);
    const std::string record = team.bela.capture("visit", visit_fields);
    team.bela.call("archive", {{"record", record}});
    const Json status = team.bela.call("status");
    CHECK(status["saved"] == 3);
    CHECK(status["sequence"] == 3);
    CHECK(status["delivered"] == 0);
    CHECK(status["unsent"] == 3);
    CHECK(status["records"] == 2);
    CHECK(status["conflicts"] == 0);
    CHECK(status["parked"] == 0);
    CHECK(status["last_contact"].is_null());
    CHECK(status["standing"] == "member");
}

TEST_CASE("the digest is of what the server holds, and equal where the same was received",
          "[replica]") {
    Team team;
    const Json empty = team.bela.call("digest");
    CHECK(empty["records"] == 0);
    team.bela.capture("visit", visit_fields);
    CHECK(team.bela.call("digest") == empty);  // Nothing was delivered yet.
    carry(team.bela, team.caro);
    carry(team.bela, team.dina);
    CHECK(team.caro.call("digest")["records"] == 1);
    CHECK(team.caro.call("digest") == team.dina.call("digest"));
    CHECK(team.caro.call("digest") != empty);
}

}  // namespace godwit
