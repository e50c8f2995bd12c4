#include "tests/bench/baseline_database.h"

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iostream>

namespace godwit::bench {
namespace {

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}  // namespace

Database::Database(std::string path, Sync sync) : path_(std::move(path)) {
    check(sqlite3_open(path_.c_str(), &handle_));
    run("PRAGMA journal_mode=WAL");
    run(sync == Sync::full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
}

Database::~Database() {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close(handle_);
}

void Database::run(const std::string& sql) {
    check(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr));
}

sqlite3_stmt* Database::statement(const std::string& sql) {
    sqlite3_stmt*& out = statements_[sql];
    if (out == nullptr) check(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &out, nullptr));
    sqlite3_reset(out);
    sqlite3_clear_bindings(out);
    return out;
}

void Database::step(sqlite3_stmt* statement, const std::function<void()>& row) {
    int code = sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
        if (row) row();
    }
    check(code);
    check(sqlite3_reset(statement));
}

void Database::check(int code) const {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    std::cerr << path_ << ": " << sqlite3_errmsg(handle_) << "\n";
    std::exit(1);
}

std::uintmax_t Database::bytes_at_rest() {
    run("PRAGMA wal_checkpoint(TRUNCATE)");
    return std::filesystem::file_size(path_);
}

void bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
    sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

Cost measure(const std::function<void()>& work) {
    const auto begun = std::chrono::steady_clock::now();
    const double cpu_before = cpu_seconds();
    work();
    const double cpu_s = cpu_seconds() - cpu_before;
    const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - begun;
    return {wall.count(), cpu_s};
}

}  // namespace godwit::bench
