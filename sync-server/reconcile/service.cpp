#include "sync-server/reconcile/service.h"

#include <atomic>
#include <unordered_map>

#include "shared/base/planted.h"
#include "shared/protocol/frame.h"
#include "shared/protocol/short_answer.h"
#include "shared/seal/request_envelope.h"
#include "shared/seal/roster_proof.h"
#include "sync-server/enrolment/enrolment.h"
#include "sync-server/feed/feed.h"
#include "sync-server/reconcile/exchange_acceptor.h"
#include "sync-server/reconcile/nonce_book.h"
#include "sync-server/store/roster_table.h"
#include "sync-server/store/server_store.h"

namespace godwit {
namespace {

/// A refusal, with a fresh nonce for a replica that has shown who it is.
struct Refused {
    Error error;
    std::optional<RequestNonceBytes> nonce;
};

Reply refusal(Refused refused) {
    const std::uint16_t status = facts(refused.error.code).http_status;
    return {status, encode_frame(encode_refusal({std::move(refused.error), refused.nonce}))};
}

Reply refusal(Error error) {
    return refusal(Refused{std::move(error), std::nullopt});
}

/// Which safe marks replicas have surely been told: a replica that comes back with the nonce of an
/// answer has absorbed that answer. Saves telling the same mark with every exchange.
class SafeMarksTold {
public:
    void note_answer(const ReplicaId& replica, const RequestNonceBytes& nonce, Sequence through) {
        const std::lock_guard lock(mutex_);
        Told& told = told_[replica];
        told.nonce = nonce;
        told.through = through;
    }

    /// The sequence `replica` knows to be safe, given the nonce it comes with.
    [[nodiscard]] Sequence known_through(const ReplicaId& replica,
                                         const RequestNonceBytes& nonce) const {
        const std::lock_guard lock(mutex_);
        const auto found = told_.find(replica);
        return found != told_.end() && found->second.nonce == nonce ? found->second.through : 0;
    }

private:
    struct Told {
        RequestNonceBytes nonce{};
        Sequence through{};
    };
    mutable std::mutex mutex_;
    std::unordered_map<ReplicaId, Told> told_;
};

}  // namespace

class Service::Parts {
public:
    Parts(ServerStore& store, const ServerKeys& keys, const Cipher& cipher, Random& random,
          const WallClock& wall, const AnswerBounds& bounds)
        : bounds_(bounds),
          engine_(store.engine()),
          keys_(keys),
          cipher_(cipher),
          wall_(wall),
          book_(nullptr),
          nonces_(cipher, random),
          committer_(engine_, book_) {
        auto roster = stored_roster();
        if (!roster) {
            cannot_serve_ = std::move(roster).error();
        } else if (*roster) {
            book_.publish(std::make_shared<const Roster>(std::move(**roster)));
        }
    }

    Reply answer(std::string_view path, ByteView body) {
        Reply reply = route(path, body);
        if (reply.http_status != 200) ++refused_;
        return reply;
    }

    [[nodiscard]] ServiceCounts counts() const {
        return {exchanges_, refused_, changes_, committer_.commits()};
    }

    void stop() {
        is_stopping_ = true;
        committer_.stop();
    }

private:
    Result<std::optional<Roster>> stored_roster() {
        const Engine::Reading reading = TRY(engine_.read());
        return load_roster(reading.database(), cipher_);
    }

    Reply route(std::string_view path, ByteView body) {
        if (cannot_serve_) return refusal(*cannot_serve_);
        if (is_stopping_) return refusal(Error{ErrorCode::stopping, {}});
        if (committer_.has_failed()) {
            return refusal(Error{ErrorCode::storage_failed, "an earlier commit failed"});
        }
        if (path == path::exchange) return exchange(body);
        if (path == path::found) return reply_to(found(body));
        if (path == path::enrol) return reply_to(enrol(body));
        return refusal(Error{ErrorCode::not_found, {}});
    }

    static Reply reply_to(Result<Bytes> message) {
        if (!message) return refusal(std::move(message).error());
        return {200, encode_frame(*message)};
    }

    // --- Founding and enrolment ----------------------------------------------------------------

