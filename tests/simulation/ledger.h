/// The book a world keeps of its own, beside the product's: what was said, by whom, and whether it
/// was called saved; which store holds it; and what its author had before them.
///
/// A change is found again by its salt, which it keeps when it is issued again; a value by its
/// text. Neither log, nor sequence, nor context is asked: those are what might be wrong.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "field-client/replica/json.h"
#include "shared/base/id.h"
#include "tests/simulation/chance.h"

namespace godwit::simulation {

using Salt = DrawnChance::Salt;

/// One value in one field of a record.
struct Value {
    RecordId record;
    std::uint32_t field{};
    std::string text;  ///< As JSON.

    auto operator<=>(const Value&) const = default;
};

/// One call of somebody's that wrote.
struct Entry {
    std::size_t number{};
    std::size_t author{};  ///< The person.
    std::string method;
    RecordId record;
    std::vector<Salt> salts;  ///< Of its changes, and whatever else was drawn in sixteen bytes.
    bool is_saved{};  ///< Otherwise it failed in a way that leaves open what the disk holds.
    bool is_erasing{};
    std::vector<Value> said;
    std::vector<Value> taken_out;  ///< Out of a set.
    std::vector<Value> seen;       ///< What stood in the fields it set, as its author was shown.
    bool is_excused{};             ///< The world destroyed the only copy.
    std::string excuse;
};

/// Which entries one store holds.
class Holding {
public:
    void add(std::size_t entry) {
        if (held_.size() <= entry) held_.resize(entry + 1);
        held_[entry] = true;
    }
    [[nodiscard]] bool has(std::size_t entry) const { return entry < held_.size() && held_[entry]; }

private:
    std::vector<bool> held_;
};

class Ledger {
public:
    /// Enters what a call said; its number is the entry's place.
    Entry& enter(Entry entry);

    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    [[nodiscard]] std::vector<Entry>& entries() { return entries_; }
    [[nodiscard]] const Entry* by_salt(const Salt& salt) const;

    /// Did anybody who saw the value say another in its place, or take it out?
    [[nodiscard]] bool was_taken_away(const Value& value) const;

    /// Is the value one that nobody else could have said?
    [[nodiscard]] static bool is_unique(const std::string& text);

private:
    std::vector<Entry> entries_;
    std::map<Salt, std::size_t> by_salt_;
};

}  // namespace godwit::simulation
