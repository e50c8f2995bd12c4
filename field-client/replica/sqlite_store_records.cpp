#include "field-client/replica/sqlite_store.h"

#include "shared/base/sha256.h"
#include "shared/base/text.h"

namespace godwit {
namespace {

/// The smallest and greatest id that begin with `hex_prefix`, or nothing when it is no hexadecimal.
struct IdRange {
    RecordId first;
    RecordId last;
};
std::optional<IdRange> ids_starting(std::string_view hex_prefix) {
    constexpr std::size_t digits = RecordId::size * 2;
    if (hex_prefix.size() > digits) return std::nullopt;
    std::string low(hex_prefix);
    std::string high(hex_prefix);
    low.resize(digits, '0');
    high.resize(digits, 'f');
    const auto first = parse_id<RecordId>(low);
    const auto last = parse_id<RecordId>(high);
    if (!first || !last) return std::nullopt;
    return IdRange{*first, *last};
}

}  // namespace

// --- Records ---------------------------------------------------------------------------------

Result<std::optional<StoredRecord>> SqliteStore::record(const RecordId& id) {
    TRY(require_unlocked());
    if (const auto worked = records_.find(id); worked != records_.end()) {
        return std::optional<StoredRecord>(worked->second.record);
    }
    auto found = TRY(read_record(id));
    if (!found) return std::optional<StoredRecord>();
    return std::optional<StoredRecord>(std::move(found->record));
}

Result<StoredRecord*> SqliteStore::load(const RecordId& id) {
    GODWIT_ASSERT(is_working_);
    auto worked = records_.find(id);
    if (worked == records_.end()) {
        auto found = TRY(read_record(id));
        if (!found) return nullptr;
        worked = records_.emplace(id, *std::move(found)).first;
    }
    return &worked->second.record;
}

Result<bool> SqliteStore::has_record(const RecordId& id) {
    TRY(require_unlocked());
    if (records_.contains(id)) return true;
    Query row = TRY(database_->prepare("SELECT 1 FROM record WHERE record = ?"));
    row.bind(1, id);
    return row.step();
}

Result<std::optional<SqliteStore::Worked>> SqliteStore::read_record(const RecordId& id) {
    TRY(require_unlocked());
    Query row = TRY(database_->prepare("SELECT waiting_from, sealed FROM record WHERE record = ?"));
    row.bind(1, id);
    if (!TRY(row.step())) return std::optional<Worked>();
    const Bytes content = TRY(open("record", {id.view()}, row.column_bytes(1)));
    row::RecordRow found = TRY(row::decode_record(content));
    found.record.waiting_from = TRY(row.column_unsigned(0));
    // A base stands apart exactly while something waits: schema 0001 left it out when it was empty
    // of anything else.
    if (found.record.has_waiting() && !found.record.base_apart) {
        found.record.base_apart = found.record.shown;
    }
    return std::optional<Worked>(Worked{std::move(found.record), std::move(found.shown), false});
}

SqliteStore::Worked& SqliteStore::work_on(const RecordId& id, const StoredRecord& record) {
    Worked& worked = records_[id];
    // What load() lent is saved where it stands.
    if (&worked.record != &record) worked.record = record;
    return worked;
}

Result<void> SqliteStore::finish_save(const RecordId& id, Worked& worked) {
    worked.is_changed = true;
    if (is_working_) return ok();
    const Result<void> written = write_record(id, worked);
    records_.erase(id);
    return written;
}

Result<void> SqliteStore::save(const RecordId& id, const StoredRecord& record) {
    TRY(require_unlocked());
    Worked& worked = work_on(id, record);
    worked.shown.clear();
    return finish_save(id, worked);
}

Result<void> SqliteStore::save_all_but_shown(const RecordId& id, const StoredRecord& record) {
    TRY(require_unlocked());
    return finish_save(id, work_on(id, record));
}

Result<void> SqliteStore::save(const RecordId& id, const StoredRecord& record, ByteView shown) {
    TRY(require_unlocked());
    Worked& worked = work_on(id, record);
    worked.shown = row::pack_state(shown);
    return finish_save(id, worked);
}

Result<void> SqliteStore::write_record(const RecordId& id, Worked& worked) {
    if (worked.shown.empty()) worked.shown = row::pack_state(encode_state(worked.record.shown));
    TRY(
        database_->run("INSERT INTO record (record, waiting_from, sealed) VALUES (?1, ?2, ?3) "
                       "ON CONFLICT (record) DO UPDATE SET waiting_from = ?2, sealed = ?3",
                       id, worked.record.waiting_from,
                       seal("record", {id.view()}, row::encode(worked.record, worked.shown))));
    worked.is_changed = false;
    return ok();
}

Result<void> SqliteStore::forget(const RecordId& id) {
    TRY(require_unlocked());
    records_.erase(id);
    TRY(database_->run("DELETE FROM record WHERE record = ?", id));
    TRY(database_->run("DELETE FROM queued_key WHERE record = ?", id));
    TRY(forget_history(id));
    return ok();
}

Result<std::vector<RecordId>> SqliteStore::ids(Query& rows) {
    std::vector<RecordId> found;
    while (TRY(rows.step())) found.push_back(TRY(rows.column_id<RecordId>(0)));
    return found;
}

Result<void> SqliteStore::each_record(
    const std::function<Result<bool>(const RecordId&, const StoredRecord&)>& each) {
    TRY(write_records());
    std::vector<RecordId> all;
    {
        // Ids first: `each` may write, and a statement that is still reading would see it half.
        Query rows = TRY(database_->prepare("SELECT record FROM record ORDER BY record"));
        all = TRY(ids(rows));
    }
    for (const RecordId& id : all) {
        const auto found = TRY(record(id));
        if (found && !TRY(each(id, *found))) break;
    }
    return ok();
}

Result<std::vector<RecordId>> SqliteStore::records_starting(std::string_view hex_prefix,
                                                            std::size_t count_max) {
    TRY(require_unlocked());
    TRY(write_records());
    const auto range = ids_starting(hex_prefix);
    if (!range) return std::vector<RecordId>();
    Query rows = TRY(database_->prepare(
        "SELECT record FROM record WHERE record BETWEEN ? AND ? ORDER BY record LIMIT ?"));
    rows.bind_all(range->first, range->last, count_max);
    return ids(rows);
}

Result<std::vector<RecordId>> SqliteStore::records_waiting() {
    TRY(require_unlocked());
    TRY(write_records());
    Query rows =
        TRY(database_->prepare("SELECT record FROM record WHERE waiting_from > 0 ORDER BY record"));
    return ids(rows);
}

Result<void> SqliteStore::add_history(const RecordId& id, const std::vector<HistoryLine>& lines) {
    TRY(require_unlocked());
    if (lines.empty()) return ok();
    return database_->run("INSERT INTO history (record, sealed) VALUES (?, ?)", id,
                          seal("history", {id.view()}, row::encode(lines)));
}

Result<std::vector<HistoryLine>> SqliteStore::history(const RecordId& id) {
    Query row =
        TRY(database_->prepare("SELECT sealed FROM history WHERE record = ? ORDER BY number"));
    row.bind(1, id);
    std::vector<HistoryLine> found;
    while (TRY(row.step())) {
        const Bytes content = TRY(open("history", {id.view()}, row.column_bytes(0)));
        for (HistoryLine& line : TRY(row::decode_history(content))) {
            found.push_back(std::move(line));
        }
    }
    return found;
}

Result<void> SqliteStore::forget_history(const RecordId& id) {
    TRY(require_unlocked());
    must_purge_ = true;
    return database_->run("DELETE FROM history WHERE record = ?", id);
}

// --- What waits to be sent -------------------------------------------------------------------

Result<void> SqliteStore::queue_key(const RecordId& id) {
    TRY(require_unlocked());
    return database_->run("INSERT OR IGNORE INTO queued_key (record) VALUES (?)", id);
}

Result<std::vector<RecordId>> SqliteStore::queued_keys() {
    TRY(require_unlocked());
    Query rows = TRY(database_->prepare("SELECT record FROM queued_key ORDER BY record"));
    return ids(rows);
}

Result<void> SqliteStore::clear_queued_keys(const std::vector<RecordId>& sent) {
    TRY(require_unlocked());
    for (const RecordId& id : sent) {
        TRY(database_->run("DELETE FROM queued_key WHERE record = ?", id));
    }
    return ok();
}

Result<void> SqliteStore::keep_key(const KeptKey& kept) {
    TRY(require_unlocked());
    const RecordId& id = kept.statement.record;
    return database_->run("INSERT OR REPLACE INTO kept_key (record, sealed) VALUES (?, ?)", id,
                          seal("kept_key", {id.view()}, row::encode(kept)));
}

Result<std::optional<KeptKey>> SqliteStore::kept_key(const RecordId& id) {
    TRY(require_unlocked());
    Query row = TRY(database_->prepare("SELECT sealed FROM kept_key WHERE record = ?"));
    row.bind(1, id);
    if (!TRY(row.step())) return std::optional<KeptKey>();
    const Bytes content = TRY(open("kept_key", {id.view()}, row.column_bytes(0)));
    return std::optional(TRY(row::decode_kept_key(content, id)));
}

Result<std::vector<RecordId>> SqliteStore::kept_keys() {
    TRY(require_unlocked());
    Query rows = TRY(database_->prepare("SELECT record FROM kept_key ORDER BY record"));
    return ids(rows);
}

Result<void> SqliteStore::queue_erased(const RecordId& id) {
    TRY(require_unlocked());
    return database_->run("INSERT OR IGNORE INTO queued_erased (record) VALUES (?)", id);
}

Result<std::vector<RecordId>> SqliteStore::queued_erased() {
    TRY(require_unlocked());
    Query rows = TRY(database_->prepare("SELECT record FROM queued_erased ORDER BY record"));
    return ids(rows);
}

Result<void> SqliteStore::clear_queued_erased(const std::vector<RecordId>& sent) {
    TRY(require_unlocked());
    for (const RecordId& id : sent) {
        TRY(database_->run("DELETE FROM queued_erased WHERE record = ?", id));
    }
    return ok();
}

// --- Statements and parked items -------------------------------------------------------------

Result<void> SqliteStore::add_statement(ByteView statement, bool is_queued) {
    TRY(require_unlocked());
    std::int64_t number = 1;
    {
        Query row = TRY(database_->prepare("SELECT max(number) FROM statement"));
        if (TRY(row.step()) && !row.is_null(0)) number = row.column_integer(0) + 1;
    }
    const auto key = big_endian(static_cast<std::uint64_t>(number));
    return database_->run("INSERT INTO statement (number, is_queued, sealed) VALUES (?, ?, ?)",
                          number, is_queued ? 1 : 0, seal("statement", {key}, statement));
}

Result<std::vector<Bytes>> SqliteStore::read_statements(std::string_view sql) {
    TRY(require_unlocked());
    Query row = TRY(database_->prepare(sql));
    std::vector<Bytes> found;
    while (TRY(row.step())) {
        const auto key = big_endian(TRY(row.column_unsigned(0)));
        found.push_back(TRY(open("statement", {key}, row.column_bytes(1))));
    }
    return found;
}

Result<std::vector<Bytes>> SqliteStore::statements() {
    return read_statements("SELECT number, sealed FROM statement ORDER BY number");
}

Result<std::vector<Bytes>> SqliteStore::queued_statements() {
    return read_statements(
        "SELECT number, sealed FROM statement WHERE is_queued = 1 ORDER BY number");
}

Result<void> SqliteStore::queue_all_statements() {
    TRY(require_unlocked());
    return database_->run("UPDATE statement SET is_queued = 1");
}

Result<std::optional<std::uint64_t>> SqliteStore::queued_statement_number(const Digest& digest) {
    TRY(require_unlocked());
    Query row = TRY(database_->prepare(
        "SELECT number, sealed FROM statement WHERE is_queued = 1 ORDER BY number"));
    while (TRY(row.step())) {
        const std::uint64_t number = TRY(row.column_unsigned(0));
        const Bytes statement = TRY(open("statement", {big_endian(number)}, row.column_bytes(1)));
        if (sha256({statement}) == digest) return std::optional<std::uint64_t>(number);
    }
    return std::optional<std::uint64_t>();
}

Result<void> SqliteStore::clear_queued_statement(const Digest& statement_digest) {
    const auto number = TRY(queued_statement_number(statement_digest));
    if (!number) return ok();
    return database_->run("UPDATE statement SET is_queued = 0 WHERE number = ?", *number);
}

Result<void> SqliteStore::forget_statement(const Digest& statement_digest) {
    const auto number = TRY(queued_statement_number(statement_digest));
    if (!number) return ok();
    return database_->run("DELETE FROM statement WHERE number = ?", *number);
}

Result<void> SqliteStore::save_proof(const std::vector<Bytes>& statements) {
    return save_single("proof", row::encode(statements));
}

Result<std::vector<Bytes>> SqliteStore::proof() {
    const auto content = TRY(single("proof"));
    if (!content) return std::vector<Bytes>();
    return row::decode_list(*content);
}

Result<void> SqliteStore::save(const ParkedItem& item) {
    TRY(require_unlocked());
    return database_->run("INSERT OR REPLACE INTO parked (number, record, sealed) VALUES (?, ?, ?)",
                          item.number, item.record,
                          seal("parked", {big_endian(item.number)}, row::encode(item)));
}

Result<std::vector<ParkedItem>> SqliteStore::parked() {
    TRY(require_unlocked());
    Query row = TRY(database_->prepare("SELECT number, sealed FROM parked ORDER BY number"));
    std::vector<ParkedItem> found;
    while (TRY(row.step())) {
        const auto key = big_endian(TRY(row.column_unsigned(0)));
        const Bytes content = TRY(open("parked", {key}, row.column_bytes(1)));
        found.push_back(TRY(row::decode_parked(content)));
    }
    return found;
}

Result<void> SqliteStore::blank_parked(const RecordId& record) {
    for (ParkedItem& item : TRY(parked())) {
        if (item.record != record || item.body.empty()) continue;
        item.body.clear();
        item.detail.clear();
        TRY(save(item));
    }
    return ok();
}

}  // namespace godwit
