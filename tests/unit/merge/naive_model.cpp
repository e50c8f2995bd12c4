#include "tests/unit/merge/naive_model.h"

#include <algorithm>
#include <set>

namespace godwit::test {

namespace {

bool is_register_kind(OperationKind kind) {
    return kind == OperationKind::set || kind == OperationKind::settle;
}

const Operation* gaining(const Said& said, std::uint32_t field) {
    for (const Operation& each : said.change.operations) {
        if (each.field == field && each.kind != OperationKind::remove) return &each;
    }
    return nullptr;
}

bool removes(const Said& said, const Dot& dot, std::uint32_t field) {
    return std::any_of(said.change.operations.begin(), said.change.operations.end(),
                       [&](const Operation& each) {
                           return each.field == field && each.kind == OperationKind::remove &&
                                  std::count(each.removed.begin(), each.removed.end(), dot) > 0;
                       });
}

/// Through which sequence of `log` the author of `said` had seen it.
Sequence had_seen(const Said& said, const LogId& log) {
    const Sequence named = said.change.context.through(log);
    if (log != said.acceptance.log) return named;
    if (said.change.cites) return std::min(named, said.change.sequence - 1);
    return said.change.sequence - 1;
}

Sibling sibling_of(const Said& said, const Operation& operation) {
    return {said.dot(),     said.acceptance.author, said.change.role, operation.kind,
            operation.form, said.acceptance.mark,   said.change.time, said.acceptance.effective,
            operation.value};
}

FieldState naive_field(const std::vector<Said>& changes, std::uint32_t field) {
    FieldState out;
    std::set<Dot> removed;
    for (const Said& each : changes) {
        bool names_field = false;
        for (const Operation& operation : each.change.operations) {
            if (operation.field != field) continue;
            names_field = true;
            removed.insert(operation.removed.begin(), operation.removed.end());
            if (!is_register_kind(operation.kind)) continue;
            for (const Said& other : changes) {
                out.seen.add({other.acceptance.log, had_seen(each, other.acceptance.log)});
            }
            for (const auto& entry : each.change.context.entries()) {
                out.seen.add({entry.log, had_seen(each, entry.log)});
            }
        }
        if (!names_field) continue;
        out.seen.add(each.dot());
        const Operation* gained = gaining(each, field);
        if (gained == nullptr) continue;
        const bool is_gone = std::any_of(changes.begin(), changes.end(), [&](const Said& other) {
            return takes_away(other, each, field);
        });
        if (!is_gone) out.siblings.push_back(sibling_of(each, *gained));
    }
    for (const Dot& dot : removed) {
        if (!out.seen.covers(dot)) out.seen_early.push_back(dot);
    }
    std::sort(out.siblings.begin(), out.siblings.end(),
              [](const Sibling& left, const Sibling& right) { return left.dot < right.dot; });
    return out;
}

}  // namespace

bool takes_away(const Said& later, const Said& earlier, std::uint32_t field) {
    if (removes(later, earlier.dot(), field)) return true;
    const Operation* gained = gaining(later, field);
    return gained != nullptr && is_register_kind(gained->kind) &&
           had_seen(later, earlier.acceptance.log) >= earlier.change.sequence;
}

RecordState naive_state(const std::vector<Said>& changes) {
    RecordState out;
    std::set<std::uint32_t> numbers;
    for (const Said& each : changes) {
        out.type = each.change.record_type;
        out.team = each.change.team;
        for (const Operation& operation : each.change.operations) {
            out.is_erased = out.is_erased || operation.kind == OperationKind::erase;
            numbers.insert(operation.field);
        }
    }
    if (out.is_erased) return out;
    for (const std::uint32_t number : numbers) out.fields[number] = naive_field(changes, number);
    return out;
}

}  // namespace godwit::test
