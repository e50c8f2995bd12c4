// What the server kept and did not merge: listed, and adopted one by one.
//
// Spec: exchange §7, replica-call.

#include <algorithm>

#include "field-client/replica/exchange/methods.h"
#include "field-client/replica/exchange/own_changes.h"
#include "field-client/replica/lookup.h"
#include "shared/base/sha256.h"
#include "shared/base/text.h"

namespace godwit {

namespace {

std::string type_name(Session& session, const ParkedItem& item) {
    std::uint32_t number = 0;
    if (const auto change = decode_change(item.body)) {
        number = change->record_type;
    } else if (const auto record = session.store.record(item.record); record && *record) {
        number = (*record)->shown.type;
    }
    const RecordType* type = record_type(number);
    return type == nullptr ? std::string() : std::string(type->name);
}

/// A whole item as it is told: newest word on each change.
Json row_of(Session& session, const ParkedItem& item) {
    const ErrorFacts& reason = facts(item.reason);
    std::string message(reason.text);
    if (!item.detail.empty()) message += " (" + item.detail + ")";
    Json row = {{"change", format_dot(item.dot)},
                {"record", to_text(item.record)},
                {"type", type_name(session, item)},
                {"team", to_text(item.team)},
                {"author", to_text(item.author)},
                {"reason", reason.key},
                {"message", std::move(message)},
                {"next", reason.next},
                {"adopted", nullptr},
                {"own", item.author == session.self().replica}};
    if (item.adopted) row["adopted"] = format_dot(*item.adopted);
    return row;
}

Result<ParkedItem> find_parked(Session& session, const Dot& dot) {
    for (ParkedItem& item : TRY(session.store.parked())) {
        if (item.dot == dot && !item.body.empty()) return std::move(item);
    }
    return Error{ErrorCode::unknown_change, "no parked change of that name has its words here"};
}

/// The last of the author's log that others hold and its author had seen. Of a branch that is where
/// the branch left: what came before the change on it, nobody else has.
Result<Sequence> shared_through(Session& session, const ParkedItem& item) {
    if (item.reason != ErrorCode::forked_log) return item.dot.sequence - 1;
    Sequence first = item.dot.sequence;
    for (const ParkedItem& other : TRY(session.store.parked())) {
        if (other.reason == ErrorCode::forked_log && other.dot.log == item.dot.log) {
            first = std::min(first, other.dot.sequence);
        }
    }
    return first - 1;
}

/// Leaves of what `change` claims to have seen what is known here. Fails when nothing is left of
/// it.
Result<void> keep_heard(Change& change, const Context& known) {
    const std::vector<Context::Entry> claimed = change.context.entries();
    for (const Context::Entry& entry : claimed) {
        change.context.cap(entry.log, known.through(entry.log));
    }
    std::erase_if(change.operations, [&](Operation& operation) {
        if (operation.kind != OperationKind::remove) return false;
        std::erase_if(operation.removed, [&](const Dot& dot) { return !known.covers(dot); });
        return operation.removed.empty();
    });
    if (!change.operations.empty()) return ok();
    return Error{ErrorCode::rule_does_not_allow, "it only takes out what nobody has sent"};
}

Result<Json> parked_method(Session& session, const Json& parameters) {
    TRY(Parameters(parameters).finish());
    Json rows = Json::array();
    for (const ParkedItem& item : TRY(session.store.parked())) {
        rows.push_back(row_of(session, item));
    }
    return rows;
}

/// Issues a parked change again, as a supervisor of its team who vouches for it.
/// Fails with unknown_change, not_permitted, record_erased, or rule_does_not_allow when it was
/// adopted already or its body is gone.
Result<Json> adopt_method(Session& session, const Json& parameters) {
    Parameters given(parameters);
    const Dot dot = TRY(parse_dot(TRY(given.text("change"))));
    TRY(given.finish());
    ParkedItem item = TRY(find_parked(session, dot));
    if (item.adopted) {
        return Error{ErrorCode::rule_does_not_allow,
                     "it was adopted already, by " + format_dot(*item.adopted)};
    }
    const Change change = TRY(decode_change(item.body));
    const Role role = TRY(session.role_in(change.team));
    if (role != Role::supervisor) {
        return Error{ErrorCode::not_permitted, "a supervisor of its team adopts a parked change"};
    }
    Dot made;
    TRY(session.store.transaction([&]() -> Result<void> {
        auto record = TRY(session.store.record(change.record));
        if (!record) record = StoredRecord::begun(change.record_type, change.team);
        if (record->shown.is_erased) return ErrorCode::record_erased;
        Change again =
            reissue(change, dot.log, TRY(shared_through(session, item)), sha256({item.body}));
        again.role = role;
        if (item.reason == ErrorCode::claims_unheard) {
            const Sequence delivered = TRY(session.store.exchange_state()).delivered;
            const BaseThrough known = TRY(
                base_through(session, change.record, *record, delivered, TRY(own_parked(session))));
            TRY(keep_heard(again, known.base.context()));
        }
        made = TRY(session.issue(std::move(again), *record));
        item.adopted = made;
        return session.store.save(item);
    }));
    return Json{{"record", to_text(change.record)}, {"change", format_dot(made)}};
}

}  // namespace

std::span<const Method> parking_methods() {
    static constexpr Method methods[] = {{"parked", parked_method}, {"adopt", adopt_method}};
    return methods;
}

}  // namespace godwit
