/// Files the command line reads and writes for a person.
///
/// Sensitive: what is read or written here may be a secret or a testimony. No error repeats it.
#pragma once

#include <filesystem>
#include <string>

#include "shared/base/result.h"

namespace godwit {

inline constexpr std::size_t input_bytes_max = 256U << 20U;

/// The whole of `path`, or of standard input when it is "-".
/// Fails with file_unreadable, naming the file, or too_large.
Result<std::string> read_input(const std::string& path);

/// Everything descriptor `descriptor` gives. Fails with file_unreadable or too_large.
Result<std::string> read_descriptor(int descriptor);

/// A new file that only its owner may read, under its name whole or not at all: written beside it
/// first. It is made before the secret exists, so that a secret shown once always has its place;
/// unless keep() is reached, the file goes with the object.
class PrivateFile {
public:
    /// Fails with already_there, storage_full, or file_unreadable when `path` cannot be made.
    static Result<PrivateFile> create(std::filesystem::path path);
    /// Keeps what a program had written at `path` when it was ended; nothing to do when there is
    /// none. Fails as keep() does.
    static Result<void> keep_unfinished(const std::filesystem::path& path);
    ~PrivateFile();
    PrivateFile(PrivateFile&& other) noexcept;
    PrivateFile(const PrivateFile&) = delete;
    PrivateFile& operator=(const PrivateFile&) = delete;
    PrivateFile& operator=(PrivateFile&&) = delete;

    /// Writes `text` and a line end, durably, beside its name. Fails with storage_full or
    /// storage_failed.
    Result<void> write(std::string_view text);
    /// Gives it its name, durably. When that fails the file stays beside its name. Fails with
    /// already_there, storage_full or storage_failed.
    Result<void> keep();

private:
    PrivateFile(std::filesystem::path path, int descriptor)
        : path_(std::move(path)), descriptor_(descriptor) {}

    std::filesystem::path path_;
    int descriptor_{-1};
    bool is_kept_{};
};

}  // namespace godwit
