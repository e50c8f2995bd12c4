#include "shared/seal/invitation.h"

#include "shared/base/text.h"

namespace godwit {

namespace {

constexpr std::string_view founding_prefix = "godwit-found:";
constexpr std::string_view invitation_prefix = "godwit-invite:";
constexpr std::uint64_t invitation_format = 1;
constexpr std::size_t line_bytes_max = 64 * 1024;
constexpr std::size_t url_bytes_max = 1024;
constexpr std::size_t proof_count_max = 1'024;  ///< One for each who invited whom, and each team.

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r\n\v\f";
    const std::size_t first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

/// What a line is called when it is shown to a person, for each prefix.
std::string_view name_of_line(std::string_view prefix) {
    return prefix == founding_prefix ? "a founding link" : "an invitation";
}

Error not_this(std::string_view prefix, std::string_view why) {
    return {ErrorCode::malformed,
            "this is not " + std::string(name_of_line(prefix)) + ": " + std::string(why)};
}

/// The body of the line, which starts with `prefix`.
Result<Bytes> body_of(std::string_view text, std::string_view prefix, std::string_view other) {
    const std::string_view line = trimmed(text);
    if (line.empty()) return not_this(prefix, "it is empty");
    if (line.size() > line_bytes_max) return not_this(prefix, "it is far too long");
    if (starts_with(line, other)) {
        return not_this(prefix, "it is " + std::string(name_of_line(other)));
    }
    if (!starts_with(line, prefix)) {
        return not_this(prefix, "it does not start with " + std::string(prefix));
    }
    const std::string_view body = line.substr(prefix.size());
    if (body.empty()) return not_this(prefix, "nothing stands after " + std::string(prefix));
    if (body.find_first_of(" \t\r\n") != std::string_view::npos) {
        return not_this(prefix, "it is broken by white space; it must be one line, whole");
    }
    auto bytes = parse_base64url(body);
    if (!bytes) {
        return not_this(prefix, "it was cut short, or a character in it was changed");
    }
    return std::move(*bytes);
}

void encode_server(cbor::Encoder& out, std::string_view url, const std::optional<ServerPin>& pin) {
    out.unsigned_integer(invitation_format).text(url);
    if (pin) {
        out.bytes(*pin);
    } else {
        out.null();
    }
}

Result<void> open_invitation(cbor::Decoder& in, std::size_t item_count) {
    const std::size_t count = TRY(in.array());
    if (TRY(in.unsigned_integer()) != invitation_format) return ErrorCode::unknown_version;
    if (count != item_count) return Error{ErrorCode::malformed, "another count of items"};
    return ok();
}

Result<std::string> decode_url(cbor::Decoder& in) {
    const std::string_view url = TRY(in.text());
    if (!is_server_url(url)) {
        return Error{ErrorCode::malformed, "the server's address is not an https address"};
    }
    return std::string(url);
}

Result<std::optional<ServerPin>> decode_pin(cbor::Decoder& in) {
    if (TRY(in.try_null())) return std::optional<ServerPin>{};
    return std::optional<ServerPin>{TRY(in.fixed<32>())};
}

Result<FoundingLink> decode_founding_link(ByteView bytes) {
    cbor::Decoder in(bytes);
    TRY(open_invitation(in, 5));
    FoundingLink out;
    out.server_url = TRY(decode_url(in));
    out.server_pin = TRY(decode_pin(in));
    out.server_key.bytes = TRY(in.fixed<32>());
    out.secret = TRY(in.fixed<32>());
    TRY(in.finish());
    return out;
}

Result<Invitation> decode_invitation(ByteView bytes) {
    cbor::Decoder in(bytes);
    TRY(open_invitation(in, 7));
    Invitation out;
    out.server_url = TRY(decode_url(in));
    out.server_pin = TRY(decode_pin(in));
    out.organisation = TRY(in.id<OrganisationId>());
    out.organisation_key.bytes = TRY(in.fixed<32>());
    out.seed.bytes = TRY(in.fixed<32>());
    const std::size_t count = TRY(in.array());
    if (count > proof_count_max)
        return Error{ErrorCode::too_large, "a proof of too many statements"};
    for (std::size_t index = 0; index < count; ++index) {
        out.proof.push_back(copy_of(TRY(in.bytes())));
    }
    TRY(in.finish());
    return out;
}

/// A decoder's refusal, said of the line a person holds.
template <typename T>
Result<T> explained(Result<T> decoded, std::string_view prefix) {
    if (decoded) return decoded;
    if (decoded.error().code == ErrorCode::unknown_version) {
        return Error{ErrorCode::unknown_version,
                     std::string(name_of_line(prefix)) + " made by a newer Godwit"};
    }
    return not_this(prefix,
                    "it was cut short or changed on its way (" + decoded.error().detail + ")");
}

std::string format_line(std::string_view prefix, Bytes& body) {
    std::string out = std::string(prefix) + format_base64url(body);
    wipe(body);
    return out;
}

}  // namespace

bool is_server_url(std::string_view text) {
    constexpr std::string_view scheme = "https://";
    if (!starts_with(text, scheme) || text.size() == scheme.size() || text.size() > url_bytes_max) {
        return false;
    }
    for (const char letter : text) {
        if (letter <= ' ' || letter > '~') return false;
    }
    return true;
}

std::string format_founding_link(const FoundingLink& link) {
    GODWIT_ASSERT(is_server_url(link.server_url));
    Bytes body;
    cbor::Encoder out(body);
    out.array(5);
    encode_server(out, link.server_url, link.server_pin);
    out.bytes(link.server_key.view()).bytes(link.secret);
    return format_line(founding_prefix, body);
}

std::string format_invitation(const Invitation& invitation) {
    GODWIT_ASSERT(is_server_url(invitation.server_url));
    Bytes body;
    cbor::Encoder out(body);
    out.array(7);
    encode_server(out, invitation.server_url, invitation.server_pin);
    out.id(invitation.organisation).bytes(invitation.organisation_key.view());
    out.bytes(invitation.seed.view()).array(invitation.proof.size());
    for (const Bytes& statement : invitation.proof) out.bytes(statement);
    return format_line(invitation_prefix, body);
}

Result<FoundingLink> parse_founding_link(std::string_view text) {
    Bytes body = TRY(body_of(text, founding_prefix, invitation_prefix));
    auto out = explained(decode_founding_link(body), founding_prefix);
    wipe(body);
    return out;
}

Result<Invitation> parse_invitation(std::string_view text) {
    Bytes body = TRY(body_of(text, invitation_prefix, founding_prefix));
    auto out = explained(decode_invitation(body), invitation_prefix);
    wipe(body);
    return out;
}

}  // namespace godwit
