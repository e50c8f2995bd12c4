#include "shared/model/record_type.h"

#include <algorithm>

namespace godwit {
namespace {

/// The element of `elements` whose text is `wanted`, found through `order`, the elements' indexes
/// by that text ascending. Tables without an order (made by hand) are read through.
template <typename Element, typename TextOf>
const Element* find(std::span<const Element> elements, std::span<const std::uint16_t> order,
                    std::string_view wanted, TextOf text_of) {
    if (order.empty()) {
        const auto at = std::find_if(elements.begin(), elements.end(), [&](const Element& element) {
            return text_of(element) == wanted;
        });
        return at == elements.end() ? nullptr : &*at;
    }
    const auto at = std::lower_bound(order.begin(), order.end(), wanted,
                                     [&](std::uint16_t index, std::string_view name) {
                                         return text_of(elements[index]) < name;
                                     });
    if (at == order.end() || text_of(elements[*at]) != wanted) return nullptr;
    return &elements[*at];
}

}  // namespace

const FieldSpec* RecordType::field(std::uint32_t wanted) const {
    const auto at = std::lower_bound(
        fields.begin(), fields.end(), wanted,
        [](const FieldSpec& spec, std::uint32_t value) { return spec.number < value; });
    return at == fields.end() || at->number != wanted ? nullptr : &*at;
}

const FieldSpec* RecordType::field(std::string_view wanted) const {
    return find(fields, by_name, wanted, [](const FieldSpec& spec) { return spec.name; });
}

bool seals_anything(const RecordType& type) {
    return std::any_of(type.fields.begin(), type.fields.end(),
                       [](const FieldSpec& field) { return field.is_sealed; });
}

bool Vocabulary::has(std::string_view code) const {
    return find(terms, by_code, code, [](const Term& term) { return term.code; }) != nullptr;
}

const RecordType* record_type(std::uint32_t number) {
    for (const RecordType& type : record_types()) {
        if (type.number == number) return &type;
    }
    return nullptr;
}

const RecordType* record_type(std::string_view name) {
    for (const RecordType& type : record_types()) {
        if (type.name == name) return &type;
    }
    return nullptr;
}

Audience audience_of(std::uint32_t number) {
    const RecordType* type = record_type(number);
    return type == nullptr ? Audience::owner : type->audience;
}

const Vocabulary* vocabulary(std::string_view name) {
    const auto all = vocabularies();
    const auto at = std::lower_bound(
        all.begin(), all.end(), name,
        [](const Vocabulary& one, std::string_view wanted) { return one.name < wanted; });
    return at == all.end() || at->name != name ? nullptr : &*at;
}

}  // namespace godwit
