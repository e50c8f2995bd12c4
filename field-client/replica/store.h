/// The local store: everything a replica keeps, sealed row by row under the store key.
///
/// The one place of the replica that knows tables. Everything above it speaks in records, changes
/// and statements. Sealing, SQLite and the lock file are inside.
///
/// Invariants
///   - What append() returned is durable once the transaction commits; nothing is called saved
///     before.
///   - Within a transaction what is touched stands in memory, each record decoded once; it is
///     written when the transaction ends, and forgotten when it fails.
///   - The database holds ids, sequences and sizes in the clear, and nothing else.
///
/// Spec: local-store.
#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "field-client/replica/host.h"
#include "shared/merge/record_state.h"
#include "shared/protocol/messages.h"
#include "shared/seal/receipt.h"
#include "shared/seal/roster.h"
#include "shared/seal/wrap.h"

namespace godwit {

/// Who this replica is. Made at enrolment, sealed. Sensitive.
struct Identity {
    ReplicaId replica;
    MemberId member;
    OrganisationId organisation;
    OrganisationKey organisation_key;
    SigningKeyPair signing;
    BoxKeyPair box;
    std::optional<SigningKeyPair> root;  ///< The founder's replica only.
    std::string server_url;
    std::optional<ServerPin> server_pin;
};

/// A log this replica wrote before another (decisions/0028).
struct FormerState {
    LogHead head;  ///< The last of it that counts: what stood behind that was issued again.
    std::optional<Sequence> held;  ///< By the server of this epoch; nothing: it has not said yet.
    Sequence safe{};
    /// The server holds something else behind `held`: what stands here is to be issued again.
    bool is_forked{};

    [[nodiscard]] bool is_held() const { return held && *held >= head.sequence; }
    [[nodiscard]] bool is_safe() const { return is_held() && safe >= head.sequence; }
};

/// Where this replica stands with its server. Small, rewritten with every exchange.
struct ExchangeState {
    EpochId epoch;
    Cursors cursors;
    Cursors unfinished;  ///< Teams told in part: the position reached.
    std::uint64_t roster_cursor{};
    std::uint64_t parked_cursor{};
    RequestNonceBytes nonce{};
    Sequence delivered{};  ///< Of the current log, by receipts.
    Sequence safe{};
    std::optional<std::int64_t> last_contact_ms;
    std::int64_t clock_offset_ms{};
    Standing standing{Standing::member};
    bool must_offer_all{};  ///< The epoch changed: statements, keys and wraps go up again.
    /// Teams of whose records some were let go because the program knew nothing of their type, and
    /// its schema version. A program of another asks them anew.
    std::map<TeamId, std::uint64_t> let_go;
    std::map<LogId, FormerState> former;
    /// The current log was begun in an earlier epoch: nothing new of it goes up, and it is left as
    /// soon as it is known what of it the server holds without the receipts (decisions/0029).
    bool is_log_closed{};
    /// The epoch changed, and the server has not told its roster to the end since: what it tells
    /// may not hold behind what is held here (decisions/0024).
    bool is_roster_unsettled{};
};

/// One record as kept. Sensitive.
struct StoredRecord {
    RecordState shown;  ///< The base and the own changes that wait.
    /// The base apart from `shown`: while own changes wait, and only then.
    std::optional<RecordState> base_apart;
    /// The first own change of the newest log that has not entered the base; 0 when none waits. It
    /// may be covered by a receipt already: it enters when all that waits is, or somebody looks
    /// (exchange/own_changes.h).
    Sequence waiting_from{};
    std::optional<RecordKeyStatement> key;
    std::vector<Wrap> wraps;             ///< Those known here: made here, or addressed here.
    std::vector<ReplicaId> unconfirmed;  ///< Erased only.
    /// Erased, and told so: what showed it (seal/erasure_proof.h), for a restored server that
    /// forgot. Empty while the own log alone says it.
    Bytes erasure;

    /// A record of which nothing is known yet.
    static StoredRecord begun(std::uint32_t type, const TeamId& team) {
        StoredRecord record;
        record.shown.type = type;
        record.shown.team = team;
        return record;
    }

    /// What the server is known to hold.
    [[nodiscard]] const RecordState& base() const { return base_apart ? *base_apart : shown; }
    [[nodiscard]] bool has_waiting() const { return waiting_from > 0; }

