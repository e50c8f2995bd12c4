/// What connections of one process hold of database files: SQLite's five levels of locks, and the
/// shared memory of write-ahead logs with its eight locks.
///
/// Source: SQLite, File Locking And Concurrency; the WAL-mode file format, its index.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "tests/disk/image.h"

namespace godwit {

class FileLocks {
public:
    using FileNumber = DiskImage::FileNumber;
    using Holder = const void*;

    /// Levels are SQLITE_LOCK_… numbers. Returns the level reached, which may be short of `to`.
    int lock(FileNumber file, Holder holder, int from, int to);
    void unlock(FileNumber file, Holder holder, int from, int to);
    bool is_reserved(FileNumber file);

    /// Region `index`, made when `is_made`; null when it is not there.
    void volatile* map(FileNumber file, Holder holder, std::size_t index, std::size_t bytes,
                       bool is_made);
    /// `flags` as SQLite's xShmLock has them.
    int lock_shared(FileNumber file, Holder holder, int first, int count, int flags);
    /// Everybody's writes to the memory before it come before everybody's reads after it.
    void barrier() { const std::lock_guard guard(mutex_); }
    /// Lets go of the memory; with the last who had it, it is gone.
    void unmap(FileNumber file, Holder holder);

private:
    static constexpr std::size_t slots = 8;
    struct Levels {
        std::size_t shared_count{};
        Holder reserved{};
        Holder pending{};
        Holder exclusive{};
    };
    struct Memory {
        std::vector<std::unique_ptr<std::uint8_t[]>> regions;
        std::map<Holder, std::uint8_t> shared;  ///< Slots held, as bits; everybody who mapped.
        std::map<Holder, std::uint8_t> exclusive;
    };

    std::mutex mutex_;
    std::map<FileNumber, Levels> levels_;
    std::map<FileNumber, Memory> memory_;
};

}  // namespace godwit
