/// The native program's way to the server: HTTP/1.1 over TLS 1.3, one kept connection.
///
/// Invariants
///   - Not a byte of a request is sent before the server's certificate was found to be the pinned
///     one (SHA-256 of its SubjectPublicKeyInfo) or, without a pin, to be vouched for by the
///     system's authorities for the host asked for.
///   - An answer is whole or it is none: cut, short and foreign ones are `unreachable`.
///
/// Spec: exchange §2.
#pragma once

#include <chrono>
#include <memory>

#include "field-client/replica/host.h"

namespace godwit {

/// How long to wait. Phones tether laptops here: slow is ordinary, silent is not.
struct TransportDeadlines {
    std::chrono::milliseconds connect{20'000};   ///< Name, connection and handshake, each.
    std::chrono::milliseconds silence{60'000};   ///< Between two bytes.
    std::chrono::milliseconds request{900'000};  ///< One request and its answer, whole.
};

class HttpsTransport final : public Transport {
public:
    explicit HttpsTransport(TransportDeadlines deadlines = {});
    ~HttpsTransport() override;
    HttpsTransport(const HttpsTransport&) = delete;
    HttpsTransport& operator=(const HttpsTransport&) = delete;

    /// `server` is "https://HOST[:PORT]". A connection that the server closed between two requests
    /// is opened once more; what went up in vain counts too.
    Result<Answer> post(const std::string& server, const std::optional<ServerPin>& pin,
                        std::string_view path, ByteView body) override;
    [[nodiscard]] bool may_have_sent() const override { return may_have_sent_; }

private:
    class Connection;
    Result<void> connect(const std::string& server, const std::optional<ServerPin>& pin);

    TransportDeadlines deadlines_;
    std::unique_ptr<Connection> connection_;
    bool may_have_sent_{};
};

/// The parts of a server's address. Fails with wrong_parameters, saying what an address looks like.
struct ServerAddress {
    std::string host;  ///< Without brackets.
    std::uint16_t port{};
    std::string authority;  ///< As it stands in a Host header.
};
Result<ServerAddress> parse_server_address(std::string_view url);

}  // namespace godwit
