/// Roster statements in the order in which this server accepted them, and the last word from each
/// replica.
///
/// Spec: exchange §6.
#pragma once

#include <functional>
#include <string>

#include "shared/base/id.h"
#include "shared/seal/roster.h"
#include "shared/sqlite/database.h"

namespace godwit {

/// Returns the statement's position: what roster cursors count.
Result<std::uint64_t> append_statement(Database& database, ByteView statement);

/// Statements after `cursor`, in order. `each` returns false to stop.
Result<void> each_statement(Database& database, std::uint64_t cursor,
                            const std::function<Result<bool>(std::uint64_t, ByteView)>& each);

/// The roster all of them add up to; nothing before the founding.
/// Fails with storage_corrupt when one of them no longer holds.
Result<std::optional<Roster>> load_roster(Database& database, const Cipher& cipher);

struct Contact {
    std::int64_t last_contact_ms{};
    std::uint64_t unsent{};
    std::int64_t clock_offset_ms{};  ///< Server clock minus replica clock.
    std::string app_version;
};

Result<void> save_contact(Database& database, const ReplicaId& replica, const Contact& contact);

/// By replica id, ascending.
Result<std::vector<std::pair<ReplicaId, Contact>>> contacts(Database& database);

}  // namespace godwit
