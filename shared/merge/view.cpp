#include "shared/merge/view.h"

#include <algorithm>
#include <limits>

#include "shared/base/planted.h"
#include "shared/change/cbor.h"
#include "shared/merge/candidate.h"

namespace godwit {

namespace {

/// True when this replica can make out the value: opened, and one item of the profile.
bool can_read(const OpenedSibling& sibling) {
    if (!sibling.is_readable) return false;
    return static_cast<bool>(cbor::check(sibling.item));
}

/// The candidates of one field, greatest first, numbered as `siblings`.
std::vector<Candidate> candidates_of(const std::vector<OpenedSibling>& siblings) {
    std::vector<Candidate> candidates;
    for (std::size_t index = 0; index < siblings.size(); ++index) {
        const OpenedSibling& from = siblings[index];
        if (!can_read(from)) continue;
        Candidate& made = candidates.emplace_back();
        made.index = index;
        made.dot = from.dot;
        made.role = from.role;
        made.effective = from.effective;
        for (const ByteView item : parts_of(from.kind, from.item)) {
            made.parts.push_back({copy_of(item), item});
        }
    }
    sort_greatest_first(candidates);
    return candidates;
}

/// Adds up integers in 128 bits: with fewer, the sum of amounts near the bounds would depend on
/// their order.
class Total {
public:
    void add(std::int64_t amount) { sum_ += amount; }

    /// The sum, or the nearest integer that 64 bits hold.
    [[nodiscard]] std::int64_t value() const {
        using Limits = std::numeric_limits<std::int64_t>;
        return static_cast<std::int64_t>(std::clamp<Wide>(sum_, Limits::min(), Limits::max()));
    }

private:
    __extension__ using Wide = __int128;
    Wide sum_{};
};

FieldView view_sum(const std::vector<OpenedSibling>& siblings) {
    FieldView out;
    Total total;
    std::vector<std::size_t> counted;
    for (std::size_t index = 0; index < siblings.size(); ++index) {
        const auto amount = cbor::Decoder(siblings[index].item).integer();
        if (!can_read(siblings[index]) || !amount) {
            out.is_partial = true;
            continue;
        }
        if (is_planted(PlantedBug::sum_leaves_out) && !counted.empty()) continue;
        total.add(*amount);
        counted.push_back(index);
    }
    if (counted.empty()) return out;
    cbor::Encoder(out.values.emplace_back()).integer(total.value());
    out.sources.push_back(std::move(counted));
    return out;
}

/// One dot of a group: where its sibling stands on each field, if it has one there.
struct GroupDot {
    Dot dot;
    std::vector<const OpenedSibling*> on;  ///< By field of the group.
    std::vector<std::size_t> index;        ///< Of `on`, among that field's siblings.
    std::vector<std::vector<ByteView>> parts;

