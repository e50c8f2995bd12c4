#include "field-client/cli/https_transport.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/InvalidCertificateHandler.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/URI.h>
#include <openssl/x509.h>

#include <algorithm>
#include <limits>

#include "shared/base/sha256.h"
#include "shared/http/answer_head.h"

namespace godwit {

namespace {

using Clock = std::chrono::steady_clock;
namespace net = Poco::Net;

Poco::Timespan timespan(std::chrono::milliseconds duration) {
    return Poco::Timespan(static_cast<Poco::Timespan::TimeDiff>(duration.count()) * 1000);
}

/// Whether the last handshake of this thread ended over a certificate: Poco throws the same for
/// that as for any other end of a handshake.
thread_local bool certificate_was_refused = false;

/// Asked about certificates that no authority vouches for. The answer is always no.
class RefuseCertificate final : public net::InvalidCertificateHandler {
public:
    RefuseCertificate() : InvalidCertificateHandler(false) {}
    void onInvalidCertificate(const void*, net::VerificationErrorArgs& error) override {
        certificate_was_refused = true;
        error.setIgnoreError(false);
    }
};

/// What went wrong on the way, of whatever Poco throws. To be called inside a catch block only.
/// With a pin, what authorities say of the certificate is of no account.
Error error_on_the_way(bool is_pinned) {
    try {
        throw;
    } catch (const Poco::TimeoutException&) {
        return Error{ErrorCode::timed_out, "the server fell silent"};
    } catch (const net::CertificateValidationException&) {
        return Error{ErrorCode::wrong_server, "no known authority vouches for its certificate"};
    } catch (const net::SSLConnectionUnexpectedlyClosedException&) {
        return Error{ErrorCode::unreachable, "the connection was cut"};
    } catch (const net::SSLException&) {
        if (certificate_was_refused && !is_pinned) {
            return Error{ErrorCode::wrong_server, "no known authority vouches for its certificate"};
        }
        return Error{ErrorCode::unreachable, "no TLS 1.3 connection came about"};
    } catch (const net::DNSException&) {
        return Error{ErrorCode::unreachable, "the server's name is not known here"};
    } catch (const Poco::Exception& fault) {
        return Error{ErrorCode::unreachable, fault.what()};
    }
}

net::Context::Ptr make_context(bool is_pinned) {
    // With a pin, authorities have no say: the key is compared right after the handshake.
    const auto mode = is_pinned ? net::Context::VERIFY_NONE : net::Context::VERIFY_STRICT;
    net::Context::Ptr context =
        new net::Context(net::Context::TLS_CLIENT_USE, "", mode, 9, !is_pinned);
    context->requireMinimumProtocol(net::Context::PROTO_TLSV1_3);
    context->enableExtendedCertificateVerification(!is_pinned);
    return context;
}

Digest public_key_digest(const net::X509Certificate& certificate) {
    Bytes info;
    const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.certificate()), nullptr);
    if (length > 0) {
        info.resize(static_cast<std::size_t>(length));
        unsigned char* end = info.data();
        i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.certificate()), &end);
    }
    return sha256({info});
}

bool is_address(const std::string& host) {
    net::IPAddress ignored;
    return net::IPAddress::tryParse(host, ignored);
}

}  // namespace

/// One TLS connection and the bytes that crossed it. Its members throw Poco's exceptions.
class HttpsTransport::Connection {
public:
    Connection(std::string server, const std::optional<ServerPin>& pin)
        : server_(std::move(server)), pin_(pin), socket_(make_context(pin.has_value())) {}

    [[nodiscard]] bool serves(const std::string& server,
                              const std::optional<ServerPin>& pin) const {
        return server_ == server && pin_ == pin;
    }

    void open(const ServerAddress& address, std::chrono::milliseconds limit) {
        authority_ = address.authority;
        // RFC 6066 §3: a literal address is no server name; but it is what a certificate is held
        // to.
        if (!pin_ || !is_address(address.host)) socket_.setPeerHostName(address.host);
        socket_.connect(net::SocketAddress(address.host, address.port), timespan(limit));
        socket_.setNoDelay(true);
    }

    [[nodiscard]] bool is_pinned_server() const {
        return !pin_ || public_key_digest(socket_.peerCertificate()) == *pin_;
    }

    void start(Clock::time_point deadline, std::chrono::milliseconds silence) {
        deadline_ = deadline;
        silence_ = silence;
        bytes_up_ = bytes_down_ = 0;
    }

    void send(ByteView bytes) {
        while (!bytes.empty()) {
            socket_.setSendTimeout(timespan(patience()));
            const auto most = std::min<std::size_t>(bytes.size(), 64U * 1024);
            const int sent = socket_.sendBytes(bytes.data(), static_cast<int>(most));
            if (sent <= 0) throw net::ConnectionResetException();
            bytes_up_ += static_cast<std::uint64_t>(sent);
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        }
    }

    /// Some more bytes of the answer; throws when the connection ends instead.
    std::size_t receive(std::span<std::uint8_t> into) {
        socket_.setReceiveTimeout(timespan(patience()));
        const auto most = std::min<std::size_t>(into.size(), 64U * 1024);
        const int got = socket_.receiveBytes(into.data(), static_cast<int>(most));
        if (got <= 0) throw net::ConnectionResetException("the connection was cut");
        bytes_down_ += static_cast<std::uint64_t>(got);
        return static_cast<std::size_t>(got);
    }

