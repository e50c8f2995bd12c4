// SQLite declares the extension only to those who ask.
#define SQLITE_ENABLE_SESSION 1
#define SQLITE_ENABLE_PREUPDATE_HOOK 1

#include <algorithm>
#include <memory>
#include <set>

#include "tests/bench/baseline.h"
#include "tests/bench/baseline_database.h"

namespace godwit::bench {
namespace {

using Rows = std::map<std::string, std::map<std::string, std::string>>;

/// Of two values the one that comes later stays; what cannot be applied is left out.
int last_wins(void*, int conflict, sqlite3_changeset_iter*) {
    const bool is_replaceable =
        conflict == SQLITE_CHANGESET_DATA || conflict == SQLITE_CHANGESET_CONFLICT;
    return is_replaceable ? SQLITE_CHANGESET_REPLACE : SQLITE_CHANGESET_OMIT;
}

class Tables {
public:
    Tables(const std::string& path, Database::Sync sync) : database_(path, sync) {
        std::string columns;
        for (const std::string& name : field_names()) columns += ", " + name + " TEXT";
        database_.run("CREATE TABLE note(id TEXT PRIMARY KEY NOT NULL" + columns + ")");
    }

    void write(const Step& step) {
        if (step.act == Act::create) {
            insert(step);
        } else if (step.act == Act::edit) {
            update(step);
        } else {
            auto* statement = database_.statement("DELETE FROM note WHERE id = ?");
            bind_text(statement, 1, step.record);
            database_.step(statement);
        }
    }

    void apply(const std::string& changeset) {
        if (changeset.empty()) return;
        std::string bytes = changeset;
        database_.check(sqlite3changeset_apply(database_.handle(), static_cast<int>(bytes.size()),
                                               bytes.data(), nullptr, last_wins, nullptr));
    }

    Rows all() {
        Rows out;
        auto* statement = database_.statement("SELECT * FROM note");
        database_.step(statement, [&] {
            auto& row = out[text(statement, 0)];
            for (int column = 1; column < sqlite3_column_count(statement); ++column) {
                if (sqlite3_column_type(statement, column) != SQLITE_NULL) {
                    row[sqlite3_column_name(statement, column)] = text(statement, column);
                }
            }
        });
        return out;
    }

    Database& database() { return database_; }

    static std::string text(sqlite3_stmt* statement, int column) {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
        return size == 0 ? std::string() : std::string(bytes, size);
    }

private:
    void insert(const Step& step) {
        std::string names = "id";
        std::string marks = "?";
        for (const auto& [field, value] : step.values) {
            names += ", " + field;
            marks += ", ?";
        }
        auto* statement =
            database_.statement("INSERT INTO note(" + names + ") VALUES(" + marks + ")");
        bind_text(statement, 1, step.record);
        int index = 1;
        for (const auto& [field, value] : step.values) bind_text(statement, ++index, value);
        database_.step(statement);
    }

    void update(const Step& step) {
        std::string sets;
        for (const auto& [field, value] : step.values) {
            sets += (sets.empty() ? "" : ", ") + field + " = ?";
        }
        auto* statement = database_.statement("UPDATE note SET " + sets + " WHERE id = ?");
        int index = 0;
        for (const auto& [field, value] : step.values) bind_text(statement, ++index, value);
        bind_text(statement, ++index, step.record);
        database_.step(statement);
    }

    Database database_;
};

/// The server: its tables, and every changeset it was ever sent.
class SessionServer {
public:
    explicit SessionServer(const std::string& path) : tables_(path, Database::Sync::full) {
        tables_.database().run("CREATE TABLE log(sequence INTEGER PRIMARY KEY, changeset BLOB)");
    }

    void accept(const std::string& changeset) {
        Database& database = tables_.database();
        database.run("BEGIN IMMEDIATE");
        tables_.apply(changeset);
        auto* statement = database.statement("INSERT INTO log(changeset) VALUES(?)");
        sqlite3_bind_blob(statement, 1, changeset.data(), static_cast<int>(changeset.size()),
                          SQLITE_STATIC);
        database.step(statement);
        database.run("COMMIT");
    }

