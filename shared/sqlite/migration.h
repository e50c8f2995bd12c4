/// Schema changes: numbered SQL files, forward only, embedded at build time.
///
/// Each is applied in one transaction together with its row in the table `migration`, which keeps
/// number, name, SHA-256 of the text and the time. What was applied must still read the same: an
/// edited migration is found at the next start, and a database of a newer program is left alone.
///
/// A folder's files enter a library by `godwit_migrations(target which 0001_name.sql …)`
/// (shared/cmake/godwit_migrations.cmake), which defines `which_migrations()`.
#pragma once

#include <span>

#include "shared/base/wall_clock.h"
#include "shared/sqlite/database.h"

namespace godwit {

struct Migration {
    std::int64_t number{};  ///< From 1, without gaps.
    std::string_view name;
    std::string_view sql;
};

/// migrations/server/, in the library of the server's store.
std::span<const Migration> server_migrations();

/// migrations/replica/, in the library of the replica.
std::span<const Migration> replica_migrations();

/// Brings `database` to the last of `migrations`.
/// Fails with schema_newer (it is ahead of this program), storage_corrupt (an applied migration
/// reads differently), or as the database does; migrations before a failed one stay applied.
Result<void> migrate(Database& database, std::span<const Migration> migrations,
                     const WallClock& wall);

/// Makes the table that says which were applied.
inline constexpr const char* migration_table =
    "CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    " checksum BLOB NOT NULL, applied_ms INTEGER NOT NULL) STRICT";

/// The number of the newest migration applied; 0 for a new database.
Result<std::int64_t> schema_number(Database& database);

}  // namespace godwit
