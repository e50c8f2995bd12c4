/// SQLite behind Results: one connection, its prepared statements, transactions and backups.
///
/// Invariants
///   - A file that anybody writes to is in WAL mode with synchronous=FULL: what a commit returned
///     for is on the disk. Settings are read back when opening; one that did not take refuses.
///   - Exactly one connection of a database is opened for writing, and it alone checkpoints;
///     every other one is read-only. Debian's SQLite carries a race that two would expose.
///   - After a failed write to the disk nothing more is committed through this connection: what
///     the kernel still holds of it is unknown.
///
/// One connection and everything made from it belong to one thread at a time.
///
/// Every call fails with storage_corrupt (not a database, or damaged), storage_full, store_in_use
/// (somebody else holds the lock) or storage_failed (any other failure of the disk or of SQLite).
/// Details name SQLite's reason and never a bound value.
#pragma once

#include <concepts>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/id.h"
#include "shared/base/result.h"
#include "shared/sqlite/files.h"

struct sqlite3;
struct sqlite3_stmt;

namespace godwit {

class Database;

/// A prepared statement, lent by its Database until it goes; it is then reset and kept for the
/// next who prepares the same text. Must not outlive the Database.
class Query {
public:
    Query(Query&& other) noexcept;
    Query& operator=(Query&&) = delete;
    ~Query();

    /// Parameters count from 1. Bytes and text are copied. A failure is kept and told by step().
    Query& bind(int index, ByteView value);
    Query& bind(int index, std::string_view value);
    Query& bind(int index, std::nullopt_t null);

    /// An unsigned number above 2^63 - 1 makes step() fail with wrong_value.
    template <std::integral Number>
    Query& bind(int index, Number value) {
        if constexpr (std::unsigned_integral<Number>) {
            return bind_unsigned(index, value);
        } else {
            return bind_integer(index, value);
        }
    }

    template <typename Tag>
    Query& bind(int index, const Id<Tag>& value) {
        return bind(index, value.view());
    }

    template <typename T>
    Query& bind(int index, const std::optional<T>& value) {
        return value ? bind(index, *value) : bind(index, std::nullopt);
    }

    /// Binds parameters 1, 2, 3 … in order.
    template <typename... Values>
    Query& bind_all(const Values&... values) {
        int index = 0;
        (bind(++index, values), ...);
        return *this;
    }

    /// True: a row stands ready. False: the statement is done, and may be bound and run again.
    Result<bool> step();

    /// step() for a statement that yields no row.
    Result<void> run();

    /// Ready to be bound and run again; bindings are kept.
    void reset();

    // Columns count from 0. Views last until the next step(), reset() or the statement's end.
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::int64_t column_integer(int column) const;
    [[nodiscard]] ByteView column_bytes(int column) const;
    [[nodiscard]] std::string_view column_text(int column) const;

    /// Fails with storage_corrupt when the number is negative.
    Result<std::uint64_t> column_unsigned(int column) const;

    /// Fails with storage_corrupt unless the column has exactly sixteen bytes.
    template <typename IdType>
    Result<IdType> column_id(int column) const {
        const auto id = IdType::from(column_bytes(column));
        if (!id) return wrong_width(column);
        return *id;
    }

    /// Fails with storage_corrupt unless the column has exactly `Size` bytes.
    template <std::size_t Size>
    Result<std::array<std::uint8_t, Size>> column_fixed(int column) const {
        const ByteView view = column_bytes(column);
        if (view.size() != Size) return wrong_width(column);
        std::array<std::uint8_t, Size> out{};
        std::memcpy(out.data(), view.data(), Size);
        return out;
    }

private:
    friend class Database;
    Query(Database& database, const std::string& sql, sqlite3_stmt* statement)
        : database_(&database), sql_(&sql), statement_(statement) {}
    Query& bind_integer(int index, std::int64_t value);
    Query& bind_unsigned(int index, std::uint64_t value);
    Query& note(int code);
    static Error wrong_width(int column);

