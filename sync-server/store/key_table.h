/// Record keys as the server holds them: the statements that vouch for them, and wraps nobody
/// here can open. Apart from the change log, so that deleting them erases; one row a record.
///
///   statement column = a batch of one, as encode_statement() gives it
///   wraps column     = wraps one after another, as encode_wraps() gives them
///
/// Spec: exchange §6, §10; sealing §4.
#pragma once

#include <functional>

#include "shared/seal/wrap.h"
#include "shared/sqlite/database.h"

namespace godwit {

struct RecordKeys {
    RecordKeyStatement statement;
    std::vector<Wrap> wraps;  ///< At most one for each recipient.
};

/// Fails with storage_corrupt when the row does not read.
Result<RecordKeys> decode_record_keys(const RecordId& record, ByteView statement, ByteView wraps);

/// Each row by its record, with its keys or why they do not read.
Result<void> each_record_keys(
    Database& database,
    const std::function<void(const RecordId& record, const Result<RecordKeys>& keys)>& visit);

Result<std::optional<RecordKeys>> load_record_keys(Database& database, const RecordId& record);
Result<bool> has_record_keys(Database& database, const RecordId& record);
/// In the place of what was held for the record.
Result<void> save_record_keys(Database& database, const RecordKeys& keys);

/// Deletes the key statement and every wrap of `record`.
Result<void> erase_keys(Database& database, const RecordId& record);

/// How many erased records still have a key statement or a wrap; anything but 0 is a fault.
Result<std::uint64_t> keys_of_erased_count(Database& database);

}  // namespace godwit
