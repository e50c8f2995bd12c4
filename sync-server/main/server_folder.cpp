#include "sync-server/main/server_folder.h"

#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <system_error>

#include "shared/base/text.h"
#include "shared/sqlite/files.h"
#include "sync-server/main/private_file.h"

namespace godwit {
namespace {

using Json = nlohmann::json;

template <std::size_t Size>
bool read_hex(const Json& file, const char* name, std::array<std::uint8_t, Size>& into) {
    const auto at = file.find(name);
    if (at == file.end() || !at->is_string()) return false;
    const auto bytes = parse_hex(at->get_ref<const std::string&>());
    if (!bytes || bytes->size() != Size) return false;
    std::copy(bytes->begin(), bytes->end(), into.begin());
    return true;
}

bool read_text(const Json& file, const char* name, std::string& into) {
    const auto at = file.find(name);
    if (at == file.end() || !at->is_string()) return false;
    into = at->get<std::string>();
    return true;
}

bool read_port(const Json& file, std::uint16_t& into) {
    const auto at = file.find("port");
    if (at == file.end() || !at->is_number_unsigned()) return false;
    const auto port = at->get<std::uint64_t>();
    if (port == 0 || port > 65'535) return false;
    into = static_cast<std::uint16_t>(port);
    return true;
}

/// Only a folder that says of itself that nobody has served from it yet loses a database.
Result<void> clear_unfinished(const std::filesystem::path& folder) {
    const auto identity = identity_path(folder);
    const auto unfinished = unfinished_path(folder);
    std::error_code fault;
    for (const auto& path : {identity, unfinished}) {
        std::filesystem::remove(path.string() + ".part", fault);
    }
    if (std::filesystem::exists(identity, fault) || !std::filesystem::exists(unfinished, fault)) {
        return ok();
    }
    for (const char* rest : {"", "-wal", "-shm", "-journal"}) {
        std::filesystem::remove(database_path(folder).string() + rest, fault);
        if (fault) return Error{ErrorCode::storage_failed, fault.message()};
    }
    std::filesystem::remove(folder / "godwit.lock", fault);
    return ok();
}

}  // namespace

std::string url_of(const std::string& host, std::uint16_t port) {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return "https://" + (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

ServerKeys keys_of(const ServerIdentity& identity, const Cipher& cipher) {
    ServerKeys keys;
    keys.signing = cipher.signing_keys_from(identity.signing_seed);
    keys.founding_secret = identity.founding_secret;
    return keys;
}

Result<FoundingLink> founding_link(const ServerIdentity& identity, const Cipher& cipher) {
    FoundingLink link;
    link.server_url = url_of(identity.host, identity.port);
    link.server_pin = TRY(pin_of(identity.tls));
    link.server_key = cipher.signing_keys_from(identity.signing_seed).public_key;
    link.secret = identity.founding_secret;
    return link;
}

std::string format_identity(const ServerIdentity& identity) {
    const Json file = {{"version", 1},
                       {"host", identity.host},
                       {"port", identity.port},
                       {"signing_seed", format_hex(identity.signing_seed.view())},
                       {"founding_secret", format_hex(identity.founding_secret)},
                       {"certificate", identity.tls.certificate},
                       {"key", identity.tls.key}};
    return file.dump(2) + "\n";
}

Result<ServerIdentity> parse_identity(std::string_view text, const std::string& source) {
    const Json file = Json::parse(text, nullptr, false);
    ServerIdentity identity;
    const bool is_whole = file.is_object() && file.value("version", Json()) == 1 &&
                          read_text(file, "host", identity.host) &&
                          read_port(file, identity.port) &&
                          read_hex(file, "signing_seed", identity.signing_seed.bytes) &&
                          read_hex(file, "founding_secret", identity.founding_secret) &&
                          read_text(file, "certificate", identity.tls.certificate) &&
                          read_text(file, "key", identity.tls.key);
    if (!is_whole) return Error{ErrorCode::storage_corrupt, source + " is not a server's identity"};
    return identity;
}

std::filesystem::path identity_path(const std::filesystem::path& folder) {
    return folder / "server.json";
}

std::filesystem::path unfinished_path(const std::filesystem::path& folder) {
    return folder / "server.json.unfinished";
}

std::filesystem::path database_path(const std::filesystem::path& folder) {
    return folder / "godwit.db";
}

std::filesystem::path control_path(const std::filesystem::path& folder) {
    return folder / "control.sock";
}

Result<ServerIdentity> load_identity(const std::filesystem::path& folder) {
    const auto path = identity_path(folder);
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        return Error{ErrorCode::no_store, folder.string() + " holds no server; see `init`"};
    }
    TRY(check_is_private(folder));
    TRY(check_is_private(path));
    return parse_identity(TRY(read_small_file(path)), path.string());
}

Result<void> make_folder(const std::filesystem::path& folder) {
    TRY(system_files().make_folder(folder));
    TRY(clear_unfinished(folder));
    std::error_code fault;
    for (const auto& entry : std::filesystem::directory_iterator(folder, fault)) {
        if (entry.path() != unfinished_path(folder)) {
            return Error{ErrorCode::already_there, folder.string() + " is not empty"};
        }
    }
    if (fault) return Error{ErrorCode::storage_failed, folder.string() + ": " + fault.message()};
    // An empty folder that was there before may be open to others still.
    if (::chmod(folder.c_str(), 0700) != 0) {
        return Error{ErrorCode::storage_failed, folder.string() + " cannot be made private"};
    }
    return ok();
}

}  // namespace godwit
