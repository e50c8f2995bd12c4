#include <algorithm>
#include <iterator>
#include <tuple>

#include "shared/base/planted.h"
#include "shared/merge/record_state.h"

namespace godwit {

namespace {

/// Which of two siblings under one dot stays. Honest ends never hold two; any fixed total order
/// keeps the merge commutative and associative all the same.
bool goes_first(const Sibling& left, const Sibling& right) {
    const auto key = [](const Sibling& each) {
        return std::tie(each.author, each.role, each.kind, each.form, each.mark, each.claimed,
                        each.effective, each.value);
    };
    return key(left) < key(right);
}

/// The siblings that stay: those both sides have, and those the other side has never seen.
std::vector<Sibling> join_siblings(FieldState& left, FieldState& right) {
    std::vector<Sibling> out;
    out.reserve(left.siblings.size() + right.siblings.size());
    auto mine = left.siblings.begin();
    auto theirs = right.siblings.begin();
    while (mine != left.siblings.end() && theirs != right.siblings.end()) {
        if (mine->dot < theirs->dot) {
            if (!right.has_seen(mine->dot)) out.push_back(std::move(*mine));
            ++mine;
        } else if (theirs->dot < mine->dot) {
            if (!left.has_seen(theirs->dot)) out.push_back(std::move(*theirs));
            ++theirs;
        } else {
            out.push_back(std::move(goes_first(*theirs, *mine) ? *theirs : *mine));
            ++mine;
            ++theirs;
        }
    }
    for (; mine != left.siblings.end(); ++mine) {
        if (!right.has_seen(mine->dot) || is_planted(PlantedBug::merge_revives))
            out.push_back(std::move(*mine));
    }
    for (; theirs != right.siblings.end(); ++theirs) {
        if (is_planted(PlantedBug::merge_drops_theirs)) continue;
        if (!left.has_seen(theirs->dot)) out.push_back(std::move(*theirs));
    }
    return out;
}

void merge_field_into(FieldState& state, FieldState&& delta) {
    state.siblings = join_siblings(state, delta);
    state.seen.join(delta.seen);
    std::vector<Dot> early;
    std::set_union(state.seen_early.begin(), state.seen_early.end(), delta.seen_early.begin(),
                   delta.seen_early.end(), std::back_inserter(early));
    std::erase_if(early, [&](const Dot& each) { return state.seen.covers(each); });
    state.seen_early = std::move(early);
}

}  // namespace

FieldState merge(const FieldState& left, const FieldState& right) {
    FieldState out = left;
    merge_field_into(out, FieldState(right));
    return out;
}

RecordState merge(const RecordState& left, const RecordState& right) {
    RecordState out = left;
    merge_into(out, RecordState(right));
    return out;
}

void merge_into(RecordState& state, RecordState&& delta) {
    // Equal among honest ends. The greater one wins so that a state without any is neutral and the
    // order of merging stays without effect.
    state.type = std::max(state.type, delta.type);
    state.team = std::max(state.team, delta.team);
    state.is_erased = state.is_erased || delta.is_erased;
    if (state.is_erased) {
        state.fields.clear();
        return;
    }
    // Moves over the fields that are new here, and leaves in `delta` those both sides have.
    state.fields.merge(delta.fields);
    for (auto& [number, field] : delta.fields) {
        merge_field_into(state.fields.find(number)->second, std::move(field));
    }
}

}  // namespace godwit
