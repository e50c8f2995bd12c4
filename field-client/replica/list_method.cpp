// Records a page at a time, a line each.

#include <algorithm>
#include <set>

#include "field-client/replica/grade.h"
#include "field-client/replica/iso_time.h"
#include "field-client/replica/lookup.h"
#include "field-client/replica/method.h"
#include "field-client/replica/record_json.h"
#include "field-client/replica/value_json.h"
#include "shared/base/text.h"

namespace godwit {
namespace {

constexpr std::int64_t list_limit = 100;
constexpr std::int64_t list_limit_max = 10'000;
constexpr std::size_t summary_bytes_max = 120;

struct ListQuery {
    const RecordType* type{};
    std::optional<std::string> review;
    std::optional<TeamId> team;
    std::optional<MemberId> owner;
    std::map<std::string, Json, std::less<>> values;  ///< By field name.
    std::set<std::string, std::less<>> fields;        ///< Told beside the required ones.
    bool is_archived{};
    std::int64_t limit{list_limit};
    std::optional<RecordId> after;
};

/// Refuses a name that no record type has, or not the one that is asked for.
Result<void> check_field(const ListQuery& query, const std::string& parameter,
                         std::string_view name) {
    const std::span<const RecordType> types =
        query.type != nullptr ? std::span(query.type, 1) : record_types();
    const bool is_known = std::any_of(types.begin(), types.end(), [&](const RecordType& type) {
        return type.field(name) != nullptr;
    });
    if (is_known) return ok();
    return Error{ErrorCode::unknown_field, parameter + ": " + quoted_name(name)};
}

Result<void> read_where(const Session& session, const Json& where, ListQuery& query) {
    for (const auto& [name, value] : where.items()) {
        const bool is_special = name == "review" || name == "team" || name == "owner";
        if (is_special && !value.is_string()) {
            return Error{ErrorCode::wrong_parameters, "where." + name + ": is a text"};
        }
        if (name == "review") {
            query.review = value.get<std::string>();
        } else if (name == "team") {
            query.team = TRY(find_team(session, value.get_ref<const std::string&>()));
        } else if (name == "owner") {
            query.owner = TRY(find_member(session, value.get_ref<const std::string&>()));
        } else {
            TRY(check_field(query, "where", name));
            query.values.emplace(name, value);
        }
    }
    return ok();
}

Result<void> read_fields(const Json& names, ListQuery& query) {
    for (const Json& name : names) {
        if (!name.is_string()) {
            return Error{ErrorCode::wrong_parameters, "fields: is a list of names"};
        }
        TRY(check_field(query, "fields", name.get_ref<const std::string&>()));
        query.fields.insert(name.get<std::string>());
    }
    return ok();
}

Result<ListQuery> read_query(const Session& session, const Json& given) {
    Parameters parameters(given);
    ListQuery query;
    if (const auto name = TRY(parameters.optional_text("type"))) {
        query.type = record_type(std::string_view(*name));
        if (query.type == nullptr) {
            return Error{ErrorCode::unknown_type, quoted_name(*name) + " is no type of record"};
        }
    }
    const Json* where = TRY(parameters.object("where"));
    query.is_archived = TRY(parameters.boolean("archived", false));
    query.limit = TRY(parameters.integer("limit", list_limit));
    if (query.limit < 1 || query.limit > list_limit_max) {
        return Error{ErrorCode::wrong_parameters, "limit: from 1 to 10000"};
    }
    if (const auto after = TRY(parameters.optional_text("after"))) {
        query.after = parse_id<RecordId>(*after);
        if (!query.after) return Error{ErrorCode::wrong_parameters, "after: is a record's id"};
    }
    const Json* fields = TRY(parameters.optional_array("fields"));
    TRY(parameters.finish());
    TRY(read_where(session, *where, query));
    if (fields != nullptr) TRY(read_fields(*fields, query));
    return query;
}

/// Does one of the values shown equal the one asked for? A value the field cannot take equals none.
bool has_value(const Session& session, const OpenedRecord& record, const std::string& name,
               const Json& wanted) {
    const FieldSpec* spec = record.type->field(std::string_view(name));
    const OpenedField* field = spec == nullptr ? nullptr : record.field(spec->number);
    if (field == nullptr) return false;
    const auto item = item_from_json(session, *spec, wanted);
    return item && std::find(field->view.values.begin(), field->view.values.end(), *item) !=
                       field->view.values.end();
}

bool is_wanted(const Session& session, const ListQuery& query, const StoredRecord& record,
               const OpenedRecord& opened) {
    if (is_archived(opened) != query.is_archived) return false;
    if (query.review && review_state_of(record.shown) != *query.review) return false;
    if (query.owner && owner_of(opened) != query.owner) return false;
    return std::all_of(query.values.begin(), query.values.end(), [&](const auto& each) {
        return has_value(session, opened, each.first, each.second);
    });
}

std::string shortened(std::string text) {
    if (text.size() <= summary_bytes_max) return text;
    std::size_t end = summary_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
    return text.substr(0, end) + "…";
}

/// What a line of a list says of a record: its required fields, which name it to those who know it,
/// and what else was asked for.
Json summary_json(const ListQuery& query, const OpenedRecord& record) {
    Json out = Json::object();
    for (const auto& [number, field] : record.fields) {
        const bool is_told = field.spec->is_required || query.fields.contains(field.spec->name);
        if (!is_told || field.view.values.empty()) continue;
        Json value = shown_json(field);
        if (value.is_string()) value = shortened(value.get<std::string>());
        out[std::string(field.spec->name)] = std::move(value);
    }
    return out;
}

std::int64_t updated_ms(const RecordState& state) {
    std::int64_t newest = 0;
    for (const auto& [number, field] : state.fields) {
        for (const Sibling& sibling : field.siblings) {
            newest = std::max(newest, sibling.effective.wall_ms);
        }
    }
    return newest;
}

Json line_json(const ListQuery& query, const RecordId& id, const StoredRecord& record,
               const OpenedRecord& opened) {
    const auto owner = owner_of(opened);
    return {{"record", to_text(id)},
            {"type", type_name(record.shown.type)},
            {"team", to_text(record.shown.team)},
            {"owner", owner ? Json(to_text(*owner)) : Json(nullptr)},
            {"review", review_state_of(record.shown)},
            {"conflicts", conflicts_of(opened).size()},
            {"archived", is_archived(opened)},
            {"updated", format_moment(updated_ms(record.shown))},
            {"summary", summary_json(query, opened)}};
}

}  // namespace

Result<Json> list_method(Session& session, const Json& given) {
    const ListQuery query = TRY(read_query(session, given));
    const Grades grades = TRY(Grades::read(session));
    Json records = Json::array();
    Json after = nullptr;
    const auto is_worth_opening = [&](const FieldSpec& spec, const FieldState& state) {
        return !spec.is_sealed || spec.is_required || may_conflict(spec, state) ||
               query.values.contains(spec.name) || query.fields.contains(spec.name);
    };
    TRY(session.store.each_record(
        [&](const RecordId& id, const StoredRecord& record) -> Result<bool> {
            const RecordState& state = record.shown;
            const bool is_apart = (query.after && id <= *query.after) || state.is_erased ||
                                  (query.type != nullptr && state.type != query.type->number) ||
                                  (query.team && state.team != *query.team);
            if (is_apart) return true;
            const OpenedRecord opened = open_record(session, id, record, is_worth_opening);
            if (opened.type == nullptr || !is_wanted(session, query, record, opened)) return true;
            if (records.size() == static_cast<std::size_t>(query.limit)) {
                after = records.back()["record"];
                return false;
            }
            records.push_back(line_json(query, id, record, opened));
            records.back()["saved"] = std::string(grades.of(id, record));
            return true;
        }));
    return Json{{"records", std::move(records)}, {"after", std::move(after)}};
}

}  // namespace godwit
