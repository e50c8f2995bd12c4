#include "sync-server/http/http_server.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Runnable.h>
#include <Poco/Thread.h>
#include <Poco/ThreadPool.h>

#include "sync-server/http/tls_stream.h"

namespace godwit {
namespace {

constexpr int backlog = 256;
constexpr int thread_idle_seconds = 60;
constexpr int thread_stack_bytes = 1 << 20;
const Poco::Timespan accept_slice(0, 100'000);

class SteadyClock final : public MonotonicClock {
public:
    [[nodiscard]] Instant now() const override { return std::chrono::steady_clock::now(); }
};

std::string key_of(const Poco::Net::SocketAddress& address) {
    const Poco::Net::IPAddress host = address.host();
    return address_key({static_cast<const std::uint8_t*>(host.addr()), host.length()});
}

}  // namespace

class HttpServer::Parts final : public Poco::Runnable {
public:
    Parts(const HttpServerOptions& options, const Poco::Net::Context::Ptr& context,
          Answering answering, Diagnostics diagnostics)
        : options_(options),
          answering_(std::move(answering)),
          diagnostics_(std::move(diagnostics)),
          guard_(options_.guard),
          context_(context),
          socket_(context),
          pool_("conversation", 2, static_cast<int>(options_.guard.connections_max) + 1,
                thread_idle_seconds, thread_stack_bytes) {}

    Result<void> listen();
    void start() { acceptor_.start(*this); }
    void stop();
    void run() override;
    [[nodiscard]] std::uint16_t port() const { return socket_.address().port(); }

private:
    class Connection;
    std::unique_ptr<Connection> accept();
    void accept_one();
    void say(const std::string& line) const {
        if (diagnostics_) diagnostics_(line);
    }

    const HttpServerOptions options_;
    const Answering answering_;
    const Diagnostics diagnostics_;
    const SteadyClock clock_;
    Guard guard_;
    Stopping stopping_;
    const Poco::Net::Context::Ptr context_;
    Poco::Net::SecureServerSocket socket_;
    Poco::ThreadPool pool_;
    Poco::Thread acceptor_;
};

/// One connection's work; it deletes itself when done, because nobody else waits for it.
class HttpServer::Parts::Connection final : public Poco::Runnable {
public:
    Connection(Parts& parts, const Poco::Net::StreamSocket& socket, std::string address,
               std::unique_ptr<Guard::Place> place)
        : parts_(parts),
          place_(std::move(place)),
          address_(std::move(address)),
          stream_(socket, parts.clock_, parts.stopping_) {}

    void run() override {
        const std::unique_ptr<Connection> self(this);
        try {
            Conversation(stream_, address_, parts_.guard_, parts_.clock_,
                         parts_.options_.conversation, parts_.answering_, parts_.diagnostics_)
                .run();
        } catch (const std::exception& fault) {
            // The type alone: what() could quote what the caller sent.
            parts_.say(std::string("a connection ended by ") + typeid(fault).name());
        }
    }

private:
    Parts& parts_;
    std::unique_ptr<Guard::Place> place_;
    std::string address_;
    TlsStream stream_;
};

Result<void> HttpServer::Parts::listen() {
    using Poco::Net::SocketAddress;
    std::string why;
    const std::vector<std::string> addresses = options_.address.empty()
                                                   ? std::vector<std::string>{"::", "0.0.0.0"}
                                                   : std::vector<std::string>{options_.address};
    for (const std::string& address : addresses) {
        try {
            const SocketAddress at(address, options_.port);
            socket_ = Poco::Net::SecureServerSocket(context_);  // A failed one cannot bind again.
            // Never shared: a second server on the port must learn that it is taken.
            if (at.family() == SocketAddress::IPv6) {
                socket_.bind6(at, true, false, false);
            } else {
                socket_.bind(at, true, false);
            }
            socket_.listen(backlog);
            return ok();
        } catch (const Poco::Exception& fault) {
            why = address + " port " + std::to_string(options_.port) + ": " + fault.displayText();
        }
    }
    return Error{ErrorCode::wrong_parameters, "cannot listen on " + why};
}

void HttpServer::Parts::run() {
    while (!stopping_.has_begun) {
        try {
            if (socket_.poll(accept_slice, Poco::Net::Socket::SELECT_READ)) accept_one();
        } catch (const Poco::Exception& fault) {
            // Out of descriptors, most likely: others must close before more can come.
            say(std::string("could not accept a connection: ") + fault.name());
            Poco::Thread::sleep(50);
        }
    }
}

/// Null when too many are open.
std::unique_ptr<HttpServer::Parts::Connection> HttpServer::Parts::accept() {
    Poco::Net::SocketAddress peer;
    const Poco::Net::StreamSocket accepted = socket_.acceptConnection(peer);
    const std::string address = key_of(peer);
    auto place = guard_.enter(address);
    if (!place) return nullptr;
    return std::make_unique<Connection>(*this, accepted, address, std::move(place));
}

void HttpServer::Parts::accept_one() {
    // The connection alone holds its socket before its thread begins, which so is the one to close
    // it.
    auto connection = accept();
    if (!connection) {
        say("refused a connection: too many are open");
        return;
    }
    pool_.start(*connection);
    static_cast<void>(connection.release());  // It owns itself once its thread runs.
}

void HttpServer::Parts::stop() {
    if (stopping_.has_begun) return;
    stopping_.deadline = (clock_.now() + options_.stop_grace).time_since_epoch().count();
    stopping_.has_begun = true;
    acceptor_.join();
    socket_.close();
    pool_.joinAll();
}

HttpServer::HttpServer() = default;

HttpServer::~HttpServer() {
    stop();
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpServerOptions& options,
                                                      const TlsIdentity& identity,
                                                      Answering answering,
                                                      Diagnostics diagnostics) {
    const auto context = TRY(make_server_context(identity));
    std::unique_ptr<HttpServer> server(new HttpServer);
    auto parts =
        std::make_unique<Parts>(options, context, std::move(answering), std::move(diagnostics));
    TRY(parts->listen());
    parts->start();
    server->parts_ = std::move(parts);
    return server;
}

std::uint16_t HttpServer::port() const {
    return parts_->port();
}

void HttpServer::stop() {
    if (parts_) parts_->stop();
}

}  // namespace godwit