    std::vector<std::string> after(sqlite3_int64& cursor) {
        std::vector<std::string> out;
        auto* statement = tables_.database().statement(
            "SELECT sequence, changeset FROM log WHERE sequence > ? ORDER BY sequence");
        sqlite3_bind_int64(statement, 1, cursor);
        tables_.database().step(statement, [&] {
            cursor = sqlite3_column_int64(statement, 0);
            out.push_back(Tables::text(statement, 1));
        });
        return out;
    }

    Tables& tables() { return tables_; }

private:
    Tables tables_;
};

/// A replica: what it writes is tracked in memory until it is pushed, and synced to disk only at
/// checkpoints.
class SessionReplica {
public:
    explicit SessionReplica(const std::string& path) : tables_(path, Database::Sync::normal) {
        track();
    }
    ~SessionReplica() { sqlite3session_delete(session_); }
    SessionReplica(const SessionReplica&) = delete;
    SessionReplica& operator=(const SessionReplica&) = delete;

    /// The bytes that went up.
    std::size_t push(SessionServer& server) {
        int size = 0;
        void* bytes = nullptr;
        tables_.database().check(sqlite3session_changeset(session_, &size, &bytes));
        const std::string changeset(static_cast<const char*>(bytes),
                                    static_cast<std::size_t>(size));
        sqlite3_free(bytes);
        if (changeset.empty()) return 0;
        server.accept(changeset);
        sqlite3session_delete(session_);
        track();
        return changeset.size();
    }

    /// The bytes that came down: every changeset since the last pull, its own included.
    std::size_t pull(SessionServer& server) {
        std::size_t bytes = 0;
        const std::vector<std::string> news = server.after(cursor_);
        sqlite3session_enable(session_, 0);
        tables_.database().run("BEGIN");
        for (const std::string& changeset : news) {
            tables_.apply(changeset);
            bytes += changeset.size();
        }
        tables_.database().run("COMMIT");
        sqlite3session_enable(session_, 1);
        return bytes;
    }

    /// What the server holds now needs no pull.
    void skip_own(SessionServer& server) { server.after(cursor_); }

    Tables& tables() { return tables_; }

private:
    void track() {
        Database& database = tables_.database();
        database.check(sqlite3session_create(database.handle(), "main", &session_));
        database.check(sqlite3session_attach(session_, nullptr));
    }

