/// Files that their owner alone may read, written whole or not at all.
#pragma once

#include <filesystem>
#include <string>

#include "shared/base/result.h"

namespace godwit {

/// Writes the new file `path`, synced, readable by its owner alone. Whatever ends the program, it
/// is there whole or not at all. Fails with already_there, storage_full or storage_failed.
Result<void> write_private_file(const std::filesystem::path& path, const std::string& content);

/// The same; but a private file that says the same already, because the program was ended once
/// before it was done, is as good. Yields whether it was written now.
Result<bool> keep_private_file(const std::filesystem::path& path, const std::string& content);

/// Gives a file of the same folder its name for good. Fails as write_private_file does.
Result<void> rename_private_file(const std::filesystem::path& from,
                                 const std::filesystem::path& to);

/// Fails with file_unreadable, or too_large above a mebibyte.
Result<std::string> read_small_file(const std::filesystem::path& path);

/// Fails with store_unsafe when anybody but its owner could enter or read `path`, or when the
/// owner is not who runs this program.
Result<void> check_is_private(const std::filesystem::path& path);

}  // namespace godwit
