#include "field-client/replica/sqlite_store.h"

#include "shared/seal/phrase.h"
#include "shared/sqlite/migration.h"

namespace godwit {

namespace {

/// Records a transaction holds in memory before it is relieved of them, and those that stay there
/// for the next one: a person works on few at a time.
constexpr std::size_t records_worked_max = 8192;
constexpr std::size_t records_kept_max = 64;

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& folder, Host& host) {
    auto store = std::make_unique<SqliteStore>(folder, host);
    TRY(store->open_folder());
    return std::unique_ptr<Store>(std::move(store));
}

Result<void> SqliteStore::open_folder() {
    TRY(folder_.finish_destroying());
    // A folder that is no store is left as it is: a mistyped path should leave nothing behind.
    is_there_ = TRY(folder_.has_slot());
    if (!is_there_) return ok();
    TRY(folder_.prepare());
    return open_database(false);
}

Result<void> SqliteStore::open_database(bool is_created) {
    DatabaseOptions options;
    options.path = folder_.database();
    options.is_created = is_created;
    options.is_exclusive = true;
    options.files = &host_.files;
    auto opened = Database::open(options);
    if (!opened && opened.error().code == ErrorCode::no_store) {
        return Error{ErrorCode::storage_corrupt, "the key file is there, its database is not"};
    }
    database_ = TRY(std::move(opened));
    TRY(database_->execute("PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;"));
    return migrate(*database_, replica_migrations(), host_.wall);
}

Result<void> SqliteStore::create(Identity identity, std::string_view phrase, LogId first_log,
                                 const std::function<Result<void>()>& begin) {
    TRY(folder_.prepare());
    if (TRY(folder_.has_slot())) return ErrorCode::already_enrolled;
    database_.reset();
    TRY(folder_.set_aside_database());  // Of keys destroyed, or of an enrolment cut short.

    StoreKey key;
    host_.random.fill(key.bytes);
    const Bytes slot = TRY(lock_store_key(host_.cipher, host_.random, key, phrase));
    key_ = std::move(key);
    const Result<void> filled = fill(identity, first_log, begin);
    // The slot comes last: it is what makes the folder a store.
    const Result<void> made = filled ? folder_.write_slot(slot) : filled;
    if (!made) {
        lock();
        database_.reset();
        // The slot may be there, and only its name not known to be durable.
        static_cast<void>(static_cast<bool>(folder_.destroy_slot()));
        return made;
    }
    identity_ = std::move(identity);
    is_there_ = true;
    return ok();
}

Result<void> SqliteStore::fill(const Identity& identity, const LogId& first_log,
                               const std::function<Result<void>()>& begin) {
    TRY(open_database(true));
    return transaction([&]() -> Result<void> {
        Bytes content = row::encode(identity);
        const Result<void> saved = save_single("identity", content);
        wipe(content);
        TRY(saved);
        TRY(save(ExchangeState{}));
        TRY(save_log({{1, first_log, 0}, {empty_head(identity.replica, first_log), {}}}));
        return begin();
    });
}

Result<void> SqliteStore::unlock(std::string_view phrase) {
    if (!exists() || !database_) return ErrorCode::not_enrolled;
    const Bytes slot = TRY(folder_.read_slot());
    StoreKey key = TRY(unlock_store_key(host_.cipher, slot, phrase));
    key_ = std::move(key);
    auto content = single("identity");
    if (!content || !*content) {
        lock();
        if (!content) return std::move(content).error();
        return Error{ErrorCode::storage_corrupt, "the store does not say whose it is"};
    }
    auto identity = row::decode_identity(**content);
    wipe(**content);
    if (!identity) {
        lock();
        return std::move(identity).error();
    }
    identity_ = std::move(identity).value();
    return ok();
}

void SqliteStore::lock() {
    drop_working_set();
    identity_.reset();
    key_.reset();
}

Result<void> SqliteStore::destroy_keys() {
    lock();
    const Result<void> destroyed = folder_.destroy_slot();
    // Where it failed and the slot is still there, this is done anew.
    const auto has_slot = folder_.has_slot();
    is_there_ = !has_slot || *has_slot;
    return destroyed;
}

Result<void> SqliteStore::transaction(const std::function<Result<void>()>& work) {
    TRY(require_unlocked());
    Transaction transaction = TRY(Transaction::begin(*database_));
    is_working_ = true;
    Result<void> outcome = work();
    if (outcome) outcome = write_back();
    is_working_ = false;
    if (outcome) outcome = transaction.commit();
    if (!outcome) {
        drop_working_set();  // What it says did not come to be.
        return outcome;
    }
    if (records_.size() > records_kept_max) records_.clear();
    read_segments_.keep_newest_only();
    // What was committed stays so when the disk has no room to purge now; the next one tries again.
    if (must_purge_ && database_->checkpoint()) must_purge_ = false;
    return ok();
}

// --- The working set -------------------------------------------------------------------------

Result<void> SqliteStore::write_back() {
    const Result<void> written = write_all();
    // Outside a transaction nobody else does: what memory says did not come to be.
    if (!written && !is_working_) drop_working_set();
    return written;
}

Result<void> SqliteStore::write_records() {
    for (auto& [id, worked] : records_) {
        if (worked.is_changed) TRY(write_record(id, worked));
    }
    return ok();
}

Result<void> SqliteStore::write_all() {
    // SQLite rolls back by itself after some failures: nothing may then be written beside it.
    if (is_working_ && !database_->is_in_transaction()) {
        return Error{ErrorCode::storage_failed, "the transaction was rolled back"};
    }
    TRY(write_records());
    TRY(write_tail());
    if (is_log_changed_) {
        TRY(save_log(*log_));
        is_log_changed_ = false;
    }
    if (is_exchange_changed_) {
        TRY(save_single("exchange", row::encode(*exchange_)));
        is_exchange_changed_ = false;
    }
    return ok();
}

Result<void> SqliteStore::relieve() {
    if (records_.size() < records_worked_max) return ok();
    TRY(write_records());
    records_.clear();
    return ok();
}

void SqliteStore::tidy() {
    constexpr std::int64_t pages_free_min = 1024;
    constexpr int log_pages_max = 512;
    const auto is_worth_it = [&]() -> Result<bool> {
        Query row = TRY(database_->prepare(
            "SELECT freelist_count, page_count FROM pragma_freelist_count, pragma_page_count"));
        if (!TRY(row.step())) return false;
        return row.column_integer(0) > pages_free_min &&
               row.column_integer(0) > row.column_integer(1) / 4;
    };
    if (!database_ || database_->has_failed()) return;
    // Whatever becomes of it, nothing that was said depends on it.
    const auto is_loose = is_worth_it();
    const bool is_packed = is_loose && *is_loose && database_->execute("VACUUM");
    // Packed pages are in the log until then, and the file is as long as before.
    if (is_packed || database_->log_pages() > log_pages_max) {
        static_cast<void>(static_cast<bool>(database_->checkpoint()));
    }
}

void SqliteStore::drop_working_set() {
    records_.clear();
    logs_.clear();
    log_.reset();
    tail_.clear();
    tail_bytes_ = 0;
    read_segments_.clear();
    exchange_.reset();
    is_log_changed_ = false;
    is_exchange_changed_ = false;
}

const Identity& SqliteStore::identity() const {
    GODWIT_ASSERT(identity_.has_value());
    return *identity_;
}

Result<void> SqliteStore::require_unlocked() const {
    if (!key_) return ErrorCode::store_locked;
    return ok();
}

// --- Sealing rows ----------------------------------------------------------------------------

namespace {

/// What a row's content is bound to: its table and key columns. Key columns have fixed widths, so
/// no two rows share it.
Bytes bound_to(std::string_view table, std::initializer_list<ByteView> key) {
    Bytes out = copy_of(bytes_of(table));
    out.push_back(0);
    for (const ByteView part : key) append(out, part);
    return out;
}

}  // namespace

Bytes SqliteStore::seal(std::string_view table, KeyParts key, ByteView content) const {
    GODWIT_ASSERT(key_.has_value());
    return host_.cipher.seal(content, bound_to(table, key), key_->bytes, host_.random);
}

Result<Bytes> SqliteStore::open(std::string_view table, KeyParts key, ByteView sealed) const {
    TRY(require_unlocked());
    auto opened = host_.cipher.open(sealed, bound_to(table, key), key_->bytes);
    if (!opened) {
        return Error{ErrorCode::storage_corrupt,
                     "a row of the table " + std::string(table) + " cannot be opened"};
    }
    return opened;
}

Result<void> SqliteStore::save_single(std::string_view name, ByteView content) {
    TRY(require_unlocked());
    return database_->run("INSERT OR REPLACE INTO single (name, sealed) VALUES (?, ?)", name,
                          seal("single", {bytes_of(name)}, content));
}

Result<std::optional<Bytes>> SqliteStore::single(std::string_view name) {
    TRY(require_unlocked());
    Query row = TRY(database_->prepare("SELECT sealed FROM single WHERE name = ?"));
    row.bind(1, name);
    if (!TRY(row.step())) return std::optional<Bytes>();
    return std::optional<Bytes>(TRY(open("single", {bytes_of(name)}, row.column_bytes(0))));
}

Result<ExchangeState> SqliteStore::exchange_state() {
    TRY(require_unlocked());
    if (exchange_) return *exchange_;
    const auto content = TRY(single("exchange"));
    if (!content) return Error{ErrorCode::storage_corrupt, "the exchange state is missing"};
    exchange_ = TRY(row::decode_exchange(*content));
    return *exchange_;
}

Result<void> SqliteStore::save(const ExchangeState& state) {
    TRY(require_unlocked());
    exchange_ = state;
    is_exchange_changed_ = true;
    return is_working_ ? ok() : write_back();
}

}  // namespace godwit
