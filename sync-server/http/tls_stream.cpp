#include "sync-server/http/tls_stream.h"

#include <Poco/Net/NetException.h>
#include <openssl/err.h>

#include <algorithm>

namespace godwit {
namespace {

using Poco::Net::SecureStreamSocket;

const Poco::Timespan slice(0, 100'000);
constexpr std::size_t transfer_bytes_max = 64 * 1024;

}  // namespace

TlsStream::TlsStream(const Poco::Net::StreamSocket& accepted, const MonotonicClock& clock,
                     const Stopping& stopping)
    : socket_(accepted), clock_(clock), stopping_(stopping) {}

Result<void> TlsStream::check_time(Instant deadline) const {
    if (stopping_.has_begun) {
        if (is_idle_) return ErrorCode::stopping;
        deadline = std::min(deadline, Instant(Instant::duration(stopping_.deadline)));
    }
    if (clock_.now() >= deadline) return ErrorCode::timed_out;
    return ok();
}

template <typename Attempt>
Result<std::size_t> TlsStream::until_done(Instant deadline, const Attempt& attempt) {
    try {
        while (true) {
            TRY(check_time(deadline));
            try {
                // OpenSSL judges a call by its thread's queue of errors, where those of another
                // connection may still stand.
                ERR_clear_error();
                const int outcome = attempt();
                if (outcome >= 0) return static_cast<std::size_t>(outcome);
                const bool is_for_writing = outcome == SecureStreamSocket::ERR_SSL_WANT_WRITE;
                socket_.poll(slice, is_for_writing ? SecureStreamSocket::SELECT_WRITE
                                                   : SecureStreamSocket::SELECT_READ);
            } catch (const Poco::TimeoutException&) {
                continue;  // Poco has waited one slice itself.
            }
        }
    } catch (const Poco::Exception&) {
        return Error{ErrorCode::unreachable, "the connection broke"};
    }
}

Result<void> TlsStream::open(Instant deadline) {
    is_idle_ = false;  // A handshake under way may end before the server stops.
    try {
        socket_.setBlocking(false);
        socket_.setReceiveTimeout(slice);
        socket_.setSendTimeout(slice);
        socket_.setNoDelay(true);
    } catch (const Poco::Exception&) {
        return Error{ErrorCode::unreachable, "the connection broke"};
    }
    TRY(until_done(deadline, [&] { return socket_.completeHandshake(); }));
    is_idle_ = true;
    return ok();
}

Result<std::size_t> TlsStream::receive(std::span<std::uint8_t> into, Instant deadline) {
    const int most = static_cast<int>(std::min(into.size(), transfer_bytes_max));
    const std::size_t count =
        TRY(until_done(deadline, [&] { return socket_.receiveBytes(into.data(), most); }));
    if (count > 0) is_idle_ = false;
    return count;
}

Result<void> TlsStream::send(ByteView bytes, Instant deadline) {
    is_idle_ = false;
    while (!bytes.empty()) {
        const int most = static_cast<int>(std::min(bytes.size(), transfer_bytes_max));
        const std::size_t count =
            TRY(until_done(deadline, [&] { return socket_.sendBytes(bytes.data(), most); }));
        bytes = bytes.subspan(count);
    }
    is_idle_ = true;
    return ok();
}

}  // namespace godwit
