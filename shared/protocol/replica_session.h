/// The replica's end of an exchange, as a state machine without I/O: it says what to send next and
/// is told what came back.
///
///   offering ──request──▶ waiting ──answer──▶ offering … until nothing is left either way
///
/// Invariants
///   - Every step is idempotent: a request whose answer was lost is built again from what is held.
///   - It ends: each round either moves something or is the last.
///
/// Spec: exchange §5.
#pragma once

#include "shared/protocol/messages.h"
#include "shared/protocol/pace.h"

namespace godwit {

/// What the replica's store offers an exchange. Every call reads what is durable now.
class ReplicaOffer {
public:
    virtual ~ReplicaOffer() = default;

    /// A request with everything but segments and keys: clock, log, head, epoch, cursors,
    /// statements, erasures.
    virtual Result<Request> offer() = 0;

    /// Signed segments that start just after `after`, which is what the server holds of the log,
    /// up to about `bytes_max` (at least one when anything waits), the receipts held for them if
    /// they were delivered once before, the keys that go with them, and how much stays unsent.
    virtual Result<void> add_segments(Request& request, Sequence after, std::size_t bytes_max) = 0;

    /// Makes everything in `answer` durable, in one transaction.
    virtual Result<void> absorb(const Request& request, const Answer& answer) = 0;

    /// The sequence through which the server is known to hold the log, from its receipts.
    virtual Sequence delivered_through() = 0;
};

struct SessionReport {
    std::uint64_t changes_delivered{};
    std::uint64_t records_received{};
    std::uint64_t exchanges{};
    std::int64_t clock_offset_ms{};  ///< Server clock minus replica clock.
    Standing standing{Standing::member};
};

class ReplicaSession {
public:
    ReplicaSession(ReplicaOffer& offer, const ReplicaId& replica)
        : offer_(offer), replica_(replica) {}

    /// The next request's message, or nothing when both ends have what they need.
    Result<std::optional<Bytes>> next();

    /// Takes the answer to the last request. Fails, changing nothing, when it is not one.
    Result<void> absorb(ByteView answer);

    /// How long the last answer took to come, request included: sets how much goes at once.
    void note_elapsed(std::int64_t elapsed_ms) { pace_.note_answer(elapsed_ms); }

    [[nodiscard]] const SessionReport& report() const { return report_; }

private:
    /// What the server said it holds of a log, in this session.
    struct Held {
        LogId log;
        Sequence through{};
    };

    [[nodiscard]] bool is_heard_of(const LogId& log) const;
    [[nodiscard]] Sequence held_of(const LogId& log);
    [[nodiscard]] bool has_reason_to_go_on(const Request& next) const;
    void count(const Request& request, const Answer& answer);

    ReplicaOffer& offer_;
    ReplicaId replica_;
    std::optional<Request> waiting_;   ///< Sent, and not yet answered.
    std::optional<Request> answered_;  ///< The one before.
    std::optional<Held> held_;
    Cursors told_;                 ///< Those of the last answer.
    bool must_ask_again_{};        ///< The last answer left something for the next.
    bool is_all_over_but_keys_{};  ///< The replica is compromised, and no more of its log goes up.
    bool is_done_{};
    Pace pace_;
    SessionReport report_;
};

}  // namespace godwit
