/// Bytes both ways between a server and one caller, each call with an absolute deadline: a caller
/// who sends a byte now and then gains nothing by it.
#pragma once

#include "sync-server/http/guard.h"

namespace godwit {

class Stream {
public:
    virtual ~Stream() = default;

    /// Makes the connection ready for use.
    virtual Result<void> open(Instant deadline) = 0;

    /// At least one byte; 0 when the caller has closed.
    /// Fails with timed_out, unreachable (the connection broke) or stopping.
    virtual Result<std::size_t> receive(std::span<std::uint8_t> into, Instant deadline) = 0;

    /// All of `bytes`. Fails as receive().
    virtual Result<void> send(ByteView bytes, Instant deadline) = 0;
};

}  // namespace godwit