    /// Notes that the own changes from `sequence` on wait. Call before a new one enters `shown`.
    void wait_from(Sequence sequence) {
        if (!has_waiting()) base_apart = shown;
        waiting_from = has_waiting() ? std::min(waiting_from, sequence) : sequence;
    }
    /// Takes `state` for the base and shows it: nothing waits.
    void show_base(RecordState state) {
        shown = std::move(state);
        base_apart.reset();
        waiting_from = 0;
    }
};

/// A record's key for others: no wrap of it opens here.
struct KeptKey {
    RecordKeyStatement statement;
    std::vector<Wrap> wraps;
};

/// One change of this replica. Sensitive.
struct LoggedChange {
    Dot dot;
    RecordId record;
    Digest digest{};
    Bytes body;  ///< Empty once erased.
};

/// What this replica said of one record in a stretch of its newest log.
struct SaidOf {
    RecordId record;
    Sequence first{};  ///< In the stretch.
    Sequence last{};   ///< In the whole log.
};

/// One line of a record's history as seen by this replica. Sensitive.
struct HistoryLine {
    Dot dot;
    ReplicaId author;
    HybridTime claimed;
    HybridTime effective;
    std::uint32_t field{};
    OperationKind kind{OperationKind::set};
    Form form{Form::open};
    Bytes value;
};

class Store {
public:
    /// Opens or prepares `folder` and takes its lock. The store is locked until unlock() or
    /// create(); while it is, whatever needs a row's content fails with store_locked. `host` must
    /// outlive it. Fails with store_in_use, storage_failed, storage_corrupt, schema_newer.
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder, Host& host);
    virtual ~Store() = default;

    [[nodiscard]] virtual bool exists() const = 0;  ///< Was anybody enrolled here?
    [[nodiscard]] virtual bool is_unlocked() const = 0;

    /// Makes the store, all at once: until its key file is in place there is none, and then it
    /// holds what `begin` saved in the first transaction. A failed create leaves no store.
    virtual Result<void> create(Identity identity, std::string_view phrase, LogId first_log,
                                const std::function<Result<void>()>& begin) = 0;
    /// Fails with wrong_phrase, not_enrolled or storage_corrupt.
    virtual Result<void> unlock(std::string_view phrase) = 0;
    virtual void lock() = 0;
    /// Destroys the slot and with it every key: what is left cannot be read by anybody.
    virtual Result<void> destroy_keys() = 0;

    /// Runs `work` in one durable transaction; undone when it fails. Transactions do not nest.
    virtual Result<void> transaction(const std::function<Result<void>()>& work) = 0;

    [[nodiscard]] virtual const Identity& identity() const = 0;
    virtual Result<ExchangeState> exchange_state() = 0;
    virtual Result<void> save(const ExchangeState& state) = 0;

    // The change log this replica writes now, and those it wrote before.
    virtual Result<LogId> log() = 0;
    virtual Result<LogHead> head() = 0;
    virtual Result<HybridTime> last_time() = 0;
    /// Starts a new log; the old one is kept.
    virtual Result<void> open_log(LogId log) = 0;
    /// The next change of the current log; its sequence must be the head's plus one.
    virtual Result<Dot> append(const Change& change) = 0;
    /// Changes of `log` with sequence in (after, through], ascending.
    virtual Result<std::vector<LoggedChange>> changes(const LogId& log, Sequence after,
                                                      Sequence through) = 0;
    /// Of every own log, in the order they were written.
    virtual Result<std::vector<LoggedChange>> changes_of(const RecordId& record) = 0;
    /// The records of the changes (after, through] of the newest log, each once; no body is read.
    virtual Result<std::vector<SaidOf>> said_in(Sequence after, Sequence through) = 0;
    /// The last change of `record` in each own log that has any, in the order they were written.
    virtual Result<std::vector<Dot>> last_said_of(const RecordId& record) = 0;
    /// The records of all changes of an own log behind `dot`; no body is read.
    virtual Result<std::set<RecordId>> records_behind(const Dot& dot) = 0;
    virtual Result<std::optional<LoggedChange>> change(const Dot& dot) = 0;
    /// What an own change is about; no body is read.
    virtual Result<std::optional<RecordId>> record_of(const Dot& dot) = 0;
    /// Segments already signed, packed, in order, that contain anything after `after`: as many as
    /// `bytes_max` holds, and at least one.
    virtual Result<std::vector<Bytes>> segments(const LogId& log, Sequence after,
                                                std::size_t bytes_max) = 0;
    /// Keeps a segment, in place of one that began at the same change. From then on it holds the
    /// bodies of its changes; their own rows give them up.
    virtual Result<void> save_segment(const Segment& segment) = 0;
    /// The last change of `log` that a kept segment holds; empty_head() when none does.
    virtual Result<LogHead> signed_head(const LogId& log) = 0;
    virtual Result<void> save(const Receipt& receipt) = 0;
    /// Those of `log` that end after `after`, by where they end.
    virtual Result<std::vector<Receipt>> receipts(const LogId& log, Sequence after) = 0;
    /// Blanks every body of `record` in the own logs, segments and parked items, leaving digests,
    /// and drops a key kept for them.
    /// The change that erases keeps its own: it says nothing and has yet to be told.
    virtual Result<void> erase_bodies(const RecordId& record) = 0;