    Result<Bytes> found(ByteView body) {
        const auto request = TRY(decode_founding_request(TRY(decode_frame(body))));
        return with_roster([&](Round& round) {
            return godwit::found(round.database, round.roster, cipher_, request,
                                 {keys_.signing.public_key, keys_.founding_secret, wall_.now_ms()});
        });
    }

    Result<Bytes> enrol(ByteView body) {
        const auto statements = TRY(decode_statements(TRY(decode_frame(body))));
        return with_roster([&](Round& round) {
            return godwit::enrol(round.database, round.roster, cipher_, statements, wall_.now_ms());
        });
    }

    Result<Bytes> with_roster(const Committer::Work& work) {
        std::vector<Bytes> statements;
        TRY(committer_.commit([&](Round& round) -> Result<void> {
            TRY(work(round));
            statements = TRY(whole_roster(round.database));
            return ok();
        }));
        return encode_statements(statements);
    }

    // --- Exchange ------------------------------------------------------------------------------

    Reply exchange(ByteView body) {
        ++exchanges_;
        const auto envelope = read_envelope(body);
        if (!envelope) return refusal(envelope.error());
        const auto roster = book_.present();
        if (!roster) return refusal(Error{ErrorCode::not_founded, {}});
        const ReplicaId replica = envelope->replica;
        const auto* sender = roster->replica(replica);
        if (sender == nullptr) return refusal(Error{ErrorCode::unknown_replica, {}});
        if (!nonces_.is_fresh(replica, envelope->nonce)) return stale(replica);
        const auto verified = verify(cipher_, *envelope, path::exchange, keys_.signing.public_key,
                                     sender->keys.signing);
        if (!verified && !is_planted(PlantedBug::request_unverified))
            return refusal(verified.error());
        if (!nonces_.use(replica, envelope->nonce)) return stale(replica);

        const RequestNonceBytes next = nonces_.make(replica);
        auto answer = answer_verified(*roster, *envelope, next);
        if (!answer) return refusal(Refused{std::move(answer).error(), next});
        return {200, encode_frame(encode_answer(*answer))};
    }

    Reply stale(const ReplicaId& replica) {
        return refusal(Refused{Error{ErrorCode::stale_nonce, {}}, nonces_.make(replica)});
    }

    Result<Answer> answer_verified(const Roster& roster, const Envelope& envelope,
                                   const RequestNonceBytes& next) {
        const Bytes message = TRY(decode_frame(envelope.payload));
        const VerifiedRequest offered =
            TRY(verify_request(cipher_, roster, envelope.replica, TRY(decode_request(message))));
        note_contact(offered);
        Accepted accepted = TRY(accept(offered));
        Answer& answer = accepted.answer;
        answer.nonce = next;
        switch (answer.standing) {
            case Standing::member:
                TRY(tell(offered, envelope.nonce, accepted));
                break;
            case Standing::retired:
                TRY(tell_parked(offered, accepted));
                break;
            case Standing::compromised:
                TRY(show_revocation(offered.replica, answer));
                break;
        }
        shorten(answer, offered.request, offered.replica);
        return std::move(answer);
    }

    void note_contact(const VerifiedRequest& offered) {
        const std::int64_t now_ms = wall_.now_ms();
        std::int64_t offset_ms = 0;
        if (__builtin_sub_overflow(now_ms, offered.request.clock_ms, &offset_ms)) offset_ms = 0;
        engine_.contacts().note(offered.replica, {now_ms, offered.request.unsent, offset_ms,
                                                  offered.request.app_version});
    }

    /// What the request brings, made durable. A request that brings nothing is not queued.
    Result<Accepted> accept(const VerifiedRequest& offered) {
        if (offered.is_only_asking()) return hear(offered);
        const AcceptorTerms terms{cipher_, keys_.signing.secret_key, wall_.now_ms()};
        Accepted accepted;
        TRY(committer_.commit([&](Round& round) -> Result<void> {
            accepted = TRY(ExchangeAcceptor(round, offered, terms).accept());
            return ok();
        }));
        changes_ += accepted.changes;
        return accepted;
    }

