#include "field-client/replica/grade.h"

#include <algorithm>

namespace godwit {
namespace {

constexpr std::string_view saved = "saved";

std::string_view delivered_or_safe(bool is_safe) {
    return is_safe ? "safe" : "delivered";
}

/// What stands behind a former log's head was issued again, and counts there.
Sequence counted(Sequence through, const LogHead& head) {
    return through >= head.sequence ? sequence_max : through;
}

}  // namespace

Result<std::vector<Reached>> how_far_logs_came(Session& session) {
    const ExchangeState exchange = TRY(session.store.exchange_state());
    std::vector<Reached> out = {{TRY(session.store.log()), exchange.delivered, exchange.safe}};
    for (const auto& [log, former] : exchange.former) {
        out.push_back({log, counted(former.held.value_or(0), former.head),
                       counted(former.safe, former.head)});
    }
    return out;
}

Result<std::string_view> grade_of(Session& session, const RecordId& id,
                                  const StoredRecord& record) {
    if (record.has_waiting()) return saved;
    const std::vector<Reached> logs = TRY(how_far_logs_came(session));
    bool is_safe = true;
    for (const Dot& last : TRY(session.store.last_said_of(id))) {
        const auto at = std::find_if(logs.begin(), logs.end(),
                                     [&](const Reached& each) { return each.log == last.log; });
        if (at == logs.end()) continue;  // All of it was issued again.
        if (last.sequence > at->delivered) return saved;
        is_safe = is_safe && last.sequence <= at->safe;
    }
    return delivered_or_safe(is_safe);
}

Result<Grades> Grades::read(Session& session) {
    Grades out;
    for (const Reached& each : TRY(how_far_logs_came(session))) {
        out.undelivered_.merge(TRY(session.store.records_behind({each.log, each.delivered})));
        out.unsafe_.merge(TRY(session.store.records_behind({each.log, each.safe})));
    }
    return out;
}

std::string_view Grades::of(const RecordId& id, const StoredRecord& record) const {
    if (record.has_waiting() || undelivered_.contains(id)) return saved;
    return delivered_or_safe(!unsafe_.contains(id));
}

}  // namespace godwit
