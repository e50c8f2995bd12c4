#include "sync-server/store/key_table.h"

namespace godwit {

Result<std::optional<RecordKeyStatement>> load_record_key(Database& database,
                                                          const RecordId& record) {
    Query select = TRY(database.prepare("SELECT statement FROM record_key WHERE record = ?"));
    select.bind_all(record);
    if (!TRY(select.step())) return std::optional<RecordKeyStatement>();
    cbor::Decoder in(select.column_bytes(0));
    auto statement = decode_record_key_statement(in);
    if (!statement) return Error{ErrorCode::storage_corrupt, "a record key does not read"};
    return std::optional(std::move(statement).value());
}

Result<bool> insert_record_key(Database& database, const RecordKeyStatement& statement) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    encode(out, statement);
    TRY(database.run("INSERT OR IGNORE INTO record_key VALUES (?, ?)", statement.record,
                     ByteView(bytes)));
    return database.changed_rows() > 0;
}

Result<std::optional<Bytes>> held_box(Database& database, const Wrap& wrap) {
    Query select =
        TRY(database.prepare("SELECT box FROM wrap WHERE record = ? AND recipient = ?"
                             " AND recipient_id = ? AND epoch = ?"));
    select.bind_all(wrap.record, static_cast<int>(wrap.recipient), ByteView(wrap.recipient_id),
                    wrap.epoch);
    if (!TRY(select.step())) return std::optional<Bytes>();
    return std::optional(copy_of(select.column_bytes(0)));
}

Result<void> save_wrap(Database& database, const Wrap& wrap) {
    return database.run("INSERT OR REPLACE INTO wrap VALUES (?, ?, ?, ?, ?)", wrap.record,
                        static_cast<int>(wrap.recipient), ByteView(wrap.recipient_id), wrap.epoch,
                        ByteView(wrap.box));
}

Result<bool> delete_wrap(Database& database, const Wrap& wrap) {
    TRY(database.run(
        "DELETE FROM wrap WHERE record = ? AND recipient = ?"
        " AND recipient_id = ? AND epoch = ?",
        wrap.record, static_cast<int>(wrap.recipient), ByteView(wrap.recipient_id), wrap.epoch));
    return database.changed_rows() > 0;
}

Result<std::vector<Wrap>> wraps_of(Database& database, const RecordId& record) {
    Query select = TRY(
        database.prepare("SELECT recipient, recipient_id, epoch, box FROM wrap WHERE record = ?"));
    select.bind_all(record);
    std::vector<Wrap> out;
    while (TRY(select.step())) {
        Wrap wrap;
        wrap.record = record;
        wrap.recipient = static_cast<Recipient>(select.column_integer(0));
        wrap.recipient_id = TRY(select.column_fixed<16>(1));
        wrap.epoch = TRY(select.column_unsigned(2));
        wrap.box = copy_of(select.column_bytes(3));
        out.push_back(std::move(wrap));
    }
    return out;
}

Result<void> erase_keys(Database& database, const RecordId& record) {
    TRY(database.run("DELETE FROM record_key WHERE record = ?", record));
    return database.run("DELETE FROM wrap WHERE record = ?", record);
}

Result<std::uint64_t> keys_of_erased_count(Database& database) {
    Query select =
        TRY(database.prepare("SELECT count(*) FROM record WHERE is_erased = 1 AND"
                             " (id IN (SELECT record FROM record_key)"
                             " OR id IN (SELECT record FROM wrap))"));
    TRY(select.step());
    return select.column_unsigned(0);
}

}  // namespace godwit
