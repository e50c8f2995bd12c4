#include "sync-server/reconcile/key_intake.h"

#include <algorithm>

namespace godwit {
namespace {

/// What a sender may do with wraps of one record.
struct WrapRights {
    bool is_maker{};       ///< Of the record's key, or who brings it where nobody has.
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

Result<void> KeyIntake::take(const VerifiedRequest& offered) {
    for (const RecordKeyStatement& key : offered.keys) TRY(take_key(key));
    for (const Wrap& wrap : offered.wraps) TRY(take_wrap(wrap, offered.replica));
    for (auto& [id, held] : held_) {
        if (!held.has_changed) continue;
        TRY(save_record_keys(database_, *held.keys));
        held.record->has_new_keys = true;
    }
    return ok();
}

Result<KeyIntake::Held*> KeyIntake::held(const RecordId& id) {
    const auto [found, is_first] = held_.try_emplace(id);
    if (is_first) {
        found->second.record = TRY(records_.get(id));
        found->second.keys = TRY(load_record_keys(database_, id));
    }
    return &found->second;
}

// What nobody else has can be adopted only with its keys; and those that a restored server lacks
// may be nowhere else. Of anything else a compromised replica has no more say.
bool KeyIntake::is_open_to_sender(const TouchedRecord& record) const {
    return standing_ != Standing::compromised || record.is_new || was_restored_;
}

Result<void> KeyIntake::take_key(const RecordKeyStatement& key) {
    Held& held = *TRY(this->held(key.record));
    const TouchedRecord& record = *held.record;
    if (held.keys || record.state.is_erased) return ok();  // The first one stays.
    if (!record.is_new && record.state.team != key.team) return ok();
    if (!is_open_to_sender(record)) return ok();
    held.keys = RecordKeys{key, {}};
    held.is_brought = true;
    held.has_changed = true;
    return ok();
}

Result<void> KeyIntake::take_wrap(const Wrap& wrap, const ReplicaId& sender) {
    Held& held = *TRY(this->held(wrap.record));
    if (!held.keys || held.record->state.is_erased) return ok();
    std::vector<Wrap>& wraps = held.keys->wraps;
    const auto before = std::find_if(wraps.begin(), wraps.end(), [&](const Wrap& other) {
        return is_same_recipient(other, wrap);
    });
    const bool is_held = before != wraps.end();
    if (is_held ? before->box == wrap.box : wrap.box.empty()) return ok();  // As it is.
    if (!may_change(wrap, is_held ? &*before : nullptr, held, sender)) return ok();
    if (wrap.box.empty()) {
        wraps.erase(before);
    } else if (is_held) {
        *before = wrap;
    } else {
        wraps.push_back(wrap);
    }
    held.has_changed = true;
    return ok();
}

bool KeyIntake::may_change(const Wrap& wrap, const Wrap* before, const Held& held,
                           const ReplicaId& sender) const {
    const RecordKeyStatement& key = held.keys->statement;
    const TouchedRecord& record = *held.record;
    const WrapRights rights{
        key.maker == sender || held.is_brought,
        roster_.role(sender, record.is_new ? key.team : record.state.team) == Role::supervisor,
    };
    if (standing_ == Standing::compromised) {
        return (record.is_new || held.is_brought) && rights.is_maker && !wrap.box.empty() &&
               before == nullptr;
    }
    if (wrap.box.empty()) return may_withdraw(wrap, sender, rights);
    return may_store(wrap, before != nullptr, rights);
}

}  // namespace godwit
