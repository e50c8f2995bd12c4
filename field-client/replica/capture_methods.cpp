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

/// What one call wrote: the record, and the last change.
struct Written {
    RecordId record;
    Dot change;
};

Json answer_of(const Written& written) {
    return {{"record", to_text(written.record)}, {"change", format_dot(written.change)}};
}

/// A transaction in which records are written, and what was written in it so far.
struct Writing {
    Session& session;
    std::vector<Written> done;
};

/// A record that a call is about, as the transaction has it, with its type.
struct Subject {
    RecordId id;
    StoredRecord* record{};
    const RecordType* type{};

    [[nodiscard]] const RecordState& shown() const { return record->shown; }
    [[nodiscard]] Intent intent() const { return {id, shown().type, shown().team, {}}; }
};

/// The record that `name` means: digits its id begins with, or {"write": N}, the record of an
/// earlier write of the same call.
Result<RecordId> named_record(const Writing& writing, const Json& name) {
    if (name.is_string()) return find_record(writing.session, name.get_ref<const std::string&>());
    const auto place = name.is_object() && name.size() == 1 ? name.find("write") : name.end();
    if (place == name.end() || !place->is_number_unsigned()) {
        return Error{ErrorCode::wrong_parameters,
                     "record: is digits its id begins with, or {\"write\": N}"};
    }
    const auto index = place->get<std::uint64_t>();
    if (index >= writing.done.size()) {
        return Error{ErrorCode::wrong_parameters, "record: names a write that is not before it"};
    }
    return writing.done[index].record;
}

