/// A caller over real TLS, as strict or as rude as a test wants it.
#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureStreamSocket.h>

#include <string>

#include "shared/base/wall_clock.h"
#include "tests/support/catch.h"

namespace godwit {

class StillClock final : public WallClock {
public:
    [[nodiscard]] std::int64_t now_ms() const override { return 1'763'000'000'000; }
};

class Caller {
public:
    explicit Caller(std::uint16_t port, bool is_old = false) : socket_(context(is_old)) {
        socket_.connect(Poco::Net::SocketAddress("127.0.0.1", port), Poco::Timespan(10, 0));
        socket_.setReceiveTimeout(Poco::Timespan(120, 0));
    }

    void send(const std::string& text) {
        std::size_t sent = 0;
        while (sent < text.size()) {
            const int count =
                socket_.sendBytes(text.data() + sent, static_cast<int>(text.size() - sent));
            REQUIRE(count > 0);
            sent += static_cast<std::size_t>(count);
        }
    }

    /// One answer of a known length; "" when the server closed instead.
    std::string receive_answer() {
        std::string text;
        while (true) {
            const auto end = text.find("\r\n\r\n");
            if (end != std::string::npos) {
                const auto at = text.find("Content-Length: ");
                const std::size_t length = std::stoul(text.substr(at + 16));
                if (text.size() >= end + 4 + length) return text;
            }
            if (!receive_more(text)) return {};
        }
    }

    /// True: the server has closed the connection.
    bool is_closed() {
        std::string text;
        return !receive_more(text);
    }

    void abort() { socket_.abort(); }

private:
    static Poco::Net::Context::Ptr context(bool is_old) {
        using Poco::Net::Context;
        Context::Ptr made =
            new Context(Context::TLS_CLIENT_USE, "", "", "", Context::VERIFY_NONE, 9, false);
        if (is_old) {
            made->disableProtocols(Context::PROTO_TLSV1_3);
        } else {
            made->requireMinimumProtocol(Context::PROTO_TLSV1_3);
        }
        return made;
    }

    bool receive_more(std::string& text) {
        char buffer[4096];
        try {
            const int count = socket_.receiveBytes(buffer, sizeof buffer);
            if (count <= 0) return false;
            text.append(buffer, static_cast<std::size_t>(count));
            return true;
        } catch (const Poco::TimeoutException&) {
            FAIL("the server neither answers nor closes");
            return false;
        } catch (const Poco::Exception& fault) {
            UNSCOPED_INFO(fault.displayText());
            return false;
        }
    }

    Poco::Net::SecureStreamSocket socket_;
};

}  // namespace godwit
