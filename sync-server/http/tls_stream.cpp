#include "sync-server/http/tls_stream.h"

#include <Poco/Net/NetException.h>

#include <algorithm>

namespace godwit {
namespace {

constexpr std::chrono::milliseconds slice{100};
constexpr std::size_t transfer_bytes_max = 64 * 1024;

}  // namespace

TlsStream::TlsStream(const Poco::Net::StreamSocket& accepted, const MonotonicClock& clock,
                     const Stopping& stopping)
    : socket_(accepted), clock_(clock), stopping_(stopping) {}

Result<void> TlsStream::wait(bool is_for_writing, Instant deadline) {
    while (true) {
        if (stopping_.has_begun) {
            if (is_idle_) return ErrorCode::stopping;
            deadline = std::min(deadline, Instant(Instant::duration(stopping_.deadline)));
        }
        const Instant now = clock_.now();
        if (now >= deadline) return ErrorCode::timed_out;
        const auto left = std::chrono::duration_cast<std::chrono::microseconds>(
            std::min<Instant::duration>(deadline - now, slice));
        const int mode =
            is_for_writing ? Poco::Net::Socket::SELECT_WRITE : Poco::Net::Socket::SELECT_READ;
        if (socket_.poll(Poco::Timespan(left.count() + 1), mode)) return ok();
    }
}

template <typename Attempt>
Result<std::size_t> TlsStream::until_done(Instant deadline, const Attempt& attempt) {
    try {
        while (true) {
            const int outcome = attempt();
            if (outcome >= 0) return static_cast<std::size_t>(outcome);
            TRY(wait(outcome == Poco::Net::SecureStreamSocket::ERR_SSL_WANT_WRITE, deadline));
        }
    } catch (const Poco::Exception&) {
        return Error{ErrorCode::unreachable, "the connection broke"};
    }
}

Result<void> TlsStream::open(Instant deadline) {
    is_idle_ = false;  // A handshake under way may end before the server stops.
    try {
        socket_.setBlocking(false);
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
