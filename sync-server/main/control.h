/// How commands reach a running server: a socket in its data folder, for its owner alone. Only the
/// server's own process writes its database, so a command asks it rather than opening the file.
///
/// One JSON line up (tasks.h); down come any number of {"progress": [done, total]} and at last
/// {"result": …} or {"error": {"number", "detail"}}.
#pragma once

#include <memory>
#include <optional>

#include "sync-server/main/tasks.h"

namespace godwit {

using TaskRunner = std::function<Result<Json>(const Json& request, const Progress& progress)>;

class ControlServer {
public:
    /// Listens on `path`, in place of a socket left by a server that was killed: the caller holds
    /// the folder's lock. `runner` is called from several threads at once.
    /// Fails with storage_failed.
    static Result<std::unique_ptr<ControlServer>> start(const std::filesystem::path& path,
                                                        TaskRunner runner);
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

    /// Takes no more, and returns when the tasks under way are done.
    void stop();

private:
    ControlServer();
    class Parts;
    std::unique_ptr<Parts> parts_;
};

/// Asks the server that listens on `path`; nothing when none does.
/// Fails with the server's own refusal, or unreachable when it goes away in between.
Result<std::optional<Json>> ask_running_server(const std::filesystem::path& path,
                                               const Json& request, const Progress& progress);

}  // namespace godwit
