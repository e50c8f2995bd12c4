/// Walks the evidence again: chains, signatures, receipts, and every record merged anew from its
/// changes. What stands in the tables must be what the evidence says.
///
/// Spec: exchange §4, §6, §7.
#pragma once

#include "sync-server/store/server_store.h"

#include "shared/sqlite/database.h"

namespace godwit {

/// Problems in plain words, naming logs, sequences and records, never values.
/// Fails only when the database cannot be read at all.
Result<VerifyReport> verify_everything(Database& database, const Cipher& cipher,
                                       const Progress& progress);

/// The quick part, for backups: the file is sound, the roster holds, every chain is whole.
/// Fails with storage_corrupt, saying what is not.
Result<void> verify_chains(Database& database, const Cipher& cipher);

}  // namespace godwit
