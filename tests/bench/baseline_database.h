/// A SQLite database as the baselines use it, and what their work cost.
///
/// Failures end the program: a baseline that went wrong is no baseline.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace godwit::bench {

class Database {
public:
    enum class Sync { normal, full };

    /// WAL. `full` syncs every commit; `normal` syncs at checkpoints only.
    Database(std::string path, Sync sync);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void run(const std::string& sql);
    /// The statement of `sql`, compiled once, reset, its parameters unbound.
    sqlite3_stmt* statement(const std::string& sql);
    /// Steps `statement` to its end, `row` at every row.
    void step(sqlite3_stmt* statement, const std::function<void()>& row = {});
    void check(int code) const;
    sqlite3* handle() { return handle_; }

    /// Size of the file once the write-ahead log is in it.
    std::uintmax_t bytes_at_rest();

private:
    std::string path_;
    sqlite3* handle_{};
    std::map<std::string, sqlite3_stmt*> statements_;
};

/// Binds text that outlives the step.
void bind_text(sqlite3_stmt* statement, int index, std::string_view text);

struct Cost {
    double wall_ms{};
    double cpu_s{};  ///< User and system, of this process.
};

Cost measure(const std::function<void()>& work);

}  // namespace godwit::bench
