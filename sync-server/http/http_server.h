/// HTTPS in front of the service: accepts connections, gives each a thread and a Conversation, and
/// ends them all when the server stops. Everything Poco throws ends here.
///
/// One stalled caller costs its own thread and nobody else's; the guard says how many threads one
/// address may hold.
#pragma once

#include <memory>
#include <string>

#include "sync-server/http/conversation.h"
#include "sync-server/http/tls_context.h"

namespace godwit {

struct HttpServerOptions {
    std::string address;   ///< To listen on; empty: every one of the machine, IPv6 and IPv4.
    std::uint16_t port{};  ///< 0: any that is free.
    ConversationBounds conversation;
    GuardBounds guard;
    std::chrono::milliseconds stop_grace{5'000};  ///< For requests under way when it stops.
};

class HttpServer {
public:
    /// Listens and serves from now on. `answering` and `diagnostics` (may be empty) are called from
    /// many threads at once.
    /// Fails with bad_key (the identity), or wrong_parameters naming why it cannot listen.
    static Result<std::unique_ptr<HttpServer>> start(const HttpServerOptions& options,
                                                     const TlsIdentity& identity,
                                                     Answering answering, Diagnostics diagnostics);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    [[nodiscard]] std::uint16_t port() const;

    /// Takes no more connections, lets requests under way finish within the grace, and returns when
    /// the last connection is closed.
    void stop();

private:
    HttpServer();
    class Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace godwit
