#include "tests/simulation/steps.h"

namespace godwit::simulation {
namespace {

constexpr std::int64_t second_ms = 1'000;
constexpr std::int64_t day_ms = 86'400 * second_ms;

std::int64_t some_jump(Chance& chance) {
    constexpr std::array<std::int64_t, 8> jumps{second_ms,      90 * second_ms, 150 * second_ms,
                                                3'600'000,      day_ms,         40 * day_ms,
                                                4'000 * day_ms, 18'000 * day_ms};
    const std::int64_t jump = chance.pick(jumps);
    return chance.one_in(2) ? jump : -jump;
}

/// The files as programs see them, on another disk.
DiskImage copy_of_disk(const SimulatedDisk& disk) {
    DiskChance unused(0);
    DiskImage copy = disk.image().after_power_cut(Survival::all, unused);
    copy.limit(~0ULL);
    return copy;
}

constexpr std::array<StepWork, 8> works_alike{edit,  edit,   add,    take_out,
                                              count, submit, review, erase};

/// Two copies of one store go on, and each does the same thing: in the same places of their log.
void write_alike(World& world, Person& left, Person& right) {
    for (std::uint64_t more = 1 + world.chance.below(3); more > 0; --more) {
        const StepWork work = world.chance.pick(works_alike);
        const Chance before(world.chance.next());
        for (Person* person : {&left, &right}) {
            world.chance = before;
            work(world, *person);
        }
    }
}

/// They do the same two things, each beginning with another one: what one said of a field in one
/// place of the log, the other said in the next.
void write_crosswise(World& world, Person& left, Person& right) {
    const StepWork one = world.chance.pick(works_alike);
    const StepWork other = world.chance.pick(works_alike);
    const Chance of_one(world.chance.next());
    const Chance of_other(world.chance.next());
    const auto work = [&](StepWork what, const Chance& chance, Person& person) {
        world.chance = chance;
        what(world, person);
    };
    work(one, of_one, left);
    work(other, of_other, left);
    work(other, of_other, right);
    work(one, of_one, right);
}

}  // namespace

bool is_last_administrator(const World& world, const Person& person) {
    std::size_t others = 0;
    for (const auto& other : world.people) {
        const bool counts =
            other.get() != &person && other->fate == Fate::here && world.is_administrator(*other);
        if (counts) ++others;
    }
    return world.is_administrator(person) && others == 0;
}

void clone_store(World& world, Person& person) {
    if (world.people.size() >= 10) return;
    if (world.chance.one_in(2)) person.stop();
    Person& twin = world.add_person(person.name + "'", copy_of_disk(person.disk));
    twin.replica = person.replica;
    twin.member = person.member;
    twin.holding = person.holding;
    twin.was_harmed = true;
    twin.schema = person.schema;
    twin.clock.wrong_by_ms = person.clock.wrong_by_ms;
    if (world.chance.one_in(2)) {
        write_alike(world, person, twin);
    } else if (world.chance.below(4) == 1) {  // So that plans kept as cases stay what they are.
        write_crosswise(world, person, twin);
    }
}

void keep_copy(World& world, Person& person) {
    person.stop();
    world.copies.push_back({person.number, copy_of_disk(person.disk), person.holding});
}

void restore_copy(World& world, Person& person) {
    const World::Copy* copy = world.some_copy_of(person);
    if (copy == nullptr) return;
    person.stop();
    person.load_disk(copy->disk);
    world.lose_holding(person, copy->holding, "its store was put back to an earlier copy");
}

void lose_store(World& world, Person& person) {
    if (is_last_administrator(world, person)) return;
    person.stop();
    person.fate = Fate::gone;
    world.lose_holding(person, Holding{}, "its store was lost");
}

void stop_program(World&, Person& person) {
    person.stop();
}

void kill_program(World&, Person& person) {
    person.kill();
}

void upgrade(World&, Person& person) {
    person.stop();
    person.schema = Schema::tomorrows;
}

void upgrade_server(World& world, Person&) {
    world.server.stop();
    world.server.schema = Schema::tomorrows;
    world.ensure_server();
}

void back_up_server(World& world, Person&) {
    if (!world.server.is_running()) return;
    const auto made = world.server.back_up();
    if (!made) {
        world.object("backup", "a backup failed: " + std::string(facts(made.error().code).key) +
                                   " " + made.error().detail);
    }
}

void restore_server(World& world, Person&) {
    if (world.server.backup_count() == 0) return;
    const std::size_t which = world.chance.below(world.server.backup_count());
    if (!world.server.restore(which)) return world.object("backup", "a restore failed");
    world.watch.server_forgot();
    world.lose_server_to(world.server.backed_up(which));
}

void stop_server(World& world, Person&) {
    world.server.stop();
}

void kill_server(World& world, Person& person) {
    if (world.chance.one_in(3)) {
        world.server.kill();
        return;
    }
    Road& road = *world.roads[person.number];
    road.server_ends_after = world.chance.below(3);
    road.server_ends_answered = world.chance.one_in(2);
}

void wait(World& world, Person&) {
    constexpr std::array<std::int64_t, 5> whiles{3'600'000, day_ms, 3 * day_ms, 9 * day_ms,
                                                 120 * day_ms};
    world.true_ms += world.chance.pick(whiles);
}

void jump_clock(World& world, Person& person) {
    person.clock.wrong_by_ms =
        world.chance.one_in(4) ? 0 : person.clock.wrong_by_ms + some_jump(world.chance);
}

void jump_server_clock(World& world, Person&) {
    world.server.clock.wrong_by_ms = world.chance.one_in(3) ? 0 : some_jump(world.chance);
}

}  // namespace godwit::simulation
