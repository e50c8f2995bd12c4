/// The files of a store: what it asks of a file system beside and beneath SQLite.
///
/// Handed to whoever opens a store, together with the name by which SQLite finds the same files:
/// so a store can live wherever somebody can keep files, and all of it in one place.
///
/// Invariants
///   - Whatever is made is readable by its owner alone.
///   - Nothing is durable before write(), write_over() or sync() said so. A name is durable once
///     its folder was synced.
///
/// Fails with storage_full, or storage_failed and the reason in words.
#pragma once

#include <filesystem>
#include <memory>

#include "shared/base/bytes.h"
#include "shared/base/result.h"

namespace godwit {

class Files {
public:
    using Path = std::filesystem::path;

    /// Held while it lives; goes with the program, however that ends.
    class Lock {
    public:
        virtual ~Lock() = default;
    };

    virtual ~Files() = default;

    /// The name of the SQLite VFS over these files; null: SQLite's own.
    [[nodiscard]] virtual const char* vfs() const { return nullptr; }

    /// Fails where nobody can say: what a disk does not show is not gone.
    virtual Result<bool> is_there(const Path& path) const = 0;
    virtual Result<std::uint64_t> size(const Path& file) const = 0;

    /// A folder and those above it, durable; nothing to do when it is there.
    virtual Result<void> make_folder(const Path& folder) = 0;
    /// A new, empty file. Fails when there is one.
    virtual Result<void> make_file(const Path& file) = 0;

    /// Fails with storage_corrupt when there is more than `bytes_max`.
    virtual Result<Bytes> read(const Path& file, std::size_t bytes_max) const = 0;
    /// Makes the file, or replaces what it says. Synced.
    virtual Result<void> write(const Path& file, ByteView bytes) = 0;
    /// Writes over the file's beginning, in place. Synced.
    virtual Result<void> write_over(const Path& file, ByteView bytes) = 0;

    /// Replaces what had the name `to`. Both lie in one folder.
    virtual Result<void> rename(const Path& from, const Path& to) = 0;
    virtual Result<void> remove(const Path& file) = 0;
    /// Of a folder: its names.
    virtual Result<void> sync(const Path& path) = 0;

    /// Makes `file` unless it is there, and holds it against every other program. Does not wait:
    /// fails with store_in_use.
    virtual Result<std::unique_ptr<Lock>> lock(const Path& file) = 0;
};

/// The files of the operating system.
Files& system_files();

/// Renames and syncs the folder of both.
Result<void> rename_durably(Files& files, const Files::Path& from, const Files::Path& to);

}  // namespace godwit