    Database* database_;
    const std::string* sql_;  ///< The cache's key.
    sqlite3_stmt* statement_;
    std::optional<Error> failure_;
};

struct DatabaseOptions {
    std::filesystem::path path;
    bool is_created{};  ///< The file must not exist yet; it is made readable by its owner alone.
    bool is_read_only{};
    bool is_exclusive{};  ///< Holds the lock as long as it is open; no other process reads
                          ///< meanwhile.
    std::int64_t busy_timeout_ms{5'000};
    std::int64_t cache_kib{8 * 1024};
    /// The write-ahead log is copied into the database when it has grown past this; 0: only by
    /// checkpoint().
    std::int64_t checkpoint_pages{1'000};
    Files* files{&system_files()};  ///< Where `path` lies; outlives the database.
};

/// `done` and `total` count pages.
using BackupProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

class Database {
public:
    /// Fails with no_store (not there, and not to be made), store_unsafe (a setting did not take),
    /// or as above.
    static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Fails with storage_failed when `sql` is not one statement of this schema.
    Result<Query> prepare(std::string_view sql);

    /// Runs statements without parameters, one after another; rows are dropped.
    Result<void> execute(const std::string& sql);

    /// prepare(), bind_all() and run().
    template <typename... Values>
    Result<void> run(std::string_view sql, const Values&... values) {
        Query statement = TRY(prepare(sql));
        statement.bind_all(values...);
        return statement.run();
    }

    /// Rows the last insert, update or delete touched.
    [[nodiscard]] std::uint64_t changed_rows() const;
    [[nodiscard]] std::int64_t last_row_id() const;
    [[nodiscard]] bool is_in_transaction() const;

    /// A write did not reach the disk; every further write through this connection is refused.
    [[nodiscard]] bool has_failed() const { return has_failed_; }

    /// Pages in the write-ahead log after the last commit; it keeps its size on the disk until
    /// checkpoint().
    [[nodiscard]] int log_pages() const { return log_pages_; }

    /// Copies the write-ahead log into the database, and empties it when no reader is in the way.
    Result<void> checkpoint();

    /// Copies one consistent state into the new file `path`, readable by its owner alone, complete
    /// in itself and synced. Writers are not held up. A failed copy leaves no file.
    Result<void> backup_to(const std::filesystem::path& path, const BackupProgress& progress);

    /// What SQLite finds wrong with file, indexes and references; empty when all is well.
    Result<std::vector<std::string>> integrity_problems();

private:
    friend class Query;
    friend class Transaction;
    friend class Savepoint;
    Database() = default;
    Result<void> configure(const DatabaseOptions& options);
    Result<void> demand(const char* set, const char* ask, std::string_view wanted);
    Result<std::string> ask(const char* sql);
    Result<void> copy_into(sqlite3* target, const BackupProgress& progress);
    Error error_now(int code) const;
    Error note_failure(int code);
    void give_back(const std::string& sql, sqlite3_stmt* statement);
    static int after_commit(void* database, sqlite3* connection, const char* name, int pages);

    Files* files_{};
    sqlite3* connection_{};
    std::map<std::string, std::vector<sqlite3_stmt*>, std::less<>> idle_;
    bool is_read_only_{};
    bool has_failed_{};
    std::int64_t checkpoint_pages_{};
    int log_pages_{};
};

/// A transaction; rolled back when it goes without commit(). Transactions do not nest.
class Transaction {
public:
    enum class Access : std::uint8_t { write, read };

    /// `write` takes the write lock now; `read` sees one state of the database until it ends.
    static Result<Transaction> begin(Database& database, Access access = Access::write);
    Transaction(Transaction&& other) noexcept : database_(other.database_) {
        other.database_ = nullptr;
    }
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// Returns once the transaction is on the disk. After a failure it has been rolled back.
    Result<void> commit();

private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;
};

/// A part of a transaction that can be undone alone; undone when it goes without keep().
class Savepoint {
public:
    static Result<Savepoint> begin(Database& database);
    Savepoint(Savepoint&& other) noexcept : database_(other.database_) {
        other.database_ = nullptr;
    }
    Savepoint& operator=(Savepoint&&) = delete;
    ~Savepoint();

    /// Keeps what was done; durable only when the transaction commits.
    Result<void> keep();

private:
    explicit Savepoint(Database& database) : database_(&database) {}
    Database* database_;
};

}  // namespace godwit
