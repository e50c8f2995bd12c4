/// What an answer tells besides receipts: roster statements, parked changes, and changed fields of
/// the records a replica may see. Read in one transaction, after the request's own changes were
/// committed.
///
/// Spec: exchange §7, §8.
#pragma once

#include "sync-server/feed/answer_bounds.h"
#include "sync-server/feed/cursors.h"
#include "sync-server/feed/record_feed.h"

namespace godwit {

class Feed {
public:
    /// All must outlive the feed; `database` stands in a read transaction.
    Feed(Database& database, const Roster& roster, const Listener& listener,
         const AnswerBounds& bounds)
        : database_(database), roster_(roster), listener_(listener), bounds_(bounds) {}

    /// Adds what `request` has not been told yet to `answer`, whose receipts are there already.
    Result<void> tell(const Request& request, Answer& answer);

    /// Adds only what was parked of the changes that the answer's receipts cover: all that a
    /// retired replica hears besides.
    Result<void> tell_own_parked(Answer& answer);

private:
    Result<void> tell_statements(Answer& answer);
    Result<void> tell_parked(Answer& answer);
    Result<void> tell_parked_of_new_teams(Answer& answer);
    Result<void> tell_records(const Request& request, Answer& answer);
    Result<void> tell_team(const TeamId& team, std::uint64_t& budget, Answer& answer);
    [[nodiscard]] bool may_see_parked(const ParkedItem& item) const;
    [[nodiscard]] bool changes_own_place(ByteView statement) const;

    Database& database_;
    const Roster& roster_;
    const Listener& listener_;
    const AnswerBounds& bounds_;
    KnownThrough known_;
    std::vector<RecordKeyStatement> keys_;  ///< Of records told; in batches at the end.
    bool must_learn_roster_{};
};

}  // namespace godwit
