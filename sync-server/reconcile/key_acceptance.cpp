// Which keys and wraps the server takes from whom (spec: exchange §6.3).

#include "sync-server/reconcile/exchange_acceptor.h"
#include "sync-server/store/key_table.h"

namespace godwit {
namespace {

/// What a sender may do with wraps of one record.
struct WrapRights {
    bool is_maker{};       ///< Of the record's key.
    bool is_supervisor{};  ///< Of the record's team.
};

bool may_withdraw(const Wrap& wrap, const ReplicaId& sender, const WrapRights& rights) {
    // Whoever takes a phone must not be able to take a testimony from everybody else with it.
    if (wrap.recipient == Recipient::recovery) return false;
    if (rights.is_supervisor) return true;
    return wrap.recipient == Recipient::replica && wrap.recipient_id == sender.bytes;
}

bool may_store(const Wrap& wrap, bool is_held, const WrapRights& rights) {
    if (!rights.is_maker && !rights.is_supervisor) return false;
    if (!is_held) return true;
    if (wrap.recipient == Recipient::recovery) return false;
    return rights.is_supervisor || wrap.recipient == Recipient::replica;
}

}  // namespace

Result<void> ExchangeAcceptor::accept_keys(const ReplicaId&, const Request&) {
    for (const RecordKeyStatement& key : offered_.keys) TRY(accept_key(key));
    // The wraps of a record come together: its key is read once for all of them.
    std::optional<RecordKeyStatement> key;
    RecordId read_for;
    for (const Wrap& wrap : offered_.wraps) {
        if (wrap.record != read_for) key = TRY(load_record_key(round_.database, wrap.record));
        read_for = wrap.record;
        if (key) TRY(accept_wrap(wrap, *key));
    }
    return ok();
}

Result<void> ExchangeAcceptor::accept_key(const RecordKeyStatement& key) {
    const bool is_from_team = round_.roster->role(key.maker, key.team).has_value();
    if (key.maker != offered_.replica && !is_from_team) return ok();
    TouchedRecord& record = *TRY(records_.get(key.record));
    if (record.state.is_erased) return ok();
    if (!record.is_new && record.state.team != key.team) return ok();
    if (standing_ == Standing::compromised && !record.is_new) return ok();
    if (TRY(insert_record_key(round_.database, key))) record.has_new_keys = true;
    return ok();
}

Result<void> ExchangeAcceptor::accept_wrap(const Wrap& wrap, const RecordKeyStatement& key) {
    TouchedRecord& record = *TRY(records_.get(wrap.record));
    if (record.state.is_erased) return ok();
    if (standing_ == Standing::compromised) return accept_wrap_of_compromised(wrap, key, record);
    const TeamId team = record.is_new ? key.team : record.state.team;
    const WrapRights rights{
        key.maker == offered_.replica,
        round_.roster->role(offered_.replica, team) == Role::supervisor,
    };
    if (wrap.box.empty()) {
        if (!may_withdraw(wrap, offered_.replica, rights)) return ok();
        if (TRY(delete_wrap(round_.database, wrap))) record.has_new_keys = true;
        return ok();
    }
    const auto held = TRY(held_box(round_.database, wrap));
    if (held && *held == wrap.box) return ok();  // Offered again.
    if (!may_store(wrap, held.has_value(), rights)) return ok();
    TRY(save_wrap(round_.database, wrap));
    record.has_new_keys = true;
    return ok();
}

// What nobody else has can be adopted only with its keys. Of anything else it has no more say.
Result<void> ExchangeAcceptor::accept_wrap_of_compromised(const Wrap& wrap,
                                                          const RecordKeyStatement& key,
                                                          TouchedRecord& record) {
    const bool is_its_alone = record.is_new && key.maker == offered_.replica;
    if (!is_its_alone || wrap.box.empty() || TRY(held_box(round_.database, wrap))) return ok();
    TRY(save_wrap(round_.database, wrap));
    record.has_new_keys = true;
    return ok();
}

}  // namespace godwit