/// Fails with unknown_record, record_erased, or unknown_type for a type of a newer version.
Result<Subject> find_subject(const Writing& writing, const Json& name) {
    Subject subject;
    subject.id = TRY(named_record(writing, name));
    subject.record = TRY(writing.session.load(subject.id));
    if (subject.shown().is_erased) return ErrorCode::record_erased;
    subject.type = record_type(subject.shown().type);
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

Result<Written> capture_one(Writing& writing, Parameters& parameters) {
    Session& session = writing.session;
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
    const OpenedRecord nothing{type, {}, {}};
    for (const OperationUnit& unit : units) {
        for (const OpenOperation& operation : unit) {
            const FieldSpec* field = type->field(operation.field);
            TRY(check_set(nothing, *field, operation.item, role, true));
        }
    }

    const RecordId id = session.host.random.record_id();
    const Dot last =
        TRY(write_plan(session, {id, type->number, team, {}}, plan_changes(std::move(units))));
    if (!is_draft) {
        // Judged on what was written; a refusal undoes the transaction.
        const StoredRecord& record = *TRY(session.load(id));
        const OpenedRecord opened = open_deciding(session, id, record);
        TRY(check_complete(record, opened));
        TRY(check_conditions(opened, *fields));
    }
    return Written{id, last};
}

// --- edit, add, remove, count, note ----------------------------------------------------------

/// Holds what was just written to the conditions of its fields; a draft may be anything.
Result<void> check_after(const Writing& writing, const Subject& subject, const Json& fields) {
    if (review_state_of(subject.shown()) == "draft") return ok();
    return check_conditions(open_deciding(writing.session, subject.id, *subject.record), fields);
}

/// What a set of these fields is judged by: themselves, as they stand.
OpenedRecord open_named(Session& session, const Subject& subject, const Json& fields) {
    return open_record(
        session, subject.id, *subject.record,
        [&](const FieldSpec& spec, const FieldState&) { return fields.contains(spec.name); });
}

Result<Written> edit_one(Writing& writing, Parameters& parameters) {
    Session& session = writing.session;
    const Json* record = TRY(parameters.value("record"));
    const Json* fields = TRY(parameters.object("fields"));
    TRY(parameters.finish());
    const Subject subject = TRY(find_subject(writing, *record));
    const Role role = TRY(session.role_in(subject.shown().team));
    std::vector<OperationUnit> units = TRY(units_from_json(session, *subject.type, *fields));
    const OpenedRecord before = open_named(session, subject, *fields);
    const bool is_by_owner = is_owner(session, subject.shown());
    for (const OperationUnit& unit : units) {
        for (const OpenOperation& operation : unit) {
            const FieldSpec* field = subject.type->field(operation.field);
            TRY(check_set(before, *field, operation.item, role, is_by_owner));
        }
    }
    const Dot last = TRY(write_plan(session, subject.intent(), plan_changes(std::move(units))));
    TRY(check_after(writing, subject, *fields));
    return Written{subject.id, last};
}

/// One operation on one field of a record: what add, count and note have in common.
Result<Written> write_one(Writing& writing, Parameters& parameters, Rule rule,
                          std::string_view value_name, std::string_view what) {
    Session& session = writing.session;
    const Json* record = TRY(parameters.value("record"));
    const std::string name = TRY(parameters.text("field"));
    const Json* value = TRY(parameters.value(value_name));
    TRY(parameters.finish());
    const Subject subject = TRY(find_subject(writing, *record));
    TRY(find_field(*subject.type, name, rule, what));
    const bool is_counted = rule == Rule::sum;
    const Json fields = {{name, is_counted ? *value : Json::array({*value})}};
    auto units = TRY(units_from_json(session, *subject.type, fields));
    const Dot change = TRY(write_plan(session, subject.intent(), plan_changes(std::move(units))));
    TRY(check_after(writing, subject, fields));
    return Written{subject.id, change};
}

Result<Written> add_one(Writing& writing, Parameters& parameters) {
    return write_one(writing, parameters, Rule::union_, "value",
                     "is no set: use edit, count or note");
}

Result<Written> count_one(Writing& writing, Parameters& parameters) {
    return write_one(writing, parameters, Rule::sum, "by", "is no count: use edit, add or note");
}

Result<Written> note_one(Writing& writing, Parameters& parameters) {
    return write_one(writing, parameters, Rule::append, "value",
                     "takes no notes: use edit, add or count");
}

Result<Written> remove_one(Writing& writing, Parameters& parameters) {
    Session& session = writing.session;
    const Json* record = TRY(parameters.value("record"));
    const std::string name = TRY(parameters.text("field"));
    const Json* value = TRY(parameters.value("value"));
    TRY(parameters.finish());
    const Subject subject = TRY(find_subject(writing, *record));
    const FieldSpec* field =
        TRY(find_field(*subject.type, name, Rule::union_, "is no set: nothing is taken out of it"));
    const Bytes item = TRY(item_from_json(session, *field, *value));
    const OpenedRecord opened = open_record(
        session, subject.id, *subject.record,
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
    return Written{subject.id, TRY(session.write(std::move(intent)))};
}

// --- archive and erase -----------------------------------------------------------------------

Result<Written> archive_one(Writing& writing, Parameters& parameters) {
    Session& session = writing.session;
    const Json* record = TRY(parameters.value("record"));
    const bool is_archived = TRY(parameters.boolean("archived", true));
    TRY(parameters.finish());
    const Subject subject = TRY(find_subject(writing, *record));
    const Role role = TRY(session.role_in(subject.shown().team));
    const FieldSpec* field = subject.type->field(common_field::archived);
    Bytes item;
    cbor::Encoder(item).boolean(is_archived);
    const OpenedRecord before = open_record(
        session, subject.id, *subject.record,
        [&](const FieldSpec& spec, const FieldState&) { return spec.number == field->number; });
    TRY(check_set(before, *field, item, role, is_owner(session, subject.shown())));
    Intent intent = subject.intent();
    intent.operations.push_back({field->number, OperationKind::set, std::move(item), {}});
    return Written{subject.id, TRY(session.write(std::move(intent)))};
}

Result<Json> erase(Session& session, const Json& given) {
    Parameters parameters(given);
    const std::string record = TRY(parameters.text("record"));
    TRY(parameters.finish());
    return in_transaction(session, [&]() -> Result<Json> {
        const RecordId id = TRY(find_record(session, record));
        const StoredRecord& kept = *TRY(session.load(id));
        if (kept.shown.is_erased) return ErrorCode::record_erased;
        const Role role = TRY(session.role_in(kept.shown.team));
        if (role != Role::supervisor && !is_owner(session, kept.shown)) {
            return Error{ErrorCode::not_permitted,
                         "only the owner of a record or a supervisor may erase it"};
        }
        Intent intent{id, kept.shown.type, kept.shown.team, {}};
        intent.operations.push_back({common_field::record, OperationKind::erase, {}, {}});
        return answer_of({id, TRY(session.write(std::move(intent)))});
    });
}

// --- One call, one transaction -----------------------------------------------------------------

/// What can be written together with others. Erasing is not among them: what cannot be taken back
/// is said alone.
struct Write {
    std::string_view name;
    Result<Written> (*run)(Writing& writing, Parameters& parameters);
};

constexpr Write writes[] = {
    {"capture", capture_one}, {"edit", edit_one}, {"add", add_one},
    {"count", count_one},     {"note", note_one}, {"remove", remove_one},
    {"archive", archive_one},
};

template <Result<Written> (*run)(Writing&, Parameters&)>
Result<Json> alone(Session& session, const Json& given) {
    Parameters parameters(given);
    return in_transaction(session, [&]() -> Result<Json> {
        Writing writing{session, {}};
        return answer_of(TRY(run(writing, parameters)));
    });
}

/// `error`, saying of which element of the call it is.
Error at(std::string_view list, std::size_t index, const Error& error) {
    const std::string place = std::string(list) + "[" + std::to_string(index) + "]";
    return {error.code, error.detail.empty() ? place : place + ": " + error.detail};
}

Result<Json> capture_many(Session& session, const Json& given) {
    Parameters parameters(given);
    const Json* records = TRY(parameters.array("records"));
    TRY(parameters.finish());
    return in_transaction(session, [&]() -> Result<Json> {
        Writing writing{session, {}};
        Json captured = Json::array();
        for (const Json& each : *records) {
            const std::size_t index = captured.size();
            if (!each.is_object()) {
                return at("records", index, {ErrorCode::wrong_parameters, "is no record"});
            }
            Parameters one(each);
            const auto written = capture_one(writing, one);
            if (!written) return at("records", index, written.error());
            captured.push_back(answer_of(*written));
            TRY(session.store.relieve());
        }
        return Json{{"records", std::move(captured)}};
    });
}

Result<Written> write_named(Writing& writing, const Json& given) {
    if (!given.is_object()) return Error{ErrorCode::wrong_parameters, "is no write"};
    Parameters parameters(given);
    const std::string name = TRY(parameters.text("do"));
    const auto* write = std::find_if(std::begin(writes), std::end(writes),
                                     [&](const Write& each) { return each.name == name; });
    if (write == std::end(writes)) {
        return Error{ErrorCode::wrong_parameters,
                     "do: capture, edit, add, count, note, remove or archive"};
    }
    return write->run(writing, parameters);
}

Result<Json> write_many(Session& session, const Json& given) {
    Parameters parameters(given);
    const Json* list = TRY(parameters.array("writes"));
    TRY(parameters.finish());
    return in_transaction(session, [&]() -> Result<Json> {
        Writing writing{session, {}};
        writing.done.reserve(list->size());
        for (const Json& each : *list) {
            const auto written = write_named(writing, each);
            if (!written) return at("writes", writing.done.size(), written.error());
            writing.done.push_back(*written);
            TRY(session.store.relieve());
        }
        Json answers = Json::array();
        for (const Written& written : writing.done) answers.push_back(answer_of(written));
        return Json{{"writes", std::move(answers)}};
    });
}

}  // namespace

std::span<const Method> capture_methods() {
    static constexpr Method methods[] = {
        {"capture", alone<capture_one>}, {"capture_many", capture_many},
        {"write_many", write_many},      {"edit", alone<edit_one>},
        {"add", alone<add_one>},         {"remove", alone<remove_one>},
        {"count", alone<count_one>},     {"note", alone<note_one>},
        {"archive", alone<archive_one>}, {"erase", erase},
    };
    return methods;
}

}  // namespace godwit
