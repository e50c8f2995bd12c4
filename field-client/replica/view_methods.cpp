#include <algorithm>

#include "field-client/replica/fold.h"
#include "field-client/replica/history.h"
#include "field-client/replica/iso_time.h"
#include "field-client/replica/lookup.h"
#include "field-client/replica/method.h"
#include "field-client/replica/record_json.h"
#include "field-client/replica/value_json.h"
#include "shared/base/text.h"
#include "shared/model/common_fields.h"

namespace godwit {
namespace {

// --- show ------------------------------------------------------------------------------------

Json fields_json(const StoredRecord& record, const OpenedRecord& opened, bool with_siblings) {
    Json fields = Json::object();
    for (const auto& [number, field] : opened.fields) {
        Json one = {{"value", shown_json(field)},
                    {"needs_review", field.view.needs_review},
                    {"readable", field.is_readable()}};
        if (with_siblings || field.siblings.size() > 1) {
            one["siblings"] = siblings_json(record, field);
        }
        fields[std::string(field.spec->name)] = std::move(one);
    }
    return fields;
}

/// Judged by the server's clock as far as it is known: on a phone set to 2099 every grant would
/// have run out, on one set to 1970 none.
Result<Json> consent_json(const Session& session, const OpenedRecord& opened) {
    Json out = Json::object();
    if (opened.type == nullptr) return out;
    const HybridTime now = TRY(session.provisional_time({session.host.wall.now_ms(), 0}));
    const FieldSpec* consent = opened.type->field("consent_events");
    if (consent == nullptr) return out;
    const OpenedField* events = opened.field(consent->number);
    const std::vector<OpenedSibling> none;
    for (const Consent& each :
         effective_consent(*consent, events == nullptr ? none : events->siblings, now.wall_ms)) {
        out[each.scope] = each.decision;
    }
    return out;
}

/// How far what this replica itself said of the record has come: "saved" here, "delivered" to the
/// server, or "safe" in a verified backup.
Result<std::string> grade_of(Session& session, const RecordId& id, const StoredRecord& record) {
    if (record.has_waiting()) return std::string("saved");
    const ExchangeState exchange = TRY(session.store.exchange_state());
    const LogId log = TRY(session.store.log());
    bool is_safe = true;
    for (const Dot& last : TRY(session.store.last_said_of(id))) {
        if (last.log == log && last.sequence > exchange.delivered) return std::string("saved");
        if (last.log == log) is_safe = is_safe && last.sequence <= exchange.safe;
        const auto former = exchange.former.find(last.log);
        if (former == exchange.former.end())
            continue;  // The newest, or all of it was issued again.
        const Sequence counts = std::min(last.sequence, former->second.head.sequence);
        if (counts > former->second.held.value_or(0)) return std::string("saved");
        is_safe = is_safe && counts <= former->second.safe;
    }
    return std::string(is_safe ? "safe" : "delivered");
}

std::string_view name_of(OperationKind kind) {
    switch (kind) {
        case OperationKind::set:
            return "set";
        case OperationKind::add:
            return "add";
        case OperationKind::remove:
            return "remove";
        case OperationKind::append:
            return "append";
        case OperationKind::increment:
            return "increment";
        case OperationKind::erase:
            return "erase";
        case OperationKind::settle:
            return "settle";
    }
    return "unknown";
}

Json history_field_json(Session& session, const RecordId& id, const StoredRecord& record,
                        const RecordType& type, const HistoryLine& line) {
    const FieldSpec* spec = type.field(line.field);
    Json out = {{"field",
                 spec != nullptr ? std::string(spec->name) : "field_" + std::to_string(line.field)},
                {"kind", std::string(name_of(line.kind))}};
    if (spec == nullptr || line.value.empty()) return out;
    const auto item = open_item(session, id, record, line.field, line.form, line.value);
    out["readable"] = static_cast<bool>(item);
    out["value"] = item ? json_from_item(*spec, *item) : Json(nullptr);
    return out;
}

Result<Json> history_json(Session& session, const RecordId& id, const StoredRecord& record,
                          const RecordType& type) {
    std::vector<HistoryLine> lines = TRY(history_of(session, id, record));
    std::stable_sort(lines.begin(), lines.end(), [](const HistoryLine& a, const HistoryLine& b) {
        return std::tie(a.effective, a.dot) < std::tie(b.effective, b.dot);
    });
    Json out = Json::array();
    std::optional<Dot> last;
    for (const HistoryLine& line : lines) {
        if (line.dot != last) {
            out.push_back({{"dot", format_dot(line.dot)},
                           {"author", to_text(line.author)},
                           {"claimed", format_moment(line.claimed.wall_ms)},
                           {"effective", format_moment(line.effective.wall_ms)},
                           {"fields", Json::array()}});
            last = line.dot;
        }
        out.back()["fields"].push_back(history_field_json(session, id, record, type, line));
    }
    return out;
}

Result<Json> show(Session& session, const Json& given) {
    Parameters parameters(given);
    const std::string text = TRY(parameters.text("record"));
    const bool with_history = TRY(parameters.boolean("history", false));
    const bool with_siblings = TRY(parameters.boolean("siblings", false));
    TRY(parameters.finish());

    const RecordId id = TRY(find_record(session, text));
    const StoredRecord record = TRY(session.record(id));
    const OpenedRecord opened = open_record(session, id, record);
    if (opened.key_error && opened.key_error->kind() == ErrorKind::corrupt) {
        return *opened
                    .key_error;  // A key that is not the maker's: this must not pass for "sealed".
    }
    const auto owner = owner_of(opened);
    Json out = {{"record", to_text(id)},
                {"type", type_name(record.shown.type)},
                {"team", to_text(record.shown.team)},
                {"owner", owner ? Json(to_text(*owner)) : Json(nullptr)},
                {"review", review_state_of(record.shown)},
                {"archived", is_archived(opened)},
                {"erased", record.shown.is_erased},
                {"fields", fields_json(record, opened, with_siblings)},
                {"consent", TRY(consent_json(session, opened))},
                {"saved", TRY(grade_of(session, id, record))}};
    if (with_history && opened.type != nullptr) {
        out["history"] = TRY(history_json(session, id, record, *opened.type));
    }
    if (record.shown.is_erased) {
        Json unconfirmed = Json::array();
        for (const ReplicaId& replica : record.unconfirmed) unconfirmed.push_back(to_text(replica));
        out["unconfirmed"] = std::move(unconfirmed);
    }
    return out;
}

// --- list ------------------------------------------------------------------------------------

constexpr std::int64_t list_limit = 100;
constexpr std::int64_t list_limit_max = 10'000;
constexpr std::size_t summary_bytes_max = 120;

struct ListQuery {
    const RecordType* type{};
    std::optional<std::string> review;
    std::optional<TeamId> team;
    std::optional<MemberId> owner;
    std::map<std::string, Json> values;  ///< By field name.
    bool is_archived{};
    std::int64_t limit{list_limit};
    std::optional<RecordId> after;
};

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
            const std::span<const RecordType> types =
                query.type != nullptr ? std::span(query.type, 1) : record_types();
            const bool is_known = std::any_of(
                types.begin(), types.end(), [&, &wanted = name](const RecordType& type) {
                    return type.field(std::string_view(wanted)) != nullptr;
                });
            if (!is_known) {
                return Error{ErrorCode::unknown_field, "where: " + quoted_name(name)};
            }
            query.values.emplace(name, value);
        }
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
    TRY(parameters.finish());
    TRY(read_where(session, *where, query));
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

/// What a line of a list says of a record: its required fields, which name it to those who know it.
Json summary_json(const OpenedRecord& record) {
    Json out = Json::object();
    for (const auto& [number, field] : record.fields) {
        if (!field.spec->is_required || field.view.values.empty()) continue;
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

Json line_json(const RecordId& id, const StoredRecord& record, const OpenedRecord& opened) {
    const auto owner = owner_of(opened);
    return {{"record", to_text(id)},
            {"type", type_name(record.shown.type)},
            {"team", to_text(record.shown.team)},
            {"owner", owner ? Json(to_text(*owner)) : Json(nullptr)},
            {"review", review_state_of(record.shown)},
            {"conflicts", conflicts_of(opened).size()},
            {"archived", is_archived(opened)},
            {"updated", format_moment(updated_ms(record.shown))},
            {"summary", summary_json(opened)}};
}

Result<Json> list(Session& session, const Json& given) {
    const ListQuery query = TRY(read_query(session, given));
    Json records = Json::array();
    Json after = nullptr;
    const auto is_worth_opening = [&](const FieldSpec& spec, const FieldState& state) {
        return !spec.is_sealed || spec.is_required || may_conflict(spec, state) ||
               query.values.contains(std::string(spec.name));
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
            records.push_back(line_json(id, record, opened));
            return true;
        }));
    return Json{{"records", std::move(records)}, {"after", std::move(after)}};
}

// --- find ------------------------------------------------------------------------------------

Result<Json> find(Session& session, const Json& given) {
    Parameters parameters(given);
    const std::string wanted = fold(TRY(parameters.text("text")));
    TRY(parameters.finish());
    if (wanted.empty()) return Error{ErrorCode::wrong_parameters, "text: has no letter or digit"};
    Json found = Json::array();
    TRY(session.store.each_record([&](const RecordId& id,
                                      const StoredRecord& record) -> Result<bool> {
        if (record.shown.is_erased) return true;
        const OpenedRecord opened = open_record(session, id, record);
        for (const auto& [number, field] : opened.fields) {
            const bool has_text =
                std::any_of(field.items.begin(), field.items.end(), [&](const Bytes& item) {
                    const auto texts = texts_in(item);
                    return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
                        return fold(text).find(wanted) != std::string::npos;
                    });
                });
            if (!has_text) continue;
            found.push_back({{"record", to_text(id)},
                             {"type", type_name(record.shown.type)},
                             {"field", std::string(field.spec->name)}});
        }
        return true;
    }));
    return Json{{"records", std::move(found)}};
}

}  // namespace

std::span<const Method> view_methods() {
    static constexpr Method methods[] = {{"show", show}, {"list", list}, {"find", find}};
    return methods;
}

}  // namespace godwit
