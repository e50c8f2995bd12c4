/// The store in one SQLite file, every row's content sealed under the store key and bound to its
/// table and key columns, so that no row can stand in for another.
///
/// Spec: local-store.
#pragma once

#include <unordered_map>

#include "field-client/replica/segment_cache.h"
#include "field-client/replica/store.h"
#include "field-client/replica/store_codec.h"
#include "field-client/replica/store_folder.h"
#include "shared/sqlite/database.h"

namespace godwit {

class SqliteStore final : public Store {
public:
    SqliteStore(const std::filesystem::path& folder, Host& host)
        : folder_(host.files, folder), host_(host) {}
    Result<void> open_folder();

    [[nodiscard]] bool exists() const override { return is_there_; }
    [[nodiscard]] bool is_unlocked() const override { return key_.has_value(); }
    Result<void> create(Identity identity, std::string_view phrase, LogId first_log,
                        const std::function<Result<void>()>& begin) override;
    Result<void> unlock(std::string_view phrase) override;
    void lock() override;
    Result<void> destroy_keys() override;
    Result<void> transaction(const std::function<Result<void>()>& work) override;

    [[nodiscard]] const Identity& identity() const override;
    Result<ExchangeState> exchange_state() override;
    Result<void> save(const ExchangeState& state) override;

    Result<LogId> log() override;
    Result<LogHead> head() override;
    Result<HybridTime> last_time() override;
    Result<void> open_log(LogId log) override;
    Result<Dot> append(const Change& change) override;
    Result<std::vector<LoggedChange>> changes(const LogId& log, Sequence after,
                                              Sequence through) override;
    Result<std::vector<LoggedChange>> changes_of(const RecordId& record) override;
    Result<std::vector<SaidOf>> said_in(Sequence after, Sequence through) override;
    Result<std::vector<Dot>> last_said_of(const RecordId& record) override;
    Result<std::set<RecordId>> records_behind(const Dot& dot) override;
    Result<std::optional<LoggedChange>> change(const Dot& dot) override;
    Result<std::optional<RecordId>> record_of(const Dot& dot) override;
    Result<std::vector<Bytes>> segments(const LogId& log, Sequence after,
                                        std::size_t bytes_max) override;
    Result<void> save_segment(const Segment& segment) override;
    Result<LogHead> signed_head(const LogId& log) override;
    Result<void> save(const Receipt& receipt) override;
    Result<std::vector<Receipt>> receipts(const LogId& log, Sequence after) override;
    Result<void> erase_bodies(const RecordId& record) override;

    Result<std::optional<StoredRecord>> record(const RecordId& id) override;
    Result<StoredRecord*> load(const RecordId& id) override;
    Result<void> save(const RecordId& id, const StoredRecord& record) override;
    Result<void> save_all_but_shown(const RecordId& id, const StoredRecord& record) override;
    Result<void> save(const RecordId& id, const StoredRecord& record, ByteView shown) override;
    Result<void> relieve() override;
    Result<bool> has_record(const RecordId& id) override;
    Result<void> forget(const RecordId& id) override;
    Result<void> each_record(
        const std::function<Result<bool>(const RecordId&, const StoredRecord&)>& each) override;
    Result<std::vector<RecordId>> records_starting(std::string_view hex_prefix,
                                                   std::size_t count_max) override;
    Result<std::vector<RecordId>> records_waiting() override;
    Result<void> add_history(const RecordId& id, const std::vector<HistoryLine>& lines) override;
    Result<std::vector<HistoryLine>> history(const RecordId& id) override;
    Result<void> forget_history(const RecordId& id) override;

    Result<void> queue_key(const RecordId& id) override;
    Result<std::vector<RecordId>> queued_keys() override;
    Result<void> clear_queued_keys(const std::vector<RecordId>& sent) override;
    Result<void> keep_key(const KeptKey& kept) override;
    Result<std::optional<KeptKey>> kept_key(const RecordId& id) override;
    Result<std::vector<RecordId>> kept_keys() override;
    Result<void> queue_erased(const RecordId& id) override;
    Result<std::vector<RecordId>> queued_erased() override;
    Result<void> clear_queued_erased(const std::vector<RecordId>& sent) override;

    Result<void> add_statement(ByteView statement, bool is_queued) override;
    Result<std::vector<Bytes>> statements() override;
    Result<std::vector<Bytes>> queued_statements() override;
    Result<void> queue_all_statements() override;
    Result<void> clear_queued_statement(const Digest& statement_digest) override;
    Result<void> forget_statement(const Digest& statement_digest) override;
    Result<void> save_proof(const std::vector<Bytes>& statements) override;
    Result<std::vector<Bytes>> proof() override;

    Result<void> save(const ParkedItem& item) override;
    Result<std::vector<ParkedItem>> parked() override;

