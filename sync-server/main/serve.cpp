#include "sync-server/main/serve.h"

#include <csignal>
#include <iostream>
#include <mutex>

#include "sync-server/main/control.h"
#include "sync-server/main/private_file.h"

namespace godwit {
namespace {

sigset_t stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    return signals;
}

void block_stop_signals() {
    const sigset_t signals = stop_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void wait_for_stop() {
    const sigset_t signals = stop_signals();
    int caught = 0;
    while (sigwait(&signals, &caught) != 0) {
    }
}

Diagnostics diagnostics_for(const ServeOptions& options) {
    if (options.is_quiet) return {};
    static std::mutex mutex;
    return [](const std::string& line) {
        const std::lock_guard lock(mutex);
        std::cerr << line + "\n";
    };
}

void announce(const ServeOptions& options, const std::string& host, std::uint16_t port) {
    const std::string url = url_of(host, port);
    if (options.is_json) {
        std::cout << Json{{"listening", {{"url", url}, {"port", port}}}}.dump() << std::endl;
    } else if (!options.is_quiet) {
        std::cout << "Serving at " << url << "\nCtrl-C, or SIGTERM, stops it." << std::endl;
    }
}

}  // namespace

Result<void> serve(const Tools& tools, const ServeOptions& options) {
    block_stop_signals();
    ServerIdentity identity = TRY(load_identity(options.folder));
    if (options.certificate.empty() != options.key.empty()) {
        return Error{ErrorCode::wrong_parameters, "a certificate and its key are given together"};
    }
    if (!options.certificate.empty()) {
        identity.tls = {TRY(read_small_file(options.certificate)),
                        TRY(read_small_file(options.key))};
    }
    const ServerKeys keys = keys_of(identity, tools.cipher);
    const auto store =
        TRY(ServerStore::open(options.folder, false, tools.cipher, tools.random, tools.wall));
    Service service(*store, keys, tools.cipher, tools.random, tools.wall);

    const TaskParts tasks{*store, identity, tools.cipher, [&] { return service.counts(); }};
    const auto control = TRY(ControlServer::start(
        control_path(options.folder), [&](const Json& request, const Progress& progress) {
            return run_task(tasks, request, progress);
        }));

    HttpServerOptions http_options;
    http_options.address = options.address;
    http_options.port = options.port.value_or(identity.port);
    http_options.guard = options.guard;
    const Diagnostics diagnostics = diagnostics_for(options);
    const auto http = TRY(HttpServer::start(
        http_options, identity.tls,
        [&](std::string_view path, ByteView body) { return service.answer(path, body); },
        diagnostics));

    announce(options, identity.host, http->port());
    wait_for_stop();
    if (diagnostics) diagnostics("stopping");
    http->stop();
    service.stop();
    control->stop();
    return ok();
}

}  // namespace godwit
