#include "shared/change/field_value.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/catch.h"
#include "tests/unit/change/samples.h"

using namespace godwit;
using samples::text_item;

namespace {

const FieldSpec& field_of(const std::string& type, const std::string& field) {
    const RecordType* found = record_type(type == "record" ? "visit" : type);
    REQUIRE(found != nullptr);
    const FieldSpec* spec = found->field(field);
    REQUIRE(spec != nullptr);
    return *spec;
}

Bytes integer_item(std::int64_t number) {
    Bytes out;
    cbor::Encoder(out).integer(number);
    return out;
}

std::string detail_of(const Result<void>& outcome) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::wrong_value);
    return outcome.error().detail;
}

std::string repeated(std::string_view text, std::size_t count) {
    std::string out;
    while (count-- > 0) out += text;
    return out;
}

LogId log_of(std::uint8_t byte) {
    LogId log;
    log.bytes.fill(byte);
    return log;
}

/// {0: a note's words, 1000: `dots`}
Bytes note_citing(const std::vector<Dot>& dots) {
    Bytes out;
    cbor::Encoder to(out);
    to.map(2).unsigned_integer(0).text("as before").unsigned_integer(event_cites_key);
    to.array(dots.size());
    for (const Dot& dot : dots) encode(to, dot);
    return out;
}

/// A field of each type with nothing declared but the type.
FieldSpec bare(ValueType type) {
    FieldSpec spec{};
    spec.number = 16;
    spec.name = "bare";
    spec.type = type;
    spec.rule = Rule::latest;
    return spec;
}

}  // namespace

TEST_CASE("every known value is accepted or refused as the spec says", "[change]") {
    std::ifstream file("shared/spec/known-answers/values.json");
    REQUIRE(file);
    const auto answers = nlohmann::json::parse(file);
    REQUIRE(answers.at("values").size() >= 120);
    for (const auto& row : answers.at("values")) {
        INFO(row.dump());
        const auto item = parse_hex(row.at("item").get<std::string>());
        REQUIRE(item);
        const FieldSpec& field = field_of(row.at("type"), row.at("field"));
        const auto outcome = check_value(field, *item);
        if (row.at("accepted").get<bool>()) {
            CHECK(outcome);
        } else {
            CHECK(detail_of(outcome).starts_with(std::string(field.name)));
        }
    }
}

TEST_CASE("every code of a field's vocabulary is accepted, and shortened it is refused",
          "[change]") {
    for (const RecordType& type : record_types()) {
        for (const FieldSpec& field : type.fields) {
            if (field.type != ValueType::code) continue;
            for (const Term& term : vocabulary(field.vocabulary)->terms) {
                INFO(type.name << "." << field.name << " " << term.code);
                CHECK(check_value(field, text_item(term.code)));
                CHECK_FALSE(check_value(field, text_item(std::string(term.code) + " ")));
                CHECK_FALSE(check_value(field, text_item(std::string(term.code) + "_")));
            }
            CHECK_FALSE(check_value(field, text_item("")));
        }
    }
}

