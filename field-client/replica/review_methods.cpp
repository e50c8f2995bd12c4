#include <algorithm>

#include "field-client/replica/capture_plan.h"
#include "field-client/replica/history.h"
#include "field-client/replica/lookup.h"
#include "field-client/replica/method.h"
#include "field-client/replica/record_json.h"
#include "field-client/replica/value_json.h"
#include "shared/base/text.h"
#include "shared/model/common_fields.h"

namespace godwit {
namespace {

Json answer_of(const RecordId& record, const Dot& change) {
    return {{"record", to_text(record)}, {"change", format_dot(change)}};
}

// --- conflicts -------------------------------------------------------------------------------

/// The value that stood before those in conflict, as far as this replica's history tells: the
/// newest one that the field has seen, that is none of the siblings, and that is older than all of
/// them. Null when it is not known here.
Result<Json> base_json(Session& session, const RecordId& id, const StoredRecord& record,
                       const OpenedField& field) {
    const FieldState& state = record.shown.fields.at(field.spec->number);
    HybridTime oldest = state.siblings.front().effective;
    for (const Sibling& sibling : state.siblings) oldest = std::min(oldest, sibling.effective);
    std::optional<HistoryLine> base;
    for (HistoryLine& line : TRY(history_of(session, id, record))) {
        const bool is_value =
            line.field == field.spec->number &&
            (line.kind == OperationKind::set || line.kind == OperationKind::settle);
        const bool is_sibling =
            std::any_of(state.siblings.begin(), state.siblings.end(),
                        [&](const Sibling& sibling) { return sibling.dot == line.dot; });
        if (!is_value || is_sibling || !state.has_seen(line.dot) || oldest < line.effective)
            continue;
        if (!base || base->effective < line.effective) base = std::move(line);
    }
    if (!base) return Json(nullptr);
    const auto item = open_item(session, id, record, base->field, base->form, base->value);
    if (!item) return Json(nullptr);
    return json_from_item(*field.spec, *item);
}

Result<void> add_conflicts(Session& session, const RecordId& id, const StoredRecord& record,
                           Json& out) {
    const OpenedRecord opened = open_record(session, id, record, may_conflict);
    for (const OpenedField* field : conflicts_of(opened)) {
        out.push_back({{"record", to_text(id)},
                       {"type", type_name(record.shown.type)},
                       {"field", std::string(field->spec->name)},
                       {"rule", std::string(name_of(field->spec->rule))},
                       {"base", TRY(base_json(session, id, record, *field))},
                       {"siblings", siblings_json(record, *field)}});
    }
    return ok();
}

Result<Json> conflicts(Session& session, const Json& given) {
    Parameters parameters(given);
    const auto text = TRY(parameters.optional_text("record"));
    TRY(parameters.finish());
    Json out = Json::array();
    if (text) {
        const RecordId id = TRY(find_record(session, *text));
        TRY(add_conflicts(session, id, TRY(session.record(id)), out));
        return out;
    }
    TRY(session.store.each_record(
        [&](const RecordId& id, const StoredRecord& record) -> Result<bool> {
            TRY(add_conflicts(session, id, record, out));
            return true;
        }));
    return out;
}

// --- resolve ---------------------------------------------------------------------------------

struct Resolution {
    RecordId id;
    StoredRecord record;
    OpenedRecord opened;
    const FieldSpec* field{};
};

Result<Resolution> begin_resolution(Session& session, std::string_view record,
                                    std::string_view field) {
    Resolution out;
    out.id = TRY(find_record(session, record));
    out.record = TRY(session.record(out.id));
    if (out.record.shown.is_erased) return ErrorCode::record_erased;
    out.opened = open_record(session, out.id, out.record);
    if (out.opened.type == nullptr) return ErrorCode::unknown_type;
    out.field = out.opened.type->field(field);
    if (out.field == nullptr) return Error{ErrorCode::unknown_field, quoted_name(field)};
    const Rule rule = out.field->rule;
    if (out.field->number == common_field::review) {
        return Error{ErrorCode::rule_does_not_allow, "review: is changed by the method review"};
    }
    if (rule == Rule::union_ || rule == Rule::append || rule == Rule::sum) {
        return Error{ErrorCode::rule_does_not_allow,
                     std::string(field) + ": its values stand side by side; nothing to resolve"};
    }
    return out;
}

/// The item that keeps the values under `kept` in `field`: the one, or an array that settles for
/// several. Nothing when none of the dots said anything of the field.
Result<std::optional<OpenOperation>> keep_in(const OpenedField& field,
                                             const std::vector<Dot>& kept) {
    std::vector<ByteView> items;
    for (const Dot& dot : kept) {
        const auto sibling =
            std::find_if(field.siblings.begin(), field.siblings.end(),
                         [&](const OpenedSibling& each) { return each.dot == dot; });
        if (sibling == field.siblings.end()) continue;
        if (!sibling->is_readable) return ErrorCode::cannot_open;
        if (sibling->kind != OperationKind::settle) {
            items.push_back(sibling->item);
            continue;
        }
        cbor::Decoder parts(sibling->item);
        for (std::size_t left = TRY(parts.array()); left > 0; --left) {
            items.push_back(TRY(parts.item()));
        }
    }
    if (items.empty()) return std::optional<OpenOperation>();
    OpenOperation out{field.spec->number, OperationKind::set, copy_of(items.front()), {}};
    if (items.size() > 1) {
        out.kind = OperationKind::settle;
        out.item.clear();
        cbor::Encoder array(out.item);
        array.array(items.size());
        for (const ByteView item : items) array.raw(item);
    }
    return std::optional<OpenOperation>(std::move(out));
}

Result<std::vector<OpenOperation>> keep(const Resolution& resolution, const Json& given) {
    std::vector<Dot> kept;
    const OpenedField* asked = resolution.opened.field(resolution.field->number);
    for (const Json& each : given) {
        if (!each.is_string()) return Error{ErrorCode::wrong_parameters, "keep: names changes"};
        kept.push_back(TRY(parse_dot(each.get_ref<const std::string&>())));
        const bool is_sibling =
            asked != nullptr &&
            std::any_of(asked->siblings.begin(), asked->siblings.end(),
                        [&](const OpenedSibling& sibling) { return sibling.dot == kept.back(); });
        if (!is_sibling) {
            return Error{ErrorCode::unknown_change, "keep: no value of the field stands under it"};
        }
    }
    std::sort(kept.begin(), kept.end());
    kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
    if (kept.empty()) return Error{ErrorCode::wrong_parameters, "keep: name at least one change"};
    std::vector<OpenOperation> operations;
    for (const auto& [number, field] : resolution.opened.fields) {
        const bool is_in_group = number == resolution.field->number ||
                                 (!resolution.field->together.empty() &&
                                  field.spec->together == resolution.field->together);
        if (!is_in_group) continue;
        if (auto operation = TRY(keep_in(field, kept))) operations.push_back(std::move(*operation));
    }
    return operations;
}

/// `value` is the field's own, or, for fields that stand together, an object of them by name.
Result<std::vector<OpenOperation>> replace(const Session& session, const Resolution& resolution,
                                           const Json& value) {
    const bool is_group = !resolution.field->together.empty() && value.is_object();
    const Json fields = is_group ? value : Json{{std::string(resolution.field->name), value}};
    std::vector<OpenOperation> operations;
    for (OperationUnit& unit : TRY(units_from_json(session, *resolution.opened.type, fields))) {
        for (OpenOperation& operation : unit) {
            const FieldSpec* spec = resolution.opened.type->field(operation.field);
            if (spec != resolution.field && spec->together != resolution.field->together) {
                return Error{ErrorCode::wrong_value, std::string(spec->name) +
                                                         ": does not stand together with " +
                                                         std::string(resolution.field->name)};
            }
            operations.push_back(std::move(operation));
        }
    }
    return operations;
}

/// Holds each value that a resolution lets stand to what a set of it must satisfy.
Result<void> check_operations(const Session& session, const Resolution& resolution, Role role,
                              const std::vector<OpenOperation>& operations) {
    const bool is_by_owner = is_owner(session, resolution.record.shown);
    for (const OpenOperation& operation : operations) {
        // Values that stand already were judged when they were set.
        if (operation.kind == OperationKind::settle) continue;
        const FieldSpec* spec = resolution.opened.type->field(operation.field);
        TRY(check_set(resolution.opened, *spec, operation.item, role, is_by_owner));
    }
    return ok();
}

Result<Json> resolve(Session& session, const Json& given) {
    Parameters parameters(given);
    const std::string record = TRY(parameters.text("record"));
    const std::string field = TRY(parameters.text("field"));
    const Json* kept = parameters.optional_value("keep");
    const Json* value = parameters.optional_value("value");
    TRY(parameters.finish());
    if ((kept == nullptr) == (value == nullptr)) {
        return Error{ErrorCode::wrong_parameters, "give either keep or value"};
    }
    if (kept != nullptr && !kept->is_array()) {
        return Error{ErrorCode::wrong_parameters, "keep: is a list of changes"};
    }
    return in_transaction(session, [&]() -> Result<Json> {
        const Resolution resolution = TRY(begin_resolution(session, record, field));
        const Role role = TRY(session.role_in(resolution.record.shown.team));
        Intent intent{
            resolution.id, resolution.record.shown.type, resolution.record.shown.team, {}};
        intent.operations = kept != nullptr ? TRY(keep(resolution, *kept))
                                            : TRY(replace(session, resolution, *value));
        TRY(check_operations(session, resolution, role, intent.operations));
        return answer_of(resolution.id, TRY(session.write(intent)));
    });
}

// --- review ----------------------------------------------------------------------------------

struct Step {
    std::string_view name;
    std::string_view to;
};

constexpr Step steps[] = {{"start", "in_review"},
                          {"approve", "approved"},
                          {"return", "returned"},
                          {"submit", "submitted"}};

Bytes review_item(std::string_view state, const std::optional<Context>& approved) {
    Bytes item;
    cbor::Encoder out(item);
    out.array(2).text(state);
    if (approved) {
        encode(out, *approved);
    } else {
        out.null();
    }
    return item;
}

/// Wraps the record's key for the owners' replicas again, so that they can work on what came back.
Result<void> hand_back(Session& session, const RecordId& id) {
    StoredRecord record = TRY(session.record(id));
    bool is_wrapped = false;
    for (const auto& [replica, entry] : session.roster.replicas()) {
        if (entry.revoked) continue;
        const auto owner = record.shown.fields.find(common_field::owner);
        const bool owns = owner != record.shown.fields.end() &&
                          std::any_of(owner->second.siblings.begin(), owner->second.siblings.end(),
                                      [&, &member = entry.member](const Sibling& sibling) {
                                          const auto named =
                                              cbor::Decoder(sibling.value).id<MemberId>();
                                          return named && *named == member;
                                      });
        if (!owns) continue;
        is_wrapped = TRY(session.keys.wrap_for_replica(id, replica, record)) || is_wrapped;
    }
    if (!is_wrapped) return ok();
    TRY(session.store.save(id, record));
    return session.store.queue_key(id);
}

Result<OpenOperation> note_operation(const Session& session, const RecordType& type,
                                     const std::string& words) {
    const FieldSpec* notes = type.field(common_field::review_notes);
    return OpenOperation{
        notes->number, OperationKind::append, TRY(item_from_json(session, *notes, words)), {}};
}

Result<void> check_step(Session& session, const RecordId& id, const StoredRecord& record,
                        const RecordType& type, const Step& step) {
    const FieldSpec& review = *type.field(common_field::review);
    const std::string from = review_view(record.shown, review).state;
    const Role role = TRY(session.role_in(record.shown.team));
    if (!may_step(review, from, step.to, role, is_owner(session, record.shown))) {
        return Error{ErrorCode::transition_not_allowed,
                     "review: from " + (from.empty() ? "nothing" : from) + ", " +
                         std::string(step.name) + " is not open to you"};
    }
    if (step.name == "submit") TRY(check_complete(record, open_deciding(session, id, record)));
    return ok();
}

Result<Json> review(Session& session, const Json& given) {
    Parameters parameters(given);
    const std::string text = TRY(parameters.text("record"));
    const std::string name = TRY(parameters.text("step"));
    const auto note = TRY(parameters.optional_text("note"));
    TRY(parameters.finish());
    const auto* step = std::find_if(std::begin(steps), std::end(steps),
                                    [&](const Step& each) { return each.name == name; });
    if (step == std::end(steps)) {
        return Error{ErrorCode::wrong_parameters, "step: start, approve, return or submit"};
    }
    if (step->name == "return" && (!note || note->empty())) {
        return Error{ErrorCode::wrong_parameters, "note: say why the record comes back"};
    }
    return in_transaction(session, [&]() -> Result<Json> {
        const RecordId id = TRY(find_record(session, text));
        const StoredRecord record = TRY(session.record(id));
        if (record.shown.is_erased) return ErrorCode::record_erased;
        const RecordType* type = record_type(record.shown.type);
        if (type == nullptr) return ErrorCode::unknown_type;
        TRY(check_step(session, id, record, *type, *step));

        // An approval names exactly what its author saw, so that anything else reopens it.
        std::optional<Context> approved;
        if (step->name == "approve") approved = record.shown.context();
        Intent intent{id, record.shown.type, record.shown.team, {}};
        intent.operations.push_back(
            {common_field::review, OperationKind::set, review_item(step->to, approved), {}});
        if (note) intent.operations.push_back(TRY(note_operation(session, *type, *note)));
        const Dot change = TRY(session.write(intent));
        if (step->name == "return") TRY(hand_back(session, id));
        return answer_of(id, change);
    });
}

}  // namespace

std::span<const Method> review_methods() {
    static constexpr Method methods[] = {
        {"conflicts", conflicts}, {"resolve", resolve}, {"review", review}};
    return methods;
}

}  // namespace godwit
