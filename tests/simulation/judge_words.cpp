// Nothing said is lost in silence.

#include <algorithm>

#include "shared/base/text.h"
#include "tests/simulation/judge.h"

namespace godwit::simulation {
namespace {

std::string describe(const Value& value) {
    return "field " + std::to_string(value.field) + " value " + value.text.substr(0, 60);
}

bool is_register(OperationKind kind) {
    return kind == OperationKind::set || kind == OperationKind::settle;
}

bool is_about(const Value& one, const Value& other) {
    return one.record == other.record && one.field == other.field;
}

/// The operation with which `held` could have said `value`.
const Operation* saying(const HeldChange& held, const Value& value) {
    if (!held.change || held.record != value.record) return nullptr;
    for (const Operation& operation : held.change->operations) {
        if (operation.field == value.field && operation.kind != OperationKind::remove) {
            return &operation;
        }
    }
    return nullptr;
}

/// Does the change put something in the place of what stood in a field, or take something out?
bool replaces(const HeldChange& held, const Value& value) {
    const Operation* operation = saying(held, value);
    return operation != nullptr && is_register(operation->kind) && value.text.front() != '[';
}

bool takes_out(const HeldChange& held, const Value& value) {
    if (!held.change || held.record != value.record) return false;
    const auto& operations = held.change->operations;
    return std::any_of(operations.begin(), operations.end(), [&](const Operation& operation) {
        return operation.field == value.field && operation.kind == OperationKind::remove;
    });
}

bool takes_away(const HeldChange& later, std::uint32_t field, const Dot& dot) {
    for (const Operation& operation : later.change->operations) {
        if (operation.field != field) continue;
        if (std::count(operation.removed.begin(), operation.removed.end(), dot) > 0) return true;
        if (is_register(operation.kind) && seen_by(*later.change, later.dot.log).covers(dot)) {
            return true;
        }
    }
    return false;
}

/// Where changes were issued again, what their authors had seen may have been cut short: one
/// conflict too many for a while, never a value too few (decisions/0011).
bool may_mend_history(const Plan& plan) {
    constexpr std::array mending{StepKind::clone,          StepKind::restore_copy, StepKind::rot,
                                 StepKind::server_restore, StepKind::server_rot,   StepKind::adopt};
    return std::any_of(mending.begin(), mending.end(),
                       [&](StepKind kind) { return plan.has(kind); });
}

class Words {
public:
    Words(World& world, const Evidence& evidence)
        : world_(world), evidence_(evidence), is_history_mended_(may_mend_history(world.plan)) {}

    void run() {
        for (const Entry& entry : world_.ledger.entries()) {
            if (world_.has_violation()) return;
            if (entry.is_saved && !entry.salts.empty()) judge_entry(entry);
        }
        if (!world_.has_violation()) judge_strangers();
        if (!world_.has_violation()) judge_what_was_replaced();
    }

private:
    [[nodiscard]] std::vector<const HeldChange*> changes_of(const Entry& entry) const {
        std::vector<const HeldChange*> out;
        for (const Salt& salt : entry.salts) {
            const auto places = evidence_.by_salt.find(salt);
            if (places == evidence_.by_salt.end()) continue;
            for (const std::size_t place : places->second) {
                out.push_back(&evidence_.changes[place]);
            }
        }
        return out;
    }

    [[nodiscard]] std::string name_of(const Entry& entry) const {
        return "entry " + std::to_string(entry.number) + " (" + entry.method + " by " +
               world_.people[entry.author]->name + " of record " + brief(entry.record) + ")";
    }

    void judge_entry(const Entry& entry) {
        const auto found = changes_of(entry);
        if (found.empty()) {
            if (entry.is_excused || evidence_.is_erased(entry.record)) return;
            if (was_destroyed_by_its_holder(entry)) return;
            return world_.object("loss", name_of(entry) + " was saved and is nowhere");
        }
        for (const Value& value : entry.said) {
            if (world_.has_violation() || evidence_.is_erased(value.record)) return;
            judge_value(entry, value, found);
        }
    }

    /// Whoever erases destroys what they hold at once, what was not sent yet included; the server
    /// may park the erasure all the same. It names the record, and who did it.
    [[nodiscard]] bool was_destroyed_by_its_holder(const Entry& entry) const {
        const auto& entries = world_.ledger.entries();
        return std::any_of(entries.begin(), entries.end(), [&](const Entry& later) {
            return later.is_erasing && later.record == entry.record &&
                   later.number > entry.number &&
                   world_.people[later.author]->holding.has(entry.number);
        });
    }

    void judge_value(const Entry& entry, const Value& value,
                     const std::vector<const HeldChange*>& found) {
        std::size_t merged = 0;
        bool is_parked = false;
        for (const HeldChange* held : found) {
            if (saying(*held, value) == nullptr) continue;
            if (held->is_merged()) {
                ++merged;
                judge_merged(entry, value, *held);
            } else {
                is_parked = is_parked || held->parked.has_value();
            }
        }
        const auto times = static_cast<std::size_t>(
            std::count_if(entry.said.begin(), entry.said.end(),
                          [&](const Value& other) { return is_about(other, value); }));
        // Of a call that made several changes one may have been adopted before the rest was lost.
        if (merged == 0 && !is_parked && !entry.is_excused) {
            world_.object("loss", name_of(entry) + ": none of its changes says " + describe(value));
        }
        if (merged > times) {
            world_.object("doubling", name_of(entry) + " is merged " + std::to_string(merged) +
                                          " times: " + describe(value));
        }
    }

