#include "tests/disk/file_locks.h"

#include <sqlite3.h>

namespace godwit {

int FileLocks::lock(FileNumber file, Holder holder, int from, int to) {
    const std::lock_guard guard(mutex_);
    Levels& levels = levels_[file];
    if (from >= to) return from;
    const bool is_pending = levels.pending != nullptr && levels.pending != holder;
    if (to == SQLITE_LOCK_SHARED) {
        if (is_pending || levels.exclusive != nullptr) return from;
        ++levels.shared_count;
        return to;
    }
    if (is_pending || (levels.reserved != nullptr && levels.reserved != holder)) return from;
    if (to == SQLITE_LOCK_RESERVED) {
        levels.reserved = holder;
        return to;
    }
    levels.pending = holder;
    if (levels.shared_count > 1) return SQLITE_LOCK_PENDING;
    levels.exclusive = holder;
    return SQLITE_LOCK_EXCLUSIVE;
}

void FileLocks::unlock(FileNumber file, Holder holder, int from, int to) {
    const std::lock_guard guard(mutex_);
    Levels& levels = levels_[file];
    if (from <= to) return;
    for (Holder* each : {&levels.reserved, &levels.pending, &levels.exclusive}) {
        if (*each == holder) *each = nullptr;
    }
    if (to == SQLITE_LOCK_NONE) --levels.shared_count;
}

bool FileLocks::is_reserved(FileNumber file) {
    const std::lock_guard guard(mutex_);
    return levels_[file].reserved != nullptr;
}

void volatile* FileLocks::map(FileNumber file, Holder holder, std::size_t index, std::size_t bytes,
                              bool is_made) {
    const std::lock_guard guard(mutex_);
    Memory& memory = memory_[file];
    memory.shared[holder];
    if (index >= memory.regions.size()) {
        if (!is_made) return nullptr;
        while (memory.regions.size() <= index) {
            memory.regions.push_back(std::make_unique<std::uint8_t[]>(bytes));
        }
    }
    return memory.regions[index].get();
}

int FileLocks::lock_shared(FileNumber file, Holder holder, int first, int count, int flags) {
    const std::lock_guard guard(mutex_);
    Memory& memory = memory_[file];
    const auto mask = static_cast<std::uint8_t>(((1U << static_cast<unsigned>(count)) - 1U)
                                                << static_cast<unsigned>(first));
    const auto clear = static_cast<std::uint8_t>(~mask);
    std::uint8_t& shared = memory.shared[holder];
    std::uint8_t& exclusive = memory.exclusive[holder];
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        shared &= clear;
        exclusive &= clear;
        return SQLITE_OK;
    }
    const bool is_exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    for (const auto& [other, held] : memory.exclusive) {
        if (other != holder && (held & mask) != 0) return SQLITE_BUSY;
    }
    for (const auto& [other, held] : memory.shared) {
        if (is_exclusive && other != holder && (held & mask) != 0) return SQLITE_BUSY;
    }
    (is_exclusive ? exclusive : shared) |= mask;
    return SQLITE_OK;
}

void FileLocks::unmap(FileNumber file, Holder holder) {
    const std::lock_guard guard(mutex_);
    const auto found = memory_.find(file);
    if (found == memory_.end()) return;
    found->second.shared.erase(holder);
    found->second.exclusive.erase(holder);
    if (found->second.shared.empty()) memory_.erase(found);
}

}  // namespace godwit
