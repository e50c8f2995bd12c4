#include "field-client/replica/sqlite_store.h"

#include "shared/base/sha256.h"
#include "shared/protocol/packed_segment.h"
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
    // A folder that is no store is left as it is: a mistyped path should leave nothing behind.
    if (!folder_.has_slot()) return ok();
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

bool SqliteStore::exists() const {
    return folder_.has_slot();
}

Result<void> SqliteStore::create(Identity identity, std::string_view phrase, LogId first_log) {
    TRY(folder_.prepare());
    if (folder_.has_slot()) return ErrorCode::already_enrolled;
    TRY(folder_.set_aside_database());  // Of keys destroyed, or of an enrolment cut short.

    StoreKey key;
    host_.random.fill(key.bytes);
    const Bytes slot = TRY(lock_store_key(host_.cipher, host_.random, key, phrase));
    key_ = std::move(key);
    const Result<void> filled = fill(identity, first_log);
    // The slot comes last: it is what makes the folder a store.
    const Result<void> made = filled ? folder_.write_slot(slot) : filled;
    if (!made) {
        lock();
        database_.reset();
        return made;
    }
    identity_ = std::move(identity);
    return ok();
}

Result<void> SqliteStore::fill(const Identity& identity, const LogId& first_log) {
    TRY(open_database(true));
    return transaction([&]() -> Result<void> {
        Bytes content = row::encode(identity);
        const Result<void> saved = save_single("identity", content);
        wipe(content);
        TRY(saved);
        TRY(save(ExchangeState{}));
        CurrentLog log{1, first_log, {empty_head(identity.replica, first_log), {}}};
        return save_log(log);
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
    return folder_.destroy_slot();
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
    // What was committed stays so when the disk has no room to purge now; the next one tries again.
    if (must_purge_ && database_->checkpoint()) must_purge_ = false;
    return ok();
}

// --- The working set -------------------------------------------------------------------------

Result<void> SqliteStore::write_back() {
    // SQLite rolls back by itself after some failures: nothing may then be written beside it.
    if (is_working_ && !database_->is_in_transaction()) {
        return Error{ErrorCode::storage_failed, "the transaction was rolled back"};
    }
    for (auto& [id, worked] : records_) {
        if (!worked.is_changed) continue;
        TRY(write_record(id, worked.record));
        worked.is_changed = false;
    }
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
    TRY(write_back());
    records_.clear();
    return ok();
}

void SqliteStore::drop_working_set() {
    records_.clear();
    log_.reset();
    exchange_.reset();
    is_log_changed_ = false;
    is_exchange_changed_ = false;
}

const Identity& SqliteStore::identity() const {
    GODWIT_ASSERT(identity_.has_value());
    return *identity_;
}

Result<void> SqliteStore::require_unlocked() const {
    if (!key_) return Error{ErrorCode::wrong_phrase, "the store is locked: unlock it first"};
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
    return is_working() ? ok() : write_back();
}

// --- Change logs -----------------------------------------------------------------------------

Result<SqliteStore::CurrentLog*> SqliteStore::current_log() {
    TRY(require_unlocked());
    if (log_) return &*log_;
    Query row = TRY(database_->prepare(
        "SELECT place, log, sealed FROM change_log ORDER BY place DESC LIMIT 1"));
    if (!TRY(row.step())) return Error{ErrorCode::storage_corrupt, "there is no change log"};
    CurrentLog log;
    log.place = row.column_integer(0);
    log.id = TRY(row.column_id<LogId>(1));
    log.row = TRY(row::decode_log(TRY(open("change_log", {log.id.view()}, row.column_bytes(2)))));
    log_ = log;
    return &*log_;
}

Result<void> SqliteStore::save_log(const CurrentLog& log) {
    return database_->run("INSERT OR REPLACE INTO change_log (place, log, sealed) VALUES (?, ?, ?)",
                          log.place, log.id,
                          seal("change_log", {log.id.view()}, row::encode(log.row)));
}

Result<LogId> SqliteStore::log() {
    return TRY(current_log())->id;
}

Result<LogHead> SqliteStore::head() {
    return TRY(current_log())->row.head;
}

Result<HybridTime> SqliteStore::last_time() {
    return TRY(current_log())->row.last;
}

Result<void> SqliteStore::open_log(LogId log) {
    CurrentLog* current = TRY(current_log());
    if (is_log_changed_) TRY(save_log(*current));
    // The time goes on: a new log of the same replica must not run backwards.
    *current = CurrentLog{
        current->place + 1, log, {empty_head(identity().replica, log), current->row.last}};
    is_log_changed_ = true;
    return is_working() ? ok() : write_back();
}

Result<Dot> SqliteStore::append(const Change& change) {
    CurrentLog& log = *TRY(current_log());
    if (change.sequence != log.row.head.sequence + 1) {
        return Error{ErrorCode::gap_in_sequence, "the change is not the next of its log"};
    }
    row::ChangeRow row;
    row.body = encode_change(change);
    if (row.body.size() > change_bytes_max) {
        return Error{ErrorCode::too_large, "one change holds at most 512 KiB"};
    }
    row.digest = sha256({row.body});
    const Dot dot{log.id, change.sequence};
    TRY(database_->run(
        "INSERT INTO change (log, sequence, record, sealed) VALUES (?, ?, ?, ?)", dot.log,
        dot.sequence, change.record,
        seal("change", {dot.log.view(), big_endian(dot.sequence), change.record.view()},
             row::encode(row))));
    log.row.head = LogHead{change.sequence, chain(log.row.head.hash, change.record, row.digest)};
    log.row.last = std::max(log.row.last, change.time);
    is_log_changed_ = true;
    if (!is_working()) TRY(write_back());
    return dot;
}

Result<LoggedChange> SqliteStore::read_change(Query& row) {
    LoggedChange change;
    change.dot.log = TRY(row.column_id<LogId>(0));
    change.dot.sequence = TRY(row.column_unsigned(1));
    change.record = TRY(row.column_id<RecordId>(2));
    const Bytes content = TRY(open(
        "change", {change.dot.log.view(), big_endian(change.dot.sequence), change.record.view()},
        row.column_bytes(3)));
    row::ChangeRow opened = TRY(row::decode_change_row(content));
    change.digest = opened.digest;
    change.body = std::move(opened.body);
    return change;
}

Result<std::vector<LoggedChange>> SqliteStore::changes(const LogId& log, Sequence after,
                                                       Sequence through) {
    Query row = TRY(
        database_->prepare("SELECT log, sequence, record, sealed FROM change "
                           "WHERE log = ? AND sequence > ? AND sequence <= ? ORDER BY sequence"));
    row.bind_all(log, after, through);
    std::vector<LoggedChange> found;
    while (TRY(row.step())) found.push_back(TRY(read_change(row)));
    return found;
}

Result<std::vector<LoggedChange>> SqliteStore::changes_of(const RecordId& record) {
    Query row =
        TRY(database_->prepare("SELECT change.log, sequence, record, change.sealed FROM change "
                               "JOIN change_log ON change_log.log = change.log "
                               "WHERE record = ? ORDER BY place, sequence"));
    row.bind(1, record);
    std::vector<LoggedChange> found;
    while (TRY(row.step())) found.push_back(TRY(read_change(row)));
    return found;
}

Result<std::optional<LoggedChange>> SqliteStore::change(const Dot& dot) {
    Query row = TRY(database_->prepare(
        "SELECT log, sequence, record, sealed FROM change WHERE log = ? AND sequence = ?"));
    row.bind_all(dot.log, dot.sequence);
    if (!TRY(row.step())) return std::optional<LoggedChange>();
    return std::optional<LoggedChange>(TRY(read_change(row)));
}

Result<std::vector<Bytes>> SqliteStore::segments(const LogId& log, Sequence after,
                                                 std::size_t bytes_max) {
    Query row = TRY(database_->prepare(
        "SELECT first, sealed FROM segment WHERE log = ? AND last > ? ORDER BY first"));
    row.bind_all(log, after);
    std::vector<Bytes> found;
    std::size_t bytes = 0;
    while (TRY(row.step())) {
        const Sequence first = TRY(row.column_unsigned(0));
        Bytes segment = TRY(open("segment", {log.view(), big_endian(first)}, row.column_bytes(1)));
        bytes += segment.size();
        if (!found.empty() && bytes > bytes_max) break;
        found.push_back(std::move(segment));
    }
    return found;
}

Result<void> SqliteStore::save_segment(const Segment& segment) {
    TRY(require_unlocked());
    return database_->run(
        "INSERT OR REPLACE INTO segment (log, first, last, sealed) VALUES (?, ?, ?, ?)",
        segment.log, segment.first, segment.last(),
        seal("segment", {segment.log.view(), big_endian(segment.first)}, pack_segment(segment)));
}

Result<Sequence> SqliteStore::segmented_through(const LogId& log) {
    Query row = TRY(database_->prepare("SELECT max(last) FROM segment WHERE log = ?"));
    row.bind(1, log);
    if (!TRY(row.step()) || row.is_null(0)) return Sequence{0};
    return row.column_unsigned(0);
}

Result<void> SqliteStore::save(const Receipt& receipt) {
    TRY(require_unlocked());
    return database_->run(
        "INSERT OR REPLACE INTO receipt (log, through, after, sealed) VALUES (?, ?, ?, ?)",
        receipt.log, receipt.through, receipt.after,
        seal("receipt",
             {receipt.log.view(), big_endian(receipt.through), big_endian(receipt.after)},
             encode_receipt(receipt)));
}

Result<std::vector<Receipt>> SqliteStore::receipts(const LogId& log, Sequence after) {
    Query row = TRY(database_->prepare(
        "SELECT through, after, sealed FROM receipt WHERE log = ? AND through > ? "
        "ORDER BY through, after"));
    row.bind_all(log, after);
    std::vector<Receipt> found;
    while (TRY(row.step())) {
        const Sequence through = TRY(row.column_unsigned(0));
        const Sequence from = TRY(row.column_unsigned(1));
        const Bytes content = TRY(open(
            "receipt", {log.view(), big_endian(through), big_endian(from)}, row.column_bytes(2)));
        found.push_back(TRY(decode_receipt(content)));
    }
    return found;
}

}  // namespace godwit