    [[nodiscard]] const std::string& authority() const { return authority_; }
    [[nodiscard]] std::uint64_t bytes_up() const { return bytes_up_; }
    [[nodiscard]] std::uint64_t bytes_down() const { return bytes_down_; }

private:
    [[nodiscard]] std::chrono::milliseconds patience() const {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
        if (left.count() <= 0) throw Poco::TimeoutException();
        return std::min(left, silence_);
    }

    std::string server_;
    std::optional<ServerPin> pin_;
    std::string authority_;
    net::SecureStreamSocket socket_;
    Clock::time_point deadline_;
    std::chrono::milliseconds silence_{};
    std::uint64_t bytes_up_{};
    std::uint64_t bytes_down_{};
};

namespace {

/// Reads one answer. `connection` throws when it is cut.
template <typename Connection>
Result<Transport::Answer> read_answer(Connection& connection, bool& keeps_open) {
    std::string head;
    Bytes buffer(16U * 1024);
    std::size_t end = std::string::npos;
    while (end == std::string::npos) {
        if (head.size() > http_head_bytes_max) {
            return Error{ErrorCode::unreachable, "the answer has no end of head"};
        }
        const std::size_t got = connection.receive(buffer);
        head.append(text_of(ByteView(buffer).first(got)));
        end = head.find("\r\n\r\n");
    }
    Transport::Answer answer;
    append(answer.body, bytes_of(std::string_view(head).substr(end + 4)));
    head.resize(end + 4);
    const HttpAnswerHead facts = TRY(parse_http_answer_head(head));
    if (answer.body.size() > facts.body_bytes) {
        return Error{ErrorCode::unreachable, "the answer is longer than it says"};
    }
    while (answer.body.size() < facts.body_bytes) {
        const std::size_t wanted = std::min(facts.body_bytes - answer.body.size(), buffer.size());
        const std::size_t got = connection.receive(std::span(buffer).first(wanted));
        append(answer.body, ByteView(buffer).first(got));
    }
    answer.http_status = facts.status;
    keeps_open = facts.keeps_open;
    return answer;
}

}  // namespace

HttpsTransport::HttpsTransport(TransportDeadlines deadlines) : deadlines_(deadlines) {
    net::initializeSSL();
    net::SSLManager::InvalidCertificateHandlerPtr refuse = new RefuseCertificate();
    net::SSLManager::instance().initializeClient(nullptr, refuse, make_context(false));
}

HttpsTransport::~HttpsTransport() {
    connection_.reset();
    net::uninitializeSSL();
}

Result<void> HttpsTransport::connect(const std::string& server,
                                     const std::optional<ServerPin>& pin) {
    connection_.reset();
    const ServerAddress address = TRY(parse_server_address(server));
    certificate_was_refused = false;
    try {
        auto made = std::make_unique<Connection>(server, pin);
        made->open(address, deadlines_.connect);
        if (!made->is_pinned_server()) {
            return Error{ErrorCode::wrong_server, "its key is not the one of the invitation"};
        }
        connection_ = std::move(made);
    } catch (const Poco::Exception&) {
        return error_on_the_way(pin.has_value());
    }
    return ok();
}

Result<Transport::Answer> HttpsTransport::post(const std::string& server,
                                               const std::optional<ServerPin>& pin,
                                               std::string_view path, ByteView body) {
    const auto deadline = Clock::now() + deadlines_.request;
    std::uint64_t bytes_in_vain = 0;
    may_have_sent_ = false;
    for (bool is_kept = connection_ && connection_->serves(server, pin);; is_kept = false) {
        if (!is_kept) TRY(connect(server, pin));
        Connection& connection = *connection_;
        connection.start(deadline, deadlines_.silence);
        may_have_sent_ = true;
        try {
            const std::string head =
                format_http_request_head(path, connection.authority(), body.size());
            Bytes request = copy_of(bytes_of(head));
            append(request, body);  // One write: a small request then fits one TLS record.
            connection.send(request);
            bool keeps_open = false;
            Result<Answer> answer = read_answer(connection, keeps_open);
            if (answer) {
                answer->bytes_up = connection.bytes_up() + bytes_in_vain;
                answer->bytes_down = connection.bytes_down();
            }
            if (!answer || !keeps_open) connection_.reset();
            return answer;
        } catch (const Poco::Exception&) {
            const Error error = error_on_the_way(pin.has_value());
            const bool was_closed_between = is_kept && connection.bytes_down() == 0;
            bytes_in_vain += connection.bytes_up();
            connection_.reset();
            if (!was_closed_between || error.code == ErrorCode::timed_out) return error;
        }
    }
}

Result<ServerAddress> parse_server_address(std::string_view url) {
    const Error unlike{ErrorCode::wrong_parameters,
                       "a server's address looks like https://HOST:PORT"};
    try {
        const Poco::URI uri{std::string(url)};
        const bool has_more = !(uri.getPath().empty() || uri.getPath() == "/") ||
                              !uri.getRawQuery().empty() || !uri.getFragment().empty() ||
                              !uri.getUserInfo().empty();
        if (uri.getScheme() != "https" || uri.getHost().empty() || has_more) return unlike;
        ServerAddress out;
        out.host = uri.getHost();
        out.port = uri.getPort();
        const bool is_literal_6 = out.host.find(':') != std::string::npos;
        out.authority = is_literal_6 ? "[" + out.host + "]" : out.host;
        if (out.port != 443) out.authority += ":" + std::to_string(out.port);
        return out;
    } catch (const Poco::Exception&) {
        return unlike;
    }
}

}  // namespace godwit
