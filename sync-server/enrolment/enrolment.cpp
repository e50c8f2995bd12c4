#include "sync-server/enrolment/enrolment.h"

#include "shared/base/sha256.h"
#include "sync-server/store/engine.h"
#include "sync-server/store/roster_table.h"

namespace godwit {

Standing standing_of(const Roster& roster, const ReplicaId& replica) {
    const auto* entry = roster.replica(replica);
    if (entry == nullptr || entry->revoked == Manner::compromised) return Standing::compromised;
    return entry->revoked == Manner::retired ? Standing::retired : Standing::member;
}

Result<void> append_to_roster(Database& database, RosterDraft& roster, const Cipher& cipher,
                              ByteView statement, std::optional<std::int64_t> now_ms) {
    if (roster && roster->holds(sha256({statement}))) return ok();
    const OrganisationId organisation =
        roster ? roster->organisation() : TRY(decode_statement(statement)).organisation;
    Roster& edited = roster.edit([&] { return std::make_shared<Roster>(cipher, organisation); });
    TRY(edited.accept(statement, now_ms));
    TRY(append_statement(database, statement));
    return ok();
}

Result<void> found(Database& database, RosterDraft& roster, const Cipher& cipher,
                   const FoundingRequest& request, const FoundingTerms& terms) {
    if (!cipher.is_same_secret(request.secret, terms.secret)) {
        return Error{ErrorCode::not_permitted, "not the founding link of this server"};
    }
    const Statement statement = TRY(decode_statement(request.statement));
    const auto* founding = std::get_if<Founding>(&statement.body);
    if (founding == nullptr) return Error{ErrorCode::malformed, "not a founding statement"};
    if (founding->server != terms.server) return ErrorCode::wrong_server;
    if (roster && !roster->holds(sha256({request.statement}))) return ErrorCode::already_founded;
    return append_to_roster(database, roster, cipher, request.statement, terms.now_ms);
}

Result<void> enrol(Database& database, RosterDraft& roster, const Cipher& cipher,
                   const std::vector<Bytes>& statements, std::int64_t now_ms) {
    if (!roster) return ErrorCode::not_founded;
    if (statements.empty()) return Error{ErrorCode::bad_request, "no enrolment"};
    const Statement last = TRY(decode_statement(statements.back()));
    if (!std::holds_alternative<Enrolment>(last.body)) {
        return Error{ErrorCode::bad_request, "the last statement is no enrolment"};
    }
    for (std::size_t index = 0; index + 1 < statements.size(); ++index) {
        const auto accepted = append_to_roster(database, roster, cipher, statements[index], now_ms);
        if (!accepted && is_of_storage(accepted.error())) return accepted;
    }
    return append_to_roster(database, roster, cipher, statements.back(), now_ms);
}

Result<std::vector<Bytes>> whole_roster(Database& database) {
    std::vector<Bytes> out;
    TRY(each_statement(database, 0, [&](std::uint64_t, ByteView bytes) -> Result<bool> {
        out.push_back(copy_of(bytes));
        return true;
    }));
    return out;
}

}  // namespace godwit
