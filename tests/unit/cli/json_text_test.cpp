#include "field-client/cli/json_text.h"

#include "tests/support/catch.h"

namespace godwit {

TEST_CASE("JSON is read, and where it is none is said", "[cli]") {
    CHECK((*parse_json("{\"a\": [1, true, \"x\"]}", "file"))["a"][1] == true);
    const auto wrong = parse_json("{\n  \"a\": 1,\n  \"b\" 2\n}", "visit.json");
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == ErrorCode::not_json);
    CHECK(wrong.error().detail == "visit.json, line 3, column 7");
    CHECK_FALSE(parse_json("", "file"));
    CHECK_FALSE(parse_json("{} {}", "file"));
}

TEST_CASE("an object that names a member twice is refused, without repeating it", "[cli]") {
    const auto twice = parse_json("{\"narrative\": \"one\", \"narrative\": \"two\"}", "file");
    REQUIRE_FALSE(twice);
    CHECK(twice.error().code == ErrorCode::not_json);
    CHECK(twice.error().detail.find("one") == std::string::npos);
    CHECK(parse_json("[{\"a\": 1}, {\"a\": 2}]", "file"));
}

TEST_CASE("members of another kind read as nothing", "[cli]") {
    const Json object = {{"text", "x"}, {"number", 3}, {"flag", true}};
    CHECK(text_member(object, "text") == "x");
    CHECK(text_member(object, "number").empty());
    CHECK(number_member(object, "number") == 3);
    CHECK(number_member(object, "text") == 0);
    CHECK(flag_member(object, "flag"));
    CHECK_FALSE(flag_member(object, "text"));
    CHECK(member(Json(5), "text").is_null());
}

}  // namespace godwit
