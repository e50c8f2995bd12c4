#include <algorithm>

#include "field-client/replica/capture_plan.h"
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

/// A record that a call is about, as kept, with its type.
struct Subject {
    RecordId id;
    StoredRecord record;
    const RecordType* type{};

    [[nodiscard]] Intent intent() const { return {id, record.shown.type, record.shown.team, {}}; }
};

/// Fails with unknown_record, record_erased, or unknown_type for a type of a newer version.
Result<Subject> find_subject(Session& session, std::string_view text) {
    Subject subject;
    subject.id = TRY(find_record(session, text));
    subject.record = TRY(session.record(subject.id));
    if (subject.record.shown.is_erased) return ErrorCode::record_erased;
    subject.type = record_type(subject.record.shown.type);
    if (subject.type == nullptr) {
        return Error{ErrorCode::unknown_type, "the record's type is of a newer version"};
    }
    return subject;
}

/// Fails with unknown_field, or rule_does_not_allow unless the field's rule is `rule`.
Result<const FieldSpec*> find_field(const RecordType& type, std::string_view name, Rule rule,
                                    std::string_view what) {
    const FieldSpec* field = type.field(name);
    if (field == nullptr) {
        return Error{ErrorCode::unknown_field,
                     quoted_name(name) + " is no field of " + std::string(type.name)};
    }
    if (field->rule != rule) {
        return Error{ErrorCode::rule_does_not_allow,
                     std::string(field->name) + ": " + std::string(what)};
    }
    return field;
}

// --- capture ---------------------------------------------------------------------------------

/// The team named, or the only one in which this member may write.
Result<TeamId> team_for(const Session& session, const std::optional<std::string>& named) {
    if (named) return find_team(session, *named);
    std::vector<TeamId> teams;
    for (const Place& place : session.roster.places(session.self().replica)) {
        if (!place.team.is_zero()) teams.push_back(place.team);
    }
    if (teams.empty()) return Error{ErrorCode::not_permitted, "you have no place in any team"};
    if (teams.size() > 1) {
        return Error{ErrorCode::wrong_parameters, "team: you belong to several, say which"};
    }
    return teams.front();
}

Bytes review_item(std::string_view state) {
    Bytes item;
    cbor::Encoder(item).array(2).text(state).null();
    return item;
}

/// What every record begins with: whose it is, and where it stands in review.
Result<OperationUnit> first_operations(const Session& session, const RecordType& type, Role role,
                                       bool is_draft) {
    const FieldSpec* review = type.field(common_field::review);
    const std::string_view state = is_draft ? "draft" : "submitted";
    if (!may_step(*review, "", state, role, true)) {
        return Error{ErrorCode::not_permitted, "your role in this team does not begin records"};
    }
    Bytes owner;
    cbor::Encoder(owner).id(session.self().member);
    return OperationUnit{{common_field::owner, OperationKind::set, std::move(owner), {}},
                         {common_field::review, OperationKind::set, review_item(state), {}}};
}

Result<Json> capture_one(Session& session, const Json& given) {
    Parameters parameters(given);
    const std::string name = TRY(parameters.text("type"));
    const auto team_text = TRY(parameters.optional_text("team"));
    const Json* fields = TRY(parameters.object("fields"));
    const bool is_draft = TRY(parameters.boolean("draft", false));
    TRY(parameters.finish());

    const RecordType* type = record_type(std::string_view(name));
    if (type == nullptr) {
        return Error{ErrorCode::unknown_type, quoted_name(name) + " is no type of record"};
    }
    if (fields->contains("owner")) {
        return Error{ErrorCode::rule_does_not_allow, "owner: whoever captures a record owns it"};
    }
    const TeamId team = TRY(team_for(session, team_text));
    const Role role = TRY(session.role_in(team));
    std::vector<OperationUnit> units = TRY(units_from_json(session, *type, *fields));
    units.insert(units.begin(), TRY(first_operations(session, *type, role, is_draft)));
    for (const OperationUnit& unit : units) {
        for (const OpenOperation& operation : unit) {
            const FieldSpec* field = type->field(operation.field);
            TRY(check_set(OpenedRecord{type, {}, {}}, *field, operation.item, role, true));
        }
    }

    const RecordId id = session.host.random.record_id();
    const Dot last =
        TRY(write_plan(session, {id, type->number, team, {}}, plan_changes(std::move(units))));
    if (!is_draft) {
        // Judged on what was written; a refusal undoes the transaction.
        const StoredRecord record = TRY(session.record(id));
        const OpenedRecord opened = open_record(session, id, record);
        TRY(check_complete(opened));
        TRY(check_conditions(opened, *fields));
    }
    return answer_of(id, last);
}

