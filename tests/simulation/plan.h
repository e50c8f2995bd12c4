/// What happens in one world: which template it begins from, and its steps.
///
/// A plan follows from its seed alone. Each step carries its own chance, so that a step means the
/// same when others before it are left out: that is what lets a failing plan be shrunk.
///
/// As text, for named cases and for printing; a line may be a comment:
///
///   # what once went wrong here
///   seed 17
///   template 3
///   step 2 capture 9911223344556677
///   …
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/chance.h"

namespace godwit::simulation {

enum class StepKind : std::uint8_t {
    // Writing.
    capture,
    edit,
    add,
    remove,
    count,
    note,
    archive,
    erase,
    give,  ///< A record gets another owner.
    resolve,
    submit,
    review,
    adopt,
    newer,  ///< A change of a newer schema, without an upgrade; or of one newer still.
    // Meeting.
    sync,
    sync_all,
    sync_amid,  ///< The step after it happens while an answer is on its way.
    weather,    ///< What the road does to requests and answers from now on.
    // Belonging.
    enrol,
    move,
    retire,
    compromise,
    // Disks and processes.
    clone,
    keep_copy,
    restore_copy,
    lose,
    stop,
    kill,
    power_cut,
    sync_failure,
    disk_full,
    rot,
    upgrade,  ///< To a program of a newer schema.
    // The server.
    server_backup,
    server_restore,
    server_stop,
    server_kill,
    server_power_cut,
    server_sync_failure,
    server_disk_full,
    server_rot,
    server_upgrade,
    // Time.
    wait,
    clock_jump,
    server_clock_jump,
};
inline constexpr std::size_t step_kind_count =
    static_cast<std::size_t>(StepKind::server_clock_jump) + 1;

std::string_view name_of(StepKind kind);

struct Step {
    StepKind kind{StepKind::sync};
    std::uint8_t who{};      ///< A person, counted on from the first as often as need be.
    std::uint64_t chance{};  ///< Everything else about the step follows from this.

    bool operator==(const Step&) const = default;
};

struct Plan {
    std::uint64_t seed{};
    std::uint32_t world{};  ///< The template.
    std::vector<Step> steps;

    bool operator==(const Plan&) const = default;
    [[nodiscard]] bool has(StepKind kind) const;
};

/// Every seed allows a subset of its own of what may happen: rare things meet oftener so.
/// One in twelve has a story in it besides: rare things in the order in which they matter.
/// Source: Groce et al., Swarm Testing (2012).
Plan make_plan(std::uint64_t seed, std::uint32_t template_count);

std::string format(const Plan& plan);
/// Nothing when the text is no plan.
std::optional<Plan> parse_plan(std::string_view text);

}  // namespace godwit::simulation
