/// The server at work: store, service, HTTPS and control socket, wired by hand, until it is told to
/// stop.
#pragma once

#include "sync-server/http/http_server.h"
#include "sync-server/main/setup.h"

namespace godwit {

struct ServeOptions {
    std::filesystem::path folder;
    std::optional<std::uint16_t> port;  ///< In place of the one it was made with; 0: any free one.
    std::string address;                ///< To listen on; empty: every one.
    std::filesystem::path
        certificate;  ///< In place of the one it was made with, as in InitOptions.
    std::filesystem::path key;
    GuardBounds guard;
    bool is_quiet{};
    bool is_json{};
};

/// Serves until SIGTERM, SIGINT or SIGHUP; then finishes what is under way. To be called before any
/// thread is made: those signals are kept from all of them.
/// Fails as the folder, the store, the certificate or the port do.
Result<void> serve(const Tools& tools, const ServeOptions& options);

}  // namespace godwit
