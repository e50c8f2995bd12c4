/// Whether a database still has the tables its migrations made. What SQLite keeps of them is text
/// that no checksum covers: where a bit of it turned, integrity_check finds nothing, and a column
/// has another name.
#pragma once

#include "shared/sqlite/migration.h"

namespace godwit {

/// The tables, columns and indexes that differ from what `migrations` make, one sentence each.
Result<std::vector<std::string>> schema_problems(Database& database,
                                                 std::span<const Migration> migrations);

}  // namespace godwit
