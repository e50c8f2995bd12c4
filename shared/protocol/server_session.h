/// The server's end of an exchange, as a state machine without I/O: the order in which a request
/// is taken apart and its answer put together. The parts are the server's, behind ServerParts.
///
/// Spec: exchange §6.
#pragma once

#include "shared/protocol/messages.h"

namespace godwit {

class ServerParts {
public:
    virtual ~ServerParts() = default;

    virtual EpochId epoch() = 0;
    virtual std::int64_t clock_ms() = 0;
    virtual Standing standing(const ReplicaId& replica) = 0;

    /// Each returns what it has to tell by filling `answer`.
    virtual Result<void> accept_statements(const ReplicaId& replica, const Request& request,
                                           Answer& answer) = 0;
    virtual Result<void> accept_keys(const ReplicaId& replica, const Request& request) = 0;
    virtual Result<void> accept_segments(const ReplicaId& replica, const Request& request,
                                         Answer& answer) = 0;
    virtual Result<void> confirm_erasures(const ReplicaId& replica, const Request& request,
                                          Answer& answer) = 0;
    virtual Result<void> feed(const ReplicaId& replica, const Request& request, Answer& answer) = 0;
};

/// Answers `request` of an already verified `replica`. Runs inside the caller's transaction; an
/// error means the transaction is to be undone.
///   member       everything
///   retired      its remaining segments enter, marked, and the erasures it shows count; it is told
///                what became of them
///   compromised  its segments are parked, its keys taken; it hears how far its log came, for the
///                rest to follow, and nothing else. Who answers adds the proof of its revocation
Result<Answer> answer_request(ServerParts& parts, const ReplicaId& replica, const Request& request);

}  // namespace godwit
