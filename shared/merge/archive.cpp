#include <algorithm>

#include "shared/merge/candidate.h"
#include "shared/merge/view.h"
#include "shared/model/common_fields.h"

namespace godwit {

namespace {

/// What a review does is not lost from sight with the record.
bool is_beside_archiving(std::uint32_t number) {
    return number == common_field::archived || number == common_field::review ||
           number == common_field::review_notes;
}

}  // namespace

bool hides_unseen(const RecordState& state, const FieldSpec& archived) {
    const auto found = state.fields.find(archived.number);
    if (found == state.fields.end()) return false;
    const FieldState& putting_away = found->second;
    std::vector<OpenedSibling> siblings;
    for (const Sibling& each : putting_away.siblings) siblings.push_back(opened(each));
    const FieldView shown = view(archived, siblings);
    if (shown.values.empty()) return false;
    if (code_of(ValueType::boolean, shown.values.front()) != "true") return false;

    // Whoever wrote after hearing that the record was put away wrote there on purpose.
    const auto knew = [&](const FieldState& field) {
        return std::any_of(putting_away.siblings.begin(), putting_away.siblings.end(),
                           [&](const Sibling& each) { return field.has_seen(each.dot); });
    };
    return std::any_of(state.fields.begin(), state.fields.end(), [&](const auto& each) {
        const auto& [number, field] = each;
        if (is_beside_archiving(number) || knew(field)) return false;
        return std::any_of(
            field.siblings.begin(), field.siblings.end(),
            [&](const Sibling& sibling) { return !putting_away.has_seen(sibling.dot); });
    });
}

}  // namespace godwit
