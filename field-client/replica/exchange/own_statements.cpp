#include "field-client/replica/exchange/own_statements.h"

#include <map>
#include <set>

#include "shared/base/planted.h"
#include "shared/base/sha256.h"

namespace godwit {

namespace {

Bytes sign_next(Session& session, const Roster& roster, StatementBody body) {
    const Roster::Next next = roster.next(session.self().replica.bytes);
    Statement statement;
    statement.organisation = roster.organisation();
    statement.signer = session.self().replica.bytes;
    statement.number = next.number;
    statement.previous = next.previous;
    statement.body = std::move(body);
    return sign_statement(session.host.cipher, statement, session.self().signing.secret_key);
}

/// Makes one this replica.
bool is_beginning(const Statement& statement) {
    return std::holds_alternative<Founding>(statement.body) ||
           std::holds_alternative<Enrolment>(statement.body);
}

/// The roster of the statements kept in the store, but for those in `without`.
Result<Roster> kept_roster(Session& session, const std::set<Bytes>& without = {}) {
    Roster roster(session.host.cipher, session.self().organisation);
    const std::vector<Bytes> proof = TRY(session.store.proof());
    if (!proof.empty()) TRY(roster.accept_proof(proof));
    for (const Bytes& statement : TRY(session.store.statements())) {
        if (!without.contains(statement)) TRY(roster.accept(statement, std::nullopt));
    }
    return roster;
}

/// What the server said of each statement of the request, by its digest: nothing when it took it.
using Verdicts = std::map<Digest, std::optional<Error>>;

/// A server that was restored refuses what is said of those it forgot: not for good, until it has
/// heard in its new epoch what is held here.
Verdicts verdicts_of(const Request& request, const Answer& answer) {
    Verdicts out;
    const bool is_for_good = request.epoch == answer.epoch;
    for (std::size_t index = 0; index < request.statements.size(); ++index) {
        if (index >= answer.verdicts.size()) break;
        const std::optional<Error>& verdict = answer.verdicts[index];
        if (verdict && !is_for_good) continue;
        out.emplace(sha256({request.statements[index]}), verdict);
    }
    return out;
}

bool is_refused(const Verdicts& verdicts, const Digest& digest) {
    const auto found = verdicts.find(digest);
    return found != verdicts.end() && found->second.has_value();
}

bool is_taken(const Verdicts& verdicts, const Digest& digest) {
    const auto found = verdicts.find(digest);
    return found != verdicts.end() && !found->second.has_value();
}

/// Accepts what the server tells, in its order. One that does not hold is a lie: the server checks
/// each statement just as we do.
Result<bool> accept_told(Session& session, Roster& roster, const std::vector<Bytes>& statements) {
    bool has_changed = false;
    for (const Bytes& statement : statements) {
        if (roster.holds(sha256({statement}))) continue;
        const Result<void> accepted = roster.accept(statement, std::nullopt);
        if (!accepted) {
            return Error{ErrorCode::unproven,
                         "the server told a statement of the roster that does not hold: " +
                             std::string(facts(accepted.error().code).key)};
        }
        TRY(session.store.add_statement(statement, false));
        has_changed = true;
    }
    return has_changed;
}

/// Puts a statement that waited behind what the server told. Of others' words, held since before
/// the server was restored, nothing is said when they do not hold there: they will say them again.
Result<void> put_back(Session& session, Roster& roster, const Bytes& statement,
                      const Verdicts& verdicts, RosterNews& news) {
    const Digest digest = sha256({statement});
    if (roster.holds(digest)) return ok();
    const Statement decoded = TRY(decode_statement(statement));
    const bool is_own = decoded.signer == session.self().replica.bytes;
    const auto give_up = [&](const Error& reason) -> Result<void> {
        if (is_own) news.refused.push_back({decoded.body.index(), reason});
        return ok();
    };
    const auto verdict = verdicts.find(digest);
    if (is_refused(verdicts, digest) && verdict->second->kind() != ErrorKind::stale) {
        return give_up(*verdict->second);
    }
    Result<void> accepted = roster.accept(statement, std::nullopt);
    // Refused all the same, it stands on what a restored server forgot, and is offered behind that;
    // or the telling has not come to what it is behind of, and it is signed again then.
    if (accepted) return session.store.add_statement(statement, true);
    if (is_taken(verdicts, digest)) return ok();  // It comes when the telling has come so far.
    if (accepted.error().code != ErrorCode::roster_behind || !is_own) {
        return give_up(accepted.error());
    }
    if (is_planted(PlantedBug::statement_dropped)) return ok();
    const Bytes again = sign_next(session, roster, decoded.body);
    accepted = roster.accept(again, std::nullopt);
    if (!accepted) return give_up(accepted.error());
    news.was_signed_again = true;
    return session.store.add_statement(again, true);
}

/// What the server took and did not come to yet in its telling.
std::vector<Bytes> taken_untold(const Roster& roster, const Request& request,
                                const Verdicts& verdicts) {
    std::vector<Bytes> out;
    for (const Bytes& statement : request.statements) {
        const Digest digest = sha256({statement});
        if (is_taken(verdicts, digest) && !roster.holds(digest)) out.push_back(statement);
    }
    return out;
}

}  // namespace

Result<Bytes> make_statement(Session& session, StatementBody body) {
    Bytes statement = sign_next(session, session.roster, std::move(body));
    TRY(session.roster.accept(statement, std::nullopt));
    TRY(session.store.add_statement(statement, true));
    return statement;
}

Result<void> reload_roster(Session& session) {
    session.roster = TRY(kept_roster(session));
    return ok();
}

Result<void> roster_transaction(Session& session, const std::function<Result<void>()>& work) {
    Roster before = session.roster;
    Result<void> outcome = session.store.transaction(work);
    if (!outcome) session.roster = std::move(before);
    return outcome;
}

Result<RosterNews> absorb_statements(Session& session, const Request& request,
                                     const Answer& answer) {
    RosterNews news;
    const Verdicts verdicts = verdicts_of(request, answer);
    const std::vector<Bytes> waiting = TRY(session.store.queued_statements());
    bool is_any_refused = false;
    for (const Bytes& statement : waiting) {
        is_any_refused = is_any_refused || is_refused(verdicts, sha256({statement}));
    }
    bool is_any_new = false;
    std::set<Digest> told;
    for (const Bytes& statement : answer.statements) {
        const Digest digest = *told.insert(sha256({statement})).first;
        is_any_new = is_any_new || !session.roster.holds(digest);
    }
    if (!waiting.empty() && (is_any_refused || is_any_new)) {
        // The server had these before it heard ours: that is the order in which they hold.
        for (const Bytes& statement : waiting) {
            TRY(session.store.forget_statement(sha256({statement})));
        }
        Roster roster = TRY(kept_roster(session));
        TRY(accept_told(session, roster, answer.statements));
        for (const Bytes& statement : waiting) {
            TRY(put_back(session, roster, statement, verdicts, news));
        }
        session.roster = std::move(roster);
        news.has_changed = true;
    } else {
        for (const Bytes& statement : waiting) {
            const Digest digest = sha256({statement});
            if (told.contains(digest)) TRY(session.store.clear_queued_statement(digest));
        }
        if (is_any_new)
            news.has_changed = TRY(accept_told(session, session.roster, answer.statements));
    }
    news.taken_untold = taken_untold(session.roster, request, verdicts);
    return news;
}

Result<void> check_revocation(Session& session, const std::vector<Bytes>& proof) {
    std::set<Bytes> waiting;
    for (Bytes& statement : TRY(session.store.queued_statements())) {
        if (!is_beginning(TRY(decode_statement(statement)))) waiting.insert(std::move(statement));
    }
    const Roster heard = TRY(kept_roster(session, waiting));
    if (heard.check_compromised(proof, session.self().replica)) return ok();
    return Error{
        ErrorCode::unproven,
        "it says that this replica is revoked as compromised and cannot show who revoked it"};
}

}  // namespace godwit
