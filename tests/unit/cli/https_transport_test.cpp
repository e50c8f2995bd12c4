#include "field-client/cli/https_transport.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>

#include <atomic>
#include <functional>
#include <thread>

#include "tests/support/catch.h"
#include "tests/unit/cli/certificate.h"
#include "tests/unit/sqlite/folder.h"

namespace godwit {

namespace {

namespace net = Poco::Net;

/// A TLS server on loopback that treats each connection as `serve` says, in the order they come.
class LoopbackServer {
public:
    using Serve = std::function<void(net::StreamSocket&, int connection)>;

    LoopbackServer(const TestCertificate& certificate, Serve serve,
                   net::Context::Protocols newest_refused = net::Context::Protocols{})
        : serve_(std::move(serve)) {
        net::Context::Ptr context =
            new net::Context(net::Context::TLS_SERVER_USE, certificate.key.string(),
                             certificate.certificate.string(), "", net::Context::VERIFY_NONE);
        if (newest_refused != net::Context::Protocols{}) context->disableProtocols(newest_refused);
        socket_ = std::make_unique<net::SecureServerSocket>(net::SocketAddress("127.0.0.1", 0), 8,
                                                            context);
        thread_ = std::thread([this] { run(); });
    }
    ~LoopbackServer() {
        is_ending_ = true;
        thread_.join();
    }
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;

    [[nodiscard]] std::string url() const {
        return "https://127.0.0.1:" + std::to_string(socket_->address().port());
    }
    [[nodiscard]] int connections() const { return connections_; }
    [[nodiscard]] std::string received() const { return received_; }

    /// Reads through the end of one request with a body of `body_bytes`.
    bool read_request(net::StreamSocket& peer, std::size_t body_bytes) {
        std::string request;
        char buffer[4096];
        while (true) {
            const std::size_t end = request.find("\r\n\r\n");
            if (end != std::string::npos && request.size() == end + 4 + body_bytes) break;
            const int got = peer.receiveBytes(buffer, sizeof buffer);
            if (got <= 0) return false;
            request.append(buffer, static_cast<std::size_t>(got));
        }
        received_ += request;
        return true;
    }
    static void send(net::StreamSocket& peer, const std::string& text) {
        peer.sendBytes(text.data(), static_cast<int>(text.size()));
    }

private:
    void run() {
        while (!is_ending_) {
            if (!socket_->poll(Poco::Timespan(0, 20'000), net::Socket::SELECT_READ)) continue;
            try {
                net::StreamSocket peer = socket_->acceptConnection();
                peer.setReceiveTimeout(Poco::Timespan(2, 0));
                serve_(peer, connections_++);
                peer.close();
            } catch (const Poco::Exception&) {
                // The client went away; that is often what is tested.
            }
        }
    }

    Serve serve_;
    std::unique_ptr<net::SecureServerSocket> socket_;
    std::thread thread_;
    std::atomic<bool> is_ending_{};
    std::atomic<int> connections_{};
    std::string received_;
};

constexpr std::string_view five_bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";

TransportDeadlines soon() {
    using namespace std::chrono_literals;
    return {2s, 500ms, 3s};
}

struct Fixture {
    Folder folder;
    TestCertificate certificate = make_certificate(folder.path(), "127.0.0.1");
    HttpsTransport transport{soon()};
    Bytes body = copy_of(bytes_of("question"));
};

}  // namespace

TEST_CASE("requests follow one another on one connection, and every byte is counted", "[cli]") {
    Fixture at;
    LoopbackServer* own = nullptr;
    LoopbackServer server(at.certificate, [&](net::StreamSocket& peer, int) {
        while (own->read_request(peer, 8))
            LoopbackServer::send(peer, std::string(five_bytes) + "hello");
    });
    own = &server;
    for (int round = 0; round < 3; ++round) {
        const auto answer =
            at.transport.post(server.url(), at.certificate.pin, "/v1/exchange", at.body);
        REQUIRE(answer);
        CHECK(answer->http_status == 200);
        CHECK(text_of(answer->body) == "hello");
        CHECK(answer->bytes_down == five_bytes.size() + 5);
        CHECK(answer->bytes_up < 100);
        CHECK(answer->bytes_up > at.body.size() + 60);  // The head counts.
    }
    CHECK(server.connections() == 1);
}

TEST_CASE("nothing is said to a server whose key is not the pinned one", "[cli]") {
    Fixture at;
    LoopbackServer* own = nullptr;
    LoopbackServer server(at.certificate,
                          [&](net::StreamSocket& peer, int) { own->read_request(peer, 8); });
    own = &server;
    Digest other = at.certificate.pin;
    other[0] ^= 1U;
    const auto answer = at.transport.post(server.url(), other, "/v1/exchange", at.body);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::wrong_server);
    CHECK(server.received().empty());
}

TEST_CASE("without a pin, a certificate no authority vouches for is refused", "[cli]") {
    Fixture at;
    LoopbackServer* own = nullptr;
    LoopbackServer server(at.certificate,
                          [&](net::StreamSocket& peer, int) { own->read_request(peer, 8); });
    own = &server;
    const auto answer = at.transport.post(server.url(), std::nullopt, "/v1/exchange", at.body);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::wrong_server);
    CHECK(server.received().empty());
}

TEST_CASE("a server that speaks no TLS 1.3 is not spoken to", "[cli]") {
    Fixture at;
    LoopbackServer* own = nullptr;
    LoopbackServer server(
        at.certificate, [&](net::StreamSocket& peer, int) { own->read_request(peer, 8); },
        net::Context::PROTO_TLSV1_3);
    own = &server;
    const auto answer =
        at.transport.post(server.url(), at.certificate.pin, "/v1/exchange", at.body);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::unreachable);
    CHECK(server.received().empty());
}

TEST_CASE("an answer that is cut, short or foreign is no answer", "[cli]") {
    Fixture at;
    const std::string answer_text =
        GENERATE(as<std::string>{}, "", "HTTP/1.1 200 OK\r\nContent-Le",
                 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
                 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more",
                 "<html>captive portal</html>\r\n\r\n");
    CAPTURE(answer_text);
    LoopbackServer* own = nullptr;
    LoopbackServer server(at.certificate, [&](net::StreamSocket& peer, int) {
        if (own->read_request(peer, 8)) LoopbackServer::send(peer, answer_text);
    });
    own = &server;
    const auto answer =
        at.transport.post(server.url(), at.certificate.pin, "/v1/exchange", at.body);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::unreachable);
}

