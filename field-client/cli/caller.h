/// The replica as commands use it: opened when first needed, unlocked with the phrase from wherever
/// it is to come, spoken to in JSON.
///
/// Spec: replica-call.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "field-client/cli/https_transport.h"
#include "field-client/cli/json_text.h"
#include "field-client/cli/terminal.h"
#include "field-client/replica/replica.h"
#include "shared/seal/keys.h"

namespace godwit {

/// What stands before or behind any command.
struct GlobalOptions {
    std::string store;
    std::string phrase_file;
    int phrase_descriptor{-1};
    bool is_json{};
};

/// The machine's clock.
class SystemClock final : public WallClock {
public:
    [[nodiscard]] std::int64_t now_ms() const override;
};

class Caller {
public:
    /// The host's references must outlive the caller, and so must `options`.
    Caller(const GlobalOptions& options, Host host) : options_(options), host_(std::move(host)) {}
    ~Caller() { wipe(phrase_); }
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    /// Calls the replica of an enrolled store, unlocking it first.
    /// Fails as the method does; with no_store, or as phrase() and `unlock` do.
    Result<Json> call(std::string_view method, const Json& parameters = Json::object());

    /// The same without unlocking: `enrol`, `types`, `vocabulary`. The store need not exist.
    Result<Json> call_locked(std::string_view method, const Json& parameters = Json::object());

    /// One line of JSON-RPC in, one out. An enrolled store is unlocked first when options name a
    /// phrase; otherwise `unlock` is up to whoever asks. While the store cannot be opened for a
    /// reason that may pass, a line is answered with it, and the next one tries again.
    Result<std::string> pass_on(const std::string& line);

    /// The phrase, from the file or descriptor the options name, else from the terminal. Sensitive.
    /// Fails with file_unreadable or terminal_needed.
    Result<std::string> phrase() const;

    [[nodiscard]] const GlobalOptions& options() const { return options_; }
    [[nodiscard]] Host& host() { return host_; }
    /// May people be asked, and secrets be shown?
    [[nodiscard]] bool is_interactive() const;

    /// Is there a store?
    [[nodiscard]] bool is_enrolled() const;

private:
    Result<void> open(bool must_exist);
    Result<void> unlock();
    Result<void> be_ready();

    const GlobalOptions& options_;
    Host host_;
    std::unique_ptr<Replica> replica_;
    std::string phrase_;
    bool is_unlocked_{};
};

}  // namespace godwit