Result<Json> capture(Session& session, const Json& given) {
    return in_transaction(session, [&] { return capture_one(session, given); });
}

Result<Json> capture_many(Session& session, const Json& given) {
    Parameters parameters(given);
    const Json* records = TRY(parameters.array("records"));
    TRY(parameters.finish());
    return in_transaction(session, [&]() -> Result<Json> {
        Json captured = Json::array();
        for (std::size_t index = 0; index < records->size(); ++index) {
            const Json& each = (*records)[index];
            const std::string where = "records[" + std::to_string(index) + "]: ";
            if (!each.is_object()) {
                return Error{ErrorCode::wrong_parameters, where + "is no record"};
            }
            auto one = capture_one(session, each);
            if (!one) return Error{one.error().code, where + one.error().detail};
            captured.push_back(std::move(one).value());
        }
        return Json{{"records", std::move(captured)}};
    });
}

// --- edit, add, remove, count, note ----------------------------------------------------------

/// Holds what was just written to the conditions of its fields; a draft may be anything.
Result<void> check_after(Session& session, const RecordId& id, const Json& fields) {
    const StoredRecord record = TRY(session.record(id));
    if (review_state_of(record.shown) == "draft") return ok();
    return check_conditions(open_record(session, id, record), fields);
}

Result<Json> edit(Session& session, const Json& given) {
    Parameters parameters(given);
    const std::string record = TRY(parameters.text("record"));
    const Json* fields = TRY(parameters.object("fields"));
    TRY(parameters.finish());
    return in_transaction(session, [&]() -> Result<Json> {
        const Subject subject = TRY(find_subject(session, record));
        const Role role = TRY(session.role_in(subject.record.shown.team));
        std::vector<OperationUnit> units = TRY(units_from_json(session, *subject.type, *fields));
        const OpenedRecord before = open_record(session, subject.id, subject.record);
        const bool is_by_owner = is_owner(session, subject.record.shown);
        for (const OperationUnit& unit : units) {
            for (const OpenOperation& operation : unit) {
                const FieldSpec* field = subject.type->field(operation.field);
                TRY(check_set(before, *field, operation.item, role, is_by_owner));
            }
        }
        const Dot last = TRY(write_plan(session, subject.intent(), plan_changes(std::move(units))));
        TRY(check_after(session, subject.id, *fields));
        return answer_of(subject.id, last);
    });
}

/// One operation on one field of a record: what add, count and note have in common.
Result<Json> write_one(Session& session, const Json& given, Rule rule, std::string_view value_name,
                       std::string_view what) {
    Parameters parameters(given);
    const std::string record = TRY(parameters.text("record"));
    const std::string name = TRY(parameters.text("field"));
    const Json value = *TRY(parameters.value(value_name));
    TRY(parameters.finish());
    return in_transaction(session, [&]() -> Result<Json> {
        const Subject subject = TRY(find_subject(session, record));
        TRY(find_field(*subject.type, name, rule, what));
        const bool is_counted = rule == Rule::sum;
        const Json fields = {{name, is_counted ? value : Json::array({value})}};
        auto units = TRY(units_from_json(session, *subject.type, fields));
        const Dot change =
            TRY(write_plan(session, subject.intent(), plan_changes(std::move(units))));
        TRY(check_after(session, subject.id, fields));
        return answer_of(subject.id, change);
    });
}

