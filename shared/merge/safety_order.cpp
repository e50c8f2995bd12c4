#include "shared/merge/safety_order.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "shared/change/cbor.h"
#include "shared/change/field_value.h"
#include "shared/merge/candidate.h"

namespace godwit {

namespace {

using Standing = Safety::Standing;

constexpr std::string_view not_assessed_code = "unknown";

std::optional<std::int64_t> integer_of(ByteView item) {
    const auto read = cbor::Decoder(item).integer();
    if (!read) return std::nullopt;
    return *read;
}

/// 20261121 for 2026-11-21 and 20260000 for 2026: as numbers, dates sort by the first day they
/// name.
std::optional<std::int64_t> day_number(ByteView item) {
    const auto text = cbor::Decoder(item).text();
    if (!text || !is_date(*text)) return std::nullopt;
    std::int64_t number = 0;
    for (const std::size_t part : {0U, 5U, 8U}) {
        std::int64_t read = 0;
        if (part < text->size()) {
            std::from_chars(text->data() + part, text->data() + text->size(), read);
        }
        number = number * 100 + read;
    }
    return number;
}

/// The place by a word that orders all values of a type, or nothing for a value of another type.
std::optional<std::int64_t> place_by_size(const FieldSpec& field, ByteView item) {
    const bool is_day = field.type == ValueType::date;
    const auto size = is_day ? day_number(item) : integer_of(item);
    if (!size) return std::nullopt;
    // Not the negative, which the least integer has not: its complement turns the order as well.
    return field.order.front() == "greater" ? *size : ~*size;
}

bool is_by_size(const FieldSpec& field) {
    return field.type == ValueType::date || field.type == ValueType::moment ||
           field.type == ValueType::integer;
}

}  // namespace

Safety safety_of(const FieldSpec& field, ByteView item) {
    if (is_by_size(field) && field.order.size() == 1) {
        const auto place = place_by_size(field, item);
        return place ? Safety{Standing::declared, *place} : Safety{};
    }
    const std::string_view code = code_of(field.type, item);
    if (code == not_assessed_code) return {Standing::not_assessed, 0};
    const auto at = std::find(field.order.begin(), field.order.end(), code);
    if (at == field.order.end()) return {};
    return {Standing::declared, at - field.order.begin()};
}

}  // namespace godwit
