/// How statements become part of the roster: founding, enrolment, and those an exchange brings.
///
/// Spec: exchange §6, §11; sealing §5, §6.
#pragma once

#include "shared/protocol/messages.h"
#include "shared/sqlite/database.h"
#include "sync-server/enrolment/roster_book.h"

namespace godwit {

/// How the server stands to a replica. One the roster does not know is no member of anything.
Standing standing_of(const Roster& roster, const ReplicaId& replica);

/// Accepts `statement` into `roster` and stores it, in the caller's transaction. One held already
/// changes nothing. Fails as Roster::accept(), or with the database's errors.
Result<void> append_to_roster(Database& database, RosterDraft& roster, const Cipher& cipher,
                              ByteView statement, std::optional<std::int64_t> now_ms);

/// What a founding must prove.
struct FoundingTerms {
    const SigningPublicKey& server;  ///< Ours: the statement must name it.
    ByteView secret;                 ///< As printed at init.
    std::int64_t now_ms{};
};

/// Founds the organisation. The same founding again changes nothing: its answer was lost.
/// Fails, in this order, with not_permitted (another secret), malformed, wrong_server,
/// already_founded, or as Roster::accept().
Result<void> found(Database& database, RosterDraft& roster, const Cipher& cipher,
                   const FoundingRequest& request, const FoundingTerms& terms);

/// Enrols a replica: the last statement is its enrolment, those before it may help to place it and
/// need not be acceptable. The same enrolment again changes nothing.
/// Fails with not_founded, bad_request (the last is no enrolment), or as Roster::accept().
Result<void> enrol(Database& database, RosterDraft& roster, const Cipher& cipher,
                   const std::vector<Bytes>& statements, std::int64_t now_ms);

/// Every statement, in order: what a replica that has just joined is told.
Result<std::vector<Bytes>> whole_roster(Database& database);

}  // namespace godwit
