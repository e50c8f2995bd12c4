/// The roster: what all accepted statements add up to. Every replica and the server hold the same
/// statements and check each one themselves; nobody takes the server's word for a key.
///
/// Invariants
///   - Only statements that verify and that their signer may make are in it.
///   - It only grows; a statement never changes what an earlier one signed.
///
/// What a statement may do is judged by what was accepted before it, so every replica takes
/// statements in the server's order. One that makes statements offline puts them last: it gathers
/// its roster anew from the server's statements and then its own that wait.
///
/// Spec: sealing §5.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "shared/seal/roster_statement.h"

namespace godwit {

class Roster {
public:
    struct ReplicaEntry {
        ReplicaKeys keys;
        MemberId member;
        std::int64_t enrolled_ms{};
        std::optional<Manner> revoked;
        std::int64_t revoked_ms{};
    };
    struct MemberEntry {
        Bytes sealed_name;
        std::vector<Place> places;
    };
    struct ReaderKeyEntry {
        std::uint64_t epoch{};
        BoxPublicKey key;
        std::map<ReplicaId, Bytes> grants;  ///< Boxes of the secret half, by replica.
    };
    struct InvitationEntry {
        InvitationStatement statement;
        ReplicaId by;
        std::optional<ReplicaId> used_by;
    };
    /// Somebody entitled to a reader key who holds no grant of it yet.
    struct Waiting {
        TeamId team;
        Readers readers;
        std::uint64_t epoch;
        ReplicaId replica;
    };

    /// `root` is what an invitation or a founding link vouches for; statements of any other
    /// organisation are refused.
    Roster(const Cipher& cipher, OrganisationId organisation);

    /// Adds a statement, given whole as received. A statement already held changes nothing.
    /// `now_ms` judges expiry of invitations at the server and is nothing for statements that a
    /// server accepted before. Fails, changing nothing, with
    ///   the errors of decode_statement()
    ///   not_founded, wrong_organisation, bad_signature, not_permitted, bad_key
    ///   roster_behind        the signer's previous statement is not held, or is another; or
    ///                        somebody else made that epoch of the reader key
    ///   no_reader_key        a grant of a key that nobody made
    ///   invitation_unknown, invitation_used, invitation_expired
    ///   unknown_team, unknown_member, unknown_replica, already_founded, already_enrolled
    Result<void> accept(ByteView statement, std::optional<std::int64_t> now_ms);

    /// Adds the statements of an invitation whose chain is not held whole: founding, enrolments and
    /// the invitations they used from the founder down to whoever invites, teams, and the
    /// invitation itself: see make_proof(). Lets a phone work before its first exchange; the
    /// chains are filled in by it. Fails as accept() does, changing nothing.
    Result<void> accept_proof(const std::vector<Bytes>& statements);

    /// Whether `statements` (see make_revocation_proof()), on top of what is held, show that an
    /// administrator revoked `replica` as compromised. Chains are not asked for, as in a proof.
    /// Fails as accept_proof() does, or with not_permitted when they show no such thing.
    [[nodiscard]] Result<void> check_compromised(const std::vector<Bytes>& statements,
                                                 const ReplicaId& replica) const;

    [[nodiscard]] bool is_founded() const { return founding_.has_value(); }
    [[nodiscard]] const Founding& founding() const;
    [[nodiscard]] const OrganisationId& organisation() const { return organisation_; }

    [[nodiscard]] const ReplicaEntry* replica(const ReplicaId& id) const;
    [[nodiscard]] const MemberEntry* member(const MemberId& id) const;
    [[nodiscard]] const std::map<ReplicaId, ReplicaEntry>& replicas() const { return replicas_; }
    [[nodiscard]] const std::map<MemberId, MemberEntry>& members() const { return members_; }
    [[nodiscard]] const std::map<TeamId, Bytes>& teams() const {
        return teams_;
    }  ///< Sealed names.
    [[nodiscard]] const std::map<InvitationId, InvitationEntry>& invitations() const {
        return invitations_;
    }

    /// The role of the replica's member in `team`; administrators have theirs in the zero team.
    /// Nothing for strangers. Revocation does not change it: ask `replica()->revoked`.
    [[nodiscard]] std::optional<Role> role(const ReplicaId& replica, const TeamId& team) const;
    [[nodiscard]] bool is_administrator(const ReplicaId& replica) const;
    [[nodiscard]] std::vector<Place> places(const ReplicaId& replica) const;

