/// TLS 1.3 and nothing older, under a certificate of the server's own or one it was given.
#pragma once

#include <Poco/Net/Context.h>

#include <optional>
#include <string>

#include "shared/base/bytes.h"
#include "shared/base/result.h"
#include "shared/base/wall_clock.h"

namespace godwit {

/// A certificate, its chain behind it, and its private key, as PEM. Sensitive.
struct TlsIdentity {
    std::string certificate;
    std::string key;
};

/// A new P-256 key and a certificate for `host` (a name or an address) that vouches for itself.
/// Fails with wrong_parameters when `host` can stand in no certificate, else with storage_failed.
Result<TlsIdentity> make_tls_identity(const std::string& host, const WallClock& wall);

/// SHA-256 of the certificate's SubjectPublicKeyInfo, by which replicas know the server again;
/// nothing when an authority vouches for it. Fails with bad_key when this is no certificate.
Result<std::optional<Digest>> pin_of(const TlsIdentity& identity);

/// Fails with bad_key when certificate and key are none, or not of each other.
Result<Poco::Net::Context::Ptr> make_server_context(const TlsIdentity& identity);

}  // namespace godwit
