#include "tests/disk/simulated_disk.h"

#include <sqlite3.h>

#include "tests/disk/disk_vfs.h"
#include "tests/disk/disk_work.h"

namespace godwit {
namespace {

using Outcome = DiskWork::Outcome;
using FileNumber = DiskWork::FileNumber;

Result<void> result_of(Outcome outcome, const Files::Path& path) {
    const std::string name = path.filename().string();
    switch (outcome) {
        case Outcome::done:
            return ok();
        case Outcome::full:
            return Error{ErrorCode::storage_full, name + ": no space left on the simulated disk"};
        case Outcome::missing:
            return Error{ErrorCode::storage_failed, name + ": not on the simulated disk"};
        case Outcome::taken:
            return Error{ErrorCode::storage_failed, name + ": already on the simulated disk"};
        case Outcome::failed:
            break;
    }
    return Error{ErrorCode::storage_failed, name + ": the simulated disk failed"};
}

class HeldFile final : public Files::Lock {
public:
    HeldFile(DiskWork& work, std::string path) : work_(work), path_(std::move(path)) {}
    ~HeldFile() override { work_.let_go(path_); }
    HeldFile(const HeldFile&) = delete;
    HeldFile& operator=(const HeldFile&) = delete;

private:
    DiskWork& work_;
    std::string path_;
};

Result<void> write_from_start(DiskWork& work, const Files::Path& path, FileNumber file,
                              ByteView bytes) {
    TRY(result_of(work.write(path.string(), file, 0, bytes), path));
    return result_of(work.sync(path.string(), file), path);
}

}  // namespace

SimulatedDisk::SimulatedDisk(std::uint64_t seed, DiskImage image)
    : work_(std::make_unique<DiskWork>(seed, std::move(image))),
      vfs_(std::make_unique<DiskVfs>(*work_)) {}

SimulatedDisk::~SimulatedDisk() = default;

DiskImage SimulatedDisk::image() const {
    return work_->image();
}

void SimulatedDisk::load(DiskImage image) {
    work_->load(std::move(image));
}

void SimulatedDisk::add_folder(const std::string& path) {
    work_->add_folder(path);
}

void SimulatedDisk::limit(std::uint64_t bytes_max) {
    work_->limit(bytes_max);
}

bool SimulatedDisk::rot(const std::string& path) {
    return work_->rot(path);
}

void SimulatedDisk::fail(DiskFault fault) {
    work_->fail(std::move(fault));
}

void SimulatedDisk::heal() {
    work_->heal();
}

std::uint64_t SimulatedDisk::faults_done() const {
    return work_->faults_done();
}

void SimulatedDisk::ignore_syncs(bool is_ignored) {
    work_->ignore_syncs(is_ignored);
}

void SimulatedDisk::stop() {
    work_->stop();
}

bool SimulatedDisk::is_stopped() const {
    return work_->is_stopped();
}

void SimulatedDisk::start() {
    work_->start();
}

void SimulatedDisk::start_after_power_cut(Survival survival) {
    work_->start_after_power_cut(survival);
}

std::uint64_t SimulatedDisk::count(DiskOperations operations) const {
    return work_->count(operations);
}

std::uint64_t SimulatedDisk::trace_hash() const {
    return work_->trace_hash();
}

void SimulatedDisk::watch(DiskWatcher watcher) {
    work_->watch(std::move(watcher));
}

void SimulatedDisk::tell_time(std::function<std::int64_t()> now_ms) {
    work_->tell_time(std::move(now_ms));
}

// --- Files ---------------------------------------------------------------------------------------

const char* SimulatedDisk::vfs() const {
    return vfs_->name();
}

Result<bool> SimulatedDisk::is_there(const Path& path) const {
    bool is_there = false;
    TRY(result_of(work_->look(path.string(), is_there), path));
    return is_there;
}

Result<std::uint64_t> SimulatedDisk::size(const Path& file) const {
    FileNumber number{};
    std::uint64_t bytes = 0;
    TRY(result_of(work_->open(file.string(), number), file));
    TRY(result_of(work_->look_size(file.string(), number, bytes), file));
    return bytes;
}

Result<void> SimulatedDisk::make_folder(const Path& folder) {
    if (work_->is_folder(folder.string())) return ok();
    if (folder.has_parent_path()) TRY(make_folder(folder.parent_path()));
    FileNumber number{};
    TRY(result_of(work_->make(folder.string(), true, number), folder));
    return result_of(work_->sync_names(folder.parent_path().string()), folder.parent_path());
}

Result<void> SimulatedDisk::make_file(const Path& file) {
    FileNumber number{};
    return result_of(work_->make(file.string(), false, number), file);
}

Result<Bytes> SimulatedDisk::read(const Path& file, std::size_t bytes_max) const {
    FileNumber number{};
    TRY(result_of(work_->open(file.string(), number), file));
    Bytes bytes(bytes_max + 1);
    std::size_t count = 0;
    TRY(result_of(work_->read(file.string(), number, 0, bytes, count), file));
    if (count > bytes_max) {
        return Error{ErrorCode::storage_corrupt, file.filename().string() + " is too large"};
    }
    bytes.resize(count);
    return bytes;
}

Result<void> SimulatedDisk::write(const Path& file, ByteView bytes) {
    FileNumber number{};
    Outcome outcome = work_->open(file.string(), number);
    if (outcome == Outcome::missing) {
        outcome = work_->make(file.string(), false, number);
    } else if (outcome == Outcome::done) {
        outcome = work_->resize(file.string(), number, 0);
    }
    TRY(result_of(outcome, file));
    return write_from_start(*work_, file, number, bytes);
}

Result<void> SimulatedDisk::write_over(const Path& file, ByteView bytes) {
    FileNumber number{};
    TRY(result_of(work_->open(file.string(), number), file));
    return write_from_start(*work_, file, number, bytes);
}

Result<void> SimulatedDisk::rename(const Path& from, const Path& to) {
    return result_of(work_->rename(from.string(), to.string()), from);
}

Result<void> SimulatedDisk::remove(const Path& file) {
    return result_of(work_->remove(file.string()), file);
}

Result<void> SimulatedDisk::sync(const Path& path) {
    if (work_->is_folder(path.string())) {
        return result_of(work_->sync_names(path.string()), path);
    }
    FileNumber number{};
    TRY(result_of(work_->open(path.string(), number), path));
    return result_of(work_->sync(path.string(), number), path);
}

Result<std::unique_ptr<Files::Lock>> SimulatedDisk::lock(const Path& file) {
    const Outcome outcome = work_->hold(file.string());
    if (outcome == Outcome::taken) return ErrorCode::store_in_use;
    TRY(result_of(outcome, file));
    return std::unique_ptr<Lock>(std::make_unique<HeldFile>(*work_, file.string()));
}

void seed_sqlite(std::uint32_t seed) {
    // 0 would mean the system's chance.
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed | 1U), nullptr);
}

}  // namespace godwit
