#include "field-client/replica/exchange/former_logs.h"

#include <algorithm>

#include "field-client/replica/exchange/fork.h"
#include "shared/base/planted.h"

namespace godwit {

namespace {

Result<Sequence> safe_through(Session& session, const LogId& log, const Bytes& bytes) {
    const SafeMark mark = TRY(decode_safe_mark(bytes));
    if (!verify(session.host.cipher, mark, session.roster.founding().server)) {
        return Error{ErrorCode::bad_key, "a safe mark is not the server's"};
    }
    return mark.log == log ? mark.through : Sequence{0};
}

void take(FormerState& former, const FormerHeld& told) {
    former.held = std::min(told.through, former.head.sequence);
    former.is_forked = told.is_forked && !former.is_held();
}

}  // namespace

std::vector<FormerLog> former_to_name(const ExchangeState& state) {
    std::vector<FormerLog> named;
    const auto name = [&](auto&& is_due) {
        for (const auto& [log, former] : state.former) {
            if (named.size() == former_logs_max) return;
            if (is_due(former)) named.push_back({log, former.head});
        }
    };
    // Those that lack something first: the others can wait.
    name([](const FormerState& each) { return !each.is_held() && !each.is_forked; });
    name([](const FormerState& each) { return each.is_held() && !each.is_safe(); });
    return named;
}

std::optional<Stretch> first_unheld(const ExchangeState& state) {
    if (is_planted(PlantedBug::former_log_unheard)) return std::nullopt;
    for (const auto& [log, former] : state.former) {
        if (former.held && !former.is_held() && !former.is_forked) {
            return Stretch{log, *former.held, former.head.sequence};
        }
    }
    return std::nullopt;
}

std::uint64_t unheld(const ExchangeState& state) {
    std::uint64_t count = 0;
    for (const auto& [log, former] : state.former) {
        count += former.head.sequence - std::min(former.held.value_or(0), former.head.sequence);
    }
    return count;
}

void forget_held(ExchangeState& state) {
    for (auto& [log, former] : state.former) {
        former.held.reset();
        former.safe = 0;
        former.is_forked = false;
    }
}

Result<void> note_left(Session& session, ExchangeState& state, Sequence through, Sequence held) {
    if (through == 0) return ok();
    const LogId log = TRY(session.store.log());
    const auto hash = TRY(hash_through(session, log, TRY(session.store.head()), through));
    if (!hash) return Error{ErrorCode::storage_corrupt, "a log that was sent is not signed"};
    held = std::min(held, through);
    state.former[log] = {{through, *hash}, held, std::min(state.safe, held)};
    return ok();
}

Result<void> absorb_former(Session& session, ExchangeState& state,
                           const std::vector<FormerLog>& named,
                           const std::vector<FormerHeld>& told) {
    if (told.size() != named.size()) return ok();  // A server that knows nothing of them.
    for (std::size_t index = 0; index < told.size(); ++index) {
        const auto found = state.former.find(named[index].log);
        if (found == state.former.end()) continue;
        FormerState& former = found->second;
        take(former, told[index]);
        if (!told[index].safe) continue;
        const Sequence safe = TRY(safe_through(session, found->first, *told[index].safe));
        former.safe = std::min(std::max(former.safe, safe), *former.held);
    }
    return ok();
}

Result<void> follow_former(Session& session, ExchangeState& state, const ParkedDots& parked) {
    const LogHead head = TRY(session.store.head());
    if (state.delivered < head.sequence) return ok();
    for (auto& [log, former] : state.former) {
        if (!former.is_forked) continue;
        const Sequence common = *former.held;
        const auto hash = TRY(hash_through(session, log, former.head, common));
        if (!hash) return Error{ErrorCode::storage_corrupt, "a log that was sent is not signed"};
        const Stretch branch{log, common, former.head.sequence};
        former = {{common, *hash}, common, std::min(former.safe, common), false};
        return issue_former_again(session, state, branch, parked);  // Of others, the next time.
    }
    return ok();
}

}  // namespace godwit