TEST_CASE("a pinned server that breaks off its TLS is away, not another server", "[cli]") {
    Fixture at;
    net::ServerSocket plain(net::SocketAddress("127.0.0.1", 0));
    std::thread breaker([&] {
        net::StreamSocket peer = plain.acceptConnection();
        char hello[2048];
        peer.receiveBytes(hello, sizeof hello);
        const std::string nonsense = "this is no handshake at all";
        peer.sendBytes(nonsense.data(), static_cast<int>(nonsense.size()));
        peer.close();
    });
    const std::string url = "https://127.0.0.1:" + std::to_string(plain.address().port());
    const auto answer = at.transport.post(url, at.certificate.pin, "/v1/exchange", at.body);
    breaker.join();
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::unreachable);
}

TEST_CASE("a connection closed between two requests is opened once more", "[cli]") {
    Fixture at;
    LoopbackServer* own = nullptr;
    LoopbackServer server(at.certificate, [&](net::StreamSocket& peer, int) {
        if (own->read_request(peer, 8))
            LoopbackServer::send(peer, std::string(five_bytes) + "hello");
    });
    own = &server;
    for (int round = 0; round < 2; ++round) {
        CHECK(at.transport.post(server.url(), at.certificate.pin, "/v1/exchange", at.body));
    }
    CHECK(server.connections() == 2);
}

TEST_CASE("a silent server is given up in time", "[cli]") {
    Fixture at;
    LoopbackServer* own = nullptr;
    std::atomic<bool> is_done{};
    LoopbackServer server(at.certificate, [&](net::StreamSocket& peer, int) {
        own->read_request(peer, 8);
        while (!is_done) std::this_thread::yield();
    });
    own = &server;
    const auto answer =
        at.transport.post(server.url(), at.certificate.pin, "/v1/exchange", at.body);
    is_done = true;
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::timed_out);
}

TEST_CASE("where nobody listens is unreachable", "[cli]") {
    Fixture at;
    std::string url;
    {
        net::ServerSocket gone(net::SocketAddress("127.0.0.1", 0));
        url = "https://127.0.0.1:" + std::to_string(gone.address().port());
    }
    const auto answer = at.transport.post(url, at.certificate.pin, "/v1/exchange", at.body);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::unreachable);
}

TEST_CASE("a server's address is https, a host and perhaps a port", "[cli]") {
    const auto plain = parse_server_address("https://godwit.example");
    REQUIRE(plain);
    CHECK(plain->port == 443);
    CHECK(plain->authority == "godwit.example");
    const auto literal = parse_server_address("https://[::1]:8443/");
    REQUIRE(literal);
    CHECK(literal->host == "::1");
    CHECK(literal->authority == "[::1]:8443");
    for (const char* wrong :
         {"", "godwit.example", "http://godwit.example", "https://", "https://a.example/path",
          "https://me@a.example", "https://a.example:port"}) {
        CAPTURE(wrong);
        const auto parsed = parse_server_address(wrong);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == ErrorCode::wrong_parameters);
    }
}

}  // namespace godwit
