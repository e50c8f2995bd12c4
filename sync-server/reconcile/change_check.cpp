#include "sync-server/reconcile/change_check.h"

#include <algorithm>

#include "shared/change/field_value.h"
#include "shared/merge/view.h"
#include "shared/model/common_fields.h"

namespace godwit {
namespace {

bool is_known(OperationKind kind) {
    return kind >= OperationKind::set && kind <= OperationKind::settle;
}

bool is_register_kind(OperationKind kind) {
    return kind == OperationKind::set || kind == OperationKind::settle;
}

bool allows(Rule rule, OperationKind kind) {
    switch (rule) {
        case Rule::union_:
            return kind == OperationKind::add || kind == OperationKind::remove;
        case Rule::sum:
            return kind == OperationKind::increment;
        case Rule::append:
            return kind == OperationKind::append;
        case Rule::latest:
        case Rule::keep_both:
        case Rule::most_restrictive:
        case Rule::write_once:
        case Rule::supervisor_first:
        case Rule::state_machine:
            return is_register_kind(kind);
    }
    return true;
}

std::string name_of(const FieldSpec& field) {
    return std::string(field.name);
}

/// The values that stand in `value`: one, or for settle several. Views into it.
Result<std::vector<ByteView>> values_in(OperationKind kind, ByteView value) {
    if (kind != OperationKind::settle) return std::vector<ByteView>{value};
    cbor::Decoder in(value);
    std::vector<ByteView> out;
    for (std::size_t left = TRY(in.array()); left > 0; --left) out.push_back(TRY(in.item()));
    TRY(in.finish());
    return out;
}

Result<std::vector<ByteView>> values_of(const Operation& operation) {
    return values_in(operation.kind, operation.value);
}

std::optional<Objection> objection_to_value(const FieldSpec& field, const Operation& operation) {
    if (operation.kind == OperationKind::remove) return std::nullopt;
    if (operation.form == Form::sealed) {
        if (field.is_sealed) return std::nullopt;
        return Objection{ErrorCode::wrong_value, name_of(field) + " is an open field"};
    }
    if (operation.form != Form::open) return std::nullopt;
    // Its value is not for this server: it stays out of states, and so out of what is relayed.
    if (field.is_sealed) {
        return Objection{ErrorCode::wrong_value, name_of(field) + " must be sealed"};
    }
    const auto values = values_of(operation);
    if (!values) return Objection{ErrorCode::wrong_value, name_of(field) + " is not a list"};
    for (const ByteView value : *values) {
        const auto checked = check_value(field, value);
        if (!checked) return Objection{checked.error().code, checked.error().detail};
    }
    return std::nullopt;
}

std::optional<Objection> objection_to_owner(const Change& change, const Operation& operation,
                                            const LogId& log, const Author& author,
                                            const RecordState& state) {
    if (author.role == Role::supervisor) return std::nullopt;
    const auto field = state.fields.find(common_field::owner);
    const bool is_settled = field != state.fields.end() &&
                            !field->second.has_seen({log, change.sequence}) &&
                            !field->second.seen.is_empty();
    const auto values = values_of(operation);
    bool names_author = values && values->size() == 1;
    if (names_author) {
        cbor::Decoder in(values->front());
        const auto member = in.id<MemberId>();
        names_author = member && *member == author.member;
    }
    if (names_author && !is_settled) return std::nullopt;
    return Objection{ErrorCode::not_permitted, "only a supervisor gives a record another owner"};
}

/// The code a state stands for: of a review the first of its two parts.
std::string state_code(const FieldSpec& field, ByteView item) {
    cbor::Decoder in(item);
    if (field.type == ValueType::review && !in.array()) return {};
    const auto code = in.text();
    return code ? std::string(*code) : std::string();
}

/// The states the author had before them: those of the siblings they had seen.
std::vector<std::string> states_seen(const FieldSpec& field, const Change& change, const LogId& log,
                                     const RecordState& state) {
    std::vector<std::string> out;
    const auto found = state.fields.find(field.number);
    if (found == state.fields.end()) return out;
    const Context seen = seen_by(change, log);
    for (const Sibling& sibling : found->second.siblings) {
        if (sibling.form != Form::open || !seen.covers(sibling.dot)) continue;
        const auto values = values_in(sibling.kind, sibling.value);
        if (!values) continue;
        for (const ByteView value : *values) out.push_back(state_code(field, value));
    }
    return out;
}

/// Steps lead from what is shown: an approval that something has overtaken shows as reopened.
bool may_step_from(const FieldSpec& field, std::string_view from, std::string_view to, Role role,
                   bool is_owner) {
    if (may_step(field, from, to, role, is_owner)) return true;
    return field.type == ValueType::review && from == "approved" &&
           may_step(field, "reopened", to, role, is_owner);
}

bool may_reach(const FieldSpec& field, std::string_view to, Role role, bool is_owner) {
    return std::any_of(field.transitions.begin(), field.transitions.end(), [&](const auto& each) {
        return each.to == to && may_step(field, each.from, to, role, is_owner);
    });
}

std::optional<Objection> objection_to_step(const FieldSpec& field, const Operation& operation,
                                           const std::vector<std::string>& from, Role role,
                                           bool is_owner) {
    const auto values = values_of(operation);
    if (!values) return std::nullopt;  // Told by objection_to_operations().
    for (const ByteView value : *values) {
        const std::string to = state_code(field, value);
        if (!may_reach(field, to, role, is_owner)) {
            return Objection{ErrorCode::not_permitted,
                             name_of(field) + ": not a step of this role"};
        }
        // Whose siblings are gone by now, or had none, started from something no longer known.
        if (from.empty()) continue;
        const bool is_step = std::any_of(from.begin(), from.end(), [&](const std::string& each) {
            return may_step_from(field, each, to, role, is_owner);
        });
        // A supervisor who settles a conflict lets one of its states stand.
        const bool keeps_one =
            role == Role::supervisor && std::find(from.begin(), from.end(), to) != from.end();
        if (!is_step && !keeps_one) {
            return Objection{ErrorCode::transition_not_allowed,
                             name_of(field) + ": not a step from what the author had seen"};
        }
    }
    return std::nullopt;
}

/// The place of a value in the field's order of safety; nothing when the order does not name it.
std::optional<std::size_t> safety(const FieldSpec& field, ByteView item) {
    cbor::Decoder in(item);
    std::string code;
    if (field.type == ValueType::boolean) {
        const auto value = in.boolean();
        if (!value) return std::nullopt;
        code = *value ? "true" : "false";
    } else {
        const auto text = in.text();
        if (!text) return std::nullopt;
        code = std::string(*text);
    }
    const auto found = std::find(field.order.begin(), field.order.end(), code);
    if (found == field.order.end()) return std::nullopt;
    return static_cast<std::size_t>(found - field.order.begin());
}

/// True when the change would take away a stricter value without putting one as strict.
bool loosens(const FieldSpec& field, const Operation& operation, const Change& change,
             const LogId& log, const RecordState& state) {
    const auto found = state.fields.find(field.number);
    const auto values = values_of(operation);
    if (found == state.fields.end() || !values) return false;
    std::size_t strictest = 0;
    for (const ByteView value : *values) {
        strictest = std::max(strictest, safety(field, value).value_or(0));
    }
    const Context seen = seen_by(change, log);
    return std::any_of(found->second.siblings.begin(), found->second.siblings.end(),
                       [&](const Sibling& each) {
                           return each.form == Form::open && seen.covers(each.dot) &&
                                  safety(field, each.value).value_or(0) > strictest;
                       });
}

std::optional<Objection> objection_to_operation(const Change& change, const Operation& operation,
                                                const LogId& log, const Author& author,
                                                const RecordState& state, bool is_owner) {
    const FieldSpec* field = field_spec(change.record_type, operation.field);
    if (field == nullptr || !is_register_kind(operation.kind) || operation.form != Form::open) {
        return std::nullopt;
    }
    if (field->number == common_field::owner) {
        return objection_to_owner(change, operation, log, author, state);
    }
    if (field->rule == Rule::state_machine) {
        return objection_to_step(*field, operation, states_seen(*field, change, log, state),
                                 *author.role, is_owner);
    }
    if (field->loosens_by_supervisor && author.role != Role::supervisor &&
        loosens(*field, operation, change, log, state)) {
        return Objection{ErrorCode::not_permitted,
                         name_of(*field) + ": only a supervisor may loosen it"};
    }
    return std::nullopt;
}

/// A supervisor may also act as a worker: what was written before a promotion still counts.
bool holds_role(const Author& author, Role claimed) {
    if (!author.role) return false;
    if (*author.role == Role::supervisor) {
        return claimed == Role::supervisor || claimed == Role::worker;
    }
    return *author.role == Role::worker && claimed == Role::worker;
}

}  // namespace

Author author_of(const Roster& roster, const ReplicaId& replica, const TeamId& team) {
    const auto* entry = roster.replica(replica);
    if (entry == nullptr || team.is_zero()) return {replica, {}, std::nullopt};
    return {replica, entry->member, roster.role(replica, team)};
}

const FieldSpec* field_spec(std::uint32_t record_type_number, std::uint32_t field) {
    const RecordType* type = record_type(record_type_number);
    if (type == nullptr && field < common_field::first_free) type = &record_types().front();
    return type == nullptr ? nullptr : type->field(field);
}

std::optional<Objection> objection_to_operations(const Change& change) {
    for (const Operation& operation : change.operations) {
        if (operation.kind == OperationKind::erase) continue;
        const FieldSpec* field = field_spec(change.record_type, operation.field);
        if (field == nullptr) continue;
        if (is_known(operation.kind) && !allows(field->rule, operation.kind)) {
            return Objection{ErrorCode::rule_does_not_allow,
                             name_of(*field) + ": another kind of operation than its rule takes"};
        }
        if (!is_known(operation.kind)) continue;
        if (auto objection = objection_to_value(*field, operation)) return objection;
    }
    return std::nullopt;
}

std::optional<Objection> objection_to_author(const Change& change, const LogId& log,
                                             const Author& author, const RecordState& state,
                                             const std::vector<MemberId>& owners) {
    if (!holds_role(author, change.role)) {
        return Objection{ErrorCode::not_permitted,
                         author.role ? "the author does not hold the role they claim"
                                     : "the author has no place in the team"};
    }
    const bool is_new = state.fields.empty() && !state.is_erased;
    if (!is_new && (state.type != change.record_type || state.team != change.team)) {
        return Objection{ErrorCode::rule_does_not_allow, "a record keeps its type and team"};
    }
    const bool is_owner = std::binary_search(owners.begin(), owners.end(), author.member);
    if (is_erasing(change)) {
        if (is_new || state.is_erased || is_owner || change.role == Role::supervisor) {
            return std::nullopt;
        }
        return Objection{ErrorCode::not_permitted, "only its owner or a supervisor erases it"};
    }
    Author acting = author;
    acting.role = change.role;
    for (const Operation& operation : change.operations) {
        auto objection =
            objection_to_operation(change, operation, log, acting, state, is_owner || is_new);
        if (objection) return objection;
    }
    return std::nullopt;
}

}  // namespace godwit
