/// The writer's half of an exchange: what a request brings is accepted, merged or parked, inside
/// the committer's savepoint. What the answer tells besides is gathered afterwards by a reader, so
/// that nobody waits for another's feed.
///
/// Spec: exchange §6, §7, §10.
#pragma once

#include "shared/protocol/server_session.h"
#include "sync-server/reconcile/committer.h"
#include "sync-server/reconcile/receipts.h"
#include "sync-server/reconcile/touched_records.h"
#include "sync-server/store/epoch_table.h"
#include "sync-server/store/parked_table.h"

namespace godwit {

/// What an acceptor needs of its service.
struct AcceptorTerms {
    const Cipher& cipher;
    const SigningSecretKey& server;
    std::int64_t now_ms{};
};

/// What the reader must know to tell the rest.
struct Accepted {
    Answer answer;
    /// The log whose changes the replica need not be told: it has them all, as the server does.
    std::optional<LogId> shared_log;
    std::uint64_t changes{};  ///< New ones, parked included.
};

class ExchangeAcceptor final : public ServerParts {
public:
    ExchangeAcceptor(Round& round, const VerifiedRequest& offered, const AcceptorTerms& terms)
        : round_(round), offered_(offered), terms_(terms), records_(round.database) {}

    /// Fails, the caller undoing everything, with unknown_log or the database's errors.
    Result<Accepted> accept();

    EpochId epoch() override { return epoch_; }
    std::int64_t clock_ms() override { return terms_.now_ms; }
    Standing standing(const ReplicaId& replica) override;
    Result<void> accept_statements(const ReplicaId& replica, const Request& request,
                                   Answer& answer) override;
    Result<void> accept_keys(const ReplicaId& replica, const Request& request) override;
    Result<void> accept_segments(const ReplicaId& replica, const Request& request,
                                 Answer& answer) override;
    Result<void> confirm_erasures(const ReplicaId& replica, const Request& request,
                                  Answer& answer) override;
    Result<void> feed(const ReplicaId&, const Request&, Answer&) override { return ok(); }

private:
    /// One change in its place.
    struct Arrival {
        const LogId& log;
        const Addition& addition;
        const Receipt& receipt;
    };

    [[nodiscard]] bool may_add(const Request& request) const;
    Result<void> accept_log(LogIntake& intake);
    Result<void> tell_receipts(const LogIntake& intake, Answer& answer);
    Result<void> tell_former(const Request& request, Answer& answer);
    Result<void> tell_unkeyed(Answer& answer);
    Result<void> accept_change(const Arrival& arrival);
    Result<std::optional<Objection>> objection_to(const Arrival& arrival);
    Result<bool> claims_unheard(const Change& change);
    Result<Sequence> heard_through(const LogId& log);
    Result<bool> is_merged(const Citation& cited);
    Result<bool> may_be_reissued(const LogId& log);
    Result<void> merge_change(const Arrival& arrival, const Change& change);
    /// The change that has issued again what this one issues again; nothing when it is the first.
    Result<std::optional<Dot>> issued_before(const Arrival& arrival);
    Result<void> park_arrival(const LogId& log, const Addition& addition,
                              const Objection& objection,
                              const std::optional<Dot>& adopted = std::nullopt);
    Result<void> accept_branch(const LogIntake& intake);
    Result<void> take_erasure(const OfferedErasure& offered);
    bool may_erase(const Change& change, const LogId& log, const ReplicaId& replica,
                   const TouchedRecord& record) const;
    void note_erased(TouchedRecord& record, const ReplicaId& author);
    Result<void> link_adoption(const LogId& log, const Change& change);
    Result<void> store_segments(const LogIntake& intake);
    Result<void> store_segment(const OfferedSegment& offered, bool is_branch);
    Result<void> finish();

    Round& round_;
    const VerifiedRequest& offered_;
    const AcceptorTerms& terms_;
    TouchedRecords records_;
    EpochId epoch_;
    bool was_restored_{};
    std::map<LogId, Sequence> heard_;  ///< Of logs that changes claimed to have seen.
    std::map<LogId, bool> reissued_;   ///< Whether any change of the log was issued again.
    Standing standing_{Standing::member};
    std::vector<LogIntake> intakes_;
    std::optional<LogId> shared_log_;
    std::optional<Segment> cited_in_;  ///< The last one looked into.
    std::uint64_t changes_{};
};

}  // namespace godwit