    /// A value that is merged stands, or somebody who saw it put something in its place.
    void judge_merged(const Entry& entry, const Value& value, const HeldChange& held) {
        if (stands(value, held.dot)) return;
        for (const HeldChange& later : evidence_.changes) {
            if (!later.is_merged() || later.record != value.record || &later == &held) continue;
            if (takes_away(later, value.field, held.dot) && saw(later, value, held.dot)) return;
        }
        world_.object("loss", name_of(entry) + ": nobody who had seen it took the place of " +
                                  describe(value) + " at " + brief(held.dot));
    }

    [[nodiscard]] bool stands(const Value& value, const Dot& dot) const {
        const auto record = evidence_.records.find(value.record);
        if (record == evidence_.records.end()) return false;
        const auto field = record->second.state.fields.find(value.field);
        if (field == record->second.state.fields.end()) return false;
        const auto& siblings = field->second.siblings;
        return std::any_of(siblings.begin(), siblings.end(),
                           [&](const Sibling& sibling) { return sibling.dot == dot; });
    }

    /// Had the author of `later` the value before them? Values that others might have said as well
    /// are not told apart. Their own earlier words authors know also by what came after them,
    /// others' by what came after them and is lost.
    [[nodiscard]] bool saw(const HeldChange& later, const Value& value, const Dot& dot) const {
        const Entry* entry = world_.ledger.by_salt(later.change->salt);
        if (entry == nullptr || !Ledger::is_unique(value.text)) return true;
        const bool is_own = later.dot.log == dot.log && later.dot.sequence > dot.sequence;
        return has_seen(*entry, value) || has_seen_what_followed(*entry, value, is_own);
    }

    static bool has_seen(const Entry& entry, const Value& value) {
        const auto has = [&](const std::vector<Value>& values) {
            return std::any_of(values.begin(), values.end(), [&](const Value& other) {
                return is_about(other, value) && other.text.find(value.text) != std::string::npos;
            });
        };
        return has(entry.seen) || has(entry.taken_out);
    }

    /// What somebody put in its place may itself be gone, with a server that was put back.
    [[nodiscard]] bool has_seen_what_followed(const Entry& entry, const Value& value,
                                              bool is_own) const {
        const auto& entries = world_.ledger.entries();
        return std::any_of(entries.begin(), entries.end(), [&](const Entry& earlier) {
            if (earlier.number >= entry.number || earlier.record != entry.record) return false;
            if (!is_own && is_merged(earlier)) return false;
            const auto& said = earlier.said;
            const bool is_seen = std::any_of(said.begin(), said.end(), [&](const Value& each) {
                return is_about(each, value) && Ledger::is_unique(each.text) &&
                       has_seen(entry, each);
            });
            return is_seen &&
                   (has_seen(earlier, value) || has_seen_what_followed(earlier, value, is_own));
        });
    }

    [[nodiscard]] bool is_merged(const Entry& entry) const {
        const auto found = changes_of(entry);
        return std::any_of(found.begin(), found.end(),
                           [](const HeldChange* held) { return held->is_merged(); });
    }

    /// Every change is somebody's.
    void judge_strangers() {
        for (const HeldChange& held : evidence_.changes) {
            if (!held.change || world_.ledger.by_salt(held.change->salt) != nullptr) continue;
            return world_.object("invention", brief(held.dot) + " is a change nobody made");
        }
    }

    /// Whoever puts something in the place of what they see, or takes it out, does not see it come
    /// back.
    void judge_what_was_replaced() {
        for (const Entry& entry : world_.ledger.entries()) {
            for (const HeldChange* held : changes_of(entry)) {
                if (!held->is_merged()) continue;
                for (const Value& value : entry.seen) {
                    if (replaces(*held, value)) judge_gone(entry, *held, value);
                }
                for (const Value& value : entry.taken_out) {
                    if (takes_out(*held, value)) judge_gone(entry, *held, value);
                }
                if (world_.has_violation()) return;
            }
        }
    }

    void judge_gone(const Entry& entry, const HeldChange& held, const Value& value) {
        if (!Ledger::is_unique(value.text)) return;
        for (const Entry& earlier : world_.ledger.entries()) {
            const bool said_it =
                std::find(earlier.said.begin(), earlier.said.end(), value) != earlier.said.end();
            const bool is_other = earlier.number != entry.number;
            if (!said_it || !is_other) continue;
            for (const HeldChange* before : changes_of(earlier)) {
                const bool is_it = before->is_merged() && saying(*before, value) != nullptr;
                if (!is_it || !stands(value, before->dot)) continue;
                if (is_history_mended_ && !is_of_one_log(earlier, *before, entry, held)) continue;
                world_.object("resurrection", name_of(entry) + " took away what stands again: " +
                                                  describe(value) + " at " + brief(before->dot));
            }
        }
    }

    /// Of their own log everybody has seen all that came before, also where it was issued again.
    static bool is_of_one_log(const Entry& earlier, const HeldChange& before, const Entry& entry,
                              const HeldChange& held) {
        return earlier.author == entry.author && before.dot.log == held.dot.log &&
               before.dot.sequence < held.dot.sequence;
    }

    World& world_;
    const Evidence& evidence_;
    bool is_history_mended_;
};

}  // namespace

void judge_words(World& world, const Evidence& evidence) {
    Words(world, evidence).run();
}

}  // namespace godwit::simulation
