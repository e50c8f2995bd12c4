#include "tests/simulation/words.h"

#include <algorithm>

#include "shared/model/common_fields.h"

namespace godwit::simulation {
namespace {

constexpr std::array<std::string_view, 24> contested{"narrative",
                                                     "site_name",
                                                     "site_type",
                                                     "people_reached",
                                                     "women_reached",
                                                     "purposes",
                                                     "notes",
                                                     "risk_to_workers",
                                                     "confidentiality",
                                                     "narrative_original",
                                                     "occupation",
                                                     "employers",
                                                     "wage_paid",
                                                     "risk",
                                                     "legal_hold",
                                                     "full_name",
                                                     "known_as",
                                                     "recipient_contact",
                                                     "closing_reason",
                                                     "instructions",
                                                     "attempts_made",
                                                     "is_closed",
                                                     "latitude_microdegrees",
                                                     "next_visit_on"};

bool is_contested(const FieldSpec& field) {
    return std::find(contested.begin(), contested.end(), field.name) != contested.end();
}

bool is_for_people(const FieldSpec& field) {
    return field.number >= common_field::first_free && field.name != "duplicate_index" &&
           field.name != "state" && field.when.field == 0;
}

std::string digits(std::uint64_t number, std::size_t count) {
    std::string out = std::to_string(number);
    return out.size() < count ? std::string(count - out.size(), '0') + out : out;
}

std::string some_date(Chance& chance) {
    std::string out = std::to_string(1950 + chance.below(150));
    if (chance.one_in(6)) return out;
    out += "-" + digits(1 + chance.below(12), 2);
    if (chance.one_in(6)) return out;
    return out + "-" + digits(1 + chance.below(28), 2);
}

std::string some_hex(Chance& chance) {
    std::string out;
    for (int index = 0; index < 32; ++index) out += "0123456789abcdef"[chance.below(16)];
    return out;
}

std::string some_code(Chance& chance, std::string_view list,
                      std::span<const std::string_view> order) {
    if (!order.empty()) return std::string(order[chance.below(order.size())]);
    const auto& terms = vocabulary(list)->terms;
    return std::string(terms[chance.below(terms.size())].code);
}

/// More of the same, which no deflater makes much smaller.
std::string some_length(Chance& chance, const Saying& saying) {
    std::string out;
    if (saying.long_bytes_max == 0 || chance.one_in(2)) return out;
    const std::size_t length = chance.below(saying.long_bytes_max);
    for (out = "-"; out.size() < length;) out += some_hex(chance);
    return out;
}

Json value_of(Chance& chance, ValueType type, std::string_view list,
              std::span<const std::string_view> order, const Saying& saying) {
    switch (type) {
        case ValueType::text:
            return "said-" + std::to_string(saying.number);
        case ValueType::long_text:
            return "said-" + std::to_string(saying.number) + some_length(chance, saying);
        case ValueType::code:
            return some_code(chance, list, order);
        case ValueType::boolean:
            return chance.one_in(2);
        case ValueType::integer:
            return static_cast<std::int64_t>(chance.below(20));
        case ValueType::date:
            return some_date(chance);
        case ValueType::moment:
            return some_date(chance).substr(0, 4) + "-03-04T05:06:07.000Z";
        case ValueType::money:
            return std::to_string(1 + chance.below(9'000'000)) + ".5";
        case ValueType::reference:
        case ValueType::member:
            return some_hex(chance);
        case ValueType::event:
        case ValueType::review:
            break;
    }
    return nullptr;
}

}  // namespace

const FieldSpec* pick_field(Chance& chance, const RecordType& type,
                            std::initializer_list<Rule> rules) {
    std::vector<const FieldSpec*> all;
    std::vector<const FieldSpec*> few;
    for (const FieldSpec& field : type.fields) {
        if (!is_for_people(field)) continue;
        if (std::find(rules.begin(), rules.end(), field.rule) == rules.end()) continue;
        all.push_back(&field);
        if (is_contested(field)) few.push_back(&field);
    }
    if (!few.empty() && !chance.one_in(5)) return chance.pick(few);
    return all.empty() ? nullptr : chance.pick(all);
}

Json make_value(Chance& chance, const FieldSpec& field, const Saying& saying) {
    if (field.type == ValueType::member) return nullptr;
    if (field.type == ValueType::integer && field.min && field.max) {
        const auto width = static_cast<std::uint64_t>(*field.max - *field.min) + 1;
        return *field.min +
               static_cast<std::int64_t>(chance.below(std::min<std::uint64_t>(width, 1000)));
    }
    if (field.type != ValueType::event) {
        Saying fitted = saying;
        constexpr std::int64_t room = 64;
        const std::int64_t length_max = std::max<std::int64_t>(field.max.value_or(500) - room, 0);
        fitted.long_bytes_max =
            std::min(fitted.long_bytes_max, static_cast<std::size_t>(length_max));
        return value_of(chance, field.type, field.vocabulary, field.order, fitted);
    }
    Json event = Json::object();
    for (const EventPart& part : field.parts) {
        if (!part.is_required && !chance.one_in(3)) continue;
        Json value = value_of(chance, part.type, part.vocabulary, {}, saying);
        if (part.type == ValueType::member) continue;
        event[std::string(part.name)] = std::move(value);
    }
    if (event.empty()) {
        const EventPart& part = field.parts.front();
        event[std::string(part.name)] = value_of(chance, part.type, part.vocabulary, {}, saying);
    }
    return event;
}

std::vector<const FieldSpec*> fields_together(const RecordType& type, const FieldSpec& field) {
    std::vector<const FieldSpec*> out;
    for (const FieldSpec& other : type.fields) {
        const bool is_one = &other == &field;
        const bool is_with = !field.together.empty() && other.together == field.together;
        if (is_one || is_with) out.push_back(&other);
    }
    return out;
}

}  // namespace godwit::simulation
