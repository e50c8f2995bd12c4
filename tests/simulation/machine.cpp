#include "tests/simulation/machine.h"

namespace godwit::simulation {

Machine::Machine(const std::int64_t& true_ms, std::uint64_t seed, const DiskImage& image)
    : disk(seed, image), clock(true_ms) {
    disk.tell_time([this] { return clock.now_ms(); });
}

void Machine::kill() {
    was_harmed = true;
    disk.stop();
    stop();
    disk.start();
}

void Machine::return_from_power_cut() {
    was_harmed = true;
    disk.stop();
    stop();
    disk.heal();
    disk.start_after_power_cut();
}

bool Machine::has_suffered() const {
    return disk.is_stopped() || disk.faults_done() != faults_known_;
}

void Machine::make_disk_sound() {
    disk.heal();
    disk.limit(~0ULL);
    is_disk_full = false;
}

void Machine::load_disk(const DiskImage& image) {
    disk.load(image);
    make_disk_sound();
    was_harmed = true;
}

}  // namespace godwit::simulation
