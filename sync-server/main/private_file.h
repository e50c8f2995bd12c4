/// Files that their owner alone may read, written whole or not at all.
#pragma once

#include <filesystem>
#include <string>

#include "shared/base/result.h"

namespace godwit {

/// Writes the new file `path`, synced, readable by its owner alone.
/// Fails with wrong_parameters when it exists already, else with storage_failed.
Result<void> write_private_file(const std::filesystem::path& path, const std::string& content);

/// Fails with file_unreadable, or too_large above a mebibyte.
Result<std::string> read_small_file(const std::filesystem::path& path);

/// Fails with store_unsafe when anybody but its owner could enter or read `path`, or when the
/// owner is not who runs this program.
Result<void> check_is_private(const std::filesystem::path& path);

}  // namespace godwit
