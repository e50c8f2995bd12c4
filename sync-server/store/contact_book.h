/// When each replica was last here, kept in memory between commits: a replica that only asks must
/// not cost a write.
#pragma once

#include <map>
#include <mutex>

#include "sync-server/store/roster_table.h"

namespace godwit {

/// Any thread may call anything.
class ContactBook {
public:
    /// A contact without a version leaves what was known of it.
    void note(const ReplicaId& replica, Contact contact);

    /// Writes what is new since the last flush, in the caller's transaction.
    Result<void> flush(Database& database);

    /// What was noted since the last flush.
    [[nodiscard]] std::map<ReplicaId, Contact> unwritten() const;

private:
    mutable std::mutex mutex_;
    std::map<ReplicaId, Contact> unwritten_;
};

}  // namespace godwit
