/// What may happen in a world, each step a function of its person and its chance.
#pragma once

#include "tests/simulation/world.h"

namespace godwit::simulation {

using StepWork = void (*)(World& world, Person& person);

// Writing.
void capture(World& world, Person& person);
void edit(World& world, Person& person);
void add(World& world, Person& person);
void take_out(World& world, Person& person);
void count(World& world, Person& person);
void write_note(World& world, Person& person);
void archive(World& world, Person& person);
void erase(World& world, Person& person);
void give(World& world, Person& person);
void resolve(World& world, Person& person);
void submit(World& world, Person& person);
void review(World& world, Person& person);
void adopt(World& world, Person& person);
void write_newer(World& world, Person& person);

// Meeting and belonging.
void meet(World& world, Person& person);
void meet_all(World& world, Person& person);
void meet_amid(World& world, Person& person);
void change_weather(World& world, Person& person);
void enrol(World& world, Person& person);
void move_member(World& world, Person& person);
void retire(World& world, Person& person);
void compromise(World& world, Person& person);

// Stores, processes and clocks.
void clone_store(World& world, Person& person);
void keep_copy(World& world, Person& person);
void restore_copy(World& world, Person& person);
void lose_store(World& world, Person& person);
void stop_program(World& world, Person& person);
void kill_program(World& world, Person& person);
void plan_power_cut(World& world, Person& person);
void plan_sync_failure(World& world, Person& person);
void fill_disk(World& world, Person& person);
void let_rot(World& world, Person& person);
void upgrade(World& world, Person& person);
void back_up_server(World& world, Person& person);
void restore_server(World& world, Person& person);
void stop_server(World& world, Person& person);
void kill_server(World& world, Person& person);
void plan_server_power_cut(World& world, Person& person);
void plan_server_sync_failure(World& world, Person& person);
void fill_server_disk(World& world, Person& person);
void let_server_rot(World& world, Person& person);
void upgrade_server(World& world, Person& person);
void wait(World& world, Person& person);
void jump_clock(World& world, Person& person);
void jump_server_clock(World& world, Person& person);

/// Would the organisation have nobody to speak for it without this person's store?
bool is_last_administrator(const World& world, const Person& person);

/// The records somebody may know of, the likeliest first; and one of them as they see it.
struct SeenRecord {
    const RecordNote* note{};
    const RecordType* type{};
    Json shown;  ///< As `show` gives it, with siblings.
};
std::optional<SeenRecord> look_at_some_record(World& world, Person& person);

/// What stands in `field` of a record somebody looks at.
std::vector<Value> values_shown(const SeenRecord& seen, const FieldSpec& field);

}  // namespace godwit::simulation
