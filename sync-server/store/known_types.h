/// What another program of this server told otherwise.
///
/// Cursors say how far a replica was told of what it may see. What it may see hangs on what the
/// program knows of record types; so when that changes, cursors that passed such records are worth
/// nothing.
///
/// Spec: exchange §9.
#pragma once

#include "shared/base/random.h"
#include "shared/base/wall_clock.h"
#include "shared/sqlite/database.h"

namespace godwit {

/// Compares the types this program knows with those the last one knew. Where records of a type are
/// told to other people now, begins an epoch in which their teams are told anew.
Result<void> learn_types(Database& database, Random& random, const WallClock& wall);

}  // namespace godwit
