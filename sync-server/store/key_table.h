/// Record keys as the server holds them: the statements that vouch for them, and wraps nobody
/// here can open. Apart from the change log, so that deleting them erases.
///
/// Spec: exchange §6, §10; sealing §4.
#pragma once

#include "shared/seal/record_key.h"
#include "shared/sqlite/database.h"

namespace godwit {

Result<std::optional<RecordKeyStatement>> load_record_key(Database& database,
                                                          const RecordId& record);
/// The first statement for a record stays: false when there was one.
Result<bool> insert_record_key(Database& database, const RecordKeyStatement& statement);

/// The box held for the recipient of `wrap`, if there is one.
Result<std::optional<Bytes>> held_box(Database& database, const Wrap& wrap);
Result<void> save_wrap(Database& database, const Wrap& wrap);
/// False when there was none.
Result<bool> delete_wrap(Database& database, const Wrap& wrap);
Result<std::vector<Wrap>> wraps_of(Database& database, const RecordId& record);

/// Deletes the key statement and every wrap of `record`.
Result<void> erase_keys(Database& database, const RecordId& record);

/// How many erased records still have a key statement or a wrap; anything but 0 is a fault.
Result<std::uint64_t> keys_of_erased_count(Database& database);

}  // namespace godwit
