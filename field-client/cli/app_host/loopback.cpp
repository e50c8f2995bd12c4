#include "field-client/cli/app_host/loopback.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NameValueCollection.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>

#include <istream>
#include <optional>

namespace godwit {

namespace {

using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;

constexpr int connections_max = 16;
constexpr int free_port_tries = 20;

/// The whole body; nothing when it is longer than may be, of unknown length, or cut.
std::optional<std::string> body_of(HTTPServerRequest& request, std::size_t bytes_max) {
    if (request.getChunkedTransferEncoding() || !request.hasContentLength()) return std::nullopt;
    const auto length = static_cast<std::uint64_t>(request.getContentLength64());
    if (length > bytes_max) return std::nullopt;
    std::string body(length, '\0');
    request.stream().read(body.data(), static_cast<std::streamsize>(length));
    if (static_cast<std::uint64_t>(request.stream().gcount()) != length) return std::nullopt;
    return body;
}

AppRequest read_request(HTTPServerRequest& request) {
    AppRequest out;
    out.method = request.getMethod();
    out.path = request.getURI();
    out.host = request.get("Host", "");
    out.origin = request.get("Origin", "");
    out.fetch_site = request.get("Sec-Fetch-Site", "");
    out.type = request.get("Content-Type", "");
    out.token = request.get(std::string(session_header), "");
    Poco::Net::NameValueCollection cookies;
    request.getCookies(cookies);
    for (const auto& [name, value] : cookies) {
        if (name == session_cookie) out.cookies.push_back(value);
    }
    out.body = [&request](std::size_t bytes_max) { return body_of(request, bytes_max); };
    return out;
}

class Handler final : public Poco::Net::HTTPRequestHandler {
public:
    Handler(Door& door, const std::string& authority) : door_(door), authority_(authority) {}

    void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
        const AppAnswer answer = door_.answer(read_request(request), authority_);
        response.setStatusAndReason(
            static_cast<Poco::Net::HTTPResponse::HTTPStatus>(answer.status));
        for (const auto& [name, value] : answer.headers) response.set(name, value);
        // A body that was refused unread would be taken for the next request.
        if (answer.status != 200) response.setKeepAlive(false);
        response.sendBuffer(answer.body.data(), answer.body.size());
    }

private:
    Door& door_;
    const std::string& authority_;
};

class Handlers final : public Poco::Net::HTTPRequestHandlerFactory {
public:
    Handlers(Door& door, std::string authority) : door_(door), authority_(std::move(authority)) {}

    Poco::Net::HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
        return new Handler(door_, authority_);  // The server deletes it.
    }

private:
    Door& door_;
    const std::string authority_;
};

Poco::Net::HTTPServerParams::Ptr parameters() {
    Poco::Net::HTTPServerParams::Ptr out = new Poco::Net::HTTPServerParams;
    out->setMaxThreads(connections_max);
    out->setMaxQueued(connections_max);
    out->setTimeout(Poco::Timespan(60, 0));
    out->setKeepAliveTimeout(Poco::Timespan(60, 0));
    return out;
}

/// A socket that listens there; nothing where it cannot.
std::optional<Poco::Net::ServerSocket> bound(const std::string& address, std::uint16_t port) {
    try {
        Poco::Net::ServerSocket socket;
        const Poco::Net::SocketAddress at(address, port);
        if (at.family() == Poco::Net::SocketAddress::IPv6) {
            socket.bind6(at, false, true);
        } else {
            socket.bind(at);
        }
        socket.listen();
        return socket;
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
}

/// The same port of both addresses; of one, where the machine has no ::1.
std::vector<Poco::Net::ServerSocket> bound_to_both(std::uint16_t port) {
    auto first = bound("127.0.0.1", port);
    if (!first) return {};
    if (!bound("::1", 0)) return {*first};
    auto second = bound("::1", first->address().port());
    if (!second) return {};
    return {*first, *second};
}

}  // namespace

struct Loopback::Parts {
    std::vector<std::unique_ptr<Poco::Net::HTTPServer>> servers;
};

Loopback::Loopback(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Loopback::~Loopback() {
    for (const auto& server : parts_->servers) server->stopAll(true);
}

Result<std::unique_ptr<Loopback>> Loopback::listen(Door& door, std::uint16_t port) {
    std::vector<Poco::Net::ServerSocket> sockets = bound_to_both(port);
    for (int tries = 1; sockets.empty() && port == 0 && tries < free_port_tries; ++tries) {
        sockets = bound_to_both(port);
    }
    if (sockets.empty()) {
        return Error{ErrorCode::usage, "port " + std::to_string(port) + " is taken; name another"};
    }
    auto parts = std::make_unique<Parts>();
    for (const Poco::Net::ServerSocket& socket : sockets) {
        parts->servers.push_back(std::make_unique<Poco::Net::HTTPServer>(
            new Handlers(door, socket.address().toString()), socket, parameters()));
        parts->servers.back()->start();
    }
    return std::unique_ptr<Loopback>(new Loopback(std::move(parts)));
}

std::string Loopback::authority() const {
    return "127.0.0.1:" + std::to_string(parts_->servers.front()->port());
}

}  // namespace godwit
