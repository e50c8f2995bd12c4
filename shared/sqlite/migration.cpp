#include "shared/sqlite/migration.h"

#include "shared/base/sha256.h"

namespace godwit {
namespace {

Result<bool> has_migration_table(Database& database) {
    Query statement = TRY(database.prepare(
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration'"));
    return TRY(statement.step());
}

Result<void> check_applied(Database& database, std::span<const Migration> migrations) {
    Query applied = TRY(database.prepare("SELECT number, checksum FROM migration ORDER BY number"));
    std::size_t index = 0;
    while (TRY(applied.step())) {
        const std::int64_t number = applied.column_integer(0);
        if (index >= migrations.size()) {
            return Error{ErrorCode::schema_newer,
                         "the database is at migration " + std::to_string(number) +
                             ", this program knows " + std::to_string(migrations.size())};
        }
        const Migration& known = migrations[index++];
        const Digest checksum = sha256({bytes_of(known.sql)});
        if (number != known.number || !is_equal(applied.column_bytes(1), checksum)) {
            return Error{ErrorCode::storage_corrupt, "migration " + std::to_string(number) +
                                                         " is not the one that was applied"};
        }
    }
    return ok();
}

Result<void> apply(Database& database, const Migration& migration, const WallClock& wall) {
    Transaction transaction = TRY(Transaction::begin(database));
    TRY(database.execute(std::string(migration.sql)));
    const Digest checksum = sha256({bytes_of(migration.sql)});
    TRY(database.run(
        "INSERT INTO migration (number, name, checksum, applied_ms) VALUES (?, ?, ?, ?)",
        migration.number, migration.name, ByteView(checksum), wall.now_ms()));
    return transaction.commit();
}

}  // namespace

Result<std::int64_t> schema_number(Database& database) {
    if (!TRY(has_migration_table(database))) return std::int64_t{0};
    Query statement = TRY(database.prepare("SELECT coalesce(max(number), 0) FROM migration"));
    TRY(statement.step());
    return statement.column_integer(0);
}

Result<void> migrate(Database& database, std::span<const Migration> migrations,
                     const WallClock& wall) {
    if (TRY(has_migration_table(database))) {
        TRY(check_applied(database, migrations));
    } else {
        TRY(database.execute(migration_table));
    }
    const std::int64_t reached = TRY(schema_number(database));
    for (const Migration& migration : migrations) {
        if (migration.number > reached) TRY(apply(database, migration, wall));
    }
    return ok();
}

}  // namespace godwit
