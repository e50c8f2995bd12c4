/// A computer of a world: a disk, a clock and chance of its own, and one program that runs on it
/// and can end in every way a program ends.
#pragma once

#include "tests/disk/simulated_disk.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/world_clock.h"
#include "tests/support/running_schema.h"

namespace godwit::simulation {

class Machine {
public:
    Machine(const std::int64_t& true_ms, std::uint64_t seed, const DiskImage& image);
    virtual ~Machine() = default;
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// Ends the program in good order.
    virtual void stop() = 0;
    /// Ends it at once, in whatever it was doing; what the disk was given stays there.
    void kill();
    /// The power went: what was not synced is gone, or part of it. No program runs.
    void return_from_power_cut();

    /// Has the disk failed since the program was last started?
    [[nodiscard]] bool has_suffered() const;
    /// Nothing more goes wrong with the disk, and there is room on it.
    void make_disk_sound();
    /// Puts a sound disk with this content in place of its own. No program may run.
    void load_disk(const DiskImage& image);

    SimulatedDisk disk;
    bool is_disk_full{};
    bool was_harmed{};  ///< Something befell the disk, or a program that was writing to it.
    WorldClock clock;
    DrawnChance chance;
    Schema schema{Schema::todays};  ///< Of the program that runs on it.

protected:
    void note_start() { faults_known_ = disk.faults_done(); }

private:
    std::uint64_t faults_known_{};
};

}  // namespace godwit::simulation
