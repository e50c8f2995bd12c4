#include "shared/protocol/server_session.h"

namespace godwit {
namespace {

Result<void> answer_member(ServerParts& parts, const ReplicaId& replica, const Request& request,
                           Answer& answer) {
    TRY(parts.accept_statements(replica, request, answer));
    // Keys before segments: a record's first change finds its key already there.
    TRY(parts.accept_keys(replica, request));
    TRY(parts.accept_segments(replica, request, answer));
    TRY(parts.confirm_erasures(replica, request, answer));
    return parts.feed(replica, request, answer);
}

// Remaining work is worth nothing without the keys that open it. And what was erased is to stay so:
// after a restore nobody else may know of it.
Result<void> answer_retired(ServerParts& parts, const ReplicaId& replica, const Request& request,
                            Answer& answer) {
    TRY(parts.accept_keys(replica, request));
    TRY(parts.accept_segments(replica, request, answer));
    return parts.confirm_erasures(replica, request, answer);
}

// Of what accept_segments() has to say, whoever holds the phone hears only how far its own log
// came, so that all of it may come. The keys are for whoever adopts what is parked.
Result<void> answer_compromised(ServerParts& parts, const ReplicaId& replica,
                                const Request& request, Answer& answer) {
    Answer unsaid;
    TRY(parts.accept_keys(replica, request));
    TRY(parts.accept_segments(replica, request, unsaid));
    answer.head = unsaid.head;
    return ok();
}

}  // namespace

Result<Answer> answer_request(ServerParts& parts, const ReplicaId& replica,
                              const Request& request) {
    Answer answer;
    answer.epoch = parts.epoch();
    answer.clock_ms = parts.clock_ms();
    answer.standing = parts.standing(replica);
    switch (answer.standing) {
        case Standing::member:
            TRY(answer_member(parts, replica, request, answer));
            break;
        case Standing::retired:
            TRY(answer_retired(parts, replica, request, answer));
            break;
        case Standing::compromised:
            TRY(answer_compromised(parts, replica, request, answer));
            break;
    }
    return answer;
}

}  // namespace godwit
