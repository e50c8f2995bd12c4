#include "tests/simulation/plan.h"

#include <algorithm>
#include <sstream>

namespace godwit::simulation {
namespace {

struct KindRow {
    StepKind kind;
    std::string_view name;
    unsigned weight;       ///< How often it comes, where it is allowed.
    unsigned allowed_256;  ///< In how many of 256 seeds it is.
};

constexpr unsigned always = 256;

constexpr std::array<KindRow, step_kind_count> kinds{{
    {StepKind::capture, "capture", 8, always},
    {StepKind::edit, "edit", 16, always},
    {StepKind::add, "add", 4, 160},
    {StepKind::remove, "remove", 3, 128},
    {StepKind::count, "count", 4, 160},
    {StepKind::note, "note", 4, 160},
    {StepKind::archive, "archive", 3, 96},
    {StepKind::erase, "erase", 2, 96},
    {StepKind::give, "give", 2, 80},
    {StepKind::resolve, "resolve", 5, 128},
    {StepKind::submit, "submit", 3, 96},
    {StepKind::review, "review", 5, 128},
    {StepKind::adopt, "adopt", 4, 96},
    {StepKind::newer, "newer", 3, 48},
    {StepKind::sync, "sync", 24, always},
    {StepKind::sync_all, "sync_all", 2, 96},
    {StepKind::sync_amid, "sync_amid", 8, 144},
    {StepKind::weather, "weather", 5, 144},
    {StepKind::enrol, "enrol", 2, 80},
    {StepKind::move, "move", 2, 72},
    {StepKind::retire, "retire", 1, 64},
    {StepKind::compromise, "compromise", 1, 64},
    {StepKind::clone, "clone", 2, 72},
    {StepKind::keep_copy, "keep_copy", 3, 88},
    {StepKind::restore_copy, "restore_copy", 2, 88},
    {StepKind::lose, "lose", 1, 32},
    {StepKind::stop, "stop", 2, 96},
    {StepKind::kill, "kill", 3, 96},
    {StepKind::power_cut, "power_cut", 5, 96},
    {StepKind::sync_failure, "sync_failure", 3, 56},
    {StepKind::disk_full, "disk_full", 3, 56},
    {StepKind::rot, "rot", 1, 40},
    {StepKind::upgrade, "upgrade", 6, 88},
    {StepKind::server_backup, "server_backup", 3, 88},
    {StepKind::server_restore, "server_restore", 2, 88},
    {StepKind::server_stop, "server_stop", 2, 96},
    {StepKind::server_kill, "server_kill", 3, 96},
    {StepKind::server_power_cut, "server_power_cut", 4, 96},
    {StepKind::server_sync_failure, "server_sync_failure", 2, 56},
    {StepKind::server_disk_full, "server_disk_full", 2, 56},
    {StepKind::server_rot, "server_rot", 1, 40},
    {StepKind::server_upgrade, "server_upgrade", 4, 88},
    {StepKind::wait, "wait", 4, 160},
    {StepKind::clock_jump, "clock_jump", 3, 112},
    {StepKind::server_clock_jump, "server_clock_jump", 1, 64},
}};

const KindRow& row_of(StepKind kind) {
    return kinds[static_cast<std::size_t>(kind)];
}

constexpr bool is_in_order() {
    for (std::size_t index = 0; index < kinds.size(); ++index) {
        if (static_cast<std::size_t>(kinds[index].kind) != index) return false;
    }
    return true;
}
static_assert(is_in_order());

std::optional<StepKind> kind_named(std::string_view name) {
    const auto found = std::find_if(kinds.begin(), kinds.end(),
                                    [&](const KindRow& row) { return row.name == name; });
    if (found == kinds.end()) return std::nullopt;
    return found->kind;
}

struct StoryStep {
    StepKind kind;
    unsigned whose{};  ///< 0: of whom the story is; else of another, so many further on.
};
/// Steps that show something only in one order, which chance alone hardly ever finds.
using Story = std::vector<StoryStep>;

const std::array<Story, 9>& stories() {
    using enum StepKind;
    static const std::array<Story, 9> all{{
        // A server forgets an erasure, and whoever erased is gone.
        {{server_backup}, {erase}, {sync}, {sync_all}, {lose}, {server_restore}},
        // A server forgets a revocation, or what made somebody a member, and hears of it again.
        {{server_backup}, {compromise}, {sync_all}, {edit, 1}, {server_restore}},
        {{server_backup}, {enrol}, {sync_all}, {server_restore}, {sync_all}},
        // A server forgets a place, and with it who saw what.
        {{server_backup}, {move}, {sync_all}, {edit, 1}, {server_restore}, {sync_all}},
        // A server is put back twice, and hears the same again in another order.
        {{server_backup},
         {edit},
         {sync},
         {server_restore},
         {edit, 1},
         {sync_all},
         {server_restore}},
        // A store is put back, and says something else where it had said something.
        {{keep_copy}, {move, 1}, {sync}, {restore_copy}, {move, 2}, {sync}},
        {{keep_copy}, {edit}, {sync}, {restore_copy}, {edit}, {sync_all}},
        // Two copies of a store speak of the roster, each in the other's place.
        {{clone}, {move, 1}, {move, 2}, {sync}},
        // Two copies part, and what stood in their log before that has one of them alone to say it.
        {{edit}, {clone}, {server_backup}, {edit}, {sync_all}, {lose}, {server_restore}},
    }};
    return all;
}

struct Size {
    std::uint32_t templates;  ///< It begins from one of so many, the small ones first.
    std::uint64_t steps_min;
    std::uint64_t steps_end;
};

/// Most worlds are small: nearly every mistake needs few people and few steps to show, and a small
/// world costs little. Some are middling, a few large and long.
Size some_size(Chance& chance) {
    const std::uint64_t size = chance.below(32);
    if (size < 22) return {2, 3, 16};
    if (size < 30) return {6, 8, 28};
    return {~0U, 20, 80};
}

/// Puts a story somewhere into a plan, with other steps between its own.
void tell_a_story(Chance& chance, Plan& plan) {
    const Story& story = chance.pick(stories());
    const std::uint64_t of_whom = chance.below(256);
    std::size_t at = chance.below(plan.steps.size() + 1);
    for (const StoryStep& told : story) {
        const auto who = static_cast<std::uint8_t>(of_whom + told.whose);
        const auto place = plan.steps.begin() + static_cast<std::ptrdiff_t>(at);
        plan.steps.insert(place, {told.kind, who, chance.next()});
        at = std::min(at + 1 + chance.below(2), plan.steps.size());
    }
}

}  // namespace

std::string_view name_of(StepKind kind) {
    return row_of(kind).name;
}

bool Plan::has(StepKind kind) const {
    return std::any_of(steps.begin(), steps.end(),
                       [&](const Step& step) { return step.kind == kind; });
}

Plan make_plan(std::uint64_t seed, std::uint32_t templates) {
    Chance chance(seed);
    Plan plan;
    plan.seed = seed;
    const Size size = some_size(chance);
    plan.world = static_cast<std::uint32_t>(chance.below(std::min(templates, size.templates)));
    // A quarter of the worlds is spared most faults, so that ordinary work is exercised in depth.
    const bool is_calm = chance.one_in(4);
    std::vector<StepKind> bag;
    for (const KindRow& row : kinds) {
        const unsigned allowed =
            is_calm && row.allowed_256 < 128 ? row.allowed_256 / 4 : row.allowed_256;
        const bool is_allowed = chance.below(256) < allowed;
        const std::uint64_t emphasis = 1 + chance.below(3);
        if (is_allowed) bag.insert(bag.end(), row.weight * emphasis, row.kind);
    }
    const std::uint64_t count = size.steps_min + chance.below(size.steps_end - size.steps_min);
    for (std::uint64_t index = 0; index < count; ++index) {
        Step step;
        step.kind = chance.pick(bag);
        step.who = static_cast<std::uint8_t>(chance.below(256));
        step.chance = chance.next();
        plan.steps.push_back(step);
    }
    if (chance.one_in(12)) tell_a_story(chance, plan);
    return plan;
}

std::string format(const Plan& plan) {
    std::ostringstream out;
    out << "seed " << plan.seed << "\ntemplate " << plan.world << "\n";
    for (const Step& step : plan.steps) {
        out << "step " << unsigned{step.who} << ' ' << name_of(step.kind) << ' ' << step.chance
            << "\n";
    }
    return out.str();
}

std::optional<Plan> parse_plan(std::string_view text) {
    std::istringstream in{std::string(text)};
    Plan plan;
    std::string word;
    while (in >> word) {
        if (word == "#") {
            std::getline(in, word);
        } else if (word == "seed") {
            in >> plan.seed;
        } else if (word == "template") {
            in >> plan.world;
        } else if (word == "step") {
            unsigned who = 0;
            std::string name;
            Step step;
            in >> who >> name >> step.chance;
            const auto kind = kind_named(name);
            if (!in || !kind || who > 255) return std::nullopt;
            step.kind = *kind;
            step.who = static_cast<std::uint8_t>(who);
            plan.steps.push_back(step);
        } else {
            return std::nullopt;
        }
        if (!in) return std::nullopt;
    }
    return plan;
}

}  // namespace godwit::simulation
