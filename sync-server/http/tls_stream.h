/// A Stream over one accepted TLS connection.
///
/// The socket never blocks: waiting is done here, against the absolute deadline, in short slices so
/// that a stopping server is noticed. A blocking TLS read would wait anew for every byte.
#pragma once

#include <Poco/Net/SecureStreamSocket.h>

#include <atomic>

#include "sync-server/http/stream.h"

namespace godwit {

/// Tells every connection that the server stops, and until when it may finish.
struct Stopping {
    std::atomic<bool> has_begun{false};
    std::atomic<Instant::rep> deadline{};  ///< Since the clock's epoch; set before has_begun.
};

class TlsStream final : public Stream {
public:
    TlsStream(const Poco::Net::StreamSocket& accepted, const MonotonicClock& clock,
              const Stopping& stopping);

    Result<void> open(Instant deadline) override;
    Result<std::size_t> receive(std::span<std::uint8_t> into, Instant deadline) override;
    Result<void> send(ByteView bytes, Instant deadline) override;

private:
    /// Calls `attempt` until it yields a count; each waits one short slice at most.
    template <typename Attempt>
    Result<std::size_t> until_done(Instant deadline, const Attempt& attempt);
    [[nodiscard]] Result<void> check_time(Instant deadline) const;

    Poco::Net::SecureStreamSocket socket_;
    const MonotonicClock& clock_;
    const Stopping& stopping_;
    bool is_idle_{true};  ///< Nothing of a request has come since the last answer.
};

}  // namespace godwit
