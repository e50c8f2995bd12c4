/// What a request's cursors are worth in the present epoch.
///
/// Spec: exchange §9.
#pragma once

#include "shared/protocol/messages.h"
#include "shared/sqlite/database.h"

namespace godwit {

struct KnownThrough {
    Cursors teams;
    Cursors unfinished;  ///< Teams told in part: the position reached, beyond the cursor.
    std::uint64_t roster_cursor{};
    std::uint64_t parked_cursor{};
};

/// The request's cursors, lowered to where each later epoch began; none for an epoch this server
/// has never had: what the replica then heard of its own words was another reception of them. What
/// an earlier epoch left unfinished begins anew.
Result<KnownThrough> known_through(Database& database, const Request& request);

}  // namespace godwit
