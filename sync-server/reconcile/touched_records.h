/// The records an exchange touches: each is read once and written once, whatever comes for it.
///
/// Spec: exchange §8.
#pragma once

#include <map>
#include <unordered_map>

#include "sync-server/store/record_table.h"

namespace godwit {

/// Sensitive.
struct TouchedRecord {
    /// A state beyond this would not fit an answer, and stop the feed of everybody who sees it.
    static constexpr std::size_t bytes_max = 8U << 20U;

    RecordRow row;
    RecordState state;
    std::size_t bytes{};  ///< Bound of the encoded state: what was stored, and bodies since.
    bool is_new{};        ///< No row yet.
    /// Fields changed, with the log that changed them; zero when more than one did.
    std::map<std::uint32_t, LogId> changed;
    bool has_new_keys{};
    bool has_new_confirmation{};
    bool is_newly_erased{};

    /// Also brings the row's owners up to date: the next change is judged by them.
    void note_changed(const std::vector<std::uint32_t>& fields, const LogId& log);
    /// Whoever was an owner by words that arrived after those that gave the record away holds it,
    /// and is told whose it is.
    void note_former_owners(const std::vector<MemberId>& named);
};

/// Whoever sends records chooses their ids: where they fall must not be theirs to say.
struct IdHash {
    std::size_t operator()(const RecordId& id) const;
};

class TouchedRecords {
public:
    explicit TouchedRecords(Database& database) : database_(database) {}

    /// The record as it stands in this exchange; a new one without fields when there is none.
    /// Good until save().
    Result<TouchedRecord*> get(const RecordId& id);

    /// Gives every changed record a position, in the order they were met, and writes it.
    /// `keys_log` is the log of whoever brought keys, or zero when it is not sure whose it is.
    /// Returns how many were written.
    Result<std::uint64_t> save(const LogId& keys_log);

    /// The records erased in this exchange.
    [[nodiscard]] std::vector<RecordId> newly_erased() const;

private:
    Result<Position> next_position(const TeamId& team);
    Result<void> save(TouchedRecord& record, const LogId& keys_log);

    Database& database_;
    std::unordered_map<RecordId, TouchedRecord, IdHash> records_;
    std::vector<RecordId> order_;
    std::map<TeamId, Position> positions_;
};

}  // namespace godwit