    // Records.
    virtual Result<std::optional<StoredRecord>> record(const RecordId& id) = 0;
    /// The record as this transaction has it, to be looked at or changed in place; null when there
    /// is none. What was changed is saved by save(id, *it). Lent until the transaction ends, the
    /// record is forgotten, or relieve() is called. Inside a transaction only.
    virtual Result<StoredRecord*> load(const RecordId& id) = 0;
    virtual Result<void> save(const RecordId& id, const StoredRecord& record) = 0;
    /// The same of a record whose shown state is as it was loaded.
    virtual Result<void> save_all_but_shown(const RecordId& id, const StoredRecord& record) = 0;
    /// The same, of a record whose shown state encodes to `shown`.
    virtual Result<void> save(const RecordId& id, const StoredRecord& record, ByteView shown) = 0;
    /// Writes what the transaction holds in memory when that is much, and takes back what load()
    /// lent: called between the parts of a long transaction.
    virtual Result<void> relieve() = 0;
    virtual Result<bool> has_record(const RecordId& id) = 0;
    virtual Result<void> forget(const RecordId& id) = 0;
    /// Every record, by id, ascending; `each` returns false to stop.
    virtual Result<void> each_record(
        const std::function<Result<bool>(const RecordId&, const StoredRecord&)>& each) = 0;
    virtual Result<std::vector<RecordId>> records_starting(std::string_view hex_prefix,
                                                           std::size_t count_max) = 0;
    virtual Result<std::vector<RecordId>> records_waiting() = 0;  ///< Ascending.
    /// What others said and neither base nor log holds any more. The whole history: history.h.
    virtual Result<void> add_history(const RecordId& id, const std::vector<HistoryLine>& lines) = 0;
    virtual Result<std::vector<HistoryLine>> history(const RecordId& id) = 0;
    virtual Result<void> forget_history(const RecordId& id) = 0;

    // Keys and wraps still to be sent; erasures still to be confirmed.
    /// Statement and wraps of this record.
    virtual Result<void> queue_key(const RecordId& id) = 0;
    virtual Result<std::vector<RecordId>> queued_keys() = 0;  ///< Ascending.
    virtual Result<void> clear_queued_keys(const std::vector<RecordId>& sent) = 0;
    /// The key of a record that is about to be forgotten, though the log holds own words of it.
    virtual Result<void> keep_key(const KeptKey& kept) = 0;
    virtual Result<std::optional<KeptKey>> kept_key(const RecordId& id) = 0;
    virtual Result<std::vector<RecordId>> kept_keys() = 0;  ///< Ascending.
    virtual Result<void> queue_erased(const RecordId& id) = 0;
    virtual Result<std::vector<RecordId>> queued_erased() = 0;
    virtual Result<void> clear_queued_erased(const std::vector<RecordId>& sent) = 0;

    // Roster statements, in the order accepted here; and those not yet taken by a server.
    virtual Result<void> add_statement(ByteView statement, bool is_queued) = 0;
    virtual Result<std::vector<Bytes>> statements() = 0;
    virtual Result<std::vector<Bytes>> queued_statements() = 0;
    /// All of them wait for the server to tell them again.
    virtual Result<void> queue_all_statements() = 0;
    virtual Result<void> clear_queued_statement(const Digest& statement_digest) = 0;
    /// Drops one that was never anybody else's: refused, or about to be signed again.
    virtual Result<void> forget_statement(const Digest& statement_digest) = 0;
    /// The statements an invitation brought: taken by Roster::accept_proof before all others.
    virtual Result<void> save_proof(const std::vector<Bytes>& statements) = 0;
    virtual Result<std::vector<Bytes>> proof() = 0;

    // Parked items this replica was told of. Saved again when they change.
    virtual Result<void> save(const ParkedItem& item) = 0;
    virtual Result<std::vector<ParkedItem>> parked() = 0;

    /// Gives disk back that nothing needs any more, when it is worth the work. Between
    /// transactions.
    virtual void tidy() = 0;

    /// Re-reads every row, opens it, and re-walks every log. Returns problems in plain words.
    struct Verified {
        std::uint64_t changes{};
        std::uint64_t segments{};
        std::uint64_t records{};
        std::vector<std::string> problems;
    };
    virtual Result<Verified> verify() = 0;
};

}  // namespace godwit
