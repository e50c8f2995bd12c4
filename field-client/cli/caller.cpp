#include "field-client/cli/caller.h"

#include <unistd.h>

#include <chrono>

#include "field-client/cli/files.h"

namespace godwit {

namespace {

void cut_line_end(std::string& text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
}

/// A full or failing disk, a store that another program holds: the next try may do.
bool may_pass(const Error& error) {
    return facts(error.code).kind == ErrorKind::busy;
}

}  // namespace

std::int64_t SystemClock::now_ms() const {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

bool Caller::is_interactive() const {
    return !options_.is_json && is_terminal(STDIN_FILENO) && is_terminal(STDOUT_FILENO);
}

Result<std::string> Caller::phrase() const {
    std::string phrase;
    if (!options_.phrase_file.empty()) {
        phrase = TRY(read_input(options_.phrase_file));
    } else if (options_.phrase_descriptor >= 0) {
        phrase = TRY(read_descriptor(options_.phrase_descriptor));
    } else {
        return ask_hidden("Phrase of this store:");
    }
    cut_line_end(phrase);
    return phrase;
}

bool Caller::is_enrolled() const {
    std::error_code fault;
    return std::filesystem::exists(std::filesystem::path(options_.store) / "key", fault);
}

Result<void> Caller::open(bool must_exist) {
    if (replica_) return ok();
    if (options_.store.empty()) {
        return Error{ErrorCode::usage, "name the store: --store DIR, or GODWIT_STORE"};
    }
    // Looked for before anything is asked or made: a mistyped folder stays as it is.
    if (must_exist && !is_enrolled()) return Error{ErrorCode::no_store, options_.store};
    replica_ = TRY(Replica::open(options_.store, host_));
    return ok();
}

Result<void> Caller::unlock() {
    if (is_unlocked_) return ok();
    if (phrase_.empty()) phrase_ = TRY(phrase());
    const Json parameters = {{"phrase", phrase_}};
    const auto unlocked = replica_->call("unlock", format_json(parameters));
    is_unlocked_ = static_cast<bool>(unlocked);
    // Kept only to be tried again: a descriptor can be read but once.
    if (is_unlocked_ || !may_pass(unlocked.error())) wipe(phrase_);
    TRY(unlocked);
    return ok();
}

Result<Json> Caller::call(std::string_view method, const Json& parameters) {
    TRY(open(true));
    TRY(unlock());
    return call_locked(method, parameters);
}

Result<Json> Caller::call_locked(std::string_view method, const Json& parameters) {
    TRY(open(false));
    const std::string result = TRY(replica_->call(method, format_json(parameters)));
    return parse_json(result, "the replica's answer");
}

Result<void> Caller::be_ready() {
    TRY(open(false));
    const bool names_phrase = !options_.phrase_file.empty() || options_.phrase_descriptor >= 0;
    return names_phrase && is_enrolled() ? unlock() : ok();
}

Result<std::string> Caller::pass_on(const std::string& line) {
    const auto ready = be_ready();
    if (ready) return replica_->call(line);
    if (may_pass(ready.error())) return Replica::refusal(line, ready.error());
    return ready.error();
}

}  // namespace godwit
