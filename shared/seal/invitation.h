/// What a person is handed to join: a founding link from the server, or an invitation from an
/// administrator. Both are secrets, travel as one line of text or a QR picture, and work once.
///
///   text       = "godwit-found:" | "godwit-invite:" ‖ base64url(body)
///   founding   = [ 1, server url, server pin | null, server signing key, founding secret ]
///   invitation = [ 1, server url, server pin | null, organisation, organisation key,
///                  invitation seed, [ proof statement, … ] ]
///   server pin = SHA-256 of the certificate's SubjectPublicKeyInfo; null: the system's authorities
///
/// Spec: sealing §6.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/seal/roster_statement.h"

namespace godwit {

using ServerPin = Digest;

/// Sensitive.
struct FoundingLink {
    std::string server_url;
    std::optional<ServerPin> server_pin;
    SigningPublicKey server_key;
    std::array<std::uint8_t, 32> secret{};
};

/// Sensitive.
struct Invitation {
    std::string server_url;
    std::optional<ServerPin> server_pin;
    OrganisationId organisation;
    OrganisationKey organisation_key;
    SigningSeed seed;  ///< Of the invitation key pair.
    std::vector<Bytes> proof;
};

/// True for an https address of printable ASCII: the only kind that stands in these lines.
bool is_server_url(std::string_view text);

/// `server_url` is_server_url().
std::string format_founding_link(const FoundingLink& link);
std::string format_invitation(const Invitation& invitation);

/// White space around the line is ignored. Fails with malformed, saying what the text is not, or
/// unknown_version.
Result<FoundingLink> parse_founding_link(std::string_view text);
Result<Invitation> parse_invitation(std::string_view text);

}  // namespace godwit
