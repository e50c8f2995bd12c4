#include "shared/merge/candidate.h"

#include <algorithm>

#include "shared/base/planted.h"
#include "shared/change/cbor.h"
#include "shared/merge/safety_order.h"

namespace godwit {

namespace {

bool is_supervising(Role role) {
    return role == Role::supervisor || role == Role::administrator;
}

/// The items of `candidate`, sorted and each once.
std::vector<ByteView> items_of(const Candidate& candidate) {
    std::vector<ByteView> items;
    for (const Part& each : candidate.parts) items.emplace_back(each.item);
    const auto is_before = [](ByteView left, ByteView right) {
        return text_of(left) < text_of(right);
    };
    std::sort(items.begin(), items.end(), is_before);
    items.erase(std::unique(items.begin(), items.end(), is_equal), items.end());
    return items;
}

bool agree(const Candidate& left, const Candidate& right) {
    const auto mine = items_of(left);
    const auto theirs = items_of(right);
    return std::equal(mine.begin(), mine.end(), theirs.begin(), theirs.end(), is_equal);
}

bool all_agree(const std::vector<Candidate>& candidates) {
    return std::all_of(candidates.begin(), candidates.end(),
                       [&](const Candidate& each) { return agree(each, candidates.front()); });
}

/// Shows `part` with every candidate that holds it, unless it is shown already.
void show(Choice& choice, const std::vector<Candidate>& candidates, const Part& part) {
    const bool is_shown =
        std::any_of(choice.shown.begin(), choice.shown.end(),
                    [&](const Part* each) { return is_equal(each->item, part.item); });
    if (is_shown) return;
    choice.shown.push_back(&part);
    auto& sources = choice.sources.emplace_back();
    for (const Candidate& each : candidates) {
        if (each.has(part.item)) sources.push_back(each.index);
    }
    std::sort(sources.begin(), sources.end());
}

void show_all(Choice& choice, const std::vector<Candidate>& candidates, const Candidate& chosen) {
    for (const Part& each : chosen.parts) show(choice, candidates, each);
}

Choice choose_every(const std::vector<Candidate>& candidates) {
    Choice choice;
    for (const Candidate& each : candidates) show_all(choice, candidates, each);
    return choice;
}

Choice choose_elements(const std::vector<Candidate>& candidates) {
    Choice choice = choose_every(candidates);
    std::vector<std::size_t> order(choice.shown.size());
    for (std::size_t index = 0; index < order.size(); ++index) order[index] = index;
    std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        return text_of(choice.shown[left]->item) < text_of(choice.shown[right]->item);
    });
    Choice sorted;
    for (const std::size_t index : order) {
        sorted.shown.push_back(choice.shown[index]);
        sorted.sources.push_back(std::move(choice.sources[index]));
    }
    return sorted;
}

Choice choose_entries(const std::vector<Candidate>& candidates) {
    Choice choice;
    for (auto each = candidates.rbegin(); each != candidates.rend(); ++each) {
        for (const Part& part : each->parts) {
            choice.shown.push_back(&part);
            choice.sources.push_back({each->index});
        }
    }
    return choice;
}

Choice choose_safest(const FieldSpec& field, const std::vector<Candidate>& candidates) {
    const Part* safest = nullptr;
    Safety safety{};
    for (const Candidate& candidate : candidates) {
        for (const Part& part : candidate.parts) {
            const Safety found = safety_of(field, part.ranked);
            // Among equals the first, which is the greatest, stays.
            const bool is_safer =
                is_planted(PlantedBug::least_restrictive) ? found < safety : found > safety;
            if (safest != nullptr && !is_safer) continue;
            safest = &part;
            safety = found;
        }
    }
    Choice choice;
    if (safest != nullptr) show(choice, candidates, *safest);
    return choice;
}

Choice choose_supervisors(const std::vector<Candidate>& candidates) {
    const auto supervisor =
        std::find_if(candidates.begin(), candidates.end(), [](const Candidate& each) {
            return is_supervising(each.role) || is_planted(PlantedBug::worker_outranks);
        });
    Choice choice;
    const bool has_supervisor = supervisor != candidates.end();
    show_all(choice, candidates, has_supervisor ? *supervisor : candidates.front());
    choice.needs_review = has_supervisor && !all_agree(candidates);
    return choice;
}

bool states_differ(const FieldSpec& field, const std::vector<Candidate>& candidates) {
    std::vector<std::string_view> states;
    for (const Candidate& candidate : candidates) {
        for (const Part& part : candidate.parts) states.push_back(code_of(field.type, part.ranked));
    }
    return std::adjacent_find(states.begin(), states.end(), std::not_equal_to<>()) != states.end();
}

Choice choose_latest(const std::vector<Candidate>& candidates) {
    Choice choice;
    show_all(choice, candidates, candidates.front());
    return choice;
}

/// One candidate, or several of which a register shows some.
Choice choose_of_register(const FieldSpec& field, const std::vector<Candidate>& candidates) {
    Choice choice;
    switch (field.rule) {
        case Rule::latest:
            return choose_latest(candidates);
        case Rule::supervisor_first:
            return choose_supervisors(candidates);
        case Rule::most_restrictive:
            return choose_safest(field, candidates);
        case Rule::state_machine:
            choice = choose_safest(field, candidates);
            // What a supervisor let stand together does not compete.
            choice.needs_review = candidates.size() > 1 && states_differ(field, candidates);
            return choice;
        default:  // keep_both and write_once.
            choice = choose_every(candidates);
            choice.needs_review = !all_agree(candidates);
            return choice;
    }
}

}  // namespace

bool Candidate::has(ByteView item) const {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const Part& each) { return is_equal(each.item, item); });
}

std::vector<ByteView> parts_of(OperationKind kind, ByteView item) {
    if (kind != OperationKind::settle) return {item};
    cbor::Decoder in(item);
    const cbor::Kind found = in.peek().value();
    if (found != cbor::Kind::array) return {item};
    std::vector<ByteView> parts;
    for (std::size_t left = in.array().value(); left > 0; --left) {
        parts.push_back(in.item().value());
    }
    return parts;
}

void sort_greatest_first(std::vector<Candidate>& candidates) {
    std::sort(candidates.begin(), candidates.end(), [](const auto& left, const auto& right) {
        if (is_planted(PlantedBug::latest_by_claim)) return right.dot < left.dot;
        return std::tie(right.effective, right.dot) < std::tie(left.effective, left.dot);
    });
}

Choice choose(const FieldSpec& field, const std::vector<Candidate>& candidates) {
    if (candidates.empty()) return {};
    if (field.rule == Rule::append) return choose_entries(candidates);
    if (field.rule == Rule::union_ || field.rule == Rule::sum) return choose_elements(candidates);
    return choose_of_register(field, candidates);
}

std::string_view code_of(ValueType type, ByteView item) {
    cbor::Decoder in(item);
    if (type == ValueType::boolean) {
        const auto read = in.boolean();
        if (!read) return {};
        return *read ? "true" : "false";
    }
    if (type == ValueType::review) {
        if (!in.array()) return {};
    }
    const auto read = in.text();
    return read ? *read : std::string_view{};
}

}  // namespace godwit
