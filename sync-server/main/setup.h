/// What happens to a data folder while no server runs on it: made anew, or made from a backup.
#pragma once

#include "shared/base/random.h"
#include "sync-server/main/tasks.h"

namespace godwit {

/// What a command is handed.
struct Tools {
    const Cipher& cipher;
    Random& random;
    const WallClock& wall;
};

struct InitOptions {
    std::filesystem::path folder;
    std::string host{"localhost"};
    std::uint16_t port{8443};
    std::filesystem::path certificate;  ///< PEM, its chain behind it; empty: one is made.
    std::filesystem::path key;
    std::filesystem::path link_file;  ///< Where the link goes; empty: into the result.
};

/// Makes folder, keys, certificate and database. Yields {"url","pin","folder"}
/// and "link", a secret, or "link_file".
/// Fails with wrong_parameters, file_unreadable, bad_key or storage_failed, and leaves nothing.
Result<Json> initialise(const Tools& tools, const InitOptions& options);

/// Makes the database of `folder` from the backup `file`, in a new epoch. A folder without a server
/// gets its identity from the keys beside the backup. Yields {"folder","url","founded","changes"}.
/// Fails with already_there when the folder has a database, file_unreadable, or as the store.
Result<Json> restore(const Tools& tools, const std::filesystem::path& file,
                     const std::filesystem::path& folder);

}  // namespace godwit
