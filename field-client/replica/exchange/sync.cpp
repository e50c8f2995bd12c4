// sync: exchanges until both ends have what they need.

#include "field-client/replica/exchange/enrolment.h"
#include "field-client/replica/exchange/methods.h"
#include "field-client/replica/exchange/parked.h"
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

/// Rounds until the exchange is done. What was absorbed before a failure stays.
Result<void> run_exchange(Session& session, ServerLink& link, ReplicaSession& exchange) {
    const SigningPublicKey server = session.roster.founding().server;
    const Sequence head = TRY(session.store.head()).sequence;
    TRY(ask_for_what_was_let_go(session));
    while (true) {
        const ExchangeState state = TRY(session.store.exchange_state());
        const std::uint64_t total = exchange.report().changes_delivered +
                                    (head > state.delivered ? head - state.delivered : 0);
        if (session.host.progress) {
            session.host.progress("sync", exchange.report().changes_delivered, total);
        }
        const std::optional<Bytes> message = TRY(exchange.next());
        if (!message) return ok();
        const std::int64_t asked_ms = session.host.wall.now_ms();
        Result<Bytes> answer = link.exchange(session.self(), server, state.nonce, *message);
        if (!answer && answer.error().code == ErrorCode::unknown_replica) {
            TRY(tell_enrolment_again(session.store, link));
            answer = link.exchange(session.self(), server, state.nonce, *message);
        }
        if (!answer && link.may_have_spent_nonce()) TRY(forget_nonce(session));
        const Bytes answered = TRY(std::move(answer));
        exchange.note_elapsed(session.host.wall.now_ms() - asked_ms);
        TRY(exchange.absorb(answered));
    }
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

Result<Json> sync_method(Session& session, const Json& parameters) {
    Parameters given(parameters);
    const auto other_url = TRY(given.optional_text("server"));
    TRY(given.finish());
    const Identity& self = session.self();
    ServerLink link(session.host, other_url ? *other_url : self.server_url, self.server_pin);
    if (!session.roster.is_founded()) return ErrorCode::not_founded;
    TRY(tell_enrolment(session.store, session.roster, session.host.cipher, link));
    session.keys.clear();
    StoreOffer offer(session);
    ReplicaSession exchange(offer, self.replica);
    const Result<void> outcome = run_exchange(session, link, exchange);
    if (offer.is_compromised()) {
        // Now, whether or not the last of its work went up.
        session.keys.clear();
        TRY(session.store.destroy_keys());
        return report(exchange, offer, link.traffic());
    }
    session.store.tidy();
    TRY(outcome);
    return report(exchange, offer, link.traffic());
}

constexpr Method methods[] = {
    {"sync", sync_method}, {"parked", parked_method}, {"adopt", adopt_method}};

}  // namespace

std::span<const Method> exchange_methods() {
    return methods;
}

}  // namespace godwit
