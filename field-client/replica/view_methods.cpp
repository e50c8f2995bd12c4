#include <algorithm>

#include "field-client/replica/fold.h"
#include "field-client/replica/grade.h"
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
                {"saved", std::string(TRY(grade_of(session, id, record)))}};
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
    static constexpr Method methods[] = {{"show", show}, {"list", list_method}, {"find", find}};
    return methods;
}

}  // namespace godwit
