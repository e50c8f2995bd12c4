/// What a replica and a server say to each other: one request, one answer.
///
/// Messages are CBOR maps with ascending integer keys. An absent key stands for what is empty or
/// zero, or for the initial value its member has here. A key this build does not know is skipped.
/// No list has more than 65,536 items, nor more than 1,024 that are too small to be what it lists.
///
/// Spec: exchange §3. `statement`, `segment`, `receipt`, `state` and the like are byte strings in
/// the formats of seal, change and merge: this layer carries them and does not open them.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "shared/base/error.h"
#include "shared/base/result.h"
#include "shared/change/segment.h"

namespace godwit {

/// A record's place in its team's order of commits on a server; from 1.
using Position = std::uint64_t;

using RequestNonceBytes = std::array<std::uint8_t, 24>;

/// How far a replica has been told, per team, in one epoch.
using Cursors = std::map<TeamId, Position>;

/// A log that a replica wrote before the one it writes, through where it counts: what stood behind
/// that was issued again in another.
///
///   former = [ [ log, sequence, hash ], … ]
struct FormerLog {
    LogId log;
    LogHead head;  ///< The last of it that counts.
};

/// What the server holds of a former log.
///
///   former = [ [ through, is_forked, safe mark | null ], … ]
struct FormerHeld {
    Sequence through{};         ///< What stands behind this is to be offered.
    bool is_forked{};           ///< It holds something else behind that.
    std::optional<Bytes> safe;  ///< Newest safe mark of the log.
};

/// The most former logs one request names.
inline constexpr std::size_t former_logs_max = 64;

struct Request {
    // 1 version (always 1)
    std::int64_t clock_ms{};  // 2  the replica's wall clock now
    // On the way, 3 and 4 may be left out: see short_request.h.
    LogId log;                                // 3  the log this replica writes
    LogHead head;                             // 4  its newest point, sent or not: [sequence, hash]
    EpochId epoch;                            // 5  last known; zero at first
    Cursors cursors;                          // 6  [team, position, …]
    std::uint64_t roster_cursor{};            // 7  statements of the server's order already held
    std::uint64_t parked_cursor{};            // 8
    std::vector<Bytes> statements;            // 9  roster statements to add
    std::vector<Bytes> receipts;              // 10 earlier receipts for changes offered again
    std::vector<Bytes> segments;              // 11 in order of sequence
    std::vector<Bytes> keys;                  // 12 record key statements, by batches
    std::vector<Bytes> wraps;                 // 13 wraps of one record each, withdrawn ones too
    std::vector<RecordId> erased;             // 14 erasures this replica has carried out
    std::uint64_t unsent{};                   // 15 changes still waiting behind this request
    std::string app_version;                  // 16 absent: as last said
    std::uint64_t budget_bytes{128U << 10U};  // 17 soft bound of record states in the answer
    Cursors unfinished;                       // 18 as the last answer gave them; see decisions/0012
    std::vector<Bytes> proofs;                // 19 of erasures the last answer called unproven
    std::vector<FormerLog> former;            // 20 those not known to be held, and safe, to the end
};

/// A change kept but not merged.
///
///   parked = [ number, dot, author, record, team, reason, detail, body, adopted | null ]
struct ParkedItem {
    std::uint64_t number{};  ///< The server's; parked cursors count it.
    Dot dot;
    ReplicaId author;
    RecordId record;
    TeamId team;
    ErrorCode reason{ErrorCode::malformed};
    std::string detail;          ///< For open fields only: which, and what rule it breaks.
    Bytes body;                  ///< Empty once erased, or for a branch its author holds itself.
    std::optional<Dot> adopted;  ///< The change that issued it again.
};

/// The new state of some fields of a record, or its erasure.
///
///   delta   = [ record, position, state, [ unconfirmed, … ], wraps, erasure | null ]
///   records = [ team, [ delta, … ], team, [ delta, … ], … ]
///
/// Each run of deltas of one team names the team once; no run is empty, and no two that follow each
/// other are of one team.
struct RecordDelta {
    RecordId record;
    Position position{};
    Bytes state;                         ///< encode_state() of the fields that changed.
    std::vector<ReplicaId> unconfirmed;  ///< Erased only: who has not confirmed yet.
    /// All the wraps the replica may hold, when one of them or the key statement is new; the
    /// statement stands in Answer.keys then. Empty: nothing is new, or it may hold none.
    Bytes wraps;
    /// Newly erased only: the segment with the change that erased it, every other body left out.
    /// Nobody destroys a record at the server's word alone.
    std::optional<Bytes> erasure;
};

/// How the server stands to the requesting replica.
enum class Standing : std::uint8_t { member = 1, retired = 2, compromised = 3 };

struct Answer {
    // 1 version (always 1)
    EpochId epoch;                        // 2
    std::int64_t clock_ms{};              // 3  server wall clock
    RequestNonceBytes nonce{};            // 4  for the next request
    Standing standing{Standing::member};  // 5
    LogHead head;                         // 6  what the server holds of the replica's log
    bool is_forked{};                     // 7  the replica's log is not a prefix or extension of it
    Sequence forked_after{};              // 8  the last change both have
    std::vector<Bytes> receipts;          // 9
    std::optional<Bytes> safe;            // 10 newest safe mark of the log
    std::vector<Bytes> statements;        // 11
    std::uint64_t roster_cursor{};        // 12
    std::vector<ParkedItem> parked;       // 13
    std::uint64_t parked_cursor{};        // 14
    std::vector<std::pair<TeamId, RecordDelta>> records;  // 15 per team in position order
    Cursors cursors;           // 16 new cursors for every team the replica may see
    bool has_more{};           // 17 ask again: the budget ran out
    std::vector<TeamId> left;  // 18 teams of the request's cursors it may no longer see
    // 19 one for each of request.statements: [code, detail] when it was refused, or null
    std::vector<std::optional<Error>> verdicts;
    // 20 teams told in part: the position reached. Their cursor stays where the telling began.
    Cursors unfinished;
    std::vector<Bytes> keys;         // 23 record key statements, by batches, of records told here
    std::vector<RecordId> unproven;  // 24 of request.erased: not erased as far as is known
    std::vector<RecordId> unkeyed;   // 25 offered with sealed values, and no key of theirs is held
    std::vector<FormerHeld> former;  // 26 one for each of request.former
    // On the way only, see short_answer.h:
    std::uint64_t as_asked{};            // 21 what is not said because the request said it
    std::optional<Bytes> short_receipt;  // 22
};

Bytes encode_request(const Request& request);
Result<Request> decode_request(ByteView bytes);
Bytes encode_answer(const Answer& answer);
Result<Answer> decode_answer(ByteView bytes);

/// A refusal as a message: [1, code, detail, nonce | null].
struct Refusal {
    Error error;
    std::optional<RequestNonceBytes> nonce;
};
Bytes encode_refusal(const Refusal& refusal);
Result<Refusal> decode_refusal(ByteView bytes);

/// The founding request, the only one that no replica signs: [1, secret, founding statement].
struct FoundingRequest {
    std::array<std::uint8_t, 32> secret{};
    Bytes statement;
};
Bytes encode_founding_request(const FoundingRequest& request);
Result<FoundingRequest> decode_founding_request(ByteView bytes);

/// An enrolment: [1, [statement, …]], the enrolment statement last. The answer is the same with
/// the whole roster.
Bytes encode_statements(const std::vector<Bytes>& statements);
Result<std::vector<Bytes>> decode_statements(ByteView bytes);

namespace path {
inline constexpr std::string_view exchange = "/v1/exchange";  ///< Signed by an enrolled replica.
inline constexpr std::string_view found = "/v1/found";        ///< Once, with the founding secret.
inline constexpr std::string_view enrol = "/v1/enrol";        ///< By invitation.
inline constexpr std::string_view health = "/v1/health";      ///< Anybody; says only that it runs.
}  // namespace path

}  // namespace godwit
