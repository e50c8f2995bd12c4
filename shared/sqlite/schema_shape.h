/// Whether a database still has the tables its migrations made. What SQLite keeps of them is text
/// that no checksum covers: where a bit of it turned, integrity_check finds nothing, and a column
/// has another name.
#pragma once

#include <set>

#include "shared/sqlite/migration.h"

namespace godwit {

/// What migrations make. Worked out once, in memory: a program's own do not change while it runs.
class SchemaShape {
public:
    explicit SchemaShape(std::span<const Migration> migrations);

    /// The tables, columns and indexes of `database` that differ, one sentence each.
    /// Fails with storage_failed (no memory), or as the database does.
    Result<std::vector<std::string>> problems(Database& database) const;

private:
    using Lines = std::set<std::string>;

    std::span<const Migration> migrations_;
    Result<Lines> wanted_;
};

}  // namespace godwit
