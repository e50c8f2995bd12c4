#include "tests/simulation/steps.h"

namespace godwit::simulation {
namespace {

struct WorkRow {
    StepKind kind;
    StepWork work;
};

constexpr std::array<WorkRow, step_kind_count> works{{
    {StepKind::capture, capture},
    {StepKind::edit, edit},
    {StepKind::add, add},
    {StepKind::remove, take_out},
    {StepKind::count, count},
    {StepKind::note, write_note},
    {StepKind::archive, archive},
    {StepKind::erase, erase},
    {StepKind::give, give},
    {StepKind::resolve, resolve},
    {StepKind::submit, submit},
    {StepKind::review, review},
    {StepKind::adopt, adopt},
    {StepKind::newer, write_newer},
    {StepKind::sync, meet},
    {StepKind::sync_all, meet_all},
    {StepKind::sync_amid, meet_amid},
    {StepKind::weather, change_weather},
    {StepKind::enrol, enrol},
    {StepKind::move, move_member},
    {StepKind::retire, retire},
    {StepKind::compromise, compromise},
    {StepKind::clone, clone_store},
    {StepKind::keep_copy, keep_copy},
    {StepKind::restore_copy, restore_copy},
    {StepKind::lose, lose_store},
    {StepKind::stop, stop_program},
    {StepKind::kill, kill_program},
    {StepKind::power_cut, plan_power_cut},
    {StepKind::sync_failure, plan_sync_failure},
    {StepKind::disk_full, fill_disk},
    {StepKind::rot, let_rot},
    {StepKind::upgrade, upgrade},
    {StepKind::server_backup, back_up_server},
    {StepKind::server_restore, restore_server},
    {StepKind::server_stop, stop_server},
    {StepKind::server_kill, kill_server},
    {StepKind::server_power_cut, plan_server_power_cut},
    {StepKind::server_sync_failure, plan_server_sync_failure},
    {StepKind::server_disk_full, fill_server_disk},
    {StepKind::server_rot, let_server_rot},
    {StepKind::server_upgrade, upgrade_server},
    {StepKind::wait, wait},
    {StepKind::clock_jump, jump_clock},
    {StepKind::server_clock_jump, jump_server_clock},
}};

constexpr bool is_in_order() {
    for (std::size_t index = 0; index < works.size(); ++index) {
        if (static_cast<std::size_t>(works[index].kind) != index) return false;
    }
    return true;
}
static_assert(is_in_order());

bool is_writing(StepKind kind) {
    return kind <= StepKind::newer;
}

bool may_write(World& world, const Person& person) {
    for (const TeamNote& team : world.teams) {
        const auto role = world.watch.sight().role(person.replica, team.id);
        if (role == Role::worker || role == Role::supervisor) return true;
    }
    return false;
}

/// Somebody who is there; for writing, somebody whom the server knows as one who writes.
Person* somebody(World& world, const Step& step) {
    const std::size_t count = world.people.size();
    Person* first = nullptr;
    for (std::size_t index = 0; index < count; ++index) {
        Person& person = *world.people[(step.who + index) % count];
        if (person.fate != Fate::here) continue;
        if (!is_writing(step.kind) || may_write(world, person)) return &person;
        if (first == nullptr) first = &person;
    }
    return first;
}

}  // namespace

void take_step(World& world, const Step& step) {
    Person* person = somebody(world, step);
    if (person == nullptr) return;
    const Running program(person->schema);
    world.note("- " + person->name + " " + std::string(name_of(step.kind)));
    works[static_cast<std::size_t>(step.kind)].work(world, *person);
}

}  // namespace godwit::simulation
