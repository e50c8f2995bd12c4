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

}  // namespace godwit
