/// What an exchange offers of one change log, laid against what is held of it: what is new, what
/// is there already, and where another branch begins.
///
/// Invariants
///   - Nothing is added but what continues the held chain hash for hash.
///   - A branch is kept whole, from its first differing change on, and never joined to the log.
///
/// Spec: exchange §6.
#pragma once

#include "sync-server/reconcile/verified_request.h"
#include "sync-server/store/change_log_table.h"

namespace godwit {

/// One change beyond the held head, or of a branch. Points into the offered segment.
struct Addition {
    Sequence sequence{};
    Digest hash{};  ///< Of the chain, through this change.
    const Entry* entry{};
    const OfferedEntry* offered{};
};

class LogIntake {
public:
    /// Fails with unknown_log when the log is another replica's.
    static Result<LogIntake> open(Database& database, const ReplicaId& replica, const LogId& log);

    /// Segments in the order of the request; `segment` must outlive the intake. One that begins
    /// past the head is left: the head told says where to go on. So is what is new unless
    /// `may_add`: then it is only laid against what is held.
    Result<void> take(const OfferedSegment& segment, bool may_add);

    [[nodiscard]] const LogRow& row() const { return row_; }  ///< As held before.
    [[nodiscard]] LogHead head() const;                       ///< With the additions.
    [[nodiscard]] const std::vector<Addition>& additions() const { return additions_; }
    [[nodiscard]] const std::vector<const OfferedSegment*>& accepted() const { return accepted_; }

    [[nodiscard]] bool is_forked() const { return forked_after_.has_value(); }
    [[nodiscard]] Sequence forked_after() const { return forked_after_.value_or(0); }
    [[nodiscard]] const std::vector<Addition>& branch() const { return branch_; }
    [[nodiscard]] const std::vector<const OfferedSegment*>& branch_segments() const {
        return branch_segments_;
    }

    /// The sequence just before the first change offered; nothing when none was.
    [[nodiscard]] std::optional<Sequence> offered_after() const { return offered_after_; }

    /// Both ends are shown to have the same changes through this one; nothing when none was offered
    /// that could be compared.
    [[nodiscard]] std::optional<Sequence> agreed() const { return agreed_; }

    /// hash(`sequence`), which is at most the head's sequence.
    Result<Digest> hash_at(Sequence sequence) const;

    /// What to tell the replica is held. Usually the head. Earlier, when where the replica's log
    /// and this one part is not known yet: it then offers from there. `replica_head` is the
    /// newest point of its own log.
    Result<LogHead> head_to_tell(const LogHead& replica_head) const;

    /// The same of a log that the replica has left, and that counts through `last`.
    Result<FormerHeld> held_of_former(const LogHead& last) const;

    /// Whether the replica's own log is shown to run through the head.
    [[nodiscard]] bool is_shared_through_head(const LogHead& replica_head) const;

private:
    LogIntake(Database& database, const LogRow& row) : database_(&database), row_(row) {}
    Result<void> diverge(const OfferedSegment& segment, Sequence shared);
    void add(const OfferedSegment& segment, Sequence after, std::vector<Addition>& to) const;
    Result<LogHead> earlier(Sequence than) const;

    Database* database_;
    LogRow row_;
    std::vector<Addition> additions_;
    std::vector<const OfferedSegment*> accepted_;
    std::vector<Addition> branch_;
    std::vector<const OfferedSegment*> branch_segments_;
    std::optional<Sequence> forked_after_;
    std::optional<Sequence> parts_before_;  ///< They part somewhere before this sequence.
    std::optional<Sequence> agreed_;
    std::optional<Sequence> offered_after_;
};

}  // namespace godwit
