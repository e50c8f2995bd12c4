/// A served organisation for tests of the server: real files, real cryptography, and replicas just
/// large enough to write, sign, send and merge. dina founded it and administers; asha and bela
/// work; caro supervises.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "shared/protocol/messages.h"
#include "shared/seal/receipt.h"
#include "shared/seal/roster.h"
#include "shared/seal/wrap.h"
#include "shared/sodium/sodium_cipher.h"
#include "shared/sodium/sodium_random.h"
#include "sync-server/reconcile/service.h"
#include "sync-server/store/record_table.h"
#include "sync-server/store/server_store.h"
#include "tests/unit/sqlite/folder.h"

namespace godwit {

/// Time, handed in. Written by the test's thread alone, between exchanges.
class TestClock final : public WallClock {
public:
    [[nodiscard]] std::int64_t now_ms() const override { return now_ms_; }
    void advance(std::int64_t by_ms) { now_ms_ += by_ms; }
    void set(std::int64_t now_ms) { now_ms_ = now_ms; }

private:
    std::int64_t now_ms_ = 1'800'000'000'000;
};

/// Types and fields of shared/records that these tests write.
namespace visit {
inline constexpr std::uint32_t type = 1;
inline constexpr std::uint32_t date = 16;             ///< Open, keep_both.
inline constexpr std::uint32_t purposes = 28;         ///< Open, union.
inline constexpr std::uint32_t people_reached = 38;   ///< Open, sum.
inline constexpr std::uint32_t narrative = 48;        ///< Sealed, keep_both.
inline constexpr std::uint32_t notes = 50;            ///< Sealed, append.
inline constexpr std::uint32_t confidentiality = 54;  ///< Open, loosened by supervisors.
}  // namespace visit
namespace testimony {
inline constexpr std::uint32_t type = 2;  ///< Its audience: supervisors and owners.
}  // namespace testimony

// Operations with values as they stand in changes.
Operation set_text(std::uint32_t field, std::string_view text);
Operation set_owner(const MemberId& member);
/// An approval names what was seen.
Operation set_review(std::string_view state, const Context& approved = {});
Operation set_archived(bool is_archived);
Operation add_text(std::uint32_t field, std::string_view text);
Operation count_by(std::uint32_t field, std::int64_t amount);
/// As if sealed: bytes that look like nothing.
Operation set_sealed(std::uint32_t field, std::string_view bytes);
Operation erase_record();

class World;

/// One replica and the person who holds it. What it may do wrong, a test makes it do.
class Person {
public:
    Person(World& world, std::string name);

    std::string name;
    MemberId member;
    ReplicaId replica;
    SigningKeyPair signing;
    BoxKeyPair box;
    Role role{Role::worker};

    LogId log;
    std::vector<Entry> entries;  ///< Of `log`; the first has sequence 1.
    std::map<RecordId, RecordState> base;
    std::set<Dot> parked;  ///< Own changes the server parked.
    std::map<std::uint64_t, ParkedItem> parked_items;
    std::set<RecordId> erased;  ///< Carried out, not confirmed yet.
    std::vector<Receipt> receipts;
    std::vector<Bytes> statements;  ///< Waiting to be sent.
    std::vector<Bytes> keys;
    std::vector<Bytes> wraps;
    std::map<RecordId, RecordKeyStatement> keys_held;
    std::map<RecordId, std::vector<Wrap>> wraps_held;
    std::map<RecordId, std::vector<ReplicaId>> unconfirmed;
    std::vector<Bytes> roster_heard;
    EpochId epoch;
    Cursors cursors;
    Cursors unfinished;
    std::uint64_t roster_cursor{};
    std::uint64_t parked_cursor{};
    RequestNonceBytes nonce{};
    Sequence delivered{};
    Sequence held{};  ///< What the server last said it holds of `log`.
    std::int64_t clock_ahead_ms{};
    std::uint64_t budget_bytes{1U << 20U};
    std::string app_version{"test"};
    std::size_t segment_changes_max = 64;
    std::size_t request_segments_max = 1000;
    Answer answered;  ///< The last answer absorbed.
    std::size_t exchanges{};

