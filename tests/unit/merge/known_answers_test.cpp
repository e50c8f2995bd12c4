#include <map>

#include "shared/base/text.h"
#include "shared/merge/digest.h"
#include "tests/known-answers/notation.h"
#include "tests/support/catch.h"
#include "tests/unit/merge/people.h"

namespace godwit::test {

namespace {

using Json = nlohmann::ordered_json;
using known_answers::bytes_of_hex;
using known_answers::fixed_of_hex;

HybridTime time_of(const Json& pair) {
    return {pair.at(0).get<std::int64_t>(), pair.at(1).get<std::uint32_t>()};
}

Said said_of(const Json& row) {
    Said out;
    out.change = known_answers::change_of(row.at("change"));
    out.acceptance = {fixed_of_hex<LogId>(row.at("log")), fixed_of_hex<ReplicaId>(row.at("author")),
                      time_of(row.at("effective")), static_cast<Mark>(row.at("mark").get<int>())};
    return out;
}

RecordState state_of_hex(const Json& hex) {
    auto state = decode_state(bytes_of_hex(hex));
    REQUIRE(state);
    return std::move(*state);
}

/// A field as view.json describes it; its order points into `codes`.
FieldSpec field_of_row(const Json& row, std::vector<std::string_view>& codes) {
    static const std::map<std::string, Rule> rules{{"latest", Rule::latest},
                                                   {"keep_both", Rule::keep_both},
                                                   {"union", Rule::union_},
                                                   {"sum", Rule::sum},
                                                   {"append", Rule::append},
                                                   {"most_restrictive", Rule::most_restrictive},
                                                   {"write_once", Rule::write_once},
                                                   {"supervisor_first", Rule::supervisor_first},
                                                   {"state_machine", Rule::state_machine}};
    static const std::map<std::string, ValueType> types{{"code", ValueType::code},
                                                        {"integer", ValueType::integer},
                                                        {"boolean", ValueType::boolean}};
    for (const Json& code : row.at("order")) codes.push_back(code.get_ref<const std::string&>());
    return field_of(rules.at(row.at("rule")), types.at(row.at("type")), codes);
}

struct SiblingRows {
    std::vector<Bytes> items;
    std::vector<OpenedSibling> siblings;

    explicit SiblingRows(const Json& rows) {
        items.reserve(rows.size());
        for (const Json& row : rows) {
            const bool is_readable = !row.at("value").is_null();
            items.push_back(is_readable ? known_answers::item_of(row.at("value")) : Bytes{});
            siblings.push_back(
                {{fixed_of_hex<LogId>(row.at("log")), row.at("sequence").get<Sequence>()},
                 static_cast<Role>(row.at("role").get<int>()),
                 static_cast<OperationKind>(row.at("kind").get<int>()),
                 time_of(row.at("effective")),
                 items.back(),
                 is_readable});
        }
    }
};

}  // namespace

TEST_CASE("changes give the states the answers say, and states their bytes", "[merge][answers]") {
    const Json answers = known_answers::load("state.json");
    REQUIRE(answers.at("states").size() >= 30);
    for (const Json& row : answers.at("states")) {
        INFO(row.at("name"));
        std::vector<Said> changes;
        for (const Json& each : row.at("changes")) changes.push_back(said_of(each));
        const RecordState state = state_after(changes);

        CHECK(format_hex(encode_state(state)) == row.at("state").get<std::string>());
        CHECK(state_of_hex(row.at("state")) == state);
    }
}

TEST_CASE("states merge to what the answers say, either way round", "[merge][answers]") {
    const Json answers = known_answers::load("state.json");
    REQUIRE(answers.at("merges").size() >= 20);
    for (const Json& row : answers.at("merges")) {
        INFO(row.at("name"));
        const RecordState left = state_of_hex(row.at("left"));
        const RecordState right = state_of_hex(row.at("right"));
        const auto merged = row.at("merged").get<std::string>();
        CHECK(format_hex(encode_state(merge(left, right))) == merged);
        CHECK(format_hex(encode_state(merge(right, left))) == merged);
    }
}

TEST_CASE("what is no state is refused as the answers say", "[merge][answers]") {
    const Json answers = known_answers::load("state.json");
    REQUIRE(answers.at("refused").size() >= 15);
    for (const Json& row : answers.at("refused")) {
        INFO(row.at("name"));
        const auto state = decode_state(bytes_of_hex(row.at("state")));
        REQUIRE_FALSE(state);
        CHECK(facts(state.error().code).key == row.at("code").get<std::string>());
    }
}

TEST_CASE("records have the digest the answers say", "[merge][answers]") {
    const Json answers = known_answers::load("state.json").at("digest");
    StateDigest digest;
    for (const Json& row : answers.at("records")) {
        digest.add(fixed_of_hex<RecordId>(row.at(0)), bytes_of_hex(row.at(1)));
    }
    CHECK(format_hex(digest.finish()) == answers.at("digest").get<std::string>());
}

TEST_CASE("rules show what the answers say", "[merge][answers]") {
    const Json answers = known_answers::load("view.json");
    REQUIRE(answers.at("views").size() >= 120);
    std::size_t number = 0;
    for (const Json& row : answers.at("views")) {
        INFO("view " << number++ << ", rule " << row.at("field").at("rule"));
        std::vector<std::string_view> codes;
        const FieldSpec field = field_of_row(row.at("field"), codes);
        const SiblingRows rows(row.at("siblings"));
        const FieldView shown = view(field, rows.siblings);

        const Json& told = row.at("view");
        std::vector<Bytes> values;
        for (const Json& value : told.at("values")) values.push_back(known_answers::item_of(value));
        CHECK(shown.values == values);
        CHECK(shown.sources == told.at("sources").get<std::vector<std::vector<std::size_t>>>());
        CHECK(shown.needs_review == told.at("needs_review").get<bool>());
        CHECK(shown.is_partial == told.at("is_partial").get<bool>());
    }
}

}  // namespace godwit::test
