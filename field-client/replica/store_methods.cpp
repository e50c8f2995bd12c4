#include "field-client/replica/exchange/former_logs.h"
#include "field-client/replica/exchange/own_changes.h"
#include "field-client/replica/iso_time.h"
#include "field-client/replica/lookup.h"
#include "field-client/replica/method.h"
#include "field-client/replica/record_json.h"
#include "shared/base/text.h"
#include "shared/merge/digest.h"

namespace godwit {
namespace {

std::string_view name_of(Standing standing) {
    switch (standing) {
        case Standing::member:
            return "member";
        case Standing::retired:
            return "retired";
        case Standing::compromised:
            return "compromised";
    }
    return "unknown";
}

Json role_json(const Session& session) {
    const std::vector<Place> places = session.roster.places(session.self().replica);
    return places.empty() ? Json(nullptr) : Json(std::string(name_of(places.front().role)));
}

struct Counts {
    std::size_t records{};
    std::size_t conflicts{};
    std::size_t parked{};
};

Result<Counts> count_all(Session& session) {
    Counts counts;
    TRY(session.store.each_record(
        [&](const RecordId& id, const StoredRecord& record) -> Result<bool> {
            if (record.shown.is_erased) return true;
            ++counts.records;
            counts.conflicts += conflicts_of(open_record(session, id, record, may_conflict)).size();
            return true;
        }));
    for (const ParkedItem& item : TRY(session.store.parked())) {
        if (!item.adopted) ++counts.parked;
    }
    return counts;
}

Result<Json> status(Session& session, const Json& given) {
    TRY(Parameters(given).finish());
    const Identity& self = session.self();
    const ExchangeState exchange = TRY(session.store.exchange_state());
    const LogHead head = TRY(session.store.head());
    const Counts counts = TRY(count_all(session));
    const Sequence delivered = std::min(exchange.delivered, head.sequence);
    return Json{
        {"saved", head.sequence},
        {"delivered", delivered},
        {"safe", std::min(exchange.safe, delivered)},
        {"unsent", head.sequence - delivered + unheld(exchange)},
        {"parked", counts.parked},
        {"last_contact",
         exchange.last_contact_ms ? Json(format_moment(*exchange.last_contact_ms)) : Json(nullptr)},
        {"log", to_text(TRY(session.store.log()))},
        {"sequence", head.sequence},
        {"replica", to_text(self.replica)},
        {"member", to_text(self.member)},
        {"member_name", member_name(session, self.member)},
        {"role", role_json(session)},
        {"organisation", to_text(self.organisation)},
        {"organisation_name", organisation_name(session)},
        {"server", self.server_url},
        {"records", counts.records},
        {"conflicts", counts.conflicts},
        {"clock_offset_ms", exchange.clock_offset_ms},
        {"standing", std::string(name_of(exchange.standing))}};
}

/// Over what the server is known to hold: records of which nothing was delivered do not count.
Result<Json> digest(Session& session, const Json& given) {
    TRY(Parameters(given).finish());
    StateDigest digest;
    std::size_t records = 0;
    const Sequence delivered = TRY(session.store.exchange_state()).delivered;
    const ParkedDots parked = TRY(own_parked(session));
    TRY(session.store.each_record(
        [&](const RecordId& id, const StoredRecord& record) -> Result<bool> {
            const RecordState base = TRY(base_through(session, id, record, delivered, parked)).base;
            if (base.fields.empty() && !base.is_erased) return true;
            digest.add(id, encode_state(base));
            ++records;
            return true;
        }));
    return Json{{"digest", format_hex(digest.finish())}, {"records", records}};
}

Result<Json> verify_store(Session& session, const Json& given) {
    TRY(Parameters(given).finish());
    Store::Verified found = TRY(session.store.verify());
    if (!Session::open(session.host, session.store)) {
        found.problems.emplace_back("the kept roster does not add up");
    }
    if (!found.problems.empty()) {
        std::string all;
        for (const std::string& problem : found.problems) {
            all += (all.empty() ? "" : "; ") + problem;
        }
        return Error{ErrorCode::storage_corrupt, all};
    }
    return Json{{"changes", found.changes},
                {"segments", found.segments},
                {"records", found.records},
                {"problems", Json::array()}};
}

Json field_json(const RecordType& type, const FieldSpec& field) {
    Json out = {
        {"field", std::string(field.name)},
        {"number", field.number},
        {"type", std::string(name_of(field.type))},
        {"rule", std::string(name_of(field.rule))},
        {"sealed", field.is_sealed},
        {"required", field.is_required},
        {"vocabulary",
         field.vocabulary.empty() ? Json(nullptr) : Json(std::string(field.vocabulary))},
        {"group", std::string(field.group)},
        {"together", field.together.empty() ? Json(nullptr) : Json(std::string(field.together))},
        {"when", nullptr},
        {"min", field.min ? Json(*field.min) : Json(nullptr)},
        {"max", field.max ? Json(*field.max) : Json(nullptr)},
        {"label", std::string(field.label)},
        {"label_key", std::string(field.label_key)}};
    if (field.when.field != 0) {
        Json values = Json::array();
        for (const std::string_view value : field.when.values) values.push_back(std::string(value));
        out["when"] = {{"field", std::string(type.field(field.when.field)->name)},
                       {"values", std::move(values)}};
    }
    if (!field.order.empty()) {
        Json order = Json::array();
        for (const std::string_view code : field.order) order.push_back(std::string(code));
        out["order"] = std::move(order);
    }
    if (!field.references.empty()) out["references"] = std::string(field.references);
    if (!field.parts.empty()) {
        Json parts = Json::array();
        for (const EventPart& part : field.parts) {
            parts.push_back(
                {{"part", std::string(part.name)},
                 {"type", std::string(name_of(part.type))},
                 {"vocabulary",
                  part.vocabulary.empty() ? Json(nullptr) : Json(std::string(part.vocabulary))},
                 {"required", part.is_required}});
        }
        out["parts"] = std::move(parts);
    }
    return out;
}

}  // namespace

std::span<const Method> store_methods() {
    static constexpr Method methods[] = {
        {"status", status}, {"digest", digest}, {"verify", verify_store}};
    return methods;
}

Result<Json> types_method(const Json& given) {
    TRY(Parameters(given).finish());
    Json types = Json::array();
    for (const RecordType& type : record_types()) {
        Json fields = Json::array();
        for (const FieldSpec& field : type.fields) fields.push_back(field_json(type, field));
        types.push_back({{"type", std::string(type.name)},
                         {"label", std::string(type.label)},
                         {"audience", std::string(name_of(type.audience))},
                         {"fields", std::move(fields)}});
    }
    return Json{{"version", schema_version()}, {"types", std::move(types)}};
}

Result<Json> vocabulary_method(const Json& given) {
    Parameters parameters(given);
    const std::string name = TRY(parameters.text("name"));
    TRY(parameters.finish());
    const Vocabulary* found = vocabulary(name);
    if (found == nullptr) {
        return Error{ErrorCode::wrong_parameters,
                     "name: " + quoted_name(name) + " is no vocabulary"};
    }
    Json terms = Json::array();
    for (const Term& term : found->terms) {
        terms.push_back({{"code", std::string(term.code)}, {"label", std::string(term.label)}});
    }
    return Json{{"terms", std::move(terms)}};
}

}  // namespace godwit
