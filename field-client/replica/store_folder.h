/// The files of a local store: the phrase slot, the lock, and where the database lies.
///
/// Invariants
///   - The slot appears and goes whole: it is what makes a folder a store.
///   - One program at a time holds the lock; it goes with the program, however that ends.
///   - Files and folder are readable by their owner alone.
///
/// Spec: local-store.
#pragma once

#include <filesystem>
#include <memory>

#include "shared/sqlite/files.h"

namespace godwit {

class StoreFolder {
public:
    /// `files` must outlive the folder.
    StoreFolder(Files& files, std::filesystem::path path) : files_(files), path_(std::move(path)) {}

    /// Makes the folder unless it is there, and takes the lock unless it is held already.
    /// Fails with store_in_use or storage_failed.
    Result<void> prepare();

    [[nodiscard]] std::filesystem::path database() const { return path_ / "store.db"; }
    /// Fails where nobody can say.
    Result<bool> has_slot() const;

    /// Fails with storage_failed, or storage_corrupt when the file cannot be a slot.
    Result<Bytes> read_slot() const;
    /// Durable when it returns. Fails with storage_failed or storage_full.
    Result<void> write_slot(ByteView slot) const;
    /// Takes the slot's name away, overwrites it, then removes it. Nothing to do without one.
    Result<void> destroy_slot();
    /// The rest of it, where power or disk failed on the way.
    Result<void> finish_destroying();

    /// Moves a database aside that no slot opens any more: nobody can read it, but deleting what
    /// is not understood is not this program's to decide.
    Result<void> set_aside_database() const;

private:
    [[nodiscard]] std::filesystem::path slot() const { return path_ / "key"; }
    [[nodiscard]] std::filesystem::path doomed_slot() const { return path_ / "key.destroyed"; }

    Files& files_;
    std::filesystem::path path_;
    std::unique_ptr<Files::Lock> lock_;
};

}  // namespace godwit
