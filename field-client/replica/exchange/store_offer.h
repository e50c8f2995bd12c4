/// What the store brings to an exchange, and how an answer comes to stand in it.
///
/// Invariants
///   - An answer is absorbed whole, in one transaction, or not at all; a crash in between costs
///     only asking again.
///   - Nothing the server says about keys or people is taken on its word.
///
/// Spec: exchange §5.
#pragma once

#include <map>
#include <set>

#include "field-client/replica/exchange/closed_log.h"
#include "field-client/replica/exchange/own_statements.h"
#include "field-client/replica/segment_writer.h"
#include "shared/protocol/replica_session.h"

namespace godwit {

class StoreOffer final : public ReplicaOffer {
public:
    /// `session` must outlive the offer, which serves one sync.
    explicit StoreOffer(Session& session) : session_(session) {}

    Result<Request> offer() override;
    Result<void> add_segments(Request& request, Sequence after, std::size_t bytes_max) override;
    Result<void> absorb(const Request& request, const Answer& answer) override;
    Sequence delivered_through() override;

    /// Parked items heard of in this sync.
    [[nodiscard]] const std::vector<ParkedItem>& parked() const { return parked_; }
    /// Own statements the server would not have.
    [[nodiscard]] const std::vector<RefusedStatement>& refused() const { return refused_; }

    /// Whether an answer showed that an administrator revoked this replica as compromised.
    [[nodiscard]] bool is_compromised() const { return is_compromised_; }

private:
    /// What one answer does, on its way through the transaction.
    struct Absorbing {
        const Request& request;
        const Answer& answer;
        ExchangeState state;
        ParkedDots own_parked{};
        std::set<RecordId> touched{};
        RosterNews news{};
        bool is_new_epoch{};
        bool was_restored{};       ///< The epoch is new, and not the first one heard of.
        bool has_offered_all{};    ///< The request brought all statements held here.
        bool is_roster_at_odds{};  ///< What is held here has no place in the server's order.
        std::map<RecordId, ParkedDots> parked_since{};  ///< Own, merged once, of former logs.
        std::map<RecordId, TeamId> not_erased{};  ///< Erased here, at nobody's word but our own.
    };

    Result<void> add_statements(Request& request, const ExchangeState& state);
    Result<void> add_proofs(Request& request);
    /// The keys of one record as the last request carried them.
    struct OfferedKeys {
        RecordKeyStatement statement;
        std::vector<Wrap> wraps;
        Audience audience{Audience::owner};
        bool is_new{};  ///< Finished for this request, and kept once the server has them.
    };

    Result<void> add_keys(Request& request);
    Result<void> choose_keys(const Request& request);
    Result<std::size_t> choose_key(WrapMaker& maker, const RecordId& id);
    Result<std::size_t> choose_kept_key(const RecordId& id);
    std::size_t offer_key(const RecordId& id, OfferedKeys offered);
    void sign_new_keys();
    /// What a request may bring of the own logs.
    struct Wanted : Stretch {
        bool ends_there{};  ///< What stands behind `through` is not to be offered with it.
    };

    Wanted wanted_of(const Request& request, const ExchangeState& state, Sequence after) const;
    Result<void> add_stretch(Request& request, const Wanted& of, std::size_t bytes_max);
    Result<std::vector<Bytes>> segments_of(const Wanted& of, std::size_t bytes_max);
    Result<void> fit_to_receipts(Request& request, const Wanted& of);
    SegmentWriter segment_writer(const Digest& previous, std::size_t bytes_target);
    Result<void> sign_segments(const Wanted& of, std::size_t bytes_max);
    Result<bool> cut_smaller(const Request& request, const Wanted& of, std::size_t bytes_max);

    Result<void> absorb_all(Absorbing& now);
    Result<void> follow_epoch(Absorbing& now);
    Result<void> absorb_member(Absorbing& now, const Roster& before);
    Result<void> leave_team(Absorbing& now, const TeamId& team);
    Result<void> absorb_roster(Absorbing& now);
    Result<void> ask_for_whole_roster(const Answer& answer);
    Result<void> absorb_parked(Absorbing& now);
    Result<void> take_out_parked(Absorbing& now);
    Result<void> note_refused_erasure(Absorbing& now, const ParkedItem& item);
    Result<void> take_back_erasures(Absorbing& now);
    Result<void> absorb_safe(Absorbing& now);
    Result<void> follow_log(Absorbing& now);
    Result<void> clear_sent(Absorbing& now);
    Result<void> queue_unkeyed(const RecordId& id);
    Result<void> queue_keys_of_words(const Request& request);
    Result<void> clear_sent_erasures(Absorbing& now);
    Result<bool> keep_sent(Absorbing& now, const RecordId& id, const OfferedKeys& keys);

    Session& session_;
    ClosedLog closed_;
    std::map<RecordId, OfferedKeys> offered_keys_;
    std::set<RecordId> keys_brought_;  ///< In this sync, by a compromised replica.
    std::set<RecordId> unproven_;  ///< Erased here, and the server wants to be shown who said so.
    std::set<RecordId> proved_;    ///< Those of them that the last request showed.
    std::vector<ParkedItem> parked_;
    std::vector<RefusedStatement> refused_;
    std::vector<Bytes> made_;  ///< Statements owed, made for this sync and offered until taken.
    int signed_again_count_{};
    bool is_compromised_{};
    bool is_owing_done_{};   ///< Nothing more is made in this sync.
    bool has_asked_anew_{};  ///< For the roster from the start, in this sync.
};

}  // namespace godwit
