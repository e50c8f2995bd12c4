/// A server's data folder:
///
///   server.json    who the server is: its address, keys and certificate; named so last by init,
///                  until then server.json.unfinished
///   godwit.db      everything replicas brought (sync-server/store)
///   control.sock   while it serves: where commands reach it
///
/// server.json opens no sealed value; but who holds it can pose as this server.
#pragma once

#include <filesystem>

#include "shared/seal/invitation.h"
#include "sync-server/http/tls_context.h"
#include "sync-server/reconcile/service.h"

namespace godwit {

/// Sensitive.
struct ServerIdentity {
    std::string host;
    std::uint16_t port{};
    SigningSeed signing_seed;
    std::array<std::uint8_t, 32> founding_secret{};
    TlsIdentity tls;
};

/// Where replicas find it.
std::string url_of(const std::string& host, std::uint16_t port);

ServerKeys keys_of(const ServerIdentity& identity, const Cipher& cipher);

/// Fails with bad_key when the certificate is none.
Result<FoundingLink> founding_link(const ServerIdentity& identity, const Cipher& cipher);

std::string format_identity(const ServerIdentity& identity);
/// Fails with storage_corrupt, naming `source` and never its content.
Result<ServerIdentity> parse_identity(std::string_view text, const std::string& source);

std::filesystem::path identity_path(const std::filesystem::path& folder);
std::filesystem::path database_path(const std::filesystem::path& folder);
std::filesystem::path control_path(const std::filesystem::path& folder);

/// Fails with no_store, store_unsafe (others can read it) or storage_corrupt.
Result<ServerIdentity> load_identity(const std::filesystem::path& folder);

/// The identity of a server that init had not finished making when it was ended.
std::filesystem::path unfinished_path(const std::filesystem::path& folder);

/// Makes `folder`, for its owner alone. What an init or a restore that was cut short left in it
/// goes, but for the unfinished identity. Fails with already_there when there is anything else in
/// it.
Result<void> make_folder(const std::filesystem::path& folder);

}  // namespace godwit
