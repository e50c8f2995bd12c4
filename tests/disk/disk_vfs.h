/// A SQLite VFS over a disk at work. Locks and shared memory live in the process: several
/// connections, writing ahead, see one another as they would through the kernel.
///
/// Where SQLite's own VFS for Unix does something of consequence, this does the same: a journal
/// newly made has its folder synced after its own first sync, and nobody hears when that fails.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

#include "tests/disk/disk_work.h"
#include "tests/disk/file_locks.h"

namespace godwit {

class DiskVfs {
public:
    /// Registers it under a name of its own until it goes. `work` must outlive it.
    explicit DiskVfs(DiskWork& work);
    ~DiskVfs();
    DiskVfs(const DiskVfs&) = delete;
    DiskVfs& operator=(const DiskVfs&) = delete;

    [[nodiscard]] const char* name() const { return name_.c_str(); }
    DiskWork& work() { return work_; }
    FileLocks& locks() { return locks_; }

private:
    DiskWork& work_;
    FileLocks locks_;
    std::string name_;
    sqlite3_vfs vfs_{};
};

}  // namespace godwit
