#include "sync-server/store/roster_table.h"

namespace godwit {

Result<std::uint64_t> append_statement(Database& database, ByteView statement) {
    TRY(database.run("INSERT INTO statement (bytes) VALUES (?)", statement));
    return static_cast<std::uint64_t>(database.last_row_id());
}

Result<void> each_statement(Database& database, std::uint64_t cursor,
                            const std::function<Result<bool>(std::uint64_t, ByteView)>& each) {
    Query select =
        TRY(database.prepare("SELECT position, bytes FROM statement WHERE position > ?"
                             " ORDER BY position"));
    select.bind_all(cursor);
    while (TRY(select.step())) {
        const std::uint64_t position = TRY(select.column_unsigned(0));
        if (!TRY(each(position, select.column_bytes(1)))) break;
    }
    return ok();
}

Result<std::optional<Roster>> load_roster(Database& database, const Cipher& cipher) {
    std::optional<Roster> roster;
    TRY(each_statement(database, 0, [&](std::uint64_t position, ByteView bytes) -> Result<bool> {
        const auto damaged = [&](const Error& error) {
            return Error{ErrorCode::storage_corrupt,
                         "statement " + std::to_string(position) + ": " + error.detail};
        };
        if (!roster) {
            auto founding = decode_statement(bytes);
            if (!founding) return damaged(founding.error());
            roster.emplace(cipher, founding->organisation);
        }
        // Accepted once, accepted for good: an invitation may have expired since.
        auto accepted = roster->accept(bytes, std::nullopt);
        if (!accepted) return damaged(accepted.error());
        return true;
    }));
    return roster;
}

Result<void> save_contact(Database& database, const ReplicaId& replica, const Contact& contact) {
    return database.run(
        "INSERT INTO replica_contact (replica, last_contact_ms, unsent, clock_offset_ms,"
        " app_version) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (replica) DO UPDATE SET"
        " last_contact_ms = ?2, unsent = ?3, clock_offset_ms = ?4,"
        " app_version = iif(?5 = '', app_version, ?5)",
        replica, contact.last_contact_ms, contact.unsent, contact.clock_offset_ms,
        contact.app_version);
}

Result<std::vector<std::pair<ReplicaId, Contact>>> contacts(Database& database) {
    Query select =
        TRY(database.prepare("SELECT replica, last_contact_ms, unsent, clock_offset_ms, app_version"
                             " FROM replica_contact ORDER BY replica"));
    std::vector<std::pair<ReplicaId, Contact>> out;
    while (TRY(select.step())) {
        Contact contact;
        const auto replica = TRY(select.column_id<ReplicaId>(0));
        contact.last_contact_ms = select.column_integer(1);
        contact.unsent = TRY(select.column_unsigned(2));
        contact.clock_offset_ms = select.column_integer(3);
        contact.app_version = std::string(select.column_text(4));
        out.emplace_back(replica, std::move(contact));
    }
    return out;
}

}  // namespace godwit
