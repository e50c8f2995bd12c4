/// Changes that are kept but not merged.
///
/// Invariants
///   - A parked change keeps its number; whenever something about it changes, it takes a new place
///     in the order in which it is told, which is what parked cursors count.
///   - One change is parked once, however often it is offered.
///
/// Spec: exchange §7.
#pragma once

#include <functional>

#include "shared/protocol/messages.h"
#include "shared/sqlite/database.h"

namespace godwit {

/// Sensitive.
struct ParkedRow {
    std::uint64_t told{};  ///< Its place in the order of telling.
    Digest digest{};       ///< SHA-256 of the body, also when that is gone.
    ParkedItem item;
};

/// Gives `row` its number and place. A change parked already changes nothing.
Result<void> park(Database& database, const ParkedRow& row);

/// The change that issued (`dot`, `digest`) again; nothing when none has, or none that is known.
Result<std::optional<Dot>> adoption_of(Database& database, const Dot& dot, const Digest& digest);

/// Whether adoption_of() knows of any change of `log`.
Result<bool> has_reissued(Database& database, const LogId& log);

/// Notes that `adopted` issued the change (`dot`, `digest`) again, if it is parked and not adopted
/// yet and `is_allowed` agrees.
Result<void> adopt_parked(Database& database, const Dot& dot, const Digest& digest,
                          const Dot& adopted,
                          const std::function<bool(const ParkedItem&)>& is_allowed);

/// Notes the same of what is parked of the same words in other places: of the same record, with the
/// same salt, among the last that are parked there and not adopted.
Result<void> adopt_parked_elsewhere(Database& database, const Change& again, const Dot& adopted,
                                    const std::function<bool(const ParkedItem&)>& is_allowed);

/// Notes the same of a change that is not parked here, the first time it is noted.
Result<void> note_reissued(Database& database, const Dot& dot, const Digest& digest,
                           const Dot& again);

/// Drops what the bodies of `record`'s parked changes say.
Result<void> erase_parked(Database& database, const RecordId& record);

/// After `told`, in order. `each` returns false to stop.
Result<void> each_parked(Database& database, std::uint64_t told,
                         const std::function<Result<bool>(const ParkedRow&)>& each);

/// Those of `log` with a sequence in (after, through], in order.
Result<std::vector<ParkedRow>> parked_of(Database& database, const LogId& log, Sequence after,
                                         Sequence through);

}  // namespace godwit
