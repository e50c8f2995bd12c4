#include "sync-server/main/setup.h"

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

}  // namespace

Result<Json> initialise(const Tools& tools, const InitOptions& options) {
    const ServerIdentity identity = TRY(make_identity(tools, options));
    const FoundingLink link = TRY(founding_link(identity, tools.cipher));
    const std::string text = format_founding_link(link);

    Undo undo(options.folder);
    TRY(make_folder(options.folder));
    TRY(ServerStore::open(options.folder, true, tools.cipher, tools.random, tools.wall));
    if (!options.link_file.empty()) {
        TRY(write_private_file(options.link_file, text + "\n"));
        undo.add_link_file(options.link_file);
    }
    // Last: a folder with this file is a whole one.
    TRY(write_private_file(identity_path(options.folder), format_identity(identity)));
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
