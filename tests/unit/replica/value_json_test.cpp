#include "field-client/replica/value_json.h"

#include "shared/base/text.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {
namespace {

const FieldSpec& field(const char* type, const char* name) {
    const FieldSpec* found = record_type(std::string_view(type))->field(std::string_view(name));
    REQUIRE(found != nullptr);
    return *found;
}

Bytes bytes(std::initializer_list<int> numbers) {
    Bytes out;
    for (const int number : numbers) out.push_back(static_cast<std::uint8_t>(number));
    return out;
}

}  // namespace

TEST_CASE("values come back from CBOR as they went in", "[replica]") {
    Team team;
    const OpenStore open = team.bela.open();
    struct Sample {
        const char* type;
        const char* name;
        Json value;
    };
    const std::vector<Sample> samples = {
        {"visit", "site_name", "Block 7"},
        {"visit", "date", "2026"},
        {"visit", "date", "2026-11"},
        {"visit", "started_at", "2026-11-21T14:30:00.000Z"},
        {"visit", "people_on_site", 0},
        {"visit", "people_reached", -4},
        {"visit", "site_type", "farm"},
        {"testimony", "is_interpreted", false},
        {"testimony", "wage_paid", "1200.50"},
        {"testimony", "visit", std::string(32, 'a')},
        {"visit", "notes", {{"text", "Words."}, {"on", "2026-11-21"}}},
        {"visit", "materials_given", {{"material", "leaflet"}, {"quantity", 3}}},
    };
    for (const Sample& sample : samples) {
        CAPTURE(sample.name, format_json(sample.value));
        const FieldSpec& spec = field(sample.type, sample.name);
        const auto item = item_from_json(*open.session, spec, sample.value);
        REQUIRE(item);
        CHECK(json_from_item(spec, *item) == sample.value);
    }
}

TEST_CASE("a member is named by name or id and comes back as id", "[replica]") {
    Team team;
    const OpenStore open = team.bela.open();
    const FieldSpec& spec = field("visit", "team_members");
    const auto by_name = item_from_json(*open.session, spec, "DINA");
    REQUIRE(by_name);
    const std::string id = to_text(team.dina.self.member);
    CHECK(json_from_item(spec, *by_name) == id);
    CHECK(*item_from_json(*open.session, spec, id) == *by_name);
    CHECK(item_from_json(*open.session, spec, "Nobody").error().code == ErrorCode::wrong_value);
}

TEST_CASE("a reference names a record of the right type", "[replica]") {
    Team team;
    const std::string visit =
        team.bela.capture("visit", {{"date", "2026-11-21"}, {"site_type", "farm"}});
    const OpenStore open = team.bela.open();
    CHECK(item_from_json(*open.session, field("testimony", "visit"), visit));
    const auto wrong = item_from_json(*open.session, field("testimony", "worker"), visit);
    CHECK(wrong.error().code == ErrorCode::wrong_value);
    CHECK(wrong.error().detail.find("worker") != std::string::npos);
}

TEST_CASE("items of newer versions come as near as JSON can", "[replica]") {
    const FieldSpec& note = field("visit", "notes");
    // {0: "a", 99: h'0102'}: a part this build does not know.
    CHECK(json_from_item(note, bytes({0xa2, 0x00, 0x61, 'a', 0x18, 99, 0x42, 1, 2})) ==
          Json{{"text", "a"}, {"part_99", "0102"}});
    CHECK(json_from_item(field("visit", "site_name"), bytes({0x82, 0x01, 0xf5})) ==
          Json::array({1, true}));
    CHECK(json_from_item(field("visit", "started_at"), bytes({0x61, 'x'})) == "x");
    CHECK(json_from_item(field("visit", "site_name"), bytes({0x61})).is_null());
    CHECK(json_from_item(note, bytes({0xff})).is_null());
}

TEST_CASE("every text of an item can be looked for", "[replica]") {
    CHECK(texts_in(bytes({0xa2, 0x00, 0x61, 'a', 0x01, 0x82, 0x61, 'b', 0x05})) ==
          std::vector<std::string>{"a", "b"});
    CHECK(texts_in(bytes({0x05})).empty());
    CHECK(texts_in(bytes({0x61})).empty());
}

}  // namespace godwit