    void tidy() override;
    Result<Verified> verify() override;

private:
    using KeyParts = std::initializer_list<ByteView>;
    /// Where a log stands among all changes: `before` have smaller numbers than its first.
    struct LogPlace {
        std::int64_t place{};
        LogId id;
        std::uint64_t before{};
    };
    struct CurrentLog {
        LogPlace at;
        row::LogRow row;
    };
    /// A record of the working set. Sensitive.
    struct Worked {
        StoredRecord record;
        Bytes shown;  ///< Its shown state packed, as it was read or told; empty: to be packed anew.
        bool is_changed{};
    };

    /// How much of a long transaction is signed together: more packs better, less has to come
    /// through a weak link in one piece (a third of it).
    static constexpr std::size_t segment_bytes_bulk = 576 * 1024;

    Result<void> open_database(bool is_created);
    Result<void> fill(const Identity& identity, const LogId& first_log,
                      const std::function<Result<void>()>& begin);
    Result<void> require_unlocked() const;

    Bytes seal(std::string_view table, KeyParts key, ByteView content) const;
    Result<Bytes> open(std::string_view table, KeyParts key, ByteView sealed) const;
    Result<void> save_single(std::string_view name, ByteView content);
    Result<std::optional<Bytes>> single(std::string_view name);

    // The working set.
    /// Writes what stands changed in memory.
    Result<void> write_back();
    Result<void> write_records();
    Result<void> write_all();
    void drop_working_set();

    // Logs (sqlite_store_logs.cpp).
    /// The log as it is written now, from memory once it was read.
    Result<CurrentLog*> current_log();
    Result<row::LogRow> read_log(const LogPlace& log);
    Result<void> save_log(const CurrentLog& log);
    /// Every log, in the order they were opened.
    Result<const std::vector<LogPlace>*> logs();
    /// The log called `log`, or null.
    Result<const LogPlace*> place_of(const LogId& log);
    /// The log in which the change `number` stands.
    Result<const LogPlace*> log_of(std::uint64_t number);
    Result<std::uint64_t> end_of(const LogPlace& log);

    // Changes (sqlite_store_changes.cpp).
    /// Makes rows of the changes of this transaction that are none yet.
    Result<void> write_tail();
    Result<void> insert_change(const LoggedChange& change, bool has_body);
    Result<std::vector<LoggedChange>> read_changes(Query& rows);
    /// The columns of `row` are number, record, sealed.
    Result<LoggedChange> read_change(Query& row);
    Result<void> blank_change(const LoggedChange& change);

    // Segments (sqlite_store_segments.cpp).
    Result<void> sign_tail();
    Result<void> sign_older();
    /// The segment that holds `dot`, or null when none does.
    Result<const Segment*> segment_with(const Dot& dot);
    Result<void> write_segment(const Segment& segment);
    Result<Sequence> segmented_through(const LogId& log);
    Result<void> blank_in_segments(const std::vector<LoggedChange>& changes);

    // Records and the rest (sqlite_store_records.cpp).
    Result<std::optional<Worked>> read_record(const RecordId& id);
    Result<void> write_record(const RecordId& id, Worked& worked);
    /// Where a record that is being saved stands in memory.
    Worked& work_on(const RecordId& id, const StoredRecord& record);
    Result<void> finish_save(const RecordId& id, Worked& worked);
    Result<std::vector<RecordId>> ids(Query& rows);
    Result<std::optional<std::uint64_t>> queued_statement_number(const Digest& digest);
    Result<std::vector<Bytes>> read_statements(std::string_view sql);
    Result<void> blank_parked(const RecordId& record);

    // Verification, a table at a time; each adds what it finds wrong to `found`.
    Result<void> verify_log(const LogPlace& log, const row::LogRow& row, Verified& found);
    Result<std::vector<Digest>> verify_changes(const LogPlace& log, Verified& found);
    void verify_change(const LoggedChange& change, const std::string& name, Verified& found) const;
    Result<void> verify_segments(const LogId& log, const std::vector<Digest>& hashes,
                                 Verified& found);
    Result<void> verify_records(Verified& found);
    Result<void> verify_rest(Verified& found);

    StoreFolder folder_;
    bool is_there_{};  ///< Was anybody enrolled here? As the disk last said.
    Host& host_;
    std::unique_ptr<Database> database_;
    std::optional<StoreKey> key_;
    std::optional<Identity> identity_;

    // The working set: what the database holds, or will when the transaction has ended.
    std::unordered_map<RecordId, Worked> records_;
    std::vector<LogPlace> logs_;
    std::optional<CurrentLog> log_;
    std::vector<LoggedChange> tail_;  ///< Appended and not written yet, in order.
    std::size_t tail_bytes_{};
    LogHead tail_before_;  ///< The head before the first of `tail_`.
    SegmentCache read_segments_;
    std::optional<ExchangeState> exchange_;
    bool is_log_changed_{};
    bool is_exchange_changed_{};
    bool is_working_{};  ///< In a transaction: what changes may wait for its end.

    bool must_purge_{};  ///< Bodies were erased: their old pages must leave the write-ahead log.
};

}  // namespace godwit
