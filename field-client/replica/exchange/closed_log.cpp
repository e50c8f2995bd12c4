#include "field-client/replica/exchange/closed_log.h"

#include <algorithm>

namespace godwit {

Stretch ClosedLog::to_compare(Stretch unreceipted) const {
    const bool is_known = unreceipted.log == log_ && held_;
    if (is_known) unreceipted.after = std::max(unreceipted.after, compared_);
    unreceipted.through = is_known ? std::min(unreceipted.through, *held_) : unreceipted.after;
    return unreceipted;
}

void ClosedLog::note_held(const LogId& log, Sequence held) {
    if (log != log_) {
        log_ = log;
        held_.reset();
        compared_ = 0;
    }
    // A head where the offer ends says nothing of what stands behind it.
    const bool is_end_of_offer =
        offered_.log == log && offered_.after < offered_.through && offered_.through == held;
    if (is_end_of_offer) {
        compared_ = held;
    } else {
        held_ = std::max(held_.value_or(0), held);
    }
}

bool ClosedLog::is_held_within(Sequence delivered) const {
    return held_ && *held_ <= delivered;
}

}  // namespace godwit
