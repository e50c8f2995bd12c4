/// A disk as it lies there: files and folders as programs see them, what of it is durable, and, in
/// order, what was written since and not synced. A plain value: copies share their pages until one
/// of them writes, so that copying a disk costs microseconds.
///
/// Model
///   - sync() makes one file's content durable; sync_names() what was made, removed or renamed in
///     one folder.
///   - A power cut keeps any part of what is not synced: each sector of a write whole, not at all,
///     in part or as zeros; each change of size and each change of a name, or not; in any order.
///   - With is_powersafe, bytes that were not written do not suffer from their neighbours being
///     written; without, a sector that was being written may be zeroed whole.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/disk/chance.h"
#include "tests/disk/content.h"

namespace godwit {

/// Of "/a/b", "/a"; "/" of what stands in no folder.
std::string folder_of(const std::string& path);

struct DiskOptions {
    std::uint32_t sector_bytes{4096};  ///< Or 512.
    bool is_powersafe{true};
    std::uint64_t bytes_max{~0ULL};  ///< Of all files together.
};

/// What a power cut leaves of what was not synced.
enum class Survival : std::uint8_t {
    chance,      ///< One of the others, or of these with odds of their own for every sector.
    none,        ///< Only what was synced.
    all,         ///< Everything.
    first_part,  ///< Up to some moment, and what was written then in part.
    torn_last,   ///< Everything but the last write, which is kept in part.
    only_last,   ///< The last write, and nothing before it: the disk wrote in another order.
    some,        ///< Each sector by chance.
};

class DiskImage {
public:
    using FileNumber = std::uint32_t;

    DiskImage() : DiskImage(DiskOptions{}) {}
    explicit DiskImage(DiskOptions options);

    [[nodiscard]] const DiskOptions& options() const { return options_; }
    void limit(std::uint64_t bytes_max) { options_.bytes_max = bytes_max; }
    [[nodiscard]] std::uint64_t bytes_used() const;
    [[nodiscard]] bool has_unsynced() const { return unsynced_count() != 0; }
    /// Writes, changes of size and of names that are not synced.
    [[nodiscard]] std::size_t unsynced_count() const;

    // Names. Paths are absolute; "/" is there from the beginning.
    [[nodiscard]] std::optional<FileNumber> find(const std::string& path) const;
    [[nodiscard]] bool is_folder(const std::string& path) const;
    [[nodiscard]] std::vector<std::string> files() const;
    /// A new file or folder. Nothing when its folder is missing or the name is taken.
    std::optional<FileNumber> make(const std::string& path, bool is_folder);
    bool remove(const std::string& path);
    bool rename(const std::string& from, const std::string& to);
    void sync_names(const std::string& folder);
    /// A file that no name leads to.
    FileNumber make_nameless();
    /// Forgets files that no name leads to. Nobody may have one open.
    void forget_nameless();

    // Content, by number: it outlives its name.
    [[nodiscard]] std::uint64_t size(FileNumber file) const;
    std::size_t read(FileNumber file, std::uint64_t offset, std::span<std::uint8_t> out) const;
    void write(FileNumber file, std::uint64_t offset, ByteView bytes);
    void resize(FileNumber file, std::uint64_t size);
    void sync(FileNumber file);
    /// A sync that failed: some of what was written reached the disk, the rest never will, though
    /// programs still see it until the power goes.
    void fail_sync(FileNumber file, DiskChance& chance);

    /// Over what programs see: names and contents.
    [[nodiscard]] std::uint64_t fingerprint() const;
    /// And over what is durable of it, and what is not yet.
    [[nodiscard]] std::uint64_t whole_fingerprint() const;

    /// Changes one bit of what lies in the file, seen and durable alike. False when it is empty.
    bool rot(const std::string& path, DiskChance& chance);

    /// The disk as it comes back. Everything on it is durable.
    [[nodiscard]] DiskImage after_power_cut(Survival survival, DiskChance& chance) const;

private:
    struct Unsynced {
        std::uint64_t order{};  ///< Over the whole disk, ascending.
        bool is_resize{};
        std::uint64_t offset{};  ///< Or the new size.
        Shared<Bytes> bytes;
    };
    struct Node {
        bool is_folder{};
        FileContent now;
        FileContent durable;
        std::vector<std::size_t> dirty;  ///< Pages that may differ, in any order.
        std::vector<Unsynced> unsynced;
    };
    struct NameChange {
        std::uint64_t order{};
        FileNumber file{};
        std::string from;  ///< Empty when made.
        std::string to;    ///< Empty when removed.
    };
    using Names = std::map<std::string, FileNumber>;
    class Cut;

    void note_dirty(Node& node, std::uint64_t from, std::uint64_t to);
    void write_part(FileContent& content, const Unsynced& write, Cut& cut) const;
    [[nodiscard]] FileContent survived(const Node& node, Cut& cut) const;
    static void change(Names& names, const NameChange& change);
    void drop_unreachable();

    DiskOptions options_;
    std::map<FileNumber, Shared<Node>> nodes_;
    Names now_;
    Names durable_;
    std::vector<NameChange> name_changes_;
    FileNumber last_file_{};
    std::uint64_t last_order_{};
};

}  // namespace godwit
