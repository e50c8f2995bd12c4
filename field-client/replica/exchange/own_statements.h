/// What this replica says of the roster, and how its own chain of statements keeps in step with
/// what the server has accepted.
///
/// Spec: sealing §5, exchange §5.
#pragma once

#include "field-client/replica/session.h"
#include "shared/protocol/messages.h"

namespace godwit {

/// Signs `body` as the next statement of this replica, accepts it here and queues it for the
/// server. Inside the caller's transaction; the roster in memory grows at once, and the caller
/// brings it back with reload_roster() should the transaction fail.
/// Fails, changing nothing, as Roster::accept() does: what others would refuse is never said.
Result<Bytes> make_statement(Session& session, StatementBody body);

/// Reads the roster from the store anew.
Result<void> reload_roster(Session& session);

/// Runs `work`, which may make statements, in one transaction; a refusal leaves store and roster as
/// they were.
Result<void> roster_transaction(Session& session, const std::function<Result<void>()>& work);

/// A statement of this replica that the server will not have.
struct RefusedStatement {
    std::size_t kind{};  ///< Index in StatementBody.
    Error reason;
};

/// What an answer's statements and verdicts changed.
struct RosterNews {
    bool has_changed{};
    std::vector<RefusedStatement> refused;
    bool was_signed_again{};          ///< The own chain had to follow another copy of this replica.
    std::vector<Bytes> taken_untold;  ///< The server has them, and told the roster in part only.
};

/// Takes the statements of `answer` and the verdicts on those of `request` into store and roster.
/// Own statements wait until the server tells them, in their place: until then they stand behind
/// what it had before them, and are signed again when their chain moved on without them. Inside the
/// caller's transaction.
/// Fails with storage_corrupt kinds never; with unproven when the server tells a statement that
/// does not hold: then nothing of its answer may be kept.
Result<RosterNews> absorb_statements(Session& session, const Request& request,
                                     const Answer& answer);

/// Whether `proof`, on top of what the server has accepted before, shows that an administrator
/// revoked this replica as compromised. Its own word that waits counts for nothing here: it may be
/// against that very administrator. Fails with unproven when it shows no such thing.
Result<void> check_revocation(Session& session, const std::vector<Bytes>& proof);

}  // namespace godwit
