#include "shared/sqlite/schema_shape.h"

#include <sqlite3.h>

#include <memory>

namespace godwit {
namespace {

/// One line for each column of a table or an index. Not the text they were made with: another
/// version of SQLite writes that otherwise when it renames a table. What ANALYZE keeps is nobody's.
constexpr const char* lines_of_shape =
    "SELECT 'table ' || m.name || ' column ' || c.name || ' ' || c.type || ' '"
    "  || c.\"notnull\" || ' ' || c.pk || ' ' || coalesce(c.dflt_value, '')"
    " FROM sqlite_schema m, pragma_table_xinfo(m.name) c"
    " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_stat%'"
    " UNION ALL "
    "SELECT 'index ' || m.name || ' of ' || m.tbl_name || ' column ' || coalesce(c.name, '')"
    "  || ' ' || c.seqno || ' ' || c.\"desc\" || ' ' || c.coll"
    " FROM sqlite_schema m, pragma_index_xinfo(m.name) c WHERE m.type = 'index'";

using Lines = std::set<std::string>;

int add_line(void* lines, int /*columns*/, char** values, char** /*names*/) {
    static_cast<Lines*>(lines)->insert(values[0] == nullptr ? "" : values[0]);
    return 0;
}

Result<Lines> made_in_memory(std::span<const Migration> migrations) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open(":memory:", &opened);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, sqlite3_close);
    const auto run = [&](const std::string& sql) {
        return sqlite3_exec(opened, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
    };
    bool is_made = code == SQLITE_OK && run(migration_table);
    for (const Migration& migration : migrations) {
        is_made = is_made && run(std::string(migration.sql));
    }
    Lines lines;
    is_made =
        is_made && sqlite3_exec(opened, lines_of_shape, add_line, &lines, nullptr) == SQLITE_OK;
    if (!is_made) return Error{ErrorCode::storage_failed, "no memory to look at the schema"};
    return lines;
}

Result<Lines> found_in(Database& database) {
    Lines found;
    Query lines = TRY(database.prepare(lines_of_shape));
    while (TRY(lines.step())) found.emplace(lines.column_text(0));
    return found;
}

void note_missing(const Lines& from, const Lines& in, const char* what,
                  std::vector<std::string>& problems) {
    for (const std::string& line : in) {
        if (!from.contains(line)) problems.push_back(std::string(what) + line);
    }
}

}  // namespace

SchemaShape::SchemaShape(std::span<const Migration> migrations)
    : migrations_(migrations), wanted_(made_in_memory(migrations)) {}

Result<std::vector<std::string>> SchemaShape::problems(Database& database) const {
    // There may be memory now.
    const Lines wanted = wanted_ ? *wanted_ : TRY(made_in_memory(migrations_));
    const Lines found = TRY(found_in(database));
    std::vector<std::string> problems;
    note_missing(found, wanted, "the schema lacks ", problems);
    note_missing(wanted, found, "the schema has what nobody made: ", problems);
    return problems;
}

}  // namespace godwit
