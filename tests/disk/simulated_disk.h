/// A disk in memory that stores live on: real SQLite, no real file. It knows what is durable, can
/// lose power between any two operations, and fails when it is told to.
///
/// Use
///     SimulatedDisk disk(7);                        // or SimulatedDisk disk(7, a_template_image);
///     disk.add_folder("/store");
///     Host host{clock, random, cipher, transport, {}, "test", disk};     // a replica's store
///     ServerStore::open("/server", true, cipher, random, clock, disk);   // a server's
///
///     const DiskImage copy = disk.image();          // costs microseconds; so does disk.load(copy)
///     disk.fail({changing_disk_operations, 12, FaultManner::full});
///     disk.stop();                                  // the program dies: all that is open fails
///     … destroy what was open …
///     disk.start();                                 // … it was killed: the cache survives, or
///     disk.start_after_power_cut();                 // … the power went: see DiskImage
///
/// Invariants
///   - Paths are absolute; folders must have been made. Each disk is a world of its own, with its
///     own SQLite VFS, however many there are in a process.
///   - The same seed and the same operations give the same disk, faults and trace hash. SQLite
///     draws the salts of its logs from one source of chance in the whole process: seed_sqlite()
///     before a run that is to be repeated exactly, and one such run at a time in a process.
///   - No real I/O, clock, chance or sleep.
///
/// Any thread; operations are serialised. load() and the start functions need everything closed.
#pragma once

#include <functional>
#include <memory>

#include "shared/sqlite/files.h"
#include "tests/disk/fault.h"
#include "tests/disk/image.h"

namespace godwit {

class DiskVfs;
class DiskWork;

class SimulatedDisk final : public Files {
public:
    explicit SimulatedDisk(std::uint64_t seed, DiskImage image = DiskImage());
    ~SimulatedDisk() override;
    SimulatedDisk(const SimulatedDisk&) = delete;
    SimulatedDisk& operator=(const SimulatedDisk&) = delete;

    // The disk from outside.
    [[nodiscard]] DiskImage image() const;
    /// Puts another disk in its place. Counts and trace go on; faults are forgotten.
    void load(DiskImage image);
    /// A folder and those above it, durable at once.
    void add_folder(const std::string& path);
    /// How many bytes all files together may have from now on.
    void limit(std::uint64_t bytes_max);
    /// Changes one bit at rest. False when there is no such file, or nothing in it.
    bool rot(const std::string& path);

    // Faults.
    void fail(DiskFault fault);
    void heal();  ///< Forgets every fault.
    [[nodiscard]] std::uint64_t faults_done() const;
    /// Syncs succeed and do nothing: what `synchronous=OFF` or a lying disk comes to.
    void ignore_syncs(bool is_ignored);

    // Power.
    void stop();
    [[nodiscard]] bool is_stopped() const;
    void start();
    void start_after_power_cut(Survival survival = Survival::chance);

    // Watching.
    /// Operations begun since the disk was made.
    [[nodiscard]] std::uint64_t count(DiskOperations operations = every_disk_operation) const;
    /// Over every operation: what, where, which bytes, and how it ended.
    [[nodiscard]] std::uint64_t trace_hash() const;
    /// Told before every operation takes effect, with the disk as it then is. It must not use this
    /// disk.
    void watch(DiskWatcher watcher);
    /// Unix time in milliseconds, for SQLite; a fixed day until told.
    void tell_time(std::function<std::int64_t()> now_ms);

    // Files.
    [[nodiscard]] const char* vfs() const override;
    Result<bool> is_there(const Path& path) const override;
    Result<std::uint64_t> size(const Path& file) const override;
    Result<void> make_folder(const Path& folder) override;
    Result<void> make_file(const Path& file) override;
    Result<Bytes> read(const Path& file, std::size_t bytes_max) const override;
    Result<void> write(const Path& file, ByteView bytes) override;
    Result<void> write_over(const Path& file, ByteView bytes) override;
    Result<void> rename(const Path& from, const Path& to) override;
    Result<void> remove(const Path& file) override;
    Result<void> sync(const Path& path) override;
    Result<std::unique_ptr<Lock>> lock(const Path& file) override;

private:
    std::unique_ptr<DiskWork> work_;
    std::unique_ptr<DiskVfs> vfs_;
};

/// Makes what SQLite draws by chance follow from `seed`.
void seed_sqlite(std::uint32_t seed);

}  // namespace godwit
