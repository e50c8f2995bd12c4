#include "field-client/replica/capture_plan.h"

#include <algorithm>

#include "field-client/replica/duplicate_index.h"
#include "field-client/replica/value_json.h"
#include "shared/change/field_value.h"
#include "shared/model/common_fields.h"

namespace godwit {
namespace {

/// Room for seals, padding and what else a change says.
constexpr std::size_t plan_bytes_max = change_bytes_max - 96 * 1024;

Error refuse(ErrorCode code, const FieldSpec& field, std::string_view what) {
    return {code, std::string(field.name) + ": " + std::string(what)};
}

/// Fields that have methods of their own, and those the replica fills.
Result<void> check_writable(const FieldSpec& field, const RecordType& type) {
    if (field.number == common_field::review) {
        return refuse(ErrorCode::rule_does_not_allow, field, "is changed by the method review");
    }
    if (field.number == common_field::archived) {
        return refuse(ErrorCode::rule_does_not_allow, field, "is changed by the method archive");
    }
    const FieldSpec* index = duplicate_index_field(type);
    if (index != nullptr && index->number == field.number) {
        return refuse(ErrorCode::rule_does_not_allow, field, "is computed from other fields");
    }
    return ok();
}

OperationKind kind_for(Rule rule) {
    switch (rule) {
        case Rule::union_:
            return OperationKind::add;
        case Rule::append:
            return OperationKind::append;
        case Rule::sum:
            return OperationKind::increment;
        default:
            return OperationKind::set;
    }
}

Result<std::vector<OperationUnit>> elements_from_json(const Session& session,
                                                      const FieldSpec& field, const Json& value) {
    if (!value.is_array()) return refuse(ErrorCode::wrong_value, field, "takes a list");
    std::vector<OperationUnit> units;
    for (const Json& element : value) {
        Bytes item = TRY(item_from_json(session, field, element));
        const bool is_double =
            field.rule == Rule::union_ &&
            std::any_of(units.begin(), units.end(),
                        [&](const OperationUnit& unit) { return unit.front().item == item; });
        if (is_double) continue;
        units.push_back({{field.number, kind_for(field.rule), std::move(item), {}}});
    }
    return units;
}

std::size_t bytes_in(const std::vector<OpenOperation>& operations) {
    std::size_t bytes = 0;
    for (const OpenOperation& operation : operations) bytes += operation.item.size() + 64;
    return bytes;
}

bool shares_field(const std::vector<OpenOperation>& change, const OperationUnit& unit) {
    return std::any_of(unit.begin(), unit.end(), [&](const OpenOperation& mine) {
        return std::any_of(change.begin(), change.end(),
                           [&](const OpenOperation& other) { return other.field == mine.field; });
    });
}

// --- Consent ---------------------------------------------------------------------------------

std::optional<std::size_t> scope_part(const FieldSpec& field) {
    if (field.type != ValueType::event) return std::nullopt;
    std::optional<std::size_t> scope;
    bool has_decision = false;
    for (std::size_t index = 0; index < field.parts.size(); ++index) {
        if (field.parts[index].name == "scope") scope = index;
        if (field.parts[index].name == "decision") has_decision = true;
    }
    return has_decision ? scope : std::nullopt;
}

/// The part of an event with this index, as its item's bytes; empty when it has none.
ByteView part_of(ByteView event, std::size_t index) {
    cbor::Decoder in(event);
    auto entries = cbor::MapReader::open(in);
    if (!entries) return {};
    while (true) {
        const auto key = entries->next();
        if (!key || !*key) return {};
        const auto item = in.item();
        if (!item) return {};
        if (**key == index) return *item;
    }
}

/// `event` with the dots of `cited` under event_cites_key, its last key.
Bytes with_cites(ByteView event, const std::vector<Dot>& cited) {
    cbor::Decoder in(event);
    const std::size_t count = in.map().value();
    Bytes out;
    cbor::Encoder encoder(out);
    encoder.map(count + 1);
    append(out, event.subspan(in.offset()));
    encoder.unsigned_integer(event_cites_key).array(cited.size());
    for (const Dot& dot : cited) encode(encoder, dot);
    return out;
}

/// Names, in an event of consent, the events of the same scope that its author sees: what it
/// answers to. A grant beside a refusal nobody had seen is then told from a change of mind.
Result<void> cite_consent(Session& session, const Intent& intent, const RecordType& type,
                          std::vector<OpenOperation>& operations) {
    for (OpenOperation& operation : operations) {
        const FieldSpec* field = type.field(operation.field);
        const auto scope = field == nullptr ? std::nullopt : scope_part(*field);
        if (!scope || operation.kind != OperationKind::append) continue;
        const StoredRecord* kept = TRY(session.store.load(intent.record));
        if (kept == nullptr) continue;
        const OpenedRecord opened = open_record(
            session, intent.record, *kept,
            [&](const FieldSpec& spec, const FieldState&) { return spec.number == field->number; });
        const OpenedField* events = opened.field(field->number);
        if (events == nullptr) continue;
        const ByteView wanted = part_of(operation.item, *scope);
        std::vector<Dot> cited;
        for (const OpenedSibling& event : events->siblings) {
            if (event.is_readable && is_equal(part_of(event.item, *scope), wanted)) {
                cited.push_back(event.dot);
            }
        }
        if (cited.size() > event_cites_max) {
            return refuse(ErrorCode::too_large, *field, "has too many events of one scope");
        }
        if (!cited.empty()) operation.item = with_cites(operation.item, cited);
    }
    return ok();
}

/// Codes compare as text, booleans as "true" and "false": so they stand in conditions.
std::string_view condition_text(ByteView item) {
    const auto boolean = cbor::Decoder(item).boolean();
    if (boolean) return *boolean ? "true" : "false";
    return text_in(item);
}

/// The states that stand in a field: one, or several that were reached apart.
std::vector<std::string_view> states_in(const OpenedRecord& record, const FieldSpec& field) {
    std::vector<std::string_view> states;
    const OpenedField* found = record.field(field.number);
    if (found == nullptr) return {std::string_view()};
    for (const OpenedSibling& sibling : found->siblings) {
        // What stands by a settle is among the values shown; what cannot be read leads nowhere.
        const std::string_view state = text_in(sibling.item);
        if (!state.empty()) states.push_back(state);
    }
    for (const Bytes& value : found->view.values) states.push_back(text_in(value));
    return states;
}

/// A step leads from any state that stands; a supervisor who settles a conflict may let one stand.
Result<void> check_step(const OpenedRecord& record, const FieldSpec& field, std::string_view to,
                        Role role, bool is_by_owner) {
    const std::vector<std::string_view> states = states_in(record, field);
    const auto leads_to = [&](std::string_view target) {
        return std::any_of(states.begin(), states.end(), [&](std::string_view state) {
            return may_step(field, state, target, role, is_by_owner);
        });
    };
    const bool keeps_one = role == Role::supervisor && record.field(field.number) != nullptr &&
                           record.field(field.number)->view.needs_review &&
                           std::find(states.begin(), states.end(), to) != states.end();
    if (leads_to(to) || keeps_one) return ok();
    std::string open_steps;
    for (const std::string_view state : field.order) {
        if (leads_to(state)) open_steps += (open_steps.empty() ? "" : ", ") + std::string(state);
    }
    return refuse(ErrorCode::transition_not_allowed, field,
                  open_steps.empty() ? "no step is open to you" : "open to you: " + open_steps);
}

}  // namespace

Result<std::vector<OperationUnit>> units_from_json(const Session& session, const RecordType& type,
                                                   const Json& fields) {
    std::map<std::uint32_t, std::vector<OperationUnit>> by_field;
    for (const auto& [name, value] : fields.items()) {
        const FieldSpec* field = type.field(std::string_view(name));
        if (field == nullptr) {
            return Error{ErrorCode::unknown_field,
                         quoted_name(name) + " is no field of " + std::string(type.name)};
        }
        TRY(check_writable(*field, type));
        if (field->rule == Rule::union_ || field->rule == Rule::append) {
            by_field[field->number] = TRY(elements_from_json(session, *field, value));
            continue;
        }
        Bytes item = TRY(item_from_json(session, *field, value));
        // A group is listed under its first field.
        std::uint32_t first = field->number;
        if (!field->together.empty()) {
            for (const FieldSpec& other : type.fields) {
                if (other.together == field->together) first = std::min(first, other.number);
            }
        }
        auto& units = by_field[first];
        if (units.empty()) units.emplace_back();
        units.front().push_back({field->number, kind_for(field->rule), std::move(item), {}});
    }
    std::vector<OperationUnit> units;
    for (auto& [number, found] : by_field) {
        for (OperationUnit& unit : found) units.push_back(std::move(unit));
    }
    return units;
}

ChangePlan plan_changes(std::vector<OperationUnit> units) {
    ChangePlan plan;
    for (OperationUnit& unit : units) {
        const std::size_t bytes = bytes_in(unit);
        auto change = std::find_if(plan.begin(), plan.end(), [&](const auto& candidate) {
            return !shares_field(candidate, unit) &&
                   bytes_in(candidate) + bytes <= plan_bytes_max &&
                   candidate.size() + unit.size() <= operations_max / 2;
        });
        if (change == plan.end()) change = plan.emplace(plan.end());
        for (OpenOperation& operation : unit) change->push_back(std::move(operation));
    }
    return plan;
}

Result<Dot> write_plan(Session& session, const Intent& record, ChangePlan plan) {
    const RecordType* type = record_type(record.record_type);
    if (type == nullptr) return ErrorCode::unknown_type;
    std::optional<Dot> last;
    std::vector<Bytes> index;
    for (auto& operations : plan) {
        for (Bytes& element : duplicate_index_of(session, *type, record.team, operations)) {
            index.push_back(std::move(element));
        }
        Intent intent = record;
        intent.operations = std::move(operations);
        TRY(cite_consent(session, intent, *type, intent.operations));
        last = TRY(session.write(std::move(intent)));
    }
    const FieldSpec* index_field = duplicate_index_field(*type);
    for (Bytes& element : index) {
        Intent intent = record;
        intent.operations = {{index_field->number, OperationKind::add, std::move(element), {}}};
        last = TRY(session.write(std::move(intent)));
    }
    if (!last) return Error{ErrorCode::wrong_parameters, "fields: there is nothing to save"};
    return *last;
}

bool is_applicable(const OpenedRecord& record, const FieldSpec& field) {
    if (field.when.field == 0) return true;
    const OpenedField* deciding = record.field(field.when.field);
    if (deciding == nullptr) return false;
    if (!deciding->is_readable()) return true;
    if (field.when.values.empty()) return !deciding->view.values.empty();
    return std::any_of(
        deciding->view.values.begin(), deciding->view.values.end(), [&](const Bytes& item) {
            const std::string_view shown = condition_text(item);
            return std::find(field.when.values.begin(), field.when.values.end(), shown) !=
                   field.when.values.end();
        });
}

OpenedRecord open_deciding(Session& session, const RecordId& id, const StoredRecord& record) {
    std::vector<std::uint32_t> deciding;
    if (const RecordType* type = record_type(record.shown.type)) {
        for (const FieldSpec& field : type->fields) {
            if (field.when.field != 0) deciding.push_back(field.when.field);
        }
    }
    return open_record(session, id, record, [&](const FieldSpec& spec, const FieldState&) {
        return std::find(deciding.begin(), deciding.end(), spec.number) != deciding.end();
    });
}

Result<void> check_complete(const StoredRecord& record, const OpenedRecord& opened) {
    std::string missing;
    if (opened.type == nullptr) return ok();
    for (const FieldSpec& field : opened.type->fields) {
        const auto state = record.shown.fields.find(field.number);
        const bool is_empty = state == record.shown.fields.end() || state->second.siblings.empty();
        if (!field.is_required || !is_empty || !is_applicable(opened, field)) continue;
        missing += (missing.empty() ? "" : ", ") + std::string(field.name);
    }
    if (missing.empty()) return ok();
    return Error{ErrorCode::missing_field, missing};
}

Result<void> check_conditions(const OpenedRecord& opened, const Json& fields) {
    for (const auto& [name, value] : fields.items()) {
        const FieldSpec* field = opened.type->field(std::string_view(name));
        if (field == nullptr || is_applicable(opened, *field)) continue;
        const FieldSpec* deciding = opened.type->field(field->when.field);
        std::string what = "belongs only where " + std::string(deciding->name) + " is ";
        if (field->when.values.empty()) what += "given";
        for (std::size_t index = 0; index < field->when.values.size(); ++index) {
            what += (index == 0 ? "" : " or ") + std::string(field->when.values[index]);
        }
        return refuse(ErrorCode::wrong_value, *field, what);
    }
    return ok();
}

Result<void> check_set(const OpenedRecord& record, const FieldSpec& field, ByteView item, Role role,
                       bool is_by_owner) {
    if (field.number == common_field::owner && role != Role::supervisor &&
        record.field(field.number) != nullptr) {
        return refuse(ErrorCode::not_permitted, field, "only a supervisor may give it another");
    }
    const Bytes* shown = record.shown(field.number);
    const std::string_view from = shown == nullptr ? std::string_view() : condition_text(*shown);
    const std::string_view to = condition_text(item);
    if (field.number == common_field::review) return ok();  // Its steps are the method review's.
    if (field.rule == Rule::state_machine) return check_step(record, field, to, role, is_by_owner);
    if (field.rule == Rule::most_restrictive && field.loosens_by_supervisor &&
        role != Role::supervisor && shown != nullptr) {
        const auto rank = [&](std::string_view text) {
            return std::find(field.order.begin(), field.order.end(), text) - field.order.begin();
        };
        if (rank(to) < rank(from)) {
            return refuse(ErrorCode::not_permitted, field, "only a supervisor may loosen it");
        }
    }
    return ok();
}

}  // namespace godwit
