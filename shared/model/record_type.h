/// Record types and their fields as plain data, compiled in from shared/records/*.json.
///
/// Invariants
///   - Field numbers are unique in a type and never reused; numbers below 16 are common to all
///   types.
///   - An open field stands on the published metadata list; the build fails otherwise.
///
/// Spec: record-types. The tables are generated; nothing else in the project repeats a field list.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace godwit {

/// What one value of a field is. In a set, an append or a counter this is one element.
enum class ValueType : std::uint8_t {
    text = 1,       ///< One line, UTF-8. Bounds count Unicode scalar values.
    long_text = 2,  ///< Paragraphs, UTF-8. Bounds count Unicode scalar values.
    code = 3,       ///< A code of the field's vocabulary. Stored as text.
    boolean = 4,
    integer = 5,
    date = 6,       ///< ISO 8601 with its precision in its length: 2026, 2026-11 or 2026-11-21.
    moment = 7,     ///< Date and time of day, UTC, milliseconds since 1970.
    money = 8,      ///< Decimal text, at most three places: "1200.50". Currency is its own field.
    reference = 9,  ///< The id of a record, bstr 16.
    member = 10,    ///< The id of a member, bstr 16.
    event = 11,     ///< A map of named parts; see FieldSpec::parts.
    review = 12,    ///< [state code, null or a context]: see review_state.
};

/// Numbers stand in nothing on the wire but are kept stable all the same.
enum class Rule : std::uint8_t {
    latest = 1,
    keep_both = 2,
    union_ = 3,
    sum = 4,
    append = 5,
    most_restrictive = 6,
    write_once = 7,
    supervisor_first = 8,
    state_machine = 9,
};

/// Who of a team sees the records of a type.
enum class Audience : std::uint8_t {
    owner = 1,
    members = 2,
    supervisors = 3,  ///< The owner, until handed over, and the supervisors.
};

/// Numbers stand in changes.
enum class Role : std::uint8_t { worker = 1, supervisor = 2, administrator = 3, advocate = 4 };

/// One permitted step of a state machine.
struct Transition {
    std::string_view from;  ///< Empty: before any value.
    std::string_view to;
    std::uint8_t roles;  ///< Bit 1 << role for each role that may take it; bit 0: the owner.
};

/// A part of an event: a field of its own without rule or number.
struct EventPart {
    std::string_view name;
    ValueType type;
    std::string_view vocabulary;
    bool is_required;
    std::string_view label{};       ///< English.
    std::string_view references{};  ///< reference: the record type's name.
};

/// When a field is shown: `field` holds one of `values` (or anything, when `values` is empty).
struct Condition {
    std::uint32_t field;  ///< 0: always shown.
    std::span<const std::string_view> values;
};

struct FieldSpec {
    std::uint32_t number;
    std::string_view name;
    ValueType type;
    Rule rule;
    bool is_sealed;
    bool is_required;
    std::string_view vocabulary;  ///< Empty unless codes come from one.
    std::string_view group;       ///< The form section it stands in.
    std::string_view together;    ///< Fields sharing this name resolve as one; empty: alone.
    Condition when;
    std::optional<std::int64_t> min;
    std::optional<std::int64_t> max;
    std::span<const std::string_view> order;  ///< most_restrictive, state_machine: safest last.
    std::span<const Transition> transitions;  ///< state_machine only.
    std::span<const EventPart> parts;         ///< event only.
    std::string_view references;              ///< reference: the record type's name, or empty.
    bool loosens_by_supervisor;               ///< most_restrictive: only a supervisor may loosen.
    std::string_view label_key;
    std::string_view label;  ///< English.
};

struct Term {
    std::string_view code;
    std::string_view label;  ///< English.
};

struct RecordType {
    std::uint32_t number;
    std::string_view name;
    std::uint32_t version;
    Audience audience;
    bool keeps_author_key;  ///< After handing over, may the author still open it?
    std::string_view label;
    std::span<const FieldSpec> fields;         ///< By number, ascending. Common fields first.
    std::span<const Term> groups{};            ///< The form's sections, in order.
    std::span<const std::uint16_t> by_name{};  ///< Indexes into `fields`, by name ascending.

    [[nodiscard]] const FieldSpec* field(std::uint32_t number) const;
    [[nodiscard]] const FieldSpec* field(std::string_view name) const;
};

/// Whether records of the type have keys. The same in every version of the type.
bool seals_anything(const RecordType& type);

struct Vocabulary {
    std::string_view name;
    std::span<const Term> terms;               ///< In the order in which they are offered.
    std::span<const std::uint16_t> by_code{};  ///< Indexes into `terms`, by code ascending.

    [[nodiscard]] bool has(std::string_view code) const;
};

std::span<const RecordType> record_types();
const RecordType* record_type(std::uint32_t number);
const RecordType* record_type(std::string_view name);

/// Who is told of records of the type `number`. Of a type this program does not know, only owners:
/// what it learns later can only widen that (decisions/0023).
Audience audience_of(std::uint32_t number);

std::span<const Vocabulary> vocabularies();
const Vocabulary* vocabulary(std::string_view name);

/// The version of all types together; it stands in every change.
std::uint32_t schema_version();

/// What compile.py made of shared/records; the two above give it to everybody (schema.cpp).
std::span<const RecordType> compiled_record_types();
std::uint32_t compiled_schema_version();

}  // namespace godwit
