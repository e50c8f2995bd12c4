/// What can be done to a disk, and what can go wrong with it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tests/disk/image.h"

namespace godwit {

/// Kinds of operations, as bits: a fault may wait for several.
enum class DiskOperation : std::uint16_t {
    open = 1,    ///< An existing file.
    create = 2,  ///< A new file or folder.
    read = 4,
    write = 8,
    resize = 16,
    sync = 32,  ///< A file's content or a folder's names.
    remove = 64,
    rename = 128,
    look = 256,  ///< Does it exist, how large is it.
    lock = 512,
};
inline constexpr std::size_t disk_operation_kinds = 10;

using DiskOperations = std::uint16_t;
constexpr DiskOperations bit_of(DiskOperation operation) {
    return static_cast<DiskOperations>(operation);
}
constexpr DiskOperations operator|(DiskOperation left, DiskOperation right) {
    return static_cast<DiskOperations>(bit_of(left) | bit_of(right));
}
constexpr DiskOperations operator|(DiskOperations left, DiskOperation right) {
    return static_cast<DiskOperations>(left | bit_of(right));
}
inline constexpr DiskOperations every_disk_operation = (1U << disk_operation_kinds) - 1;
/// Those after which the disk holds something else.
inline constexpr DiskOperations changing_disk_operations =
    DiskOperation::create | DiskOperation::write | DiskOperation::resize | DiskOperation::sync |
    DiskOperation::remove | DiskOperation::rename;

constexpr bool is_change(DiskOperation operation) {
    return (bit_of(operation) & changing_disk_operations) != 0;
}

/// How an operation goes wrong. Where a manner makes no sense for an operation, it fails.
enum class FaultManner : std::uint8_t {
    fail,       ///< Nothing is done; an I/O error.
    cut_short,  ///< A write is done in part; an I/O error.
    full,       ///< A write is done in part, growing or making a file not at all: no space left.
    lose_sync,  ///< A sync fails; part of what was written is lost for good, and nobody says so
                ///< again.
    power_cut,  ///< A write is done in part, and the power goes: everything fails until start().
    flip_bit,   ///< A read succeeds with one bit changed; the disk itself is sound.
};

/// "From now on, the operation number `at` of those in `of`, and with `is_for_ever` every later
/// one."
struct DiskFault {
    DiskOperations of{every_disk_operation};
    std::uint64_t at{1};
    FaultManner manner{FaultManner::fail};
    bool is_for_ever{};
    std::string path_end{};  ///< Only files whose paths end like this; empty: all.
};

/// One operation, told to who watches.
struct DiskEvent {
    DiskOperation operation;
    std::string_view path;
    std::uint64_t offset{};  ///< Or the new size.
    std::uint64_t bytes{};
};

using DiskWatcher = std::function<void(const DiskEvent&, const DiskImage&)>;

}  // namespace godwit