    [[nodiscard]] const OpenedSibling& any() const {
        return **std::find_if(on.begin(), on.end(),
                              [](const auto* each) { return each != nullptr; });
    }
};

std::vector<GroupDot> dots_of(const std::vector<std::vector<OpenedSibling>>& siblings) {
    std::vector<GroupDot> dots;
    for (std::size_t field = 0; field < siblings.size(); ++field) {
        for (std::size_t index = 0; index < siblings[field].size(); ++index) {
            const OpenedSibling& each = siblings[field][index];
            auto at = std::find_if(dots.begin(), dots.end(),
                                   [&](const GroupDot& known) { return known.dot == each.dot; });
            if (at == dots.end()) {
                dots.emplace_back();
                at = std::prev(dots.end());
                at->dot = each.dot;
                at->on.resize(siblings.size());
                at->index.resize(siblings.size());
                at->parts.resize(siblings.size());
            }
            at->on[field] = &each;
            at->index[field] = index;
        }
    }
    return dots;
}

/// Reads the parts of `dot`; false when one of its values cannot be read here.
bool read_parts(GroupDot& dot) {
    for (std::size_t field = 0; field < dot.on.size(); ++field) {
        const OpenedSibling* from = dot.on[field];
        if (from == nullptr) continue;
        if (!can_read(*from)) return false;
        dot.parts[field] = parts_of(from->kind, from->item);
    }
    return true;
}

/// What a field of the group says in the `number`th of a dot's values; nothing when it was not set.
ByteView part_on(const GroupDot& dot, std::size_t field, std::size_t number) {
    const auto& parts = dot.parts[field];
    return number < parts.size() ? parts[number] : ByteView{};
}

/// The values of all fields under `dot`, each one item: the array of what the fields say.
Candidate candidate_of(const GroupDot& dot, std::size_t index) {
    const OpenedSibling& from = dot.any();
    Candidate made{index, dot.dot, from.role, from.effective, {}};
    std::size_t count = 0;
    for (const auto& parts : dot.parts) count = std::max(count, parts.size());
    for (std::size_t number = 0; number < count; ++number) {
        Part& part = made.parts.emplace_back();
        part.ranked = part_on(dot, 0, number);
        cbor::Encoder out(part.item);
        out.array(dot.parts.size());
        for (std::size_t field = 0; field < dot.parts.size(); ++field) {
            const ByteView said = part_on(dot, field, number);
            if (said.empty()) {
                out.null();
            } else {
                out.raw(said);
            }
        }
    }
    return made;
}

/// Gives each field its share of what was chosen for the group.
void share_out(std::vector<FieldView>& views, const Choice& choice,
               const std::vector<GroupDot>& dots) {
    for (std::size_t shown = 0; shown < choice.shown.size(); ++shown) {
        cbor::Decoder said(choice.shown[shown]->item);
        said.array_of(views.size()).value();
        for (std::size_t field = 0; field < views.size(); ++field) {
            views[field].values.push_back(copy_of(said.item().value()));
            auto& sources = views[field].sources.emplace_back();
            for (const std::size_t dot : choice.sources[shown]) {
                if (dots[dot].on[field] != nullptr) sources.push_back(dots[dot].index[field]);
            }
        }
    }
}

/// A field that none of the values shown says anything of shows nothing, rather than nulls.
void drop_unsaid(FieldView& view) {
    const bool is_said = std::any_of(view.sources.begin(), view.sources.end(),
                                     [](const auto& each) { return !each.empty(); });
    if (is_said) return;
    view.values.clear();
    view.sources.clear();
}

}  // namespace

OpenedSibling opened(const Sibling& sibling) {
    const bool is_open = sibling.form == Form::open;
    return {sibling.dot,
            sibling.role,
            sibling.kind,
            sibling.effective,
            is_open ? ByteView(sibling.value) : ByteView{},
            is_open};
}

FieldView view(const FieldSpec& field, const std::vector<OpenedSibling>& siblings) {
    if (field.rule == Rule::sum) return view_sum(siblings);
    const std::vector<Candidate> candidates = candidates_of(siblings);
    Choice choice = choose(field, candidates);
    FieldView out;
    for (const Part* each : choice.shown) out.values.push_back(each->item);
    out.sources = std::move(choice.sources);
    out.needs_review = choice.needs_review;
    out.is_partial = candidates.size() < siblings.size();
    return out;
}

std::vector<FieldView> view_together(const std::vector<const FieldSpec*>& fields,
                                     const std::vector<std::vector<OpenedSibling>>& siblings) {
    GODWIT_ASSERT(!fields.empty() && fields.size() == siblings.size());
    std::vector<GroupDot> dots = dots_of(siblings);
    std::vector<Candidate> candidates;
    for (std::size_t index = 0; index < dots.size(); ++index) {
        if (read_parts(dots[index])) candidates.push_back(candidate_of(dots[index], index));
    }
    sort_greatest_first(candidates);
    const Choice choice = choose(*fields.front(), candidates);

    std::vector<FieldView> views(fields.size());
    share_out(views, choice, dots);
    for (FieldView& each : views) {
        drop_unsaid(each);
        each.needs_review = choice.needs_review;
        each.is_partial = candidates.size() < dots.size();
    }
    return views;
}

}  // namespace godwit
