#include "sync-server/store/engine.h"

#include "shared/sqlite/migration.h"
#include "sync-server/store/epoch_table.h"
#include "sync-server/store/known_types.h"

namespace godwit {
namespace {

// Nobody else writes; only a reader can stand in a checkpoint's way, and it is not waited for long.
constexpr std::int64_t writer_patience_ms = 100;
constexpr std::int64_t writer_cache_kib = 64 * 1024;

}  // namespace

Engine::Reading::Reading(Engine& engine, std::unique_ptr<Database> database,
                         Transaction transaction)
    : engine_(&engine), database_(std::move(database)), transaction_(std::move(transaction)) {}

Engine::Reading::Reading(Reading&& other) noexcept
    : engine_(other.engine_),
      database_(std::move(other.database_)),
      transaction_(std::move(other.transaction_)) {
    other.transaction_.reset();
}

Engine::Reading::~Reading() {
    if (!database_) return;
    transaction_.reset();
    const std::lock_guard lock(engine_->readers_mutex_);
    engine_->readers_.push_back(std::move(database_));
    --engine_->readers_lent_;
    engine_->reader_freed_.notify_one();
}

Result<std::unique_ptr<Engine>> Engine::open(const std::filesystem::path& folder, bool is_created,
                                             Random& random, const WallClock& wall, Files& files) {
    std::unique_ptr<Engine> engine(new Engine(files));
    engine->folder_ = folder;
    engine->lock_ = TRY(files.lock(folder / "godwit.lock"));
    DatabaseOptions options;
    options.path = folder / database_name;
    options.is_created = is_created;
    options.busy_timeout_ms = writer_patience_ms;
    options.cache_kib = writer_cache_kib;
    options.files = &files;
    engine->writer_ = TRY(Database::open(options));
    TRY(migrate(*engine->writer_, server_migrations(), wall));
    TRY(begin_first_epoch(*engine->writer_, random, wall));
    TRY(learn_types(*engine->writer_, random, wall));
    // What an interrupted process left in the write-ahead log goes where secure_delete reaches it.
    TRY(engine->writer_->checkpoint());
    return engine;
}

Engine::~Engine() {
    readers_.clear();
    writer_.reset();
}

Engine::Writing Engine::write() {
    return {writing_, *writer_};
}

Result<Engine::Reading> Engine::read() {
    std::unique_ptr<Database> database;
    {
        std::unique_lock lock(readers_mutex_);
        reader_freed_.wait(lock, [this] { return readers_lent_ < readers_max; });
        ++readers_lent_;
        if (!readers_.empty()) {
            database = std::move(readers_.back());
            readers_.pop_back();
        }
    }
    const auto give_up = [this](Error error) -> Error {
        const std::lock_guard lock(readers_mutex_);
        --readers_lent_;
        reader_freed_.notify_one();
        return error;
    };
    if (!database) {
        auto opened = open_reader();
        if (!opened) return give_up(std::move(opened).error());
        database = std::move(opened).value();
    }
    auto transaction = Transaction::begin(*database, Transaction::Access::read);
    if (!transaction) return give_up(std::move(transaction).error());
    return Reading(*this, std::move(database), std::move(transaction).value());
}

Result<std::unique_ptr<Database>> Engine::open_reader() const {
    DatabaseOptions options;
    options.path = folder_ / database_name;
    options.is_read_only = true;
    options.files = &files_;
    return Database::open(options);
}

bool is_of_storage(const Error& error) {
    return error.code == ErrorCode::storage_failed || error.code == ErrorCode::storage_full ||
           error.code == ErrorCode::storage_corrupt || error.code == ErrorCode::store_in_use;
}

Result<bool> Engine::forget_pages(Database& writer) {
    if (!has_pages_to_forget_) return true;
    TRY(writer.checkpoint());
    std::filesystem::path journal = folder_ / database_name;
    journal += "-wal";
    if (TRY(files_.is_there(journal)) && TRY(files_.size(journal)) > 0) return false;
    has_pages_to_forget_ = false;
    return true;
}

}  // namespace godwit
