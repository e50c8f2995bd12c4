/// How far what this replica itself said of records has come: "saved" here, "delivered" to the
/// server, or "safe" in a verified backup.
///
/// Spec: replica-call, `show`.
#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "field-client/replica/session.h"

namespace godwit {

/// How far one own log has come.
struct Reached {
    LogId log;
    Sequence delivered{};  ///< Nothing behind it is.
    Sequence safe{};
};

/// The newest log and the former ones that still count.
Result<std::vector<Reached>> how_far_logs_came(Session& session);

Result<std::string_view> grade_of(Session& session, const RecordId& id, const StoredRecord& record);

/// The same of many records: what is behind a mark is read once, whatever lies before it.
class Grades {
public:
    static Result<Grades> read(Session& session);
    [[nodiscard]] std::string_view of(const RecordId& id, const StoredRecord& record) const;

private:
    std::set<RecordId> undelivered_;
    std::set<RecordId> unsafe_;
};

}  // namespace godwit
