/// What the server holds, read from its tables: changes as they were signed, what was parked,
/// roster statements and states. For the oracles, which draw their own conclusions.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "shared/base/error.h"
#include "shared/merge/record_state.h"
#include "shared/seal/receipt.h"
#include "shared/seal/roster_statement.h"
#include "shared/seal/wrap.h"
#include "sync-server/store/server_store.h"
#include "tests/simulation/ledger.h"

namespace godwit::simulation {

/// One change the server holds.
struct HeldChange {
    Dot dot;
    ReplicaId author;
    RecordId record;
    Digest digest{};               ///< Of its body.
    std::optional<Change> change;  ///< Nothing once its body is erased.
    bool is_branch{};
    std::optional<ErrorCode> parked;  ///< Why.
    std::optional<Dot> adopted;
    HybridTime effective;  ///< By its receipt, as the product computes it.
    std::optional<Receipt> receipt;
    Mark mark{Mark::none};

    [[nodiscard]] bool is_merged() const { return change && !is_branch && !parked; }
};

struct HeldRecord {
    TeamId team;
    std::uint32_t type{};
    bool is_erased{};
    std::vector<MemberId> owners;      ///< As the server notes them.
    std::vector<ReplicaId> confirmed;  ///< Erased only: who carried it out.
    Bytes encoded;
    RecordState state;
};

struct Evidence {
    std::vector<HeldChange> changes;
    std::map<RecordId, HeldRecord> records;
    std::map<Salt, std::vector<std::size_t>> by_salt;  ///< Indexes into `changes`.
    std::map<RecordId, RecordKeyStatement> keys;
    std::map<RecordId, Wrap> recovery_wraps;
    std::vector<RecordId> with_keys;  ///< Records with a key statement or a wrap.

    [[nodiscard]] bool is_erased(const RecordId& id) const;
};

Result<Evidence> read_evidence(ServerStore& store);

/// The salts of every change held, and how far each log came: what is needed to say which entries
/// a server holds.
struct HeldNames {
    std::set<Salt> salts;
    std::map<LogId, Sequence> heads;
};
Result<HeldNames> read_held_names(ServerStore& store);

Result<std::vector<Statement>> read_statements(ServerStore& store);

/// The state of one record; nothing when there is none.
Result<std::optional<RecordState>> read_state(ServerStore& store, const RecordId& record);

}  // namespace godwit::simulation
