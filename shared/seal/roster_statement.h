/// One signed statement of the roster: who belongs, as what, with which keys.
///
///   statement = [ 1, organisation, signer, number, previous, kind, body, signature ]
///   signed    = "godwit statement 1" ‖ the encoding of [1, organisation, … , body] as an array of
///   7 previous  = SHA-256 of the signer's statement `number - 1`, whole; zeros for number 1
///
/// Each signer has a chain of its own, numbered from 1, so that administrators do not wait for one
/// another and nobody can drop a statement out of the middle. The founding statement is signed by
/// the root key and its signer is the organisation's id; every other one by the replica named.
///
/// Names are sealed under the organisation key: the server relays them unread.
///
/// Layouts of the bodies, by kind:
///
///   1 founding   [root, server, recovery, sealed name, member, sealed name, replica keys, wall_ms]
///   2 team       [team, sealed name, wall_ms]
///   3 member     [member, sealed name, [place, …], wall_ms]
///   4 invitation [invitation, key, member, [place, …], expires_ms, wall_ms]
///   5 enrolment  [invitation, replica keys, consent, wall_ms]
///   6 revocation [replica, manner, wall_ms]
///   7 reader key [team, readers, epoch, key, [grant, …], wall_ms]
///   8 grant      [team, readers, epoch, [grant, …], wall_ms]
///   replica keys = [replica, signing, box]   place = [team, role]   grant = [replica, box]
///
/// Spec: sealing §5.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "shared/model/record_type.h"
#include "shared/seal/cipher.h"

namespace godwit {

inline constexpr std::size_t statement_bytes_max = 64 * 1024;
inline constexpr std::size_t grants_max = 512;  ///< In one statement; more are said in another.
inline constexpr std::size_t grant_box_bytes = BoxSecretKey::size + Cipher::box_overhead_bytes;

struct ReplicaKeys {
    ReplicaId replica;
    SigningPublicKey signing;
    BoxPublicKey box;

    bool operator==(const ReplicaKeys&) const = default;
};

/// A role in a team; for administrators and advocates of the whole organisation the team is zero.
/// Administrators have no other place, workers and supervisors never that one.
struct Place {
    TeamId team;
    Role role{Role::worker};
    auto operator<=>(const Place&) const = default;
};

/// organisation = first 16 bytes of SHA-256("godwit organisation 1" ‖ root).
struct Founding {
    SigningPublicKey root;
    SigningPublicKey server;  ///< Signs receipts.
    BoxPublicKey recovery;
    Bytes sealed_name;
    MemberId member;  ///< The first administrator …
    Bytes sealed_member_name;
    ReplicaKeys replica;  ///< … and their replica.
    std::int64_t wall_ms{};
    bool operator==(const Founding&) const = default;
};

/// By an administrator. Said again with the same id, it renames.
struct TeamStatement {
    TeamId team;
    Bytes sealed_name;
    std::int64_t wall_ms{};
    bool operator==(const TeamStatement&) const = default;
};

/// By an administrator. Said again with the same id, it replaces name and places.
struct MemberStatement {
    MemberId member;
    Bytes sealed_name;
    std::vector<Place> places;  ///< Ascending, one a team. Empty: no access any more.
    std::int64_t wall_ms{};
    bool operator==(const MemberStatement&) const = default;
};

/// By an administrator: one replica may join for `member`, with whoever holds the invitation key.
struct InvitationStatement {
    InvitationId invitation;
    SigningPublicKey key;
    MemberId member;
    std::vector<Place>
        places;  ///< The member's, so that an invited phone can work before its first exchange.
    std::int64_t expires_ms{};
    std::int64_t wall_ms{};
    bool operator==(const InvitationStatement&) const = default;
};

/// By the replica that joins, as its first statement. `consent` is the invitation key's signature
/// over "godwit enrolment 1" ‖ organisation ‖ invitation ‖ replica ‖ signing ‖ box.
struct Enrolment {
    InvitationId invitation;
    ReplicaKeys replica;
    Signature consent{};
    std::int64_t wall_ms{};
    bool operator==(const Enrolment&) const = default;
};

enum class Manner : std::uint8_t { retired = 1, compromised = 2 };

/// By an administrator.
struct Revocation {
    ReplicaId replica;
    Manner manner{Manner::retired};
    std::int64_t wall_ms{};
    bool operator==(const Revocation&) const = default;
};

/// For whom a reader key opens. Numbers as in Recipient.
enum class Readers : std::uint8_t { members = 2, supervisors = 3 };

/// A reader key's secret half, boxed for one replica.
struct Grant {
    ReplicaId replica;
    Bytes box;
    bool operator==(const Grant&) const = default;
};

/// By a supervisor of the team: a new reader key, granted to its maker and others present.
struct ReaderKeyStatement {
    TeamId team;
    Readers readers{Readers::members};
    std::uint64_t epoch{1};
    BoxPublicKey key;
    std::vector<Grant> grants;  ///< By replica, ascending, unique, at most grants_max.
    std::int64_t wall_ms{};
    bool operator==(const ReaderKeyStatement&) const = default;
};

/// By a replica that holds the key.
struct GrantStatement {
    TeamId team;
    Readers readers{Readers::members};
    std::uint64_t epoch{1};
    std::vector<Grant>
        grants;  ///< By replica, ascending, unique, at least one, at most grants_max.
    std::int64_t wall_ms{};
    bool operator==(const GrantStatement&) const = default;
};

/// In the order of their numbers on the wire: founding is kind 1.
using StatementBody = std::variant<Founding, TeamStatement, MemberStatement, InvitationStatement,
                                   Enrolment, Revocation, ReaderKeyStatement, GrantStatement>;

struct Statement {
    OrganisationId organisation;
    std::array<std::uint8_t, 16> signer{};  ///< A ReplicaId, or the OrganisationId for the root.
    std::uint64_t number{1};
    Digest previous{};
    StatementBody body;
    Signature signature{};
    bool operator==(const Statement&) const = default;
};

OrganisationId organisation_id(const SigningPublicKey& root);
Bytes signed_bytes(const Statement& statement);
Bytes enrolment_bytes(const OrganisationId& organisation, const InvitationId& invitation,
                      const ReplicaKeys& replica);

/// Puts places and grants in their order, signs `statement` in place, and returns its bytes.
Bytes sign_statement(const Cipher& cipher, Statement& statement, const SigningSecretKey& key);

/// What the signature is over, taken from the bytes received: `statement` has been decoded.
Bytes signed_part_of(ByteView statement);

Bytes encode_statement(const Statement& statement);
/// Fails with the decoder's errors, too_large or unknown_version. An unknown kind is refused: a
/// roster that cannot be understood whole must not be acted upon.
Result<Statement> decode_statement(ByteView bytes);

/// A name under the organisation key, as a CBOR text padded like any sealed value; associated data
/// "godwit name 1". `name` is valid UTF-8.
Bytes seal_name(const Cipher& cipher, Random& random, const OrganisationKey& key,
                std::string_view name);
/// Fails with cannot_open, or with the decoder's errors when what was sealed is no name.
Result<std::string> open_name(const Cipher& cipher, const OrganisationKey& key, ByteView sealed);

}  // namespace godwit
