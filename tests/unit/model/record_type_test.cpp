#include "shared/model/record_type.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "shared/model/common_fields.h"
#include "tests/support/catch.h"

using namespace godwit;

namespace {

const RecordType& type_named(std::string_view name) {
    const RecordType* type = record_type(name);
    REQUIRE(type != nullptr);
    return *type;
}

std::ptrdiff_t own_count(const RecordType& type) {
    return std::count_if(type.fields.begin(), type.fields.end(), [](const FieldSpec& field) {
        return field.number >= common_field::first_free;
    });
}

bool may_step_as(const FieldSpec& field, std::string_view from, std::string_view to,
                 std::uint8_t roles) {
    return std::any_of(field.transitions.begin(), field.transitions.end(),
                       [&](const Transition& step) {
                           return step.from == from && step.to == to && (step.roles & roles) != 0;
                       });
}

constexpr std::uint8_t as_owner = 1;
constexpr std::uint8_t as_worker = 1U << static_cast<unsigned>(Role::worker);
constexpr std::uint8_t as_supervisor = 1U << static_cast<unsigned>(Role::supervisor);
constexpr std::uint8_t as_advocate = 1U << static_cast<unsigned>(Role::advocate);

bool holds_words(ValueType type) {
    return type == ValueType::text || type == ValueType::long_text;
}

}  // namespace

TEST_CASE("five types are compiled in with at least 120 fields of their own", "[model]") {
    CHECK(record_types().size() == 5);
    std::ptrdiff_t count = 0;
    for (const RecordType& type : record_types()) count += own_count(type);
    CHECK(count >= 120);
    CHECK(own_count(type_named("visit")) >= 60);
    CHECK(own_count(type_named("testimony")) >= 40);
    CHECK(own_count(type_named("worker")) >= 25);
    CHECK(own_count(type_named("referral")) >= 20);
    CHECK(own_count(type_named("follow_up")) >= 15);
    CHECK(schema_version() >= 1);
}

TEST_CASE("a type is found by number and by name, and no other", "[model]") {
    for (const RecordType& type : record_types()) {
        CHECK(record_type(type.number) == &type);
        CHECK(record_type(type.name) == &type);
    }
    CHECK(record_type(0U) == nullptr);
    CHECK(record_type(99U) == nullptr);
    CHECK(record_type("") == nullptr);
    CHECK(record_type("Visit") == nullptr);
}

