/// What an administrator may ask of a server, running or not: status, backup, verify, digest.
///
///   request = {"task": "status" | "verify"}
///           | {"task": "backup", "file": absolute path, "keys": boolean}
///           | {"task": "digest", "replica": hexadecimal id | absent}
///
/// The same code answers whether the server runs, over its control socket, or stands still, on its
/// folder.
#pragma once

#include <nlohmann/json.hpp>

#include "sync-server/main/server_folder.h"
#include "sync-server/store/server_store.h"

namespace godwit {

using Json = nlohmann::json;

struct TaskParts {
    ServerStore& store;
    const ServerIdentity& identity;
    const Cipher& cipher;
    /// The running service's counts; empty when the server stands still.
    std::function<ServiceCounts()> counts;
};

/// Yields the result as `--json` prints it.
/// Fails with wrong_parameters, storage_corrupt (verify found problems) or as the store does.
Result<Json> run_task(const TaskParts& parts, const Json& request, const Progress& progress);

/// Unix milliseconds as ISO 8601, UTC.
std::string format_time(std::int64_t wall_ms);

/// Where a backup's copy of server.json goes.
std::filesystem::path keys_path(const std::filesystem::path& backup);

}  // namespace godwit
