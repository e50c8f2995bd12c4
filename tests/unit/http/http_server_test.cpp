#include "sync-server/http/http_server.h"

#include <Poco/Net/StreamSocket.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/catch.h"
#include "tests/unit/http/caller.h"

namespace godwit {
namespace {

// A server whose answer is what it was asked.
class Running {
public:
    explicit Running(HttpServerOptions options = {}) {
        // A machine busy with other things may take its time between two steps of a test.
        options.conversation.pause = std::chrono::minutes(10);
        const auto identity = make_tls_identity("localhost", StillClock());
        REQUIRE(identity);
        auto started = HttpServer::start(
            options, *identity,
            [this](std::string_view path, ByteView body) { return answer(path, body); }, {});
        REQUIRE(started);
        server = std::move(*started);
    }

    [[nodiscard]] std::uint16_t port() const { return server->port(); }

    std::unique_ptr<HttpServer> server;
    std::atomic<int> served{0};

    /// Holds every answer to "wait" back until open_gate().
    void open_gate() {
        const std::lock_guard lock(mutex_);
        is_open_ = true;
        opened_.notify_all();
    }
    void await_served(int count) const {
        while (served < count) std::this_thread::yield();
    }

private:
    Reply answer(std::string_view, ByteView body) {
        ++served;
        if (text_of(body) == "throw") throw std::runtime_error("a fault nobody foresaw");
        if (text_of(body) == "wait") {
            std::unique_lock lock(mutex_);
            opened_.wait(lock, [this] { return is_open_; });
        }
        return {200, copy_of(body)};
    }

