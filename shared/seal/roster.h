/// The roster: what all accepted statements add up to. Every replica and the server hold the same
/// statements and check each one themselves; nobody takes the server's word for a key.
///
/// Invariants
///   - Only statements that verify and that their signer may make are in it.
///   - It only grows; a statement never changes what an earlier one signed.
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
    ///   wrong_organisation, bad_signature, not_permitted
    ///   roster_behind        the signer's previous statement is not held, or is another
    ///   invitation_unknown, invitation_used, invitation_expired
    ///   unknown_team, unknown_member, unknown_replica, already_founded, already_enrolled
    Result<void> accept(ByteView statement, std::optional<std::int64_t> now_ms);

    /// Adds the statements of an invitation whose chain is not held whole: founding, the inviting
    /// administrator's enrolment if it was not the founder, teams, and the invitation itself. Lets
    /// a phone work before its first exchange; the chains are filled in by it.
    Result<void> accept_proof(const std::vector<Bytes>& statements);

    [[nodiscard]] bool is_founded() const { return founding_.has_value(); }
    [[nodiscard]] const Founding& founding() const;
    [[nodiscard]] const OrganisationId& organisation() const { return organisation_; }

    [[nodiscard]] const ReplicaEntry* replica(const ReplicaId& id) const;
    [[nodiscard]] const MemberEntry* member(const MemberId& id) const;
    [[nodiscard]] const std::map<ReplicaId, ReplicaEntry>& replicas() const { return replicas_; }
    [[nodiscard]] const std::map<MemberId, MemberEntry>& members() const { return members_; }
    [[nodiscard]] const std::map<TeamId, Bytes>& teams() const { return teams_; }  ///< Sealed names.
    [[nodiscard]] const std::map<InvitationId, InvitationEntry>& invitations() const { return invitations_; }

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

    /// How many statements are held whole, and a digest over the set: two ends whose counts and
    /// digests agree have nothing to tell each other.
    [[nodiscard]] std::size_t count() const { return held_.size(); }
    [[nodiscard]] bool holds(const Digest& statement_digest) const { return held_.contains(statement_digest); }

private:
    struct Chain {
        std::uint64_t number{};
        Digest hash{};
    };

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
};

}  // namespace godwit
