#include "shared/base/text.h"
#include "shared/protocol/packed_segment.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {
namespace {

Json visit(const std::string& place) {
    return {{"do", "capture"},
            {"type", "visit"},
            {"fields", {{"date", "2026-11-21"}, {"site_type", "farm"}, {"site_name", place}}}};
}

Json edit(const Json& record, const std::string& place) {
    return {{"do", "edit"}, {"record", record}, {"fields", {{"site_name", place}}}};
}

Json write(std::size_t index) {
    return {{"write", index}};
}

}  // namespace

TEST_CASE("many writes are one transaction, and later ones name what earlier ones captured",
          "[replica]") {
    Team team;
    const std::string known =
        team.bela.capture("visit", {{"date", "2026-11-20"}, {"site_type", "factory"}});
    const Json done = team.bela.call(
        "write_many",
        {{"writes",
          {visit("North"),
           edit(write(0), "South"),
           edit(known, "East"),
           {{"do", "add"}, {"record", write(0)}, {"field", "purposes"}, {"value", "interview"}},
           {{"do", "count"}, {"record", write(0)}, {"field", "people_reached"}, {"by", 3}},
           {{"do", "note"}, {"record", write(1)}, {"field", "notes"}, {"value", "Back on Monday."}},
           {{"do", "remove"}, {"record", write(0)}, {"field", "purposes"}, {"value", "interview"}},
           {{"do", "archive"}, {"record", known.substr(0, 8)}}}}});
    REQUIRE(done["writes"].size() == 8);
    const std::string fresh = done["writes"][0]["record"];
    for (const std::size_t index : {1U, 3U, 4U, 5U, 6U})
        CHECK(done["writes"][index]["record"] == fresh);
    CHECK(done["writes"][7]["record"] == known);
    CHECK(team.bela.value(fresh, "site_name") == "South");
    CHECK(team.bela.value(fresh, "people_reached") == 3);
    CHECK(team.bela.value(fresh, "purposes").empty());
    CHECK(team.bela.value(known, "site_name") == "East");
    CHECK(team.bela.call("show", {{"record", known}})["archived"] == true);
    CHECK(team.bela.call("show", {{"record", fresh}, {"history", true}})["history"].size() >= 5);
    CHECK(team.bela.call("verify")["problems"].empty());

    // And all of it is there when the store is opened again.
    team.bela.close();
    CHECK(team.bela.value(fresh, "site_name") == "South");
    CHECK(team.bela.call("verify")["problems"].empty());
}

TEST_CASE("when one of many writes is refused none is kept, and the refusal names it",
          "[replica]") {
    Team team;
    const std::string known = team.bela.capture(
        "visit", {{"date", "2026-11-20"}, {"site_type", "factory"}, {"site_name", "West"}});
    const Json before = team.bela.call("status");
    const auto [bad, code] = GENERATE_COPY(table<Json, ErrorCode>(
        {{Json{{"do", "edit"}, {"record", write(2)}, {"fields", Json::object()}},
          ErrorCode::wrong_parameters},
         {Json{{"do", "edit"}, {"record", {{"writ", 0}}}, {"fields", Json::object()}},
          ErrorCode::wrong_parameters},
         {Json{{"do", "edit"}, {"record", write(0)}, {"fields", {{"site_type", "palace"}}}},
          ErrorCode::wrong_value},
         {Json{{"do", "edit"}, {"record", std::string(32, '0')}, {"fields", Json::object()}},
          ErrorCode::unknown_record},
         {Json{{"do", "capture"}, {"type", "visit"}, {"fields", Json::object()}},
          ErrorCode::missing_field},
         {Json{{"do", "erase"}, {"record", known}}, ErrorCode::wrong_parameters},
         {Json{{"do", "edit"}, {"record", known}, {"filds", Json::object()}},
          ErrorCode::wrong_parameters},
         {Json("edit"), ErrorCode::wrong_parameters}}));
    const Error refusal = team.bela.refused(
        "write_many", {{"writes", {visit("North"), edit(known, "East"), bad, visit("South")}}});
    CHECK(refusal.code == code);
    CHECK(refusal.detail.find("writes[2]") == 0);
    CHECK(team.bela.call("status") == before);
    CHECK(team.bela.value(known, "site_name") == "West");
    CHECK(team.bela.call("list", {{"type", "visit"}})["records"].size() == 1);
    CHECK(team.bela.call("verify")["problems"].empty());

    // What was refused left nothing behind that the next one would meet.
    team.bela.call("write_many", {{"writes", {edit(known, "East")}}});
    CHECK(team.bela.value(known, "site_name") == "East");
    CHECK(team.bela.call("status")["sequence"] == before["sequence"].get<std::uint64_t>() + 1);
}

TEST_CASE("a long batch is signed as it goes, and erasing reaches into what was signed",
          "[replica]") {
    Team team;
    team.bela.capture("visit", {{"date", "2026-11-20"}, {"site_type", "factory"}});
    Json writes = Json::array();
    for (int number = 0; number < 140; ++number) {
        Json one = visit("Place " + std::to_string(number));
        one["fields"]["narrative"] = std::string(9000, static_cast<char>('a' + number % 26));
        writes.push_back(std::move(one));
    }
    writes.push_back(edit(write(7), "Moved"));
    const Json done = team.bela.call("write_many", {{"writes", writes}})["writes"];
    const Json verified = team.bela.call("verify");
    CHECK(verified["changes"] == 142);
    CHECK(verified["segments"] >= 2);

    const std::string record = done[7]["record"];
    const Json shown = team.bela.call("show", {{"record", record}, {"history", true}});
    CHECK(shown["history"].size() == 2);
    CHECK(shown["fields"]["site_name"]["value"] == "Moved");
    team.bela.call("erase", {{"record", record}});
    CHECK(team.bela.call("show", {{"record", record}, {"history", true}})["history"].empty());
    CHECK(team.bela.call("verify")["problems"].empty());
    CHECK(team.bela.value(done[8]["record"], "site_name") == "Place 8");

    OpenStore open = team.bela.open();
    const RecordId id = *parse_id<RecordId>(record);
    const auto changes = open.store->changes_of(id);
    REQUIRE(changes);
    REQUIRE(changes->size() == 3);
    CHECK(changes->front().body.empty());
    CHECK(changes->front().digest != Digest{});
    const auto segments = open.store->segments(*open.store->log(), 0, 1U << 24U);
    REQUIRE(segments);
    for (const Bytes& bytes : *segments) {
        const auto segment = decode_packed_segment(bytes);
        REQUIRE(segment);
        for (const Entry& entry : segment->entries)
            CHECK(entry.is_erased() == (entry.record == id));
    }
}

TEST_CASE("a batch of no writes is nothing to save and no refusal", "[replica]") {
    Team team;
    CHECK(team.bela.call("write_many", {{"writes", Json::array()}})["writes"].empty());
    CHECK(team.bela.refused("write_many", {{"writes", 3}}).code == ErrorCode::wrong_parameters);
    CHECK(team.bela.refused("write_many").code == ErrorCode::wrong_parameters);
}

}  // namespace godwit