    std::mutex mutex_;
    std::condition_variable opened_;
    bool is_open_{};
};

std::string posted(const std::string& body) {
    return "POST /v1/exchange HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cbor\r\n"
           "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

bool ends_with(const std::string& text, const std::string& tail) {
    return text.size() >= tail.size() && text.substr(text.size() - tail.size()) == tail;
}

}  // namespace

TEST_CASE("requests over TLS are answered, several on one connection", "[http]") {
    Running running;
    Caller caller(running.port());
    caller.send(posted("one"));
    CHECK(ends_with(caller.receive_answer(), "\r\n\r\none"));
    const std::string large(3'000'000, 'x');
    caller.send(posted(large));
    CHECK(ends_with(caller.receive_answer(), "\r\n\r\n" + large));
    caller.send("GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const std::string health = caller.receive_answer();
    INFO(health);
    CHECK(ends_with(health, "\r\n\r\nok"));
    CHECK(running.served == 2);
}

TEST_CASE("a tiny exchange costs few bytes beside its two bodies", "[http]") {
    Running running;
    Caller caller(running.port());
    const std::string request = posted("x");
    caller.send(request);
    const std::string answer = caller.receive_answer();
    CHECK(request.size() + answer.size() - 2 < 250);
}

TEST_CASE("a caller with an older TLS, or none, is not served, and disturbs nobody", "[http]") {
    Running running;
    bool is_served = false;
    try {
        Caller old(running.port(), true);
        old.send(posted("old"));
        is_served = !old.receive_answer().empty();
    } catch (const Poco::Exception&) {
        is_served = false;
    }
    CHECK_FALSE(is_served);
    Poco::Net::StreamSocket plain(Poco::Net::SocketAddress("127.0.0.1", running.port()));
    const std::string text = posted("plain");
    plain.sendBytes(text.data(), static_cast<int>(text.size()));

    Caller caller(running.port());
    caller.send(posted("one"));
    CHECK(ends_with(caller.receive_answer(), "\r\n\r\none"));
    CHECK(running.served == 1);
}

TEST_CASE("stalled callers hold up nobody else", "[http]") {
    HttpServerOptions options;
    options.guard.connections_per_address_max = 100;
    Running running(options);
    std::vector<Poco::Net::StreamSocket> silent;
    std::vector<std::unique_ptr<Caller>> halfway;
    for (int count = 0; count < 30; ++count) {
        silent.emplace_back(Poco::Net::SocketAddress("127.0.0.1", running.port()));
        halfway.push_back(std::make_unique<Caller>(running.port()));
        halfway.back()->send(
            posted("never whole").substr(0, 40U + static_cast<unsigned>(count) * 2));
    }
    Caller caller(running.port());
    caller.send(posted("one"));
    CHECK(ends_with(caller.receive_answer(), "\r\n\r\none"));
    CHECK(running.served == 1);
}

TEST_CASE("a stalled caller meets its deadline", "[http]") {
    HttpServerOptions options;
    options.conversation.handshake = std::chrono::milliseconds(100);
    options.conversation.head = std::chrono::milliseconds(100);
    options.conversation.body_least = std::chrono::milliseconds(100);
    options.conversation.bytes_per_second_least = 1'000'000;
    Running running(options);

    Poco::Net::StreamSocket silent(Poco::Net::SocketAddress("127.0.0.1", running.port()));
    silent.setReceiveTimeout(Poco::Timespan(120, 0));
    char byte = 0;
    CHECK(silent.receiveBytes(&byte, 1) == 0);

    for (const std::size_t size : {30U, 105U}) {
        Caller halfway(running.port());
        halfway.send(posted("never whole").substr(0, size));
        CHECK(halfway.receive_answer().find("HTTP/1.1 408 ") == 0);
        CHECK(halfway.is_closed());
    }
    CHECK(running.served == 0);
}

TEST_CASE("a connection beyond the cap is closed, and its place is free again later", "[http]") {
    HttpServerOptions options;
    options.guard.connections_per_address_max = 2;
    Running running(options);
    auto first = std::make_unique<Caller>(running.port());
    Caller second(running.port());
    for (Caller* caller : {first.get(), &second}) {
        caller->send(posted("in"));
        CHECK_FALSE(caller->receive_answer().empty());
    }
    bool is_served = true;
    try {
        Caller third(running.port());
        third.send(posted("out"));
        is_served = !third.receive_answer().empty();
    } catch (const Poco::Exception&) {
        is_served = false;
    }
    CHECK_FALSE(is_served);

    first.reset();
    std::string answer;
    while (answer.empty()) {  // The server notices the closed one in its own time.
        try {
            Caller later(running.port());
            later.send(posted("later"));
            answer = later.receive_answer();
        } catch (const Poco::Exception&) {
            answer.clear();
        }
    }
    CHECK(ends_with(answer, "later"));
}

TEST_CASE("an upload cut by the network never reaches the service", "[http]") {
    Running running;
    {
        Caller caller(running.port());
        caller.send(posted(std::string(100'000, 'b')).substr(0, 60'000));
        caller.abort();
    }
    Caller caller(running.port());
    caller.send(posted("one"));
    CHECK(ends_with(caller.receive_answer(), "\r\n\r\none"));
    CHECK(running.served == 1);
}

TEST_CASE("a fault in one answer ends its connection and nothing else", "[http]") {
    Running running;
    Caller unlucky(running.port());
    unlucky.send(posted("throw"));
    CHECK(unlucky.receive_answer().empty());
    Caller caller(running.port());
    caller.send(posted("one"));
    CHECK(ends_with(caller.receive_answer(), "\r\n\r\none"));
}

TEST_CASE("a stopping server finishes what is under way and ends what is idle", "[http]") {
    Running running;
    Caller idle(running.port());
    idle.send(posted("one"));
    CHECK_FALSE(idle.receive_answer().empty());
    Caller busy(running.port());
    busy.send(posted("wait"));
    running.await_served(2);

    std::thread stopper([&] { running.server->stop(); });
    CHECK(idle.is_closed());
    running.open_gate();
    CHECK(ends_with(busy.receive_answer(), "\r\n\r\nwait"));
    CHECK(busy.is_closed());
    stopper.join();
    CHECK_THROWS_AS(Caller(running.port()), Poco::Exception);
}

TEST_CASE("a port that is taken is named", "[http]") {
    Running running;
    const auto identity = make_tls_identity("localhost", StillClock());
    REQUIRE(identity);
    HttpServerOptions options;
    options.port = running.port();
    const auto second = HttpServer::start(options, *identity, {}, {});
    REQUIRE_FALSE(second);
    CHECK(second.error().detail.find(std::to_string(running.port())) != std::string::npos);
    options.address = "nonsense";
    CHECK_FALSE(HttpServer::start(options, *identity, {}, {}));
}

}  // namespace godwit