    /// The newest reader key of a team; null while no supervisor has made one.
    [[nodiscard]] const ReaderKeyEntry* reader_key(const TeamId& team, Readers readers) const;
    [[nodiscard]] const ReaderKeyEntry* reader_key(const TeamId& team, Readers readers,
                                                   std::uint64_t epoch) const;
    [[nodiscard]] std::vector<Waiting> waiting() const;

    /// The number and hash with which `signer` continues its chain.
    struct Next {
        std::uint64_t number;
        Digest previous;
    };
    [[nodiscard]] Next next(const std::array<std::uint8_t, 16>& signer) const;

    /// How many statements are held with the chain before them; those of a proof are not.
    [[nodiscard]] std::size_t count() const { return held_.size(); }
    [[nodiscard]] bool holds(const Digest& statement_digest) const {
        return held_.contains(statement_digest);
    }

private:
    struct Chain {
        std::uint64_t number{};
        Digest hash{};
    };
    /// How a statement came, beside what it says.
    struct Circumstances {
        ReplicaId signer;
        std::optional<std::int64_t> now_ms;
        bool is_in_proof{};  ///< It comes within a proof: what it rests on may be held by nobody
                             ///< here.
        bool is_proven{};    ///< It came within a proof before, and what it says stands already.
    };

    [[nodiscard]] Result<void> check_signature(const Statement& statement, ByteView bytes) const;
    [[nodiscard]] Result<void> check_chain(const Statement& statement) const;
    [[nodiscard]] Result<void> check_standing(const Statement& statement,
                                              const Circumstances& how) const;
    [[nodiscard]] Result<void> check(const Founding& body, const Circumstances& how) const;
    [[nodiscard]] Result<void> check(const TeamStatement& body, const Circumstances& how) const;
    [[nodiscard]] Result<void> check(const MemberStatement& body, const Circumstances& how) const;
    [[nodiscard]] Result<void> check(const InvitationStatement& body,
                                     const Circumstances& how) const;
    [[nodiscard]] Result<void> check(const Enrolment& body, const Circumstances& how) const;
    [[nodiscard]] Result<void> check(const Revocation& body, const Circumstances& how) const;
    [[nodiscard]] Result<void> check(const ReaderKeyStatement& body,
                                     const Circumstances& how) const;
    [[nodiscard]] Result<void> check(const GrantStatement& body, const Circumstances& how) const;
    [[nodiscard]] Result<void> check_administrator(const Circumstances& how) const;
    [[nodiscard]] Result<void> check_teams(const std::vector<Place>& places,
                                           const Circumstances& how) const;
    [[nodiscard]] Result<void> check_grants(const TeamId& team, Readers readers,
                                            const std::vector<Grant>& grants) const;
    [[nodiscard]] Result<void> check_consent(const Enrolment& body,
                                             const InvitationEntry& invitation) const;
    [[nodiscard]] bool is_entitled(const ReplicaId& replica, const TeamId& team,
                                   Readers readers) const;

    void apply(const Founding& body, const ReplicaId& signer);
    void apply(const TeamStatement& body, const ReplicaId& signer);
    void apply(const MemberStatement& body, const ReplicaId& signer);
    void apply(const InvitationStatement& body, const ReplicaId& signer);
    void apply(const Enrolment& body, const ReplicaId& signer);
    void apply(const Revocation& body, const ReplicaId& signer);
    void apply(const ReaderKeyStatement& body, const ReplicaId& signer);
    void apply(const GrantStatement& body, const ReplicaId& signer);
    void apply(const Statement& statement);
    Result<void> add_proven(ByteView bytes);
    Result<void> add_proven(const Statement& statement, ByteView bytes);

    const Cipher* cipher_;
    OrganisationId organisation_;
    std::optional<Founding> founding_;
    std::map<ReplicaId, ReplicaEntry> replicas_;
    std::map<MemberId, MemberEntry> members_;
    std::map<TeamId, Bytes> teams_;
    std::map<InvitationId, InvitationEntry> invitations_;
    std::map<std::pair<TeamId, Readers>, std::vector<ReaderKeyEntry>> reader_keys_;
    std::map<std::array<std::uint8_t, 16>, Chain> chains_;
    std::set<Digest> held_;
    std::set<Digest> proven_;  ///< By a proof only, their chains not held.
};

}  // namespace godwit
