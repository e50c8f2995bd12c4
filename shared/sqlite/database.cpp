#include "shared/sqlite/database.h"
#include "shared/base/planted.h"

#include <sqlite3.h>

#include <limits>

namespace godwit {
namespace {

constexpr int backup_pages_step = 512;
constexpr std::int64_t journal_bytes_kept = 16LL << 20;

// A record's row is between one and two KiB: pages of four would stand a fifth empty. A database
// that is there already keeps the pages it was made with.
constexpr const char* page_size_of_new = "PRAGMA page_size=8192";

ErrorCode code_for(int sqlite_code) {
    switch (sqlite_code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return ErrorCode::storage_corrupt;
        case SQLITE_FULL:
            return ErrorCode::storage_full;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return ErrorCode::store_in_use;
        default:
            return ErrorCode::storage_failed;
    }
}

Error error_of(sqlite3* connection, int code) {
    std::string detail = sqlite3_errstr(code);
    if (connection != nullptr && sqlite3_errcode(connection) != SQLITE_OK) {
        detail = sqlite3_errmsg(connection);
    }
    return {code_for(code), detail};
}

/// Puts a synced copy of the write-ahead log in its place. A program that ended after a sync that
/// failed left bytes there that the kernel shows and holds for written, though the disk never got
/// them; SQLite would go on behind them, and after a power cut all that follows such a gap is lost,
/// acknowledged or not. A copy, because power cut in the midst of writing the log over itself would
/// spoil what was durable. Whoever opens a store for writing holds it against others.
Result<void> renew_journal(Files& files, const std::filesystem::path& database) {
    std::filesystem::path journal = database;
    journal += "-wal";
    std::filesystem::path fresh = journal;
    fresh += ".new";
    if (TRY(files.is_there(fresh))) TRY(files.remove(fresh));
    if (!TRY(files.is_there(journal))) return ok();
    const std::uint64_t bytes = TRY(files.size(journal));
    if (bytes == 0) return ok();
    const auto written =
        files.write(fresh, TRY(files.read(journal, static_cast<std::size_t>(bytes))));
    // Whoever has no room for a copy shall read what they have all the same.
    if (!written && written.error().code == ErrorCode::storage_full) {
        return TRY(files.is_there(fresh)) ? files.remove(fresh) : ok();
    }
    TRY(written);
    return rename_durably(files, fresh, journal);
}

}  // namespace

// --- Query -------------------------------------------------------------------------------

Query::Query(Query&& other) noexcept
    : database_(other.database_),
      sql_(other.sql_),
      statement_(other.statement_),
      failure_(std::move(other.failure_)) {
    other.statement_ = nullptr;
}

Query::~Query() {
    if (statement_ != nullptr) database_->give_back(*sql_, statement_);
}

Query& Query::note(int code) {
    if (code != SQLITE_OK && !failure_) failure_ = database_->error_now(code);
    return *this;
}

Query& Query::bind(int index, ByteView value) {
    // A null pointer would bind NULL, and an empty value is not an absent one.
    if (value.empty()) return note(sqlite3_bind_zeroblob(statement_, index, 0));
    return note(
        sqlite3_bind_blob64(statement_, index, value.data(), value.size(), SQLITE_TRANSIENT));
}

Query& Query::bind(int index, std::string_view value) {
    const char* text = value.empty() ? "" : value.data();
    return note(
        sqlite3_bind_text64(statement_, index, text, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

Query& Query::bind(int index, std::nullopt_t) {
    return note(sqlite3_bind_null(statement_, index));
}

Query& Query::bind_integer(int index, std::int64_t value) {
    return note(sqlite3_bind_int64(statement_, index, value));
}

Query& Query::bind_unsigned(int index, std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        if (!failure_) failure_ = Error{ErrorCode::wrong_value, "a number is too large to store"};
        return *this;
    }
    return bind_integer(index, static_cast<std::int64_t>(value));
}

Result<bool> Query::step() {
    if (failure_) return *failure_;
    if (database_->has_failed_ && sqlite3_stmt_readonly(statement_) == 0) {
        return Error{ErrorCode::storage_failed, "an earlier write did not reach the disk"};
    }
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) {
        sqlite3_reset(statement_);
        return false;
    }
    Error failure = database_->note_failure(code);
    sqlite3_reset(statement_);
    return failure;
}

Result<void> Query::run() {
    while (TRY(step())) {
    }
    return ok();
}

void Query::reset() {
    sqlite3_reset(statement_);
}

bool Query::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Query::column_integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

Result<std::uint64_t> Query::column_unsigned(int column) const {
    const std::int64_t number = column_integer(column);
    if (number < 0) {
        return Error{ErrorCode::storage_corrupt,
                     "column " + std::to_string(column) + " holds a negative number"};
    }
    return static_cast<std::uint64_t>(number);
}

ByteView Query::column_bytes(int column) const {
    const void* bytes = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    if (bytes == nullptr || size <= 0) return {};
    return {static_cast<const std::uint8_t*>(bytes), static_cast<std::size_t>(size)};
}

std::string_view Query::column_text(int column) const {
    return text_of(column_bytes(column));
}

Error Query::wrong_width(int column) {
    return {ErrorCode::storage_corrupt, "column " + std::to_string(column) + " has another width"};
}

// --- Database --------------------------------------------------------------------------------

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
    GODWIT_ASSERT(!(options.is_read_only && (options.is_created || options.is_exclusive)));
    if (options.is_created) {
        // SQLite would make the file with the rights of the umask, which may have been left open.
        TRY(options.files->make_file(options.path));
    } else if (!TRY(options.files->is_there(options.path))) {
        return Error{ErrorCode::no_store, options.path.filename().string() + " is not there"};
    }
    if (!options.is_read_only) TRY(renew_journal(*options.files, options.path));
    std::unique_ptr<Database> database(new Database);
    database->files_ = options.files;
    database->is_read_only_ = options.is_read_only;
    const int access = options.is_read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    const int code =
        sqlite3_open_v2(options.path.c_str(), &database->connection_,
                        access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, options.files->vfs());
    if (code != SQLITE_OK) return error_of(database->connection_, code);
    TRY(database->configure(options));
    // The write-ahead log is there now. SQLite syncs its name, and tells nobody when that fails.
    if (!options.is_read_only) {
        TRY(options.files->sync(std::filesystem::absolute(options.path).parent_path()));
    }
    return database;
}

Database::~Database() {
    if (connection_ == nullptr) return;
    for (auto& [sql, statements] : idle_) {
        for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
    }
    // After a failed write the write-ahead log is the better witness: the next start reads it.
    if (has_failed_) {
        sqlite3_db_config(connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
    const int code = sqlite3_close(connection_);
    GODWIT_ASSERT(code == SQLITE_OK);  // Otherwise a Query outlived its Database.
}

Result<std::string> Database::ask(const char* sql) {
    Query statement = TRY(prepare(sql));
    if (!TRY(statement.step())) return std::string();
    return std::string(statement.column_text(0));
}

Result<void> Database::demand(const char* set, const char* ask_for, std::string_view wanted) {
    TRY(execute(set));
    const std::string found = TRY(ask(ask_for));
    if (found == wanted) return ok();
    return Error{ErrorCode::store_unsafe,
                 std::string(ask_for) + " is " + found + ", not " + std::string(wanted)};
}

Result<void> Database::configure(const DatabaseOptions& options) {
    sqlite3_busy_timeout(connection_, static_cast<int>(options.busy_timeout_ms));
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    if (options.is_exclusive) {
        TRY(demand("PRAGMA locking_mode=EXCLUSIVE", "PRAGMA locking_mode", "exclusive"));
    }
    TRY(ask("SELECT count(*) FROM sqlite_schema"));  // Is it a database at all?
    TRY(demand("PRAGMA temp_store=MEMORY", "PRAGMA temp_store", "2"));
    TRY(demand("PRAGMA mmap_size=0", "PRAGMA mmap_size", "0"));
    TRY(demand("PRAGMA cell_size_check=ON", "PRAGMA cell_size_check", "1"));
    TRY(execute("PRAGMA cache_size=-" + std::to_string(options.cache_kib)));
    if (options.is_read_only) {
        sqlite3_db_config(connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        return demand("PRAGMA query_only=ON", "PRAGMA query_only", "1");
    }
    TRY(demand("PRAGMA secure_delete=ON", "PRAGMA secure_delete", "1"));
    TRY(execute(page_size_of_new));
    TRY(demand("PRAGMA journal_mode=WAL", "PRAGMA journal_mode", "wal"));
    TRY(demand("PRAGMA synchronous=FULL", "PRAGMA synchronous", "2"));
    if (is_planted(PlantedBug::acknowledge_before_sync)) TRY(execute("PRAGMA synchronous=NORMAL"));
    TRY(demand("PRAGMA foreign_keys=ON", "PRAGMA foreign_keys", "1"));
    TRY(execute("PRAGMA journal_size_limit=" + std::to_string(journal_bytes_kept)));
    // Replaces SQLite's own automatic checkpoint.
    checkpoint_pages_ = options.checkpoint_pages;
    sqlite3_wal_hook(connection_, after_commit, this);
    // Takes the lock now, so that a second program learns at once that the store is in use.
    return execute("BEGIN IMMEDIATE; COMMIT");
}

// SQLite's own hook ignores a checkpoint that failed, although nobody knows then what the kernel
// still holds of the database file.
int Database::after_commit(void* database, sqlite3* connection, const char* name, int pages) {
    auto& self = *static_cast<Database*>(database);
    self.log_pages_ = pages;
    if (self.checkpoint_pages_ == 0 || pages < self.checkpoint_pages_) return SQLITE_OK;
    const int code =
        sqlite3_wal_checkpoint_v2(connection, name, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if ((code & 0xff) == SQLITE_IOERR) self.has_failed_ = true;
    return SQLITE_OK;  // The commit itself is durable, whatever became of the checkpoint.
}

Result<Query> Database::prepare(std::string_view sql) {
    auto found = idle_.find(sql);
    if (found == idle_.end()) found = idle_.emplace(std::string(sql), 0).first;
    auto& idle = found->second;
    if (!idle.empty()) {
        sqlite3_stmt* statement = idle.back();
        idle.pop_back();
        return Query(*this, found->first, statement);
    }
    sqlite3_stmt* statement = nullptr;
    const char* rest = nullptr;
    const int code =
        sqlite3_prepare_v3(connection_, found->first.c_str(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, &rest);
    // What we ask is always the same: where a table or column is not there, the file is another.
    if (code == SQLITE_ERROR) return Error{ErrorCode::storage_corrupt, note_failure(code).detail};
    if (code != SQLITE_OK) return note_failure(code);
    if (statement == nullptr || *rest != '\0') {
        sqlite3_finalize(statement);
        return Error{ErrorCode::storage_failed, "not exactly one statement"};
    }
    return Query(*this, found->first, statement);
}

void Database::give_back(const std::string& sql, sqlite3_stmt* statement) {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    idle_.find(sql)->second.push_back(statement);
}

Result<void> Database::execute(const std::string& sql) {
    const int code = sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return note_failure(code);
    return ok();
}

std::uint64_t Database::changed_rows() const {
    return static_cast<std::uint64_t>(sqlite3_changes64(connection_));
}

std::int64_t Database::last_row_id() const {
    return sqlite3_last_insert_rowid(connection_);
}

bool Database::is_in_transaction() const {
    return sqlite3_get_autocommit(connection_) == 0;
}

Error Database::error_now(int code) const {
    return error_of(connection_, code);
}

Error Database::note_failure(int code) {
    if (!is_read_only_ && (code & 0xff) == SQLITE_IOERR) has_failed_ = true;
    return error_now(code);
}

Result<void> Database::checkpoint() {
    if (has_failed_)
        return Error{ErrorCode::storage_failed, "an earlier write did not reach the disk"};
    const int code = sqlite3_wal_checkpoint_v2(connection_, nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                               nullptr, nullptr);
    if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return ok();
    return note_failure(code);
}

Result<void> Database::copy_into(sqlite3* target, const BackupProgress& progress) {
    // The read transaction pins one state: without it every commit would start the copy again.
    Transaction pinned = TRY(Transaction::begin(*this, Transaction::Access::read));
    TRY(ask("SELECT count(*) FROM sqlite_schema"));
    sqlite3_backup* backup = sqlite3_backup_init(target, "main", connection_, "main");
    if (backup == nullptr) return error_of(target, sqlite3_errcode(target));
    int code = SQLITE_OK;
    while (code == SQLITE_OK) {
        code = sqlite3_backup_step(backup, backup_pages_step);
        const int total = sqlite3_backup_pagecount(backup);
        const int left = sqlite3_backup_remaining(backup);
        if (progress) {
            progress(static_cast<std::uint64_t>(total - left), static_cast<std::uint64_t>(total));
        }
    }
    sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE) return error_of(target, code);
    // One file, complete in itself, that opens without sidecars.
    code = sqlite3_exec(target, "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return error_of(target, code);
    return ok();
}

Result<void> Database::backup_to(const std::filesystem::path& path,
                                 const BackupProgress& progress) {
    GODWIT_ASSERT(!is_in_transaction());
    if (TRY(files_->is_there(path))) {
        return Error{ErrorCode::storage_failed, path.filename().string() + " exists already"};
    }
    std::filesystem::path part = path;
    part += ".part";
    if (TRY(files_->is_there(part))) TRY(files_->remove(part));  // Left by a copy that was killed.
    TRY(files_->make_file(part));

    sqlite3* target = nullptr;
    const int code = sqlite3_open_v2(part.c_str(), &target,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, files_->vfs());
    Result<void> outcome =
        code == SQLITE_OK ? copy_into(target, progress) : Result<void>(error_of(target, code));
    sqlite3_close(target);
    if (outcome) outcome = files_->sync(part);
    if (outcome) outcome = files_->rename(part, path);
    if (outcome) return files_->sync(std::filesystem::absolute(path).parent_path());
    static_cast<void>(static_cast<bool>(files_->remove(part)));
    return outcome;
}

namespace {

Result<std::vector<std::string>> problems_now(Database& database) {
    std::vector<std::string> problems;
    {
        Query check = TRY(database.prepare("PRAGMA integrity_check"));
        while (TRY(check.step())) {
            if (check.column_text(0) != "ok") problems.emplace_back(check.column_text(0));
        }
    }
    Query references = TRY(database.prepare("PRAGMA foreign_key_check"));
    while (TRY(references.step())) {
        problems.push_back("a row of " + std::string(references.column_text(0)) +
                           " refers to none of " + std::string(references.column_text(2)));
    }
    return problems;
}

}  // namespace

Result<std::vector<std::string>> Database::integrity_problems() {
    std::vector<std::string> problems = TRY(problems_now(*this));
    // To SQLite a page that cannot be read is a page that is wrong; what a disk withholds once is
    // not damaged.
    if (problems.empty() || problems == TRY(problems_now(*this))) return problems;
    return Error{ErrorCode::storage_failed, "the disk reads otherwise each time"};
}

// --- Transaction, Savepoint ------------------------------------------------------------------

Result<Transaction> Transaction::begin(Database& database, Access access) {
    GODWIT_ASSERT(!database.is_in_transaction());
    if (access == Access::write && database.has_failed()) {
        return Error{ErrorCode::storage_failed, "an earlier write did not reach the disk"};
    }
    TRY(database.run(access == Access::write ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED"));
    return Transaction(database);
}

Transaction::~Transaction() {
    if (database_ == nullptr || !database_->is_in_transaction()) return;
    // A rollback that fails leaves the transaction open, and the next one refuses to begin.
    static_cast<void>(static_cast<bool>(database_->run("ROLLBACK")));
}

Result<void> Transaction::commit() {
    GODWIT_ASSERT(database_ != nullptr);
    Database& database = *std::exchange(database_, nullptr);
    // SQLite rolls back by itself after some failures: a commit then must not pass for one.
    if (!database.is_in_transaction()) {
        return Error{ErrorCode::storage_failed, "the transaction was rolled back"};
    }
    Result<void> outcome = database.run("COMMIT");
    if (!outcome && database.is_in_transaction()) {
        static_cast<void>(static_cast<bool>(database.run("ROLLBACK")));
    }
    return outcome;
}

Result<Savepoint> Savepoint::begin(Database& database) {
    GODWIT_ASSERT(database.is_in_transaction());
    TRY(database.run("SAVEPOINT part"));
    return Savepoint(database);
}

Savepoint::~Savepoint() {
    // When SQLite has already rolled the whole transaction back there is nothing left to undo.
    if (database_ == nullptr || !database_->is_in_transaction()) return;
    if (database_->run("ROLLBACK TO part")) {
        static_cast<void>(static_cast<bool>(database_->run("RELEASE part")));
    }
}

Result<void> Savepoint::keep() {
    GODWIT_ASSERT(database_ != nullptr);
    return std::exchange(database_, nullptr)->run("RELEASE part");
}

}  // namespace godwit