TEST_CASE("a text is as long as declared, in characters and not in bytes", "[change]") {
    const FieldSpec& narrative = field_of("testimony", "narrative_original");
    CHECK(check_value(narrative, text_item(repeated("க", 100'000))));
    CHECK(detail_of(check_value(narrative, text_item(repeated("க", 100'001)))) ==
          "narrative_original: is longer than 100000 characters");

    CHECK(check_value(bare(ValueType::text), text_item(repeated("ሀ", 500))));
    CHECK_FALSE(check_value(bare(ValueType::text), text_item(repeated("ሀ", 501))));
    CHECK(check_value(bare(ValueType::long_text), text_item(repeated("😀", 50'000))));
    CHECK_FALSE(check_value(bare(ValueType::long_text), text_item(repeated("😀", 50'001))));
}

TEST_CASE("what is wrong is said in the field's own terms", "[change]") {
    CHECK(detail_of(check_value(field_of("visit", "site_type"), text_item("dungeon"))) ==
          "site_type: is not a code of site_types");
    CHECK(detail_of(check_value(field_of("visit", "people_reached"), integer_item(20'000))) ==
          "people_reached: is above 10000");
    CHECK(detail_of(check_value(field_of("worker", "pseudonym"), text_item(""))) ==
          "pseudonym: is empty");
    CHECK(detail_of(check_value(field_of("worker", "duplicate_index"), text_item("a"))) ==
          "duplicate_index: is shorter than 16 characters");

    Bytes event;
    cbor::Encoder(event).map(1).unsigned_integer(0).text("referral");
    CHECK(detail_of(check_value(field_of("testimony", "consent_events"), event)) ==
          "consent_events.decision: is missing");
}

TEST_CASE("an error never repeats the value it refuses", "[change]") {
    const std::string secret = "Dina-hides-at-her-cousin";
    const Bytes item = text_item(secret);
    Bytes event;
    cbor::Encoder(event).map(1).unsigned_integer(0).text(secret);
    Bytes review;
    cbor::Encoder(review).array(2).text(secret).null();
    for (const RecordType& type : record_types()) {
        for (const FieldSpec& field : type.fields) {
            for (const Bytes& value : {item, event, review}) {
                const auto outcome = check_value(field, value);
                if (outcome) continue;
                INFO(type.name << "." << field.name);
                CHECK(outcome.error().detail.find("Dina") == std::string::npos);
                CHECK_FALSE(outcome.error().detail.empty());
            }
        }
    }
}

TEST_CASE("every truncation of a value is refused", "[change]") {
    const FieldSpec& notes = field_of("record", "review_notes");
    const Bytes whole = note_citing({{log_of(1), 1}, {log_of(2), 7}});
    REQUIRE(check_value(notes, whole));
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
        CHECK_FALSE(check_value(notes, ByteView(whole).first(bytes)));
    }
}

TEST_CASE("an event cites up to its bound and no more", "[change]") {
    const FieldSpec& notes = field_of("record", "review_notes");
    std::vector<Dot> dots;
    for (Sequence sequence = 1; sequence <= event_cites_max; ++sequence) {
        dots.push_back({log_of(1), sequence});
    }
    CHECK(check_value(notes, note_citing(dots)));
    dots.push_back({log_of(1), event_cites_max + 1});
    CHECK_FALSE(check_value(notes, note_citing(dots)));
}

TEST_CASE("a state machine of codes takes only states of its order", "[change]") {
    constexpr std::string_view order[] = {"approved", "draft"};
    FieldSpec spec = bare(ValueType::code);
    spec.rule = Rule::state_machine;
    spec.vocabulary = "review_states";
    spec.order = order;
    CHECK(check_value(spec, text_item("draft")));
    CHECK(detail_of(check_value(spec, text_item("reopened"))) ==
          "bare: is not a state it can be put in");
}

TEST_CASE("a field whose vocabulary is unknown takes no code", "[change]") {
    FieldSpec spec = bare(ValueType::code);
    spec.vocabulary = "no_such_list";
    CHECK_FALSE(check_value(spec, text_item("a")));
    spec.vocabulary = "gender";
    CHECK(check_value(spec, text_item("woman")));
}

TEST_CASE("whole numbers reach to the ends of their type", "[change]") {
    CHECK(check_value(bare(ValueType::integer), integer_item(INT64_MAX)));
    CHECK(check_value(bare(ValueType::integer), integer_item(INT64_MIN)));
    Bytes beyond;
    cbor::Encoder(beyond).unsigned_integer(std::uint64_t{1} << 63U);
    CHECK_FALSE(check_value(bare(ValueType::integer), beyond));
}

TEST_CASE("every day of three hundred years is a date, and the day after each month is none",
          "[change]") {
    const auto two = [](int number) {
        return std::string(number < 10 ? "0" : "") + std::to_string(number);
    };
    int days = 0;
    for (int year = 1900; year <= 2199; ++year) {
        for (int month = 1; month <= 12; ++month) {
            const std::string in_month = std::to_string(year) + "-" + two(month) + "-";
            int day = 1;
            while (is_date(in_month + two(day))) ++day;
            days += day - 1;
            for (; day <= 99; ++day) REQUIRE_FALSE(is_date(in_month + two(day)));
        }
    }
    CHECK(days == 109'573);  // 300 years with 73 leap days: 2000 has one, 1900 and 2100 have not.
}
