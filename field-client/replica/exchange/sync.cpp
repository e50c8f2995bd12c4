// sync: exchanges until both ends have what they need.

#include <utility>

#include "field-client/replica/exchange/enrolment.h"
#include "field-client/replica/exchange/methods.h"
#include "field-client/replica/exchange/record_news.h"
#include "field-client/replica/exchange/store_offer.h"
#include "field-client/replica/lookup.h"
#include "shared/base/text.h"

namespace godwit {

namespace {

std::string_view name_of(Standing standing) {
    switch (standing) {
        case Standing::member:
            return "member";
        case Standing::retired:
            return "retired";
        case Standing::compromised:
            return "compromised";
    }
    return "member";
}

std::string_view name_of_kind(std::size_t index) {
    constexpr std::string_view names[] = {"founding",  "team",       "member",     "invitation",
                                          "enrolment", "revocation", "reader_key", "grant"};
    return index < std::size(names) ? names[index] : "statement";
}

/// The server may have read a request whose answer was lost, and takes its nonce no more.
Result<void> forget_nonce(Session& session) {
    return session.store.transaction([&]() -> Result<void> {
        ExchangeState state = TRY(session.store.exchange_state());
        state.nonce = {};
        return session.store.save(state);
    });
}

Json report(const ReplicaSession& exchange, const StoreOffer& offer, const Traffic& traffic) {
    const SessionReport& told = exchange.report();
    Json parked = Json::array();
    for (const ParkedItem& item : offer.parked()) {
        if (item.adopted) continue;
        parked.push_back({{"change", format_dot(item.dot)},
                          {"record", to_text(item.record)},
                          {"reason", facts(item.reason).key}});
    }
    Json out = {{"delivered", told.changes_delivered},
                {"received", told.records_received},
                {"parked", std::move(parked)},
                {"round_trips", traffic.round_trips},
                {"bytes_up", traffic.bytes_up},
                {"bytes_down", traffic.bytes_down},
                {"clock_offset_ms", told.clock_offset_ms},
                {"standing", name_of(told.standing)}};
    if (offer.refused().empty()) return out;
    Json refused = Json::array();
    for (const RefusedStatement& each : offer.refused()) {
        refused.push_back(
            {{"statement", name_of_kind(each.kind)}, {"reason", facts(each.reason.code).key}});
    }
    out["refused"] = std::move(refused);
    return out;
}

class Sync final : public Errand {
public:
    Sync(Session& session, std::string url)
        : session_(session),
          link_(session.host, std::move(url), session.self().server_pin),
          offer_(session),
          exchange_(offer_, session.self().replica) {}

    void begin() { end_unless_asking(begun()); }

    [[nodiscard]] const Post* wanted() const override { return link_.wanted(); }

    void take(const Heard& heard) override { end_unless_asking(absorb(heard)); }

    Result<Json> outcome() override { return std::move(outcome_); }

private:
    enum class Step : std::uint8_t {
        enrolling,  ///< An enrolment that was made without the server.
        exchanging,
        enrolling_again,  ///< The server was restored from before this replica came.
    };

    Result<void> begun() {
        if (auto enrolment = TRY(unconfirmed_enrolment(session_.store))) {
            own_enrolment_ = *std::move(enrolment);
            ask_to_enrol(Step::enrolling, {own_enrolment_});
            return ok();
        }
        return start();
    }

    Result<void> start() {
        session_.keys.clear();
        head_ = TRY(session_.store.head()).sequence;
        TRY(ask_for_what_was_let_go(session_));
        return next_round();
    }

    /// Nothing is asked where the exchange is done.
    Result<void> next_round() {
        TRY(tell_progress());
        auto message = TRY(exchange_.next());
        if (!message) return ok();
        message_ = *std::move(message);
        asked_ms_ = session_.host.wall.now_ms();
        was_told_again_ = false;
        return ask_to_exchange();
    }

    Result<void> tell_progress() {
        if (!session_.host.progress) return ok();
        const Sequence delivered = TRY(session_.store.exchange_state()).delivered;
        const std::uint64_t done = exchange_.report().changes_delivered;
        session_.host.progress("sync", done, done + (head_ > delivered ? head_ - delivered : 0));
        return ok();
    }

    Result<void> ask_to_exchange() {
        step_ = Step::exchanging;
        link_.ask_signed(session_.self(), session_.roster.founding().server,
                         TRY(session_.store.exchange_state()).nonce, message_);
        return ok();
    }

    void ask_to_enrol(Step step, const std::vector<Bytes>& statements) {
        step_ = step;
        link_.ask(path::enrol, encode_statements(statements));
    }

    Result<void> absorb(const Heard& heard) {
        auto answer = link_.take(heard);
        if (step_ == Step::exchanging) return absorb_exchanged(std::move(answer));
        const auto enrolled = TRY(std::move(answer));
        if (!enrolled) return ok();
        if (step_ == Step::enrolling_again) return ask_to_exchange();
        session_.roster =
            TRY(take_enrolment(session_.store, session_.host.cipher, own_enrolment_, *enrolled));
        return start();
    }

    Result<void> absorb_exchanged(Result<std::optional<Bytes>> answer) {
        const bool is_unknown = !answer && answer.error().code == ErrorCode::unknown_replica;
        if (is_unknown && !std::exchange(was_told_again_, true)) {
            ask_to_enrol(Step::enrolling_again, TRY(enrolment_again(session_.store)));
            return ok();
        }
        if (!answer && link_.may_have_spent_nonce()) TRY(forget_nonce(session_));
        const auto answered = TRY(std::move(answer));
        if (!answered) return ok();
        exchange_.note_elapsed(session_.host.wall.now_ms() - asked_ms_);
        TRY(exchange_.absorb(*answered));
        return next_round();
    }

    void end_unless_asking(const Result<void>& went) {
        if (!went || link_.wanted() == nullptr) outcome_ = ended(went);
    }

    Result<Json> ended(const Result<void>& went) {
        if (offer_.is_compromised()) {
            // Now, whether or not the last of its work went up.
            session_.keys.clear();
            TRY(session_.store.destroy_keys());
            return report(exchange_, offer_, link_.traffic());
        }
        session_.store.tidy();
        TRY(went);
        return report(exchange_, offer_, link_.traffic());
    }

    Session& session_;
    ServerLink link_;
    StoreOffer offer_;
    ReplicaSession exchange_;
    Step step_{Step::exchanging};
    Bytes own_enrolment_;
    Sequence head_{};  ///< Of the log, when it began.
    Bytes message_;    ///< Of the round under way.
    std::int64_t asked_ms_{};
    bool was_told_again_{};  ///< In this round.
    Result<Json> outcome_{Json()};
};

}  // namespace

Result<std::unique_ptr<Errand>> begin_sync(Session& session, const Json& parameters) {
    Parameters given(parameters);
    const auto other_url = TRY(given.optional_text("server"));
    TRY(given.finish());
    if (!session.roster.is_founded()) return ErrorCode::not_founded;
    auto sync = std::make_unique<Sync>(session, other_url ? *other_url : session.self().server_url);
    sync->begin();
    return std::unique_ptr<Errand>(std::move(sync));
}

}  // namespace godwit
