#include "sync-server/main/setup.h"

#include <optional>
#include <set>
#include <system_error>

#include "shared/base/text.h"
#include "sync-server/main/private_file.h"

namespace godwit {
namespace {

namespace fs = std::filesystem;

/// Takes back what was made in a folder, unless everything was: what stands there now stays, what
/// comes later goes.
class Undo {
public:
    explicit Undo(fs::path folder) : folder_(std::move(folder)) {
        std::error_code fault;
        had_folder_ = fs::exists(folder_, fault);
        for (const auto& entry : fs::directory_iterator(folder_, fault)) {
            stays_.insert(entry.path().filename());
        }
    }
    ~Undo() {
        if (is_kept_) return;
        std::error_code fault;
        fs::remove(link_file_, fault);
        for (const auto& entry : fs::directory_iterator(folder_, fault)) {
            if (stays_.count(entry.path().filename()) == 0) fs::remove(entry.path(), fault);
        }
        if (!had_folder_) fs::remove(folder_, fault);
    }
    Undo(const Undo&) = delete;
    Undo& operator=(const Undo&) = delete;

    void add_link_file(const fs::path& file) { link_file_ = file; }
    void keep_all() { is_kept_ = true; }

private:
    fs::path folder_;
    fs::path link_file_;
    std::set<fs::path> stays_;
    bool had_folder_{};
    bool is_kept_{};
};

Result<TlsIdentity> tls_identity_for(const InitOptions& options, const WallClock& wall) {
    if (options.certificate.empty() != options.key.empty()) {
        return Error{ErrorCode::wrong_parameters, "a certificate and its key are given together"};
    }
    if (options.certificate.empty()) return make_tls_identity(options.host, wall);
    TlsIdentity given{TRY(read_small_file(options.certificate)), TRY(read_small_file(options.key))};
    TRY(make_server_context(given));
    return given;
}

Result<ServerIdentity> make_identity(const Tools& tools, const InitOptions& options) {
    const std::string url = url_of(options.host, options.port);
    if (options.host.empty() || options.port == 0 || !is_server_url(url)) {
        return Error{ErrorCode::wrong_parameters, "no server can be reached at " + url};
    }
    ServerIdentity identity;
    identity.host = options.host;
    identity.port = options.port;
    identity.tls = TRY(tls_identity_for(options, tools.wall));
    tools.random.fill(identity.signing_seed.bytes);
    tools.random.fill(identity.founding_secret);
    return identity;
}

/// The identity of an init that was cut short, when it was to be the same server: its link may be
/// written down already.
std::optional<ServerIdentity> unfinished_identity(const ServerIdentity& wanted,
                                                  const InitOptions& options) {
    const auto path = unfinished_path(options.folder);
    const auto text = read_small_file(path);
    if (!text || !check_is_private(path)) return std::nullopt;
    auto begun = parse_identity(*text, path.string());
    if (!begun || begun->host != wanted.host || begun->port != wanted.port) return std::nullopt;
    const bool is_same =
        options.certificate.empty() ||
        (begun->tls.certificate == wanted.tls.certificate && begun->tls.key == wanted.tls.key);
    if (!is_same) return std::nullopt;
    return std::move(begun).value();
}

/// Everything but the identity's name, which makes the folder a server.
Result<void> fill_folder(const Tools& tools, const InitOptions& options,
                         const ServerIdentity& identity, const std::string& link, Undo& undo) {
    TRY(keep_private_file(unfinished_path(options.folder), format_identity(identity)));
    TRY(ServerStore::open(options.folder, true, tools.cipher, tools.random, tools.wall));
    if (options.link_file.empty()) return ok();
    if (TRY(keep_private_file(options.link_file, link + "\n"))) {
        undo.add_link_file(options.link_file);
    }
    return ok();
}

}  // namespace

Result<Json> initialise(const Tools& tools, const InitOptions& options) {
    ServerIdentity identity = TRY(make_identity(tools, options));
    Undo undo(options.folder);
    TRY(make_folder(options.folder));
    if (auto begun = unfinished_identity(identity, options)) {
        identity = *std::move(begun);
    } else {
        std::error_code fault;
        fs::remove(unfinished_path(options.folder), fault);
    }
    const FoundingLink link = TRY(founding_link(identity, tools.cipher));
    const std::string text = format_founding_link(link);
    TRY(fill_folder(tools, options, identity, text, undo));
    // Last: a folder with this file is a whole one.
    TRY(rename_private_file(unfinished_path(options.folder), identity_path(options.folder)));
    undo.keep_all();

    Json result = {{"folder", options.folder.string()}, {"url", link.server_url}, {"pin", nullptr}};
    if (link.server_pin) result["pin"] = format_hex(*link.server_pin);
    // In one place only: what is printed may end in somebody's journal.
    if (options.link_file.empty()) {
        result["link"] = text;
    } else {
        result["link_file"] = options.link_file.string();
    }
    return result;
}

Result<Json> restore(const Tools& tools, const fs::path& file, const fs::path& folder) {
    std::error_code ignored;
    if (fs::exists(database_path(folder), ignored)) {
        return Error{ErrorCode::already_there, database_path(folder).string()};
    }
    if (!fs::exists(file, ignored)) return Error{ErrorCode::file_unreadable, file.string()};
    Undo undo(folder);
    if (!fs::exists(identity_path(folder), ignored)) {
        const fs::path keys = keys_path(file);
        const std::string text = TRY(read_small_file(keys));
        TRY(parse_identity(text, keys.string()));
        TRY(make_folder(folder));
        fs::remove(unfinished_path(folder), ignored);
        TRY(write_private_file(identity_path(folder), text));
    }
    const ServerIdentity identity = TRY(load_identity(folder));
    TRY(ServerStore::restore(file, folder, tools.cipher, tools.random, tools.wall));
    const auto store =
        TRY(ServerStore::open(folder, false, tools.cipher, tools.random, tools.wall));
    const StoreStatus status = TRY(store->status());
    undo.keep_all();
    return Json{{"folder", folder.string()}, {"url", url_of(identity.host, identity.port)},
                {"epoch", status.epoch},     {"founded", status.is_founded},
                {"changes", status.changes}, {"records", status.records}};
}

}  // namespace godwit
