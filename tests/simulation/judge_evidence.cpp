// What the server keeps: received bytes, states, and what it parked.

#include <algorithm>
#include <map>

#include "shared/base/sha256.h"
#include "shared/base/text.h"
#include "tests/simulation/judge.h"
#include "tests/unit/merge/naive_model.h"

namespace godwit::simulation {
namespace {

bool has_any(const Plan& plan, std::initializer_list<StepKind> kinds) {
    return std::any_of(kinds.begin(), kinds.end(), [&](StepKind kind) { return plan.has(kind); });
}

/// May a world with such steps park something for this reason?
bool has_cause(const Plan& plan, ErrorCode reason) {
    switch (reason) {
        case ErrorCode::not_permitted:
            // Roles and owners change between the writing and the meeting.
            return has_any(plan,
                           {StepKind::move, StepKind::give, StepKind::review, StepKind::submit,
                            StepKind::resolve, StepKind::edit, StepKind::erase, StepKind::adopt,
                            StepKind::server_restore, StepKind::clone});
        case ErrorCode::replica_revoked:
            return has_any(plan, {StepKind::compromise});
        case ErrorCode::transition_not_allowed:
            return has_any(plan, {StepKind::review, StepKind::submit, StepKind::clone});
        case ErrorCode::rule_does_not_allow:
            // What was issued again by another copy, or adopted by somebody else, before.
            return has_any(plan, {StepKind::clone, StepKind::restore_copy, StepKind::adopt,
                                  StepKind::rot, StepKind::server_restore, StepKind::server_rot});
        case ErrorCode::record_erased:
            return has_any(plan, {StepKind::erase, StepKind::clone});
        case ErrorCode::forked_log:
            return has_any(plan, {StepKind::clone, StepKind::restore_copy, StepKind::rot,
                                  StepKind::server_restore, StepKind::server_rot});
        default:
            return false;
    }
}

/// What stands of an erased record: that it was erased, and by whom.
bool is_left_of_erased(const HeldChange& held) {
    return !held.change || is_erasing(*held.change);
}

/// Does the person's replica keep the marker?
bool has_erased(Person& person, const RecordId& id) {
    const auto shown = person.call("show", {{"record", to_text(id)}});
    return shown && (*shown)["erased"] == true;
}

/// Effective time by the receipt alone: the claim, put right by the offset, within what the server
/// saw.
HybridTime effective_by(const Receipt& receipt, HybridTime claimed) {
    std::int64_t wall_ms = 0;
    if (__builtin_add_overflow(claimed.wall_ms, receipt.offset_ms, &wall_ms)) {
        wall_ms = receipt.offset_ms < 0 ? receipt.floor_ms : receipt.received_ms;
    }
    if (wall_ms < receipt.floor_ms) return {receipt.floor_ms, 0};
    if (wall_ms > receipt.received_ms) return {receipt.received_ms, 0};
    return {wall_ms, claimed.tick};
}

void judge_times(World& world, const Evidence& evidence) {
    std::map<LogId, HybridTime> last;
    for (const HeldChange& held : evidence.changes) {
        if (!held.is_merged() && !held.parked) continue;
        if (!held.change || held.is_branch) continue;
        if (held.receipt && effective_by(*held.receipt, held.change->time) != held.effective) {
            return world.object("time", brief(held.dot) +
                                            " counts by another time than its "
                                            "receipt gives it");
        }
        // What is issued again keeps the time at which it was first said.
        if (held.change->cites) continue;
        HybridTime& before = last[held.dot.log];
        if (held.change->time <= before) {
            return world.object("time", brief(held.dot) + " claims a time before its log's last");
        }
        before = held.change->time;
    }
}

/// Whoever met the server has erased what is erased, and said so.
void judge_confirmed(World& world, const Evidence& evidence) {
    for (const auto& [id, record] : evidence.records) {
        if (!record.is_erased) continue;
        for (const auto& person : world.people) {
            const SightModel& sight = world.watch.sight();
            const bool is_awaited = person->fate == Fate::here && !sight.revoked(person->replica) &&
                                    sight.role(person->replica, record.team).has_value();
            if (!is_awaited || !has_erased(*person, id)) continue;
            if (std::find(record.confirmed.begin(), record.confirmed.end(), person->replica) ==
                record.confirmed.end()) {
                return world.object(
                    "erasure", person->name + " has erased " + brief(id) + " and did not say so");
            }
        }
    }
}

}  // namespace

void judge_evidence(World& world, const Evidence& evidence) {
    std::map<Dot, Digest> kept;
    for (const HeldChange& held : evidence.changes) {
        if (!held.is_branch) kept.emplace(held.dot, held.digest);
        if (held.change && sha256({encode_change(*held.change)}) != held.digest) {
            return world.object("evidence", brief(held.dot) + " has other bytes");
        }
        const bool is_erased = evidence.is_erased(held.record);
        if (!held.change && !is_erased && !held.parked) {
            return world.object("evidence", brief(held.dot) + " has lost its body");
        }
        if (is_erased && !is_left_of_erased(held)) {
            return world.object("erasure", brief(held.dot) + " still says something of " +
                                               brief(held.record) + ", which is erased");
        }
    }
    for (const auto& [dot, digest] : world.watch.received()) {
        const auto found = kept.find(dot);
        if (found == kept.end()) {
            return world.object("evidence", brief(dot) + " was received and is gone");
        }
        if (found->second != digest) {
            return world.object("evidence", brief(dot) + " was received as something else");
        }
    }
    for (const Dot& dot : world.watch.to_be_parked()) {
        for (const HeldChange& held : evidence.changes) {
            if (held.dot == dot && held.is_merged()) {
                return world.object("revocation", brief(dot) +
                                                      " came from a compromised replica and is "
                                                      "merged");
            }
        }
    }
    judge_confirmed(world, evidence);
    for (const RecordId& record : evidence.with_keys) {
        if (evidence.is_erased(record)) {
            return world.object("erasure", brief(record) + " is erased and still has keys");
        }
    }
}

void judge_states(World& world, const Evidence& evidence) {
    std::map<RecordId, std::vector<test::Said>> said;
    for (const HeldChange& held : evidence.changes) {
        if (!held.is_merged()) continue;
        said[held.record].push_back(
            {*held.change, {held.dot.log, held.author, held.effective, held.mark}});
    }
    for (const auto& [id, record] : evidence.records) {
        if (record.is_erased) continue;
        if (test::naive_state(said[id]) != record.state) {
            return world.object("merge",
                                "record " + brief(id) + " is not what its changes add up to");
        }
    }
    for (const auto& [id, changes] : said) {
        if (!evidence.records.contains(id)) {
            return world.object("merge", "record " + brief(id) + " has changes and no state");
        }
    }
    judge_times(world, evidence);
}

void judge_parked(World& world, const Evidence& evidence) {
    for (const HeldChange& held : evidence.changes) {
        if (!held.parked || has_cause(world.plan, *held.parked)) continue;
        return world.object("parking", brief(held.dot) + " is parked as " +
                                           std::string(facts(*held.parked).key) +
                                           ", and nothing in this world accounts for it");
    }
}

}  // namespace godwit::simulation
