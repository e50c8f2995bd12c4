/// Which keys and wraps the server takes from whom. A record's are read once and written once,
/// whatever comes for it.
///
/// Spec: exchange §6.3.
#pragma once

#include <map>

#include "sync-server/enrolment/roster_book.h"
#include "sync-server/reconcile/touched_records.h"
#include "sync-server/reconcile/verified_request.h"
#include "sync-server/store/key_table.h"

namespace godwit {

class KeyIntake {
public:
    /// Everything must outlive the intake. `standing` is the sender's; `was_restored` is the
    /// server, ever.
    KeyIntake(Database& database, const Roster& roster, Standing standing, bool was_restored,
              TouchedRecords& records)
        : database_(database),
          roster_(roster),
          standing_(standing),
          was_restored_(was_restored),
          records_(records) {}

    /// Takes what of `offered` may be taken, and passes over the rest. Fails with the database's
    /// errors.
    Result<void> take(const VerifiedRequest& offered);

private:
    /// The keys of one record on their way through this exchange.
    struct Held {
        std::optional<RecordKeys> keys;  ///< Nothing: no statement is known yet.
        TouchedRecord* record{};
        bool has_changed{};
        bool is_brought{};  ///< The sender brought the statement, and nobody before.
    };

    Result<Held*> held(const RecordId& id);
    [[nodiscard]] bool is_open_to_sender(const TouchedRecord& record) const;
    Result<void> take_key(const RecordKeyStatement& key);
    Result<void> take_wrap(const Wrap& wrap, const ReplicaId& sender);
    [[nodiscard]] bool may_change(const Wrap& wrap, const Wrap* before, const Held& held,
                                  const ReplicaId& sender) const;

    Database& database_;
    const Roster& roster_;
    Standing standing_;
    bool was_restored_;
    TouchedRecords& records_;
    std::map<RecordId, Held> held_;
};

}  // namespace godwit
