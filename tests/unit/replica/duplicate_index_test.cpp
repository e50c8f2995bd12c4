#include "shared/base/text.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {
namespace {

std::string worker(Person& person, const char* name, const Json& more = Json::object()) {
    Json fields = {{"pseudonym", "Heron"}, {"full_name", name}};
    fields.update(more);
    return person.capture("worker", fields);
}

Json index_of(Person& person, const std::string& record) {
    return person.value(record, "duplicate_index");
}

}  // namespace

TEST_CASE("the same person written differently has the same index, made by anybody of the team",
          "[replica]") {
    Team team;
    const std::string one = worker(team.bela, "Ramón  GARCÍA");
    const std::string other = worker(team.dina, "ramon garcia");
    REQUIRE(index_of(team.bela, one).size() == 1);
    CHECK(index_of(team.bela, one) == index_of(team.dina, other));
    CHECK(index_of(team.dina, worker(team.dina, "Ramona Garcia")) != index_of(team.bela, one));
}

TEST_CASE("names, documents and telephone numbers are told apart", "[replica]") {
    Team team;
    const std::string record = worker(
        team.bela, "12345678", {{"passport_number", "12345678"}, {"phone", "+971 (50) 123-456"}});
    const Json index = index_of(team.bela, record);
    CHECK(index.size() == 3);
    const std::string other =
        worker(team.bela, "Somebody else", {{"phone", "+97150123456"}, {"passport_number", "X"}});
    std::size_t shared = 0;
    for (const Json& element : index_of(team.bela, other)) {
        for (const Json& each : index) shared += each == element ? 1U : 0U;
    }
    CHECK(shared == 1);  // The telephone number, however it was written.
}

TEST_CASE("another name adds to the index", "[replica]") {
    Team team;
    const std::string record = worker(team.bela, "Meena");
    team.bela.call("add", {{"record", record}, {"field", "known_as"}, {"value", "Mina"}});
    CHECK(index_of(team.bela, record).size() == 2);
}

TEST_CASE("without the team's key there is no index, and the record is complete without",
          "[replica]") {
    Team team(false);
    const std::string record = worker(team.bela, "Meena");
    CHECK(index_of(team.bela, record).is_null());
    CHECK(team.bela.value(record, "full_name") == "Meena");
}

TEST_CASE("nobody writes the index by hand", "[replica]") {
    Team team;
    const Error error = team.bela.refused(
        "capture",
        {{"type", "worker"},
         {"fields", {{"pseudonym", "Heron"}, {"duplicate_index", {"aaaaaaaaaaaaaaaaaaaaaa"}}}}});
    CHECK(error.code == ErrorCode::rule_does_not_allow);
    CHECK(error.detail.find("duplicate_index") != std::string::npos);
}

}  // namespace godwit
