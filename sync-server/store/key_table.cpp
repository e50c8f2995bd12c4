#include "sync-server/store/key_table.h"

#include "shared/base/planted.h"
#include "shared/seal/key_batch.h"

namespace godwit {

Result<RecordKeys> decode_record_keys(const RecordId& record, ByteView statement, ByteView wraps) {
    auto key = decode_statement_alone(statement);
    auto held = decode_wraps(wraps, record);
    if (!key || !held || key->record != record) {
        return Error{ErrorCode::storage_corrupt, "the keys of a record do not read"};
    }
    return RecordKeys{std::move(key).value(), std::move(held).value()};
}

Result<void> each_record_keys(
    Database& database,
    const std::function<void(const RecordId& record, const Result<RecordKeys>& keys)>& visit) {
    Query select = TRY(database.prepare("SELECT record, statement, wraps FROM record_key"));
    while (TRY(select.step())) {
        const auto record = TRY(select.column_id<RecordId>(0));
        visit(record, decode_record_keys(record, select.column_bytes(1), select.column_bytes(2)));
    }
    return ok();
}

Result<std::optional<RecordKeys>> load_record_keys(Database& database, const RecordId& record) {
    Query select =
        TRY(database.prepare("SELECT statement, wraps FROM record_key WHERE record = ?"));
    select.bind_all(record);
    if (!TRY(select.step())) return std::optional<RecordKeys>();
    return std::optional(
        TRY(decode_record_keys(record, select.column_bytes(0), select.column_bytes(1))));
}

Result<bool> has_record_keys(Database& database, const RecordId& record) {
    Query select = TRY(database.prepare("SELECT 1 FROM record_key WHERE record = ?"));
    select.bind_all(record);
    return select.step();
}

Result<void> save_record_keys(Database& database, const RecordKeys& keys) {
    return database.run(
        "INSERT OR REPLACE INTO record_key (record, statement, wraps)"
        " VALUES (?, ?, ?)",
        keys.statement.record, ByteView(encode_statement(keys.statement)),
        ByteView(encode_wraps(keys.wraps)));
}

Result<void> erase_keys(Database& database, const RecordId& record) {
    if (is_planted(PlantedBug::erasure_keeps_keys)) return ok();
    return database.run("DELETE FROM record_key WHERE record = ?", record);
}

Result<std::uint64_t> keys_of_erased_count(Database& database) {
    Query select =
        TRY(database.prepare("SELECT count(*) FROM record WHERE is_erased = 1 AND"
                             " id IN (SELECT record FROM record_key)"));
    TRY(select.step());
    return select.column_unsigned(0);
}

}  // namespace godwit