TEST_CASE("every field is found by number and by name, and no other", "[model]") {
    for (const RecordType& type : record_types()) {
        for (const FieldSpec& field : type.fields) {
            CHECK(type.field(field.number) == &field);
            CHECK(type.field(field.name) == &field);
        }
        CHECK(type.field(common_field::record) == nullptr);
        CHECK(type.field(15U) == nullptr);
        CHECK(type.field(4'000'000'000U) == nullptr);
        CHECK(type.field("") == nullptr);
        CHECK(type.field("no_such_field") == nullptr);
        CHECK(type.field("zzz") == nullptr);
    }
}

TEST_CASE("fields of a type made by hand are found without an index", "[model]") {
    FieldSpec spec{};
    spec.number = 20;
    spec.name = "place";
    const std::vector<FieldSpec> fields{spec};
    RecordType type{};
    type.fields = fields;
    CHECK(type.field("place") == fields.data());
    CHECK(type.field(20U) == fields.data());
    CHECK(type.field("plac") == nullptr);
}

TEST_CASE("fields ascend by number and the common ones come first", "[model]") {
    for (const RecordType& type : record_types()) {
        REQUIRE(type.fields.size() > 4);
        CHECK(std::is_sorted(type.fields.begin(), type.fields.end(),
                             [](const FieldSpec& left, const FieldSpec& right) {
                                 return left.number < right.number;
                             }));
        CHECK(type.fields.front().number == common_field::owner);
    }
}

TEST_CASE("the common fields are those that common_fields.h names", "[model]") {
    for (const RecordType& type : record_types()) {
        const FieldSpec* owner = type.field(common_field::owner);
        REQUIRE(owner != nullptr);
        CHECK(owner->name == "owner");
        CHECK(owner->type == ValueType::member);
        CHECK(owner->rule == Rule::supervisor_first);
        CHECK_FALSE(owner->is_sealed);
        CHECK(owner->label_key == "record.owner");

        const FieldSpec* archived = type.field(common_field::archived);
        REQUIRE(archived != nullptr);
        CHECK(archived->name == "archived");
        CHECK(archived->type == ValueType::boolean);
        CHECK(archived->rule == Rule::most_restrictive);
        CHECK_FALSE(archived->is_sealed);
        CHECK(std::vector<std::string_view>(archived->order.begin(), archived->order.end()) ==
              std::vector<std::string_view>{"false", "true"});

        const FieldSpec* review = type.field(common_field::review);
        REQUIRE(review != nullptr);
        CHECK(review->name == "review");
        CHECK(review->type == ValueType::review);
        CHECK(review->rule == Rule::state_machine);
        CHECK_FALSE(review->is_sealed);

        const FieldSpec* notes = type.field(common_field::review_notes);
        REQUIRE(notes != nullptr);
        CHECK(notes->name == "review_notes");
        CHECK(notes->rule == Rule::append);
        CHECK(notes->is_sealed);
        REQUIRE(notes->parts.size() == 1);
        CHECK(notes->parts[0].name == "text");

        CHECK(type.fields.size() - static_cast<std::size_t>(own_count(type)) == 4);
    }
}

TEST_CASE("no open field can hold a person's words, an id of a person or a place", "[model]") {
    for (const RecordType& type : record_types()) {
        for (const FieldSpec& field : type.fields) {
            if (field.is_sealed || field.name == "duplicate_index") continue;
            INFO(type.name << "." << field.name);
            CHECK_FALSE(holds_words(field.type));
            CHECK(field.type != ValueType::reference);
            CHECK((field.type != ValueType::member || field.number == common_field::owner));
            CHECK(field.vocabulary != "countries");
            CHECK(field.vocabulary != "languages");
            for (const EventPart& part : field.parts) CHECK_FALSE(holds_words(part.type));
        }
    }
    CHECK(type_named("testimony").field("narrative_original")->is_sealed);
    CHECK(type_named("worker").field("full_name")->is_sealed);
    CHECK(type_named("visit").field("latitude_microdegrees")->is_sealed);
}

TEST_CASE("every rule stands on an open field and, but for state machines, on a sealed one",
          "[model]") {
    std::set<Rule> open;
    std::set<Rule> sealed;
    for (const RecordType& type : record_types()) {
        for (const FieldSpec& field : type.fields) {
            (field.is_sealed ? sealed : open).insert(field.rule);
        }
    }
    CHECK(open.size() == 9);
    CHECK(sealed.size() == 8);
    CHECK(sealed.count(Rule::state_machine) == 0);
}

TEST_CASE("what a field points at exists", "[model]") {
    for (const RecordType& type : record_types()) {
        for (const FieldSpec& field : type.fields) {
            INFO(type.name << "." << field.name);
            const bool is_coded = field.type == ValueType::code || field.type == ValueType::review;
            CHECK(is_coded == (vocabulary(field.vocabulary) != nullptr));
            CHECK((field.references.empty() || record_type(field.references) != nullptr));
            CHECK((field.when.field == 0 || type.field(field.when.field) != nullptr));
            CHECK((field.type == ValueType::event) == !field.parts.empty());
            CHECK_FALSE(field.label.empty());
            CHECK(std::any_of(type.groups.begin(), type.groups.end(),
                              [&](const Term& group) { return group.code == field.group; }));
        }
    }
}

TEST_CASE("fields that stand together share form and rule", "[model]") {
    const RecordType& testimony = type_named("testimony");
    const FieldSpec* amount = testimony.field("wages_owed");
    const FieldSpec* currency = testimony.field("wages_owed_currency");
    REQUIRE(amount != nullptr);
    REQUIRE(currency != nullptr);
    CHECK(amount->together == "wages_owed");
    CHECK(currency->together == amount->together);
    CHECK(currency->rule == amount->rule);
    CHECK(currency->is_sealed == amount->is_sealed);
    CHECK(testimony.field("occupation")->together.empty());
}

TEST_CASE("the detention part of a visit is shown at places of detention only", "[model]") {
    const RecordType& visit = type_named("visit");
    const FieldSpec* held = visit.field("held_counted");
    REQUIRE(held != nullptr);
    CHECK(held->when.field == visit.field("site_type")->number);
    const auto& values = held->when.values;
    CHECK(std::find(values.begin(), values.end(), "prison") != values.end());
    CHECK(std::find(values.begin(), values.end(), "household") == values.end());
    CHECK(visit.field("purposes")->when.field == 0);
}

TEST_CASE("vocabularies are whole, and hold their codes and no other", "[model]") {
    CHECK(vocabulary("violations")->terms.size() == 97);
    CHECK(vocabulary("violation_categories")->terms.size() == 19);
    CHECK(vocabulary("forced_labour_indicators")->terms.size() == 11);
    CHECK(vocabulary("consent_scopes")->terms.size() == 13);
    CHECK(vocabulary("site_types")->terms.size() == 29);
    CHECK(vocabulary("countries")->terms.size() >= 196);
    CHECK(vocabulary("languages")->terms.size() >= 71);
    CHECK(vocabulary("no_such_list") == nullptr);
    CHECK(vocabulary("") == nullptr);
    for (const Vocabulary& one : vocabularies()) {
        CHECK(vocabulary(one.name) == &one);
        for (const Term& term : one.terms) {
            INFO(one.name << " " << term.code);
            CHECK(one.has(term.code));
            CHECK_FALSE(term.label.empty());
        }
        CHECK_FALSE(one.has(""));
        CHECK_FALSE(one.has("no such code"));
    }
    CHECK(vocabulary("violations")->has("WAGE.unpaid"));
    CHECK_FALSE(vocabulary("violations")->has("wage.unpaid"));
}

TEST_CASE("a review is submitted by workers and decided by supervisors", "[model]") {
    const FieldSpec& review = *type_named("visit").field(common_field::review);
    CHECK(may_step_as(review, "", "draft", as_worker));
    CHECK(may_step_as(review, "draft", "submitted", as_owner));
    CHECK(may_step_as(review, "returned", "submitted", as_worker));
    CHECK(may_step_as(review, "submitted", "approved", as_supervisor));
    CHECK(may_step_as(review, "in_review", "returned", as_supervisor));
    CHECK(may_step_as(review, "approved", "in_review", as_supervisor));
    CHECK(may_step_as(review, "approved", "withdrawn", as_owner));

    CHECK_FALSE(may_step_as(review, "submitted", "approved", as_owner | as_worker));
    CHECK_FALSE(may_step_as(review, "", "approved", as_owner | as_worker | as_supervisor));
    CHECK_FALSE(may_step_as(review, "approved", "submitted", as_owner | as_worker));
    CHECK_FALSE(may_step_as(review, "draft", "approved", as_supervisor));
    CHECK_FALSE(may_step_as(review, "withdrawn", "submitted", as_owner | as_worker));
    CHECK_FALSE(may_step_as(review, "submitted", "reopened", as_supervisor));
    CHECK_FALSE(may_step_as(review, "submitted", "approved", as_advocate));
    CHECK(review.order.front() == "approved");
    CHECK(review.order.back() == "withdrawn");
}

TEST_CASE("who sees the records of a type, and who keeps its key, is as promised", "[model]") {
    CHECK(type_named("visit").audience == Audience::members);
    CHECK(type_named("testimony").audience == Audience::supervisors);
    CHECK(type_named("worker").audience == Audience::supervisors);
    CHECK(type_named("referral").audience == Audience::supervisors);
    CHECK(type_named("follow_up").audience == Audience::members);
    CHECK_FALSE(type_named("testimony").keeps_author_key);
    CHECK_FALSE(type_named("worker").keeps_author_key);
    CHECK(type_named("visit").keeps_author_key);
    CHECK(type_named("referral").keeps_author_key);
    CHECK(type_named("follow_up").keeps_author_key);
}
