#include "tests/simulation/ledger.h"

#include <algorithm>

namespace godwit::simulation {

Entry& Ledger::enter(Entry entry) {
    entry.number = entries_.size();
    for (const Salt& salt : entry.salts) by_salt_.emplace(salt, entry.number);
    return entries_.emplace_back(std::move(entry));
}

const Entry* Ledger::by_salt(const Salt& salt) const {
    const auto found = by_salt_.find(salt);
    return found == by_salt_.end() ? nullptr : &entries_[found->second];
}

bool Ledger::was_taken_away(const Value& value) const {
    const auto has = [&](const std::vector<Value>& values) {
        return std::any_of(values.begin(), values.end(), [&](const Value& other) {
            return other.record == value.record && other.field == value.field &&
                   other.text.find(value.text) != std::string::npos;
        });
    };
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const Entry& entry) { return has(entry.seen) || has(entry.taken_out); });
}

bool Ledger::is_unique(const std::string& text) {
    return text.find("said-") != std::string::npos;
}

}  // namespace godwit::simulation
