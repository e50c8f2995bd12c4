#include "sync-server/store/erasure_table.h"

namespace godwit {

Result<bool> save_confirmation(Database& database, const RecordId& record,
                               const ReplicaId& replica) {
    TRY(database.run("INSERT OR IGNORE INTO erasure_confirmation VALUES (?, ?)", record, replica));
    return database.changed_rows() > 0;
}

Result<std::vector<ReplicaId>> confirmations(Database& database, const RecordId& record) {
    Query select =
        TRY(database.prepare("SELECT replica FROM erasure_confirmation WHERE record = ?"
                             " ORDER BY replica"));
    select.bind_all(record);
    std::vector<ReplicaId> out;
    while (TRY(select.step())) out.push_back(TRY(select.column_id<ReplicaId>(0)));
    return out;
}

Result<void> save_erasure_proof(Database& database, const RecordId& record, ByteView segment) {
    return database.run("INSERT OR IGNORE INTO erasure_proof VALUES (?, ?)", record, segment);
}

Result<Bytes> kept_erasure_proof(Database& database, const RecordId& record) {
    Query select = TRY(database.prepare("SELECT segment FROM erasure_proof WHERE record = ?"));
    select.bind_all(record);
    if (TRY(select.step())) return copy_of(select.column_bytes(0));
    return Error{ErrorCode::storage_corrupt, "an erased record without the change that erased it"};
}

Result<void> each_erasure_proof(Database& database,
                                const std::function<void(const RecordId&, ByteView)>& each) {
    Query select = TRY(database.prepare("SELECT record, segment FROM erasure_proof"));
    while (TRY(select.step())) {
        each(TRY(select.column_id<RecordId>(0)), select.column_bytes(1));
    }
    return ok();
}

}  // namespace godwit
