/// Merged states of records, with what the feed needs to know about their fields.
///
///   fields column = [ [log, …], [ number, position, log index, before, … ] ]   numbers ascending
///   owners columns = member ids, ascending, one after another
///
/// Spec: exchange §8.
#pragma once

#include <map>

#include "shared/merge/record_state.h"
#include "shared/protocol/messages.h"
#include "shared/sqlite/database.h"
#include "sync-server/store/key_table.h"

namespace godwit {

/// When a field changed last, and by whom.
struct FieldTrace {
    Position position{};
    LogId log;          ///< The log that changed it last.
    Position before{};  ///< The position at which another log last changed it; 0: none has.

    auto operator<=>(const FieldTrace&) const = default;
};

/// A record without its state.
struct RecordRow {
    RecordId id;
    TeamId team;
    std::uint32_t type{};
    Position position{};
    Position keys_position{};  ///< When its key statement or a wrap last changed; 0: never.
    LogId keys_log;            ///< The log of the replica that changed them; zero: unsure whose.
    Position keys_before{};    ///< When another log last changed them.
    Position confirmed_position{};  ///< When an erasure was last confirmed.
    bool is_erased{};
    std::vector<MemberId> owners;         ///< Named by the owner field's siblings; ascending.
    std::vector<MemberId> former_owners;  ///< Named there once and no more; ascending.
    std::map<std::uint32_t, FieldTrace> fields;
};

/// Sensitive.
struct StoredState {
    RecordRow row;
    RecordState state;
    std::size_t bytes{};  ///< Of the encoded state.
};

/// Fails with storage_corrupt when the row does not read.
Result<std::optional<StoredState>> load_record(Database& database, const RecordId& id);

/// `is_new`: there is no row yet.
Result<void> save_record(Database& database, const RecordRow& row, ByteView state, bool is_new);

/// One record met on the way through a table; its state is only read when asked for.
/// Sensitive.
class RecordCursor {
public:
    /// Records of `team` after `position`, in position order.
    static Result<RecordCursor> after(Database& database, const TeamId& team, Position position);
    /// Every record, by id.
    static Result<RecordCursor> all(Database& database);

    /// False at the end.
    Result<bool> next();
    [[nodiscard]] const RecordRow& row() const { return row_; }
    /// As encode_state() gave it. Fails with storage_corrupt when the row does not read.
    [[nodiscard]] Result<Bytes> state() const;
    /// The record's keys, if it has any. Of a cursor that after() made.
    [[nodiscard]] Result<std::optional<RecordKeys>> keys() const;

private:
    explicit RecordCursor(Query statement) : statement_(std::move(statement)) {}
    Query statement_;
    RecordRow row_;
};

}  // namespace godwit