    Tables tables_;
    sqlite3_session* session_{};
    sqlite3_int64 cursor_{};
};

Json costed(const char* direction, const std::function<std::size_t()>& work) {
    std::size_t bytes = 0;
    const Cost cost = measure([&] { bytes = work(); });
    return {{"ms", cost.wall_ms}, {"cpu", cost.cpu_s}, {direction, bytes}};
}

/// Each member's median over `runs`.
Json median_of(const std::vector<Json>& runs) {
    Json out;
    for (const auto& item : runs.front().items()) {
        std::vector<double> values;
        for (const Json& run : runs) values.push_back(run[item.key()].get<double>());
        std::sort(values.begin(), values.end());
        out[item.key()] = values[values.size() / 2];
    }
    return out;
}

bool holds(const Rows& rows, const Collision& cell, const std::string& value) {
    const auto row = rows.find(cell.record);
    if (row == rows.end()) return false;
    const auto found = row->second.find(cell.field);
    return found != row->second.end() && found->second == value;
}

Json count_merge(const Merge& merge, const Rows& rows) {
    std::size_t values = 0;
    std::size_t shown = 0;
    for (const Collision& collision : merge.collisions) {
        values += collision.values.size();
        for (const std::string& value : collision.values) shown += holds(rows, collision, value);
    }
    const auto standing = [&](const std::vector<Collision>& cells) {
        return std::count_if(cells.begin(), cells.end(), [&](const Collision& cell) {
            return holds(rows, cell, cell.values.front());
        });
    };
    const auto gone = std::count_if(merge.removed.begin(), merge.removed.end(),
                                    [&](const std::string& id) { return rows.count(id) == 0; });
    return {
        {"colliding",
         {{"values", values},
          {"groups", merge.collisions.size()},
          {"won", shown},
          {"keptAside", 0},
          {"silentlyLost", values - shown}}},
        {"nonColliding",
         {{"values", merge.alone.size()}, {"visible", standing(merge.alone)}, {"keptAside", 0}}},
        {"deletes",
         {{"deleted", merge.removed.size()},
          {"gone", gone},
          {"editedWhileDeleted", merge.removed_but_edited.size()},
          {"editVisible", standing(merge.removed_but_edited)},
          {"editKeptAside", 0}}}};
}

}  // namespace

Json session_core(const std::vector<Step>& steps, const std::vector<Step>& small_edits,
                  const std::filesystem::path& folder) {
    SessionServer server(folder / "session-server");
    SessionReplica writer(folder / "session-writer");
    SessionReplica fresh(folder / "session-fresh");
    Json out;
    const Cost local = measure([&] {
        for (const Step& step : steps) writer.tables().write(step);
    });
    out["local"] = {{"ms", local.wall_ms}, {"cpu", local.cpu_s}};
    out["J1"] = costed("up", [&] { return writer.push(server); });
    out["rest"] = {{"server", server.tables().database().bytes_at_rest()},
                   {"client", writer.tables().database().bytes_at_rest()}};
    writer.skip_own(server);
    out["J2"] = costed("down", [&] { return fresh.pull(server); });
    out["same"] = writer.tables().all() == fresh.tables().all();
    std::vector<Json> idle;
    for (int run = 0; run < 5; ++run) {
        idle.push_back(costed("up", [&] { return writer.push(server) + writer.pull(server); }));
    }
    out["J4"] = median_of(idle);
    std::vector<Json> pushes;
    std::vector<Json> pulls;
    for (const Step& step : small_edits) {
        writer.tables().write(step);
        pushes.push_back(costed("up", [&] { return writer.push(server); }));
        pulls.push_back(costed("down", [&] { return fresh.pull(server); }));
    }
    if (!pushes.empty()) {
        out["J3push"] = median_of(pushes);
        out["J3pull"] = median_of(pulls);
    }
    return out;
}

Json session_merge(const Merge& merge, const std::filesystem::path& folder) {
    SessionServer server(folder / "merge-server");
    std::vector<std::unique_ptr<SessionReplica>> replicas;
    for (int index = 0; index < merge.replicas; ++index) {
        replicas.push_back(
            std::make_unique<SessionReplica>(folder / ("merge-" + std::to_string(index))));
    }
    replicas.front()->tables().database().run("BEGIN");
    for (const Step& step : merge.base) replicas.front()->tables().write(step);
    replicas.front()->tables().database().run("COMMIT");
    replicas.front()->push(server);
    for (const auto& replica : replicas) replica->pull(server);
    for (const Step& step : merge.steps) {
        replicas[static_cast<std::size_t>(step.replica)]->tables().write(step);
    }
    std::size_t up = 0;
    std::size_t down = 0;
    const Cost cost = measure([&] {
        for (int round = 0; round < 3; ++round) {
            for (const auto& replica : replicas) {
                if (round < 2) up += replica->push(server);
                down += replica->pull(server);
            }
        }
    });
    const Rows rows = server.tables().all();
    const bool has_converged =
        std::all_of(replicas.begin(), replicas.end(),
                    [&](const auto& replica) { return replica->tables().all() == rows; });
    Json out = {{"converged", has_converged},
                {"total", {{"ms", cost.wall_ms}, {"cpu", cost.cpu_s}, {"up", up}, {"down", down}}}};
    out.update(count_merge(merge, rows));
    return out;
}

}  // namespace godwit::bench