    /// The beginning of an answer to a request that brings nothing.
    Result<Accepted> hear(const VerifiedRequest& offered) {
        const Engine::Reading reading = TRY(engine_.read());
        Database& database = reading.database();
        const Request& request = offered.request;
        Accepted out;
        out.answer.epoch = TRY(present_epoch(database)).id;
        out.answer.clock_ms = wall_.now_ms();
        out.answer.standing = standing_of(*book_.present(), offered.replica);
        const LogIntake intake = TRY(LogIntake::open(database, offered.replica, request.log));
        out.answer.head = TRY(intake.head_to_tell(request.head));
        if (intake.is_shared_through_head(request.head)) out.shared_log = request.log;
        for (const FormerLog& former : request.former) {
            const auto held = TRY(LogIntake::open(database, offered.replica, former.log));
            out.answer.former.push_back(TRY(held.held_of_former(former.head)));
        }
        return out;
    }

    /// What became of a retired replica's last changes.
    Result<void> tell_parked(const VerifiedRequest& offered, Accepted& accepted) {
        if (accepted.answer.receipts.empty()) return ok();
        const Engine::Reading reading = TRY(engine_.read());
        const auto roster = book_.present();
        const Listener listener{offered.replica, accepted.shared_log};
        return Feed(reading.database(), *roster, listener, bounds_)
            .tell_own_parked(accepted.answer);
    }

    /// A replica destroys its keys at nobody's word but an administrator's.
    Result<void> show_revocation(const ReplicaId& replica, Answer& answer) {
        const Engine::Reading reading = TRY(engine_.read());
        answer.statements =
            TRY(make_revocation_proof(TRY(whole_roster(reading.database())), replica));
        return ok();
    }

    /// What the answer tells besides: read on this thread, after the commit.
    Result<void> tell(const VerifiedRequest& offered, const RequestNonceBytes& nonce,
                      Accepted& accepted) {
        const Engine::Reading reading = TRY(engine_.read());
        const auto roster = book_.present();
        Answer& answer = accepted.answer;
        Listener listener{offered.replica, accepted.shared_log};
        // What somebody heard of their own words in another epoch was another reception of them.
        const bool is_of_now = offered.request.epoch == answer.epoch;
        if (!is_of_now && !offered.request.epoch.is_zero()) listener.shared_log.reset();
        TRY(Feed(reading.database(), *roster, listener, bounds_).tell(offered.request, answer));
        for (std::size_t index = 0; index < answer.former.size(); ++index) {
            const LogId& log = offered.request.former[index].log;
            const auto mark = TRY(load_safe_mark(reading.database(), log));
            if (mark) answer.former[index].safe = encode_safe_mark(*mark);
        }
        const auto mark = TRY(load_safe_mark(reading.database(), offered.request.log));
        if (!mark) return ok();
        if (mark->through > safe_told_.known_through(offered.replica, nonce)) {
            answer.safe = encode_safe_mark(*mark);
        }
        safe_told_.note_answer(offered.replica, answer.nonce, mark->through);
        return ok();
    }

    const AnswerBounds bounds_;
    Engine& engine_;
    const ServerKeys& keys_;
    const Cipher& cipher_;
    const WallClock& wall_;
    RosterBook book_;
    NonceBook nonces_;
    SafeMarksTold safe_told_;
    std::optional<Error> cannot_serve_;  ///< The roster in the store does not hold.
    std::atomic<bool> is_stopping_{};
    std::atomic<std::uint64_t> exchanges_{};
    std::atomic<std::uint64_t> refused_{};
    std::atomic<std::uint64_t> changes_{};
    Committer committer_;
};

Service::Service(ServerStore& store, const ServerKeys& keys, const Cipher& cipher, Random& random,
                 const WallClock& wall, const AnswerBounds& bounds) {
    parts_ = std::make_unique<Parts>(store, keys, cipher, random, wall, bounds);
}

Service::~Service() = default;

Reply Service::answer(std::string_view path, ByteView body) {
    return parts_->answer(path, body);
}

ServiceCounts Service::counts() const {
    return parts_->counts();
}

void Service::stop() {
    parts_->stop();
}

}  // namespace godwit