Result<Json> add(Session& session, const Json& given) {
    return write_one(session, given, Rule::union_, "value", "is no set: use edit, count or note");
}

Result<Json> count(Session& session, const Json& given) {
    return write_one(session, given, Rule::sum, "by", "is no count: use edit, add or note");
}

Result<Json> note(Session& session, const Json& given) {
    return write_one(session, given, Rule::append, "value",
                     "takes no notes: use edit, add or count");
}

Result<Json> remove(Session& session, const Json& given) {
    Parameters parameters(given);
    const std::string record = TRY(parameters.text("record"));
    const std::string name = TRY(parameters.text("field"));
    const Json* value = TRY(parameters.value("value"));
    TRY(parameters.finish());
    return in_transaction(session, [&]() -> Result<Json> {
        const Subject subject = TRY(find_subject(session, record));
        const FieldSpec* field = TRY(
            find_field(*subject.type, name, Rule::union_, "is no set: nothing is taken out of it"));
        const Bytes item = TRY(item_from_json(session, *field, *value));
        const OpenedRecord opened = open_record(
            session, subject.id, subject.record,
            [&](const FieldSpec& spec, const FieldState&) { return spec.number == field->number; });
        Intent intent = subject.intent();
        OpenOperation removal{field->number, OperationKind::remove, {}, {}};
        if (const OpenedField* found = opened.field(field->number)) {
            if (!found->is_readable()) return *opened.key_error;
            for (const OpenedSibling& sibling : found->siblings) {
                if (is_equal(sibling.item, item)) removal.removed.push_back(sibling.dot);
            }
        }
        if (removal.removed.empty()) {
            return Error{ErrorCode::wrong_value,
                         std::string(field->name) + ": does not hold this value"};
        }
        intent.operations.push_back(std::move(removal));
        return answer_of(subject.id, TRY(session.write(intent)));
    });
}

// --- archive and erase -----------------------------------------------------------------------

Result<Json> archive(Session& session, const Json& given) {
    Parameters parameters(given);
    const std::string record = TRY(parameters.text("record"));
    const bool is_archived = TRY(parameters.boolean("archived", true));
    TRY(parameters.finish());
    return in_transaction(session, [&]() -> Result<Json> {
        const Subject subject = TRY(find_subject(session, record));
        const Role role = TRY(session.role_in(subject.record.shown.team));
        const FieldSpec* field = subject.type->field(common_field::archived);
        Bytes item;
        cbor::Encoder(item).boolean(is_archived);
        TRY(check_set(open_record(session, subject.id, subject.record), *field, item, role,
                      is_owner(session, subject.record.shown)));
        Intent intent = subject.intent();
        intent.operations.push_back({field->number, OperationKind::set, std::move(item), {}});
        return answer_of(subject.id, TRY(session.write(intent)));
    });
}

Result<Json> erase(Session& session, const Json& given) {
    Parameters parameters(given);
    const std::string record = TRY(parameters.text("record"));
    TRY(parameters.finish());
    return in_transaction(session, [&]() -> Result<Json> {
        const RecordId id = TRY(find_record(session, record));
        const StoredRecord kept = TRY(session.record(id));
        if (kept.shown.is_erased) return ErrorCode::record_erased;
        const Role role = TRY(session.role_in(kept.shown.team));
        if (role != Role::supervisor && !is_owner(session, kept.shown)) {
            return Error{ErrorCode::not_permitted,
                         "only the owner of a record or a supervisor may erase it"};
        }
        Intent intent{id, kept.shown.type, kept.shown.team, {}};
        intent.operations.push_back({common_field::record, OperationKind::erase, {}, {}});
        return answer_of(id, TRY(session.write(intent)));
    });
}

constexpr Method methods[] = {
    {"capture", capture}, {"capture_many", capture_many},
    {"edit", edit},       {"add", add},
    {"remove", remove},   {"count", count},
    {"note", note},       {"archive", archive},
    {"erase", erase},
};

}  // namespace

std::span<const Method> capture_methods() {
    return methods;
}

}  // namespace godwit
