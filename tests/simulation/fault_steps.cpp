// What goes wrong with disks: the power, a sync, the room on them, single bits.

#include "tests/simulation/steps.h"

namespace godwit::simulation {
namespace {

constexpr std::uint64_t power_cut_within = 80;  ///< Operations that change the disk.
constexpr std::uint64_t sync_failure_within = 8;
constexpr std::uint64_t room_left_max = 96 * 1024;

void plan_power_cut(World& world, SimulatedDisk& disk) {
    disk.fail({changing_disk_operations,
               1 + world.chance.below(power_cut_within),
               FaultManner::power_cut,
               false,
               {}});
}

void plan_sync_failure(World& world, SimulatedDisk& disk) {
    disk.fail({bit_of(DiskOperation::sync),
               1 + world.chance.below(sync_failure_within),
               FaultManner::lose_sync,
               false,
               {}});
}

void change_room(World& world, Machine& machine) {
    machine.is_disk_full = !machine.is_disk_full;
    machine.was_harmed = true;
    SimulatedDisk& disk = machine.disk;
    disk.limit(machine.is_disk_full ? disk.image().bytes_used() + world.chance.below(room_left_max)
                                    : ~0ULL);
}

void flip_bits(World& world, SimulatedDisk& disk, const std::string& file) {
    for (std::uint64_t flips = 1 + world.chance.below(3); flips > 0; --flips) disk.rot(file);
}

}  // namespace

void plan_power_cut(World& world, Person& person) {
    plan_power_cut(world, person.disk);
}

void plan_sync_failure(World& world, Person& person) {
    plan_sync_failure(world, person.disk);
}

void fill_disk(World& world, Person& person) {
    change_room(world, person);
}

// Bits turn while nobody looks, then the store is checked: what verify() calls sound must be sound.
void let_rot(World& world, Person& person) {
    if (is_last_administrator(world, person)) return;
    person.stop();
    flip_bits(world, person.disk, world.chance.one_in(8) ? "/store/key" : "/store/store.db");
    person.is_suspect = true;
    const bool is_sound = static_cast<bool>(world.call(person, "verify", Json::object()));
    person.is_suspect = false;
    if (is_sound) return;
    person.stop();
    if (const World::Copy* copy = world.some_copy_of(person)) {
        person.load_disk(copy->disk);
        world.lose_holding(person, copy->holding, "its store had rotted");
    } else {
        person.fate = Fate::gone;
        world.lose_holding(person, Holding{}, "its store had rotted");
    }
}

void plan_server_power_cut(World& world, Person&) {
    plan_power_cut(world, world.server.disk);
}

void plan_server_sync_failure(World& world, Person&) {
    plan_sync_failure(world, world.server.disk);
}

void fill_server_disk(World& world, Person&) {
    change_room(world, world.server);
}

void let_server_rot(World& world, Person&) {
    // Without a backup an organisation whose database rots begins anew: another story.
    if (world.server.backup_count() == 0) return;
    world.server.stop();
    flip_bits(world, world.server.disk, world.server.folder() + "/godwit.db");
    if (world.server.start(false)) {
        const auto report = world.server.store().verify({});
        if (report && report->problems.empty()) return;
    }
    restore_server(world, *world.people.front());
}

}  // namespace godwit::simulation
