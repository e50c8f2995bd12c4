#include "shared/merge/record_state.h"

#include <algorithm>

#include "shared/base/planted.h"
#include "shared/model/common_fields.h"

namespace godwit {

namespace {

bool is_superseding(OperationKind kind) {
    return kind == OperationKind::set || kind == OperationKind::settle;
}

/// What a `set` in `change` supersedes. A change never supersedes itself or what its own log says
/// later, whatever its context claims: applying it twice must be applying it once.
Context superseded_by(const Change& change, const LogId& log) {
    Context out = seen_by(change, log);
    out.cap(log, change.sequence - 1);
    return out;
}

/// Takes `removed` out of `field`; what has not arrived yet will find itself removed already.
/// True when that changed the field.
bool take_out(FieldState& field, const std::vector<Dot>& removed) {
    const auto taken = std::erase_if(field.siblings, [&](const Sibling& each) {
        return std::binary_search(removed.begin(), removed.end(), each.dot);
    });
    bool is_changed = taken > 0;
    for (const Dot& dot : removed) {
        if (field.has_seen(dot) || is_planted(PlantedBug::removal_forgets_early)) continue;
        const auto at = std::lower_bound(field.seen_early.begin(), field.seen_early.end(), dot);
        field.seen_early.insert(at, dot);
        is_changed = true;
    }
    return is_changed;
}

bool supersede(FieldState& field, const Context& superseded) {
    const auto taken = std::erase_if(field.siblings, [&](const Sibling& each) {
        if (is_planted(PlantedBug::set_takes_all)) return true;
        return superseded.covers(each.dot) && !is_planted(PlantedBug::set_takes_nothing);
    });
    if (taken == 0 && field.seen.covers(superseded)) return false;
    field.seen.join(superseded);
    return true;
}

/// Adds the value of `operation`, unless it was applied or superseded before.
void gain(FieldState& field, const Change& change, const Operation& operation,
          const Acceptance& acceptance) {
    const Dot dot{acceptance.log, change.sequence};
    if (field.has_seen(dot)) return;
    const auto at =
        std::lower_bound(field.siblings.begin(), field.siblings.end(), dot,
                         [](const Sibling& each, const Dot& sought) { return each.dot < sought; });
    field.siblings.insert(at, Sibling{.dot = dot,
                                      .author = acceptance.author,
                                      .role = change.role,
                                      .kind = operation.kind,
                                      .form = operation.form,
                                      .mark = acceptance.mark,
                                      .claimed = change.time,
                                      .effective = acceptance.effective,
                                      .value = operation.value});
}

/// Notes `dot` as applied to `field`. True when it was not noted before.
bool note_seen(FieldState& field, const Dot& dot) {
    const bool is_new = !field.seen.covers(dot);
    field.seen.add(dot);
    std::erase_if(field.seen_early, [&](const Dot& each) { return field.seen.covers(each); });
    return is_new;
}

void sort_unique(std::vector<std::uint32_t>& numbers) {
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

}  // namespace

bool FieldState::has_seen(const Dot& dot) const {
    return seen.covers(dot) || std::binary_search(seen_early.begin(), seen_early.end(), dot);
}

Context FieldState::context() const {
    const bool is_register = std::any_of(siblings.begin(), siblings.end(), [](const auto& each) {
        return is_superseding(each.kind);
    });
    if (!is_register) return seen;
    Context out;
    for (const Sibling& each : siblings) out.add(each.dot);
    return out;
}

Context RecordState::context() const {
    Context out;
    for (const auto& [number, field] : fields) out.join(field.context());
    return out;
}

std::vector<std::uint32_t> apply(RecordState& state, const Change& change,
                                 const Acceptance& acceptance) {
    state.type = std::max(state.type, change.record_type);
    state.team = std::max(state.team, change.team);
    if (state.is_erased) return {};
    if (is_erasing(change)) {
        state.is_erased = true;
        state.fields.clear();
        return {common_field::record};
    }

    const Dot dot{acceptance.log, change.sequence};
    const Context superseded = superseded_by(change, acceptance.log);
    std::vector<std::uint32_t> changed;
    // Removals go first, so that the order of operations within a change says nothing.
    for (const Operation& each : change.operations) {
        if (each.kind != OperationKind::remove) continue;
        if (take_out(state.fields[each.field], each.removed)) changed.push_back(each.field);
    }
    for (const Operation& each : change.operations) {
        if (each.kind == OperationKind::remove) continue;
        FieldState& field = state.fields[each.field];
        if (is_superseding(each.kind) && supersede(field, superseded))
            changed.push_back(each.field);
        gain(field, change, each, acceptance);
        if (each.field == common_field::archived && is_planted(PlantedBug::archive_takes_sibling)) {
            for (auto& [number, other] : state.fields) {
                if (other.siblings.size() > 1) other.siblings.pop_back();
            }
        }
    }
    for (const Operation& each : change.operations) {
        if (note_seen(state.fields[each.field], dot)) changed.push_back(each.field);
    }
    sort_unique(changed);
    return changed;
}

}  // namespace godwit
