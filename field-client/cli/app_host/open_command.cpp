// `godwit open`: the app in a browser on this machine, until it is told to end. Spec: app-host.

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <iostream>

#include "field-client/cli/app_host/loopback.h"
#include "field-client/cli/command.h"
#include "shared/sodium/sodium_random.h"

namespace godwit {

namespace {

/// The signals that end the program, to be waited for like anything else. Made before any thread,
/// so that none of them takes one.
class EndSignals {
public:
    EndSignals() {
        sigset_t set;
        sigemptyset(&set);
        for (const int each : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, each);
        pthread_sigmask(SIG_BLOCK, &set, nullptr);
        descriptor_ = signalfd(-1, &set, SFD_CLOEXEC);
    }
    ~EndSignals() { close(descriptor_); }
    EndSignals(const EndSignals&) = delete;
    EndSignals& operator=(const EndSignals&) = delete;

    [[nodiscard]] int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

/// Waits: true on Enter, false when it is time to end. Standard input that has ended asks for
/// nothing any more.
bool wait_for_enter(const EndSignals& signals, bool& has_input) {
    while (true) {
        std::array<pollfd, 2> watched{
            {{signals.descriptor(), POLLIN, 0}, {has_input ? STDIN_FILENO : -1, POLLIN, 0}}};
        if (poll(watched.data(), watched.size(), -1) < 0) continue;
        if (watched[0].revents != 0) return false;
        if (watched[1].revents == 0) continue;
        std::array<char, 256> typed{};
        const ssize_t count = read(STDIN_FILENO, typed.data(), typed.size());
        if (count <= 0) {
            has_input = false;
        } else if (std::string_view(typed.data(), static_cast<std::size_t>(count)).find('\n') !=
                   std::string_view::npos) {
            return true;
        }
    }
}

struct OpenOptions {
    std::uint16_t port{};  ///< 0: one that is free.
    int lock_after_minutes{10};
};

void print_link(const std::string& link, bool is_json) {
    if (is_json) {
        std::cout << format_json({{"link", link}}) << std::endl;
        return;
    }
    std::cout << "Open this in a browser on this machine; it works once:\n  " << link
              << "\nEnter gives a new link. Ctrl-C locks the store and ends." << std::endl;
}

/// Fails as Replica::open(), and with usage: no store named, no app in this program, a port that is
/// taken.
Result<Json> open_app(Caller& caller, AppFiles files, const OpenOptions& options) {
    if (files.empty()) {
        return Error{ErrorCode::usage, "this godwit was built without the app (GODWIT_APP)"};
    }
    if (caller.options().store.empty()) {
        return Error{ErrorCode::usage, "name the store: --store DIR, or GODWIT_STORE"};
    }
    const EndSignals signals;
    SodiumRandom random = TRY(SodiumRandom::create());
    Admission admission(random, caller.host().cipher);
    const auto replica = TRY(SharedReplica::open(
        caller.options().store, caller.host(), [] { return std::make_unique<HttpsTransport>(); },
        std::chrono::minutes(options.lock_after_minutes)));
    Door door(files, admission, *replica);
    const auto loopback = TRY(Loopback::listen(door, options.port));

    bool has_input = true;
    do {
        print_link("http://" + loopback->authority() + "/#k=" + admission.new_link(),
                   caller.options().is_json);
    } while (wait_for_enter(signals, has_input));
    replica->close();
    // What is being posted is dropped, as if the power had gone: waiting for a bad road could take
    // minutes, and nothing depends on it.
    std::cout.flush();
    std::_Exit(0);
}

}  // namespace

void add_open_command(CommandTable& table, AppFiles files) {
    auto options = std::make_shared<OpenOptions>();
    CLI::App* app = table.command("open", "Shows the app in a browser on this machine",
                                  "godwit --store ~/godwit open");
    app->add_option("--port", options->port, "listen here, and not wherever is free");
    app->add_option("--lock-after", options->lock_after_minutes,
                    "minutes without use after which the store is locked")
        ->check(CLI::Range(1, 480))
        ->capture_default_str();
    table.on(
        app, [options, files](Caller& caller) { return open_app(caller, files, *options); },
        nullptr);
}

}  // namespace godwit
