/// A disk at work: its image, what is planned to go wrong, and what was counted. Both faces of a
/// simulated disk, Files and the SQLite VFS, stand on it. Operations are serialised.
#pragma once

#include <array>
#include <mutex>
#include <set>

#include "tests/disk/fault.h"

namespace godwit {

class DiskWork {
public:
    using FileNumber = DiskImage::FileNumber;
    enum class Outcome : std::uint8_t { done, failed, full, missing, taken };

    explicit DiskWork(std::uint64_t seed, DiskImage image)
        : chance_(seed), image_(std::move(image)) {}

    // Operations. Each is counted, traced, and may go wrong.
    Outcome open(const std::string& path, FileNumber& file);
    Outcome make(const std::string& path, bool is_folder, FileNumber& file);
    Outcome read(const std::string& path, FileNumber file, std::uint64_t offset,
                 std::span<std::uint8_t> out, std::size_t& count);
    Outcome write(const std::string& path, FileNumber file, std::uint64_t offset, ByteView bytes);
    Outcome resize(const std::string& path, FileNumber file, std::uint64_t size);
    Outcome sync(const std::string& path, FileNumber file);
    Outcome sync_names(const std::string& folder);
    Outcome remove(const std::string& path);
    Outcome rename(const std::string& from, const std::string& to);
    Outcome look(const std::string& path, bool& is_there);
    Outcome look_size(const std::string& path, FileNumber file, std::uint64_t& size);
    /// A lock file, held until let_go(). Fails with `taken`.
    Outcome hold(const std::string& path);
    void let_go(const std::string& path);
    /// SQLite is about to take a lock: it may not be able to.
    Outcome try_lock(const std::string& path);

    // What is not an operation of the disk.
    [[nodiscard]] bool is_folder(const std::string& path) const;
    FileNumber make_nameless();
    void note_open();
    void note_close();
    std::uint64_t draw();
    [[nodiscard]] std::int64_t now_ms() const;
    [[nodiscard]] std::uint32_t sector_bytes() const;
    [[nodiscard]] bool is_powersafe() const;

    // From outside; see SimulatedDisk.
    [[nodiscard]] DiskImage image() const;
    void load(DiskImage image);
    void add_folder(const std::string& path);
    void limit(std::uint64_t bytes_max);
    bool rot(const std::string& path);
    void fail(DiskFault fault);
    void heal();
    [[nodiscard]] std::uint64_t faults_done() const;
    void ignore_syncs(bool is_ignored);
    void stop();
    [[nodiscard]] bool is_stopped() const;
    void start();
    void start_after_power_cut(Survival survival);
    [[nodiscard]] std::uint64_t count(DiskOperations operations) const;
    [[nodiscard]] std::uint64_t trace_hash() const;
    void watch(DiskWatcher watcher);
    void tell_time(std::function<std::int64_t()> now_ms);

private:
    using Guard = std::lock_guard<std::mutex>;
    struct Planned {
        DiskFault fault;
        std::uint64_t seen{};
    };

    /// Counts and traces one operation; says how it is to go wrong, if it is.
    std::optional<FaultManner> begin(const DiskEvent& event);
    std::optional<FaultManner> fault_for(const DiskEvent& event);
    Outcome end(Outcome outcome);
    /// For operations that can only be done or fail. The power may go after they were done.
    template <typename Work>
    Outcome whole(const DiskEvent& event, const Work& work);
    Outcome write_in_part(FileNumber file, std::uint64_t offset, ByteView bytes, Outcome outcome);
    [[nodiscard]] std::uint64_t room_for(FileNumber file) const;
    void require_closed() const;
    void mix(std::uint64_t number);
    void mix(ByteView bytes);

    mutable std::mutex mutex_;
    DiskChance chance_;
    DiskImage image_;
    std::vector<Planned> planned_;
    std::uint64_t faults_done_{};
    bool is_stopped_{};
    bool ignores_syncs_{};
    std::array<std::uint64_t, disk_operation_kinds> counts_{};
    std::uint64_t trace_{0xcbf29ce484222325U};
    DiskWatcher watcher_;
    std::function<std::int64_t()> now_ms_;

    std::size_t open_count_{};
    std::set<std::string> held_;
};

}  // namespace godwit
