#include "shared/protocol/replica_session.h"

#include <algorithm>

#include "shared/base/planted.h"
#include "shared/base/saturating.h"
#include "shared/protocol/short_answer.h"
#include "shared/protocol/short_request.h"

namespace godwit {
namespace {

bool carries_something(const Request& request) {
    return !request.segments.empty() || !request.statements.empty() || !request.keys.empty() ||
           !request.wraps.empty() || !request.erased.empty();
}

// A replica whose role in a team has just changed wants that team from the start.
bool has_lowered_cursor(const Cursors& told, const Cursors& asked) {
    for (const auto& [team, position] : told) {
        const auto found = asked.find(team);
        if ((found == asked.end() ? 0 : found->second) < position) return true;
    }
    return false;
}

// Two requests that say the same get the same answer: asking again would never end.
bool says_the_same(Request left, Request right) {
    left.clock_ms = 0;
    right.clock_ms = 0;
    left.budget_bytes = right.budget_bytes;
    right.app_version = left.app_version;  // Said once.
    return encode_request(left) == encode_request(right);
}

}  // namespace

bool ReplicaSession::is_heard_of(const LogId& log) const {
    return held_ && held_->log == log;
}

Sequence ReplicaSession::held_of(const LogId& log) {
    return is_heard_of(log) ? held_->through : offer_.delivered_through();
}

bool ReplicaSession::has_reason_to_go_on(const Request& next) const {
    if (!answered_) return true;  // The first one asks for news, even with nothing to bring.
    if (says_the_same(next, *answered_)) return false;
    if (is_all_over_but_keys_) return !next.keys.empty() || !next.wraps.empty();
    const bool is_other_log = next.log != answered_->log;
    const bool names_more_logs = next.former.size() > answered_->former.size();
    return must_ask_again_ || is_other_log || names_more_logs || carries_something(next) ||
           has_lowered_cursor(told_, next.cursors);
}

Result<std::optional<Bytes>> ReplicaSession::next() {
    std::optional<Bytes> message;
    if (is_done_) return message;
    Request request = TRY(offer_.offer());
    TRY(offer_.add_segments(request, held_of(request.log), pace_.upload_bytes()));
    request.budget_bytes = pace_.answer_bytes();
    if (!has_reason_to_go_on(request)) {
        is_done_ = true;
        return message;
    }
    const LogId log = request.log;
    const LogHead head = request.head;
    shorten(request);
    message = encode_request(request);
    request.log = log;
    request.head = head;
    waiting_ = std::move(request);
    return message;
}

Result<void> ReplicaSession::absorb(ByteView message) {
    GODWIT_ASSERT(waiting_);
    Answer answer = TRY(decode_answer(message));
    TRY(restore(answer, *waiting_, replica_));
    // Asked before absorb(), after which the store knows of the new receipts.
    const Sequence held_before = held_of(waiting_->log);
    const bool has_forgotten = answer.epoch != waiting_->epoch && !is_heard_of(waiting_->log) &&
                               answer.head.sequence < held_before;
    TRY(offer_.absorb(*waiting_, answer));

    count(*waiting_, answer);
    const Sequence delivered = std::min(
        answer.is_forked ? answer.forked_after : answer.head.sequence, waiting_->head.sequence);
    if (delivered > held_before) report_.changes_delivered += delivered - held_before;
    told_ = answer.cursors;
    held_ = Held{waiting_->log, answer.head.sequence};
    must_ask_again_ = (answer.has_more && !is_planted(PlantedBug::answer_cut_short)) ||
                      answer.is_forked || answer.head.sequence != waiting_->head.sequence;
    // What is left goes up before the keys go, as long as the server takes it; and again what one
    // that was put back has forgotten.
    const bool takes_more = delivered > held_before || has_forgotten;
    is_all_over_but_keys_ = answer.standing == Standing::compromised &&
                            (answer.head.sequence >= waiting_->head.sequence || !takes_more);
    answered_ = std::exchange(waiting_, std::nullopt);
    return ok();
}

void ReplicaSession::count(const Request& request, const Answer& answer) {
    ++report_.exchanges;
    report_.records_received += answer.records.size();
    report_.clock_offset_ms = saturating_difference(answer.clock_ms, request.clock_ms);
    report_.standing = answer.standing;
}

}  // namespace godwit