    /// A change as this person would write it now, not yet in the log.
    Change draft(const RecordId& record, std::uint32_t type, const TeamId& team,
                 std::vector<Operation> operations);
    Dot append(const Change& change);
    Dot append_body(Bytes body);
    Dot write(const RecordId& record, std::uint32_t type, const TeamId& team,
              std::vector<Operation> operations) {
        return append(draft(record, type, team, std::move(operations)));
    }
    /// A new visit of the team, owned by its author.
    RecordId capture(const TeamId& team, std::uint32_t type = visit::type);

    [[nodiscard]] LogHead head() const { return head_at(entries.size()); }
    [[nodiscard]] LogHead head_at(Sequence sequence) const;
    [[nodiscard]] Segment segment(Sequence first, Sequence last) const;
    [[nodiscard]] Bytes body_of(Sequence sequence) const {
        return entries[static_cast<std::size_t>(sequence - 1)].body;
    }

    /// Everything it would ask and offer now, with segments after `after`.
    Request request(Sequence after);
    Request request() { return request(std::min<Sequence>(held, entries.size())); }
    /// Signs and sends; asks for a nonce when it has none that counts.
    Result<Answer> exchange(const Request& request);
    void absorb(const Request& request, const Answer& answer);
    /// Until neither end has more. Fails as the server does.
    Result<void> sync();
    /// Sends and forgets the answer.
    void lose_answer();

    /// A fork or an older copy: a new log, and everything after `common` issued again there.
    void open_log(Sequence common);

    [[nodiscard]] Digest digest() const;

    /// The body of an envelope, signed, with the nonce given.
    [[nodiscard]] Bytes envelope(const Request& request, const RequestNonceBytes& with) const;

    /// Signs the next statement of this replica's chain.
    Bytes state(StatementBody body);

private:
    void take_receipts(const Request& request, const Answer& answer);
    void take_records(const Answer& answer);
    void append_statements(const Answer& answer);

    World& world_;
    std::uint64_t statement_number_{};
    Digest statement_hash_{};
    friend class World;
};

class World {
public:
    World();
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// A team, with its name sealed to nobody in particular.
    TeamId add_team();
    /// A new person with one replica, enrolled.
    Person& join(const std::string& name, std::vector<Place> places);
    /// A replica of its own with the same keys, log and base: a copied store folder.
    Person& clone(const Person& person);
    /// dina says it; heard at once.
    void say(StatementBody body);
    void place(const Person& person, std::vector<Place> places);
    void revoke(const Person& person, Manner manner);

    /// Ends the service and the store, and opens both anew, as after a crash or a restore.
    void restart();
    void stop();
    void start();

    [[nodiscard]] Digest digest_for(const Person& person);
    [[nodiscard]] VerifyReport verify();
    [[nodiscard]] StoreStatus status();

    Folder folder;
    SodiumCipher cipher;
    SodiumRandom random;
    TestClock clock;
    ServerKeys keys;
    std::unique_ptr<ServerStore> store;
    std::unique_ptr<Service> service;
    SigningKeyPair root;
    BoxKeyPair recovery;
    OrganisationId organisation;
    Roster roster;  ///< As dina knows it.
    std::deque<Person> people;
    Person* dina{};

private:
    void found();
};

/// A key statement, and a wrap of one record, as a request carries them.
Bytes encoded(const RecordKeyStatement& statement);
Bytes encoded(const Wrap& wrap);

/// An answer's statements as a reply of /v1/found or /v1/enrol carries them.
Result<std::vector<Bytes>> statements_in(const Reply& reply);
/// What a reply refuses, or nothing when it does not.
std::optional<Error> refusal_in(const Reply& reply);

}  // namespace godwit
