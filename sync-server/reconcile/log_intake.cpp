#include "sync-server/reconcile/log_intake.h"

#include <algorithm>

namespace godwit {

Result<LogIntake> LogIntake::open(Database& database, const ReplicaId& replica, const LogId& log) {
    auto held = TRY(load_log(database, log));
    if (!held) return LogIntake(database, LogRow{log, replica, empty_head(replica, log), 0});
    if (held->replica != replica) return ErrorCode::unknown_log;
    return LogIntake(database, *held);
}

LogHead LogIntake::head() const {
    if (additions_.empty()) return row_.head;
    return {additions_.back().sequence, additions_.back().hash};
}

Result<Digest> LogIntake::hash_at(Sequence sequence) const {
    if (sequence > row_.head.sequence) {
        return additions_[static_cast<std::size_t>(sequence - row_.head.sequence - 1)].hash;
    }
    return TRY(held_hashes(*database_, row_, sequence, sequence)).front();
}

void LogIntake::add(const OfferedSegment& offered, Sequence after,
                    std::vector<Addition>& to) const {
    const Segment& segment = offered.segment;
    Digest hash = segment.previous;
    for (std::size_t index = 0; index < segment.entries.size(); ++index) {
        const Entry& entry = segment.entries[index];
        hash = chain(hash, entry);
        const Sequence sequence = segment.first + index;
        if (sequence > after) to.push_back({sequence, hash, &entry, &offered.entries[index]});
    }
}

Result<void> LogIntake::take(const OfferedSegment& offered, bool may_add) {
    const Segment& segment = offered.segment;
    if (!offered_after_) offered_after_ = segment.first - 1;
    if (parts_before_) return ok();
    if (is_forked()) {
        // More of the same branch; anything else is offered again when it is wanted.
        const Addition& last = branch_.back();
        if (segment.first == last.sequence + 1 && segment.previous == last.hash) {
            add(offered, last.sequence, branch_);
            branch_segments_.push_back(&offered);
        }
        return ok();
    }
    const LogHead held = head();
    if (segment.first > held.sequence + 1) return ok();
    const Sequence shared = std::min(segment.last(), held.sequence);
    if (TRY(hash_at(shared)) != godwit::hash_at(segment, shared)) return diverge(offered, shared);
    agreed_ = may_add ? segment.last() : shared;
    if (may_add && segment.last() > held.sequence) {
        add(offered, held.sequence, additions_);
        accepted_.push_back(&offered);
    }
    return ok();
}

// They differ at `shared`; the hash chain makes every later point differ too, so the last common
// one is found by halving.
Result<void> LogIntake::diverge(const OfferedSegment& offered, Sequence shared) {
    const Segment& segment = offered.segment;
    Sequence low = segment.first - 1;
    if (TRY(hash_at(low)) != segment.previous) {
        parts_before_ = low;
        return ok();
    }
    Sequence high = shared;
    while (high - low > 1) {
        const Sequence middle = low + (high - low) / 2;
        const bool is_common = TRY(hash_at(middle)) == godwit::hash_at(segment, middle);
        (is_common ? low : high) = middle;
    }
    forked_after_ = low;
    agreed_ = low;
    add(offered, low, branch_);
    branch_segments_.push_back(&offered);
    return ok();
}

Result<LogHead> LogIntake::earlier(Sequence than) const {
    const Sequence sequence = than / 2;
    return LogHead{sequence, TRY(hash_at(sequence))};
}

Result<LogHead> LogIntake::head_to_tell(const LogHead& replica_head) const {
    if (parts_before_) return earlier(*parts_before_);
    const LogHead held = head();
    if (agreed_ && !is_forked()) {
        const bool has_more_both = replica_head.sequence > *agreed_ && held.sequence > *agreed_;
        if (has_more_both) return LogHead{*agreed_, TRY(hash_at(*agreed_))};
        return held;
    }
    // Nothing was offered that could be compared: its head must lie on the chain held here.
    const bool is_comparable =
        !is_forked() && !offered_after_ && replica_head.sequence <= held.sequence;
    if (is_comparable && TRY(hash_at(replica_head.sequence)) != replica_head.hash) {
        return earlier(replica_head.sequence);
    }
    return held;
}

Result<FormerHeld> LogIntake::held_of_former(const LogHead& last) const {
    FormerHeld held;
    held.is_forked = is_forked();
    held.through = held.is_forked ? forked_after() : TRY(head_to_tell(last)).sequence;
    return held;
}

bool LogIntake::is_shared_through_head(const LogHead& replica_head) const {
    if (is_forked() || parts_before_) return false;
    const LogHead held = head();
    return replica_head == held || (agreed_ && *agreed_ == held.sequence);
}

}  // namespace godwit
