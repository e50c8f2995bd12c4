#include "sync-server/feed/record_feed.h"

#include <algorithm>

#include "shared/base/planted.h"
#include "shared/model/common_fields.h"
#include "sync-server/feed/erasure_proof.h"
#include "sync-server/store/erasure_table.h"
#include "sync-server/store/key_table.h"

namespace godwit {
namespace {

/// A replica is not told what it said, unless another spoke since (decisions/0005).
bool is_news(const FieldTrace& trace, Position cursor, const Listener& listener) {
    if (trace.position <= cursor) return false;
    const bool is_own = listener.shared_log && trace.log == *listener.shared_log;
    return !is_own || (trace.before > cursor && !is_planted(PlantedBug::own_news_unsaid));
}

/// Of some types only owners see a record: who becomes one has been told none of it before.
bool becomes_visible(const RecordRow& row, const Sight& sight, Position cursor) {
    const auto owner = row.fields.find(common_field::owner);
    if (owner == row.fields.end() || owner->second.position <= cursor) return false;
    return !may_see(row.type, {}, sight);
}

Result<Bytes> state_of(const RecordCursor& record, const std::vector<std::uint32_t>& fields) {
    auto state = decode_state(TRY(record.state()));
    if (!state) return Error{ErrorCode::storage_corrupt, "the state of a record does not read"};
    std::erase_if(state->fields, [&](const auto& field) {
        return std::find(fields.begin(), fields.end(), field.first) == fields.end();
    });
    return encode_state(*state);
}

bool may_hold(const Wrap& wrap, const ReplicaId& replica, const TeamId& team, const Sight& sight) {
    switch (wrap.recipient) {
        case Recipient::replica:
            return wrap.recipient_id == replica.bytes;
        case Recipient::members:
            return wrap.recipient_id == team.bytes;
        case Recipient::supervisors:
            return wrap.recipient_id == team.bytes &&
                   (sight.role == Role::supervisor || is_planted(PlantedBug::wraps_for_all));
        case Recipient::recovery:
            return false;
    }
    return false;
}

Result<void> add_keys(const Listener& listener, const Sight& sight, const RecordCursor& record,
                      Told& told) {
    auto keys = TRY(record.keys());
    if (!keys) return ok();
    std::erase_if(keys->wraps, [&](const Wrap& wrap) {
        return !may_hold(wrap, listener.replica, record.row().team, sight);
    });
    told.delta.wraps = encode_wraps(keys->wraps);
    told.key = std::move(keys->statement);
    return ok();
}

Result<std::optional<Told>> told_of_erased(Database& database, const Roster& roster,
                                           const Sight& sight, Position cursor,
                                           const RecordCursor& record) {
    const RecordRow& row = record.row();
    const bool is_watching = sight.role == Role::supervisor && row.confirmed_position > cursor;
    const auto erased = row.fields.find(common_field::record);
    const bool is_new = erased != row.fields.end() && erased->second.position > cursor;
    if (!is_new && !is_watching) return std::optional<Told>();
    Told told;
    RecordDelta& delta = told.delta;
    delta.record = row.id;
    delta.position = row.position;
    delta.state = TRY(record.state());
    if (is_new) delta.erasure = TRY(erasure_proof(database, row.id));
    const auto confirmed = TRY(confirmations(database, row.id));
    for (const auto& [replica, entry] : roster.replicas()) {
        if (entry.revoked || !roster.role(replica, row.team)) continue;
        if (std::binary_search(confirmed.begin(), confirmed.end(), replica)) continue;
        delta.unconfirmed.push_back(replica);
    }
    return std::optional(std::move(told));
}

/// The last thing a former owner hears of a record: that it is somebody else's now.
Result<std::optional<Told>> farewell(const Sight& sight, Position cursor, const Listener& listener,
                                     const RecordCursor& record) {
    const RecordRow& row = record.row();
    const auto owner = row.fields.find(common_field::owner);
    const bool was_owner =
        std::binary_search(row.former_owners.begin(), row.former_owners.end(), sight.member);
    if (!sight.role || !was_owner || owner == row.fields.end() ||
        !is_news(owner->second, cursor, listener)) {
        return std::optional<Told>();
    }
    Told told;
    RecordDelta& delta = told.delta;
    delta.record = row.id;
    delta.position = row.position;
    delta.state = is_planted(PlantedBug::farewell_tells_all)
                      ? TRY(record.state())
                      : TRY(state_of(record, {common_field::owner}));
    return std::optional(std::move(told));
}

}  // namespace

Result<std::optional<Told>> told_of(Database& database, const Roster& roster,
                                    const Listener& listener, const Sight& sight, Position cursor,
                                    const RecordCursor& record) {
    const RecordRow& row = record.row();
    if (!may_see(row.type, row.owners, sight)) return farewell(sight, cursor, listener, record);
    if (row.is_erased) return told_of_erased(database, roster, sight, cursor, record);
    // An owner by their own words lacks what others said before those arrived; by another's, all.
    const bool is_first = becomes_visible(row, sight, cursor);
    const Position since = is_first ? 0 : cursor;
    std::vector<std::uint32_t> news;
    for (const auto& [number, trace] : row.fields) {
        if (is_news(trace, since, listener)) news.push_back(number);
    }
    const bool is_given = is_first && is_news(row.fields.at(common_field::owner), cursor, listener);
    const bool is_whole = news.size() == row.fields.size() || is_given;
    // Keys follow the same rule as fields; who sees a record for the first time needs them too.
    const bool has_keys =
        is_news({row.keys_position, row.keys_log, row.keys_before}, since, listener) ||
        (is_whole && row.keys_position > 0);
    if (news.empty() && !has_keys) return std::optional<Told>();
    Told told;
    RecordDelta& delta = told.delta;
    delta.record = row.id;
    delta.position = row.position;
    delta.state = is_whole ? TRY(record.state()) : TRY(state_of(record, news));
    if (has_keys) TRY(add_keys(listener, sight, record, told));
    return std::optional(std::move(told));
}

}  // namespace godwit
