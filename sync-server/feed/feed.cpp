#include "sync-server/feed/feed.h"

#include <algorithm>

#include "shared/base/planted.h"
#include "shared/seal/key_batch.h"
#include "sync-server/store/change_log_table.h"
#include "sync-server/store/epoch_table.h"
#include "sync-server/store/parked_table.h"
#include "sync-server/store/roster_table.h"

namespace godwit {
namespace {

// What a delta weighs besides its parts: ids, position, heads.
constexpr std::uint64_t delta_bytes_around = 48;
// What a key statement weighs when it stands with others of its batch.
constexpr std::uint64_t key_bytes_around = 64;
// A new supervisor is told of all that is parked at once; beyond this, without the bodies.
constexpr std::size_t parked_bytes_at_once = 8U << 20U;

std::uint64_t weight(const Told& told) {
    const RecordDelta& delta = told.delta;
    std::uint64_t out = delta_bytes_around + delta.state.size() + delta.wraps.size();
    if (told.key) out += key_bytes_around;
    if (delta.erasure) out += delta.erasure->size();
    return out + delta.unconfirmed.size() * ReplicaId::size;
}

bool is_told(const Answer& answer, std::uint64_t number) {
    return std::any_of(answer.parked.begin(), answer.parked.end(),
                       [&](const ParkedItem& item) { return item.number == number; });
}

}  // namespace

Result<void> Feed::tell(const Request& request, Answer& answer) {
    known_ = TRY(known_through(database_, request));
    TRY(tell_statements(answer));
    TRY(tell_parked(answer));
    return tell_records(request, answer);
}

// --- Statements --------------------------------------------------------------------------------

bool Feed::changes_own_place(ByteView bytes) const {
    const auto* entry = roster_.replica(listener_.replica);
    const auto statement = decode_statement(bytes);
    if (entry == nullptr || !statement) return false;
    const auto* member = std::get_if<MemberStatement>(&statement->body);
    return member != nullptr && member->member == entry->member;
}

// Those the request brought are among them: where they stand in the order nobody else can say.
Result<void> Feed::tell_statements(Answer& answer) {
    answer.roster_cursor = known_.roster_cursor;
    std::size_t bytes_told = 0;
    return each_statement(database_, known_.roster_cursor,
                          [&](std::uint64_t position, ByteView bytes) -> Result<bool> {
                              if (bytes_told > bounds_.statement_bytes) {
                                  must_learn_roster_ = true;
                                  return false;
                              }
                              answer.roster_cursor = position;
                              if (changes_own_place(bytes)) must_learn_roster_ = true;
                              bytes_told += bytes.size();
                              answer.statements.push_back(copy_of(bytes));
                              return true;
                          });
}

// --- Parked changes ----------------------------------------------------------------------------

bool Feed::may_see_parked(const ParkedItem& item) const {
    // To its author, a branch is told by Answer.is_forked: its dots are those of other changes.
    if (item.author == listener_.replica && is_planted(PlantedBug::parked_untold)) return false;
    if (item.author == listener_.replica) return item.reason != ErrorCode::forked_log;
    return roster_.role(listener_.replica, item.team) == Role::supervisor;
}

Result<void> Feed::tell_parked(Answer& answer) {
    TRY(tell_own_parked(answer));
    TRY(tell_parked_of_new_teams(answer));
    answer.parked_cursor = known_.parked_cursor;
    std::size_t bytes_told = 0;
    return each_parked(database_, known_.parked_cursor, [&](const ParkedRow& row) -> Result<bool> {
        if (bytes_told > bounds_.parked_bytes) {
            answer.has_more = true;
            return false;
        }
        answer.parked_cursor = row.told;
        if (!may_see_parked(row.item)) return true;
        bytes_told += row.item.body.size();
        if (!is_told(answer, row.item.number)) answer.parked.push_back(row.item);
        return true;
    });
}

// A receipt lets the author's replica merge what it covers: what was parked of that must be told
// with it, not after it.
Result<void> Feed::tell_own_parked(Answer& answer) {
    for (const Bytes& bytes : answer.receipts) {
        const Receipt receipt = TRY(decode_receipt(bytes));
        for (ParkedRow& row :
             TRY(parked_of(database_, receipt.log, receipt.after, receipt.through))) {
            if (row.item.reason == ErrorCode::forked_log || is_planted(PlantedBug::parked_untold))
                continue;
            answer.parked.push_back(std::move(row.item));
        }
    }
    return ok();
}

// Parked cursors count all teams together, so what was parked before somebody came to a team lies
// behind theirs.
Result<void> Feed::tell_parked_of_new_teams(Answer& answer) {
    std::vector<TeamId> teams;
    for (const TeamId& team : teams_of(roster_, listener_.replica)) {
        const bool is_new = !known_.teams.contains(team) && !known_.unfinished.contains(team);
        if (is_new && roster_.role(listener_.replica, team) == Role::supervisor) {
            teams.push_back(team);
        }
    }
    if (teams.empty() || known_.parked_cursor == 0 || must_learn_roster_) return ok();
    std::size_t bytes_told = 0;
    return each_parked(database_, 0, [&](const ParkedRow& row) -> Result<bool> {
        if (row.told > known_.parked_cursor) return false;
        if (!std::binary_search(teams.begin(), teams.end(), row.item.team)) return true;
        if (!may_see_parked(row.item) || is_told(answer, row.item.number)) return true;
        answer.parked.push_back(row.item);
        bytes_told += row.item.body.size();
        if (bytes_told > parked_bytes_at_once) answer.parked.back().body.clear();
        return true;
    });
}

// --- Records -----------------------------------------------------------------------------------

Result<void> Feed::tell_records(const Request& request, Answer& answer) {
    const std::vector<TeamId> teams = teams_of(roster_, listener_.replica);
    Cursors heard_of = request.cursors;
    heard_of.insert(request.unfinished.begin(), request.unfinished.end());
    for (const auto& [team, position] : heard_of) {
        if (!std::binary_search(teams.begin(), teams.end(), team)) answer.left.push_back(team);
    }
    // Records are told by the place a replica knows it has: first the roster, then the rest.
    if (must_learn_roster_) answer.has_more = true;
    std::uint64_t budget = std::min(request.budget_bytes, bounds_.record_bytes);
    for (const TeamId& team : teams) TRY(tell_team(team, budget, answer));
    answer.keys = encode_batches(std::move(keys_));
    return ok();
}

// What is news is judged by where the telling began: a record that was touched again since stands
// far behind, with fields older than all that was told in between (decisions/0012).
Result<void> Feed::tell_team(const TeamId& team, std::uint64_t& budget, Answer& answer) {
    const auto known = known_.teams.find(team);
    const bool is_known = known != known_.teams.end();
    const Position from = is_known ? known->second : 0;
    Listener listener = listener_;
    // Who has no cursor left the team and came back, or looks anew at what it had taken for
    // shared: it may have forgotten even what it said itself.
    if (!is_known) listener.shared_log.reset();
    const auto unfinished = known_.unfinished.find(team);
    Position reached = from;
    if (unfinished != known_.unfinished.end()) reached = std::max(from, unfinished->second);
    if (is_known) answer.cursors[team] = from;
    const auto leave = [&]() -> Result<void> {
        if (reached > from) answer.unfinished[team] = reached;
        if (is_planted(PlantedBug::cursor_at_cut)) answer.cursors[team] = reached;
        answer.has_more = true;
        return ok();
    };
    if (answer.has_more) return leave();
    const Sight sight = sight_of(roster_, listener_.replica, team);
    RecordCursor record = TRY(RecordCursor::after(database_, team, reached));
    while (TRY(record.next())) {
        auto told = TRY(told_of(database_, roster_, listener, sight, from, record));
        if (told) {
            const std::uint64_t bytes = weight(*told);
            // One at least in every answer, or a large record would never be told.
            if (bytes > budget && !answer.records.empty()) return leave();
            budget -= std::min(budget, bytes);
            answer.records.emplace_back(team, std::move(told->delta));
            if (told->key) keys_.push_back(std::move(*told->key));
        }
        reached = record.row().position;
    }
    answer.cursors[team] = reached + (is_planted(PlantedBug::cursor_too_far) ? 1 : 0);
    return ok();
}

}  // namespace godwit
