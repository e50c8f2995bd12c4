#include "field-client/replica/record_json.h"

#include "field-client/replica/iso_time.h"
#include "field-client/replica/lookup.h"
#include "field-client/replica/value_json.h"
#include "shared/base/text.h"
#include "shared/model/common_fields.h"

namespace godwit {
namespace {

/// A settle holds an array of values that stand together.
Json settled_json(const FieldSpec& spec, ByteView item) {
    cbor::Decoder in(item);
    const auto count = in.array();
    if (!count) return json_from_item(spec, item);
    Json out = Json::array();
    for (std::size_t left = *count; left > 0; --left) {
        const auto each = in.item();
        if (!each) break;
        out.push_back(json_from_item(spec, *each));
    }
    return out;
}

Json value_json(const FieldSpec& spec, const OpenedSibling& sibling) {
    if (!sibling.is_readable) return nullptr;
    if (sibling.kind == OperationKind::settle) return settled_json(spec, sibling.item);
    return json_from_item(spec, sibling.item);
}

const FieldState* state_of(const StoredRecord& record, const OpenedField& field) {
    const auto found = record.shown.fields.find(field.spec->number);
    return found == record.shown.fields.end() ? nullptr : &found->second;
}

bool is_collected(Rule rule) {
    return rule == Rule::union_ || rule == Rule::append;
}

}  // namespace

Json siblings_json(const StoredRecord& record, const OpenedField& field) {
    Json out = Json::array();
    const FieldState* state = state_of(record, field);
    if (state == nullptr) return out;
    for (std::size_t index = 0; index < field.siblings.size(); ++index) {
        const Sibling& kept = state->siblings[index];
        const OpenedSibling& opened = field.siblings[index];
        Json one = {{"dot", format_dot(kept.dot)},
                    {"value", value_json(*field.spec, opened)},
                    {"readable", opened.is_readable},
                    {"author", to_text(kept.author)},
                    {"claimed", format_moment(kept.claimed.wall_ms)},
                    {"effective", format_moment(kept.effective.wall_ms)},
                    {"role", std::string(name_of(kept.role))},
                    {"mark", kept.mark == Mark::after_retirement ? Json("after_retirement")
                                                                 : Json(nullptr)}};
        out.push_back(std::move(one));
    }
    return out;
}

Json shown_json(const OpenedField& field) {
    if (!is_collected(field.spec->rule)) return json_from_items(*field.spec, field.view.values);
    Json out = Json::array();
    for (const Bytes& item : field.view.values) out.push_back(json_from_item(*field.spec, item));
    return out;
}

std::vector<const OpenedField*> conflicts_of(const OpenedRecord& record) {
    std::vector<const OpenedField*> found;
    for (const auto& [number, field] : record.fields) {
        if (field.view.needs_review) found.push_back(&field);
    }
    return found;
}

bool may_conflict(const FieldSpec& field, const FieldState& state) {
    if (field.number == common_field::archived) return true;
    return state.siblings.size() > 1 && !is_collected(field.rule) && field.rule != Rule::sum &&
           field.rule != Rule::latest;
}

std::string_view name_of(Rule rule) {
    switch (rule) {
        case Rule::latest:
            return "latest";
        case Rule::keep_both:
            return "keep_both";
        case Rule::union_:
            return "union";
        case Rule::sum:
            return "sum";
        case Rule::append:
            return "append";
        case Rule::most_restrictive:
            return "most_restrictive";
        case Rule::write_once:
            return "write_once";
        case Rule::supervisor_first:
            return "supervisor_first";
        case Rule::state_machine:
            return "state_machine";
    }
    return "unknown";
}

std::string_view name_of(ValueType type) {
    switch (type) {
        case ValueType::text:
            return "text";
        case ValueType::long_text:
            return "long_text";
        case ValueType::code:
            return "code";
        case ValueType::boolean:
            return "boolean";
        case ValueType::integer:
            return "integer";
        case ValueType::date:
            return "date";
        case ValueType::moment:
            return "moment";
        case ValueType::money:
            return "money";
        case ValueType::reference:
            return "reference";
        case ValueType::member:
            return "member";
        case ValueType::event:
            return "event";
        case ValueType::review:
            return "review";
    }
    return "unknown";
}

std::string_view name_of(Audience audience) {
    switch (audience) {
        case Audience::owner:
            return "owner";
        case Audience::members:
            return "members";
        case Audience::supervisors:
            return "supervisors";
    }
    return "unknown";
}

std::string type_name(std::uint32_t number) {
    const RecordType* type = record_type(number);
    return type != nullptr ? std::string(type->name) : "type_" + std::to_string(number);
}

std::string review_state_of(const RecordState& state) {
    const RecordType* type = record_type(state.type);
    if (type == nullptr) return "";
    return review_view(state, *type->field(common_field::review)).state;
}

std::optional<MemberId> owner_of(const OpenedRecord& record) {
    const Bytes* shown = record.shown(common_field::owner);
    if (shown == nullptr) return std::nullopt;
    const auto member = cbor::Decoder(*shown).id<MemberId>();
    return member ? std::optional<MemberId>(*member) : std::nullopt;
}

bool is_archived(const OpenedRecord& record) {
    const Bytes* shown = record.shown(common_field::archived);
    if (shown == nullptr) return false;
    const auto archived = cbor::Decoder(*shown).boolean();
    return archived && *archived;
}

}  // namespace godwit
