#include "field-client/cli/field_input.h"

#include "tests/support/catch.h"

namespace godwit {

namespace {

const RecordType& visit_type() {
    return **type_named("visit");
}

const FieldSpec& field(const char* name) {
    return **field_named(visit_type(), name);
}

}  // namespace

TEST_CASE("open fields come as arguments, by their type", "[cli]") {
    Json fields = Json::object();
    REQUIRE(add_field_arguments(
        visit_type(), {"date=2026-11-21", "site_type=farm", "people_reached=12"}, fields));
    CHECK(fields == Json{{"date", "2026-11-21"}, {"site_type", "farm"}, {"people_reached", 12}});
}

TEST_CASE("what a person said is refused as an argument, and not repeated", "[cli]") {
    Json fields = Json::object();
    const auto refused = add_field_arguments(visit_type(), {"narrative=He said."}, fields);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::sealed_in_argument);
    CHECK(refused.error().detail.find("He said") == std::string::npos);
    CHECK(is_sealed_name(nullptr, "narrative"));
    CHECK_FALSE(is_sealed_name(&visit_type(), "site_type"));
}

TEST_CASE("arguments that fit no field are refused", "[cli]") {
    Json fields = Json::object();
    const auto code = [&](const std::vector<std::string>& arguments) {
        const auto outcome = add_field_arguments(visit_type(), arguments, fields);
        return outcome ? ErrorCode{} : outcome.error().code;
    };
    CHECK(code({"date"}) == ErrorCode::usage);
    CHECK(code({"no_such_field=1"}) == ErrorCode::unknown_field);
    CHECK(code({"people_reached=many"}) == ErrorCode::wrong_value);
    CHECK(code({"date=2026", "date=2027"}) == ErrorCode::usage);
    CHECK_FALSE(type_named("poem"));
}

TEST_CASE("a value may be plain words or JSON", "[cli]") {
    CHECK(*value_of_text(field("narrative"), "Two lines\nof words\n", "file") ==
          "Two lines\nof words");
    CHECK(*value_of_text(field("narrative"), "\"quoted\"", "file") == "quoted");
    CHECK(*value_of_text(field("narrative"), "\"He left,\" she said.", "file") ==
          "\"He left,\" she said.");
    CHECK(*value_of_text(field("women_reached"), "4\n", "file") == 4);
    CHECK(*value_of_text(field("notes"), "Come back.", "file") == Json{{"text", "Come back."}});
    CHECK(*value_of_text(field("notes"), "{\"text\": \"x\", \"on\": \"2026\"}", "file") ==
          Json{{"text", "x"}, {"on", "2026"}});
    CHECK_FALSE(value_of_text(field("notes"), "{\"text\": ", "file"));
    CHECK_FALSE(value_of_text(field("women_reached"), "four", "file"));
}

}  // namespace godwit
