#include <algorithm>
#include <optional>

#include "shared/change/cbor.h"
#include "shared/merge/candidate.h"
#include "shared/merge/view.h"
#include "shared/model/common_fields.h"

namespace godwit {

namespace {

/// The fields a review does not judge: itself, what is said in it, and where the record is put.
bool is_beside_review(std::uint32_t number) {
    return number == common_field::review || number == common_field::review_notes ||
           number == common_field::archived;
}

/// What the supervisor had seen who approved, if `item` is an approval. One that names nothing
/// approved nothing.
std::optional<Context> approved_context(ByteView item) {
    if (code_of(ValueType::review, item) != review_state::approved) return std::nullopt;
    cbor::Decoder in(item);
    const std::size_t count = in.array().value();
    static_cast<void>(in.text().value());
    if (count < 2) return Context{};
    const auto context = decode_context(in);
    return context ? *context : Context{};
}

bool covers_record(const Context& approved, const RecordState& state) {
    return std::all_of(state.fields.begin(), state.fields.end(), [&](const auto& each) {
        if (is_beside_review(each.first)) return true;
        return approved.covers(each.second.context());
    });
}

}  // namespace

bool may_step(const FieldSpec& field, std::string_view from, std::string_view to, Role role,
              bool is_owner) {
    const unsigned owner_bit = is_owner ? 1U : 0U;
    const unsigned may_by = (1U << static_cast<unsigned>(role)) | owner_bit;
    return std::any_of(field.transitions.begin(), field.transitions.end(),
                       [&](const Transition& each) {
                           return each.from == from && each.to == to && (each.roles & may_by) != 0;
                       });
}

ReviewView review_view(const RecordState& state, const FieldSpec& review) {
    const auto found = state.fields.find(review.number);
    if (found == state.fields.end()) return {};
    std::vector<OpenedSibling> siblings;
    for (const Sibling& each : found->second.siblings) siblings.push_back(opened(each));
    const FieldView shown = view(review, siblings);
    if (shown.values.empty()) return {};

    ReviewView out;
    out.state = code_of(ValueType::review, shown.values.front());
    out.needs_review = shown.needs_review;
    if (out.state != review_state::approved) return out;

    // Two supervisors who approved apart have not approved what only both together saw.
    const bool is_whole =
        std::any_of(siblings.begin(), siblings.end(), [&](const OpenedSibling& each) {
            const auto approved = approved_context(each.item);
            return approved && covers_record(*approved, state);
        });
    if (is_whole) return out;
    out.state = review_state::reopened;
    out.is_amended = true;
    out.needs_review = true;
    return out;
}

}  // namespace godwit
