/// The key of a record, and the statement that vouches for it.
///
/// Keys reach their readers in wraps, which live apart from the change log, so that deleting them
/// erases. The server holds the wraps and could swap one for a key it knows, so the maker signs a
/// commitment to the key once, and whoever opens a wrap holds it to that commitment.
///
/// One signature serves as many statements as were made together: they are the leaves of a tree of
/// digests, and a statement carries the digests beside its way to the top. Those are digests of
/// what nobody can guess: they say nothing of the records they stand for.
///
///   commitment = BLAKE2b-256("godwit record key 1" ‖ record, key = record key)
///   leaf       = "godwit record key 1" ‖ record ‖ team ‖ commitment
///   node       = "godwit record keys 1" ‖ SHA-256(left) ‖ SHA-256(right)
///   signed     = the top: a leaf that stands alone, or a node over 2, 4, 8, … 64 leaves
///
/// Spec: sealing §4, decisions/0015. Source: Merkle, A Digital Signature Based on a Conventional
/// Encryption Function (1987); RFC 6962 for keeping leaves and nodes apart.
#pragma once

#include <set>
#include <vector>

#include "shared/seal/cipher.h"

namespace godwit {

struct RecordKeyStatement {
    /// The most levels below a top: one signature serves at most 64 statements.
    static constexpr std::size_t path_count_max = 6;

    RecordId record;
    TeamId team;
    ReplicaId maker;
    Digest commitment{};
    std::uint32_t place{};     ///< Among the leaves of its tree, from 0.
    std::vector<Digest> path;  ///< What stands beside its way up, from its own neighbour on.
    Signature signature{};     ///< All zero until signed: with the next exchange.

    [[nodiscard]] bool is_signed() const { return signature != Signature{}; }
    bool operator==(const RecordKeyStatement&) const = default;
};

/// The statement of a new key, not signed yet.
RecordKeyStatement commit_to_record_key(const Cipher& cipher, const RecordKey& key,
                                        const RecordId& record, const TeamId& team,
                                        const ReplicaId& maker);

/// Whether `key` is what `statement` commits to.
bool is_committed_to(const Cipher& cipher, const RecordKeyStatement& statement,
                     const RecordKey& key);

/// Signs statements of one maker and team, with as few signatures as their trees need. They are
/// known to have been made together to whoever is told one of them.
void sign_record_keys(const Cipher& cipher, std::span<RecordKeyStatement* const> statements,
                      const SigningSecretKey& signing_key);

/// One statement, signed alone.
RecordKeyStatement state_record_key(const Cipher& cipher, const RecordKey& key,
                                    const RecordId& record, const TeamId& team,
                                    const ReplicaId& maker, const SigningSecretKey& signing_key);

/// Fails with bad_signature.
Result<void> verify(const Cipher& cipher, const RecordKeyStatement& statement,
                    const SigningPublicKey& maker_key);

/// Verifies statements one at a time and each signature once.
class RecordKeyVerifier {
public:
    /// Fails with bad_signature.
    Result<void> verify(const Cipher& cipher, const RecordKeyStatement& statement,
                        const SigningPublicKey& maker_key);
    void clear() { held_.clear(); }

private:
    std::set<Digest> held_;  ///< Digests of tops with the signatures and keys that held.
};

/// What a statement contributes to its tree.
Digest leaf_of(const RecordKeyStatement& statement);
/// What two digests of a tree make together.
Digest node_of(const Digest& left, const Digest& right);

}  // namespace godwit
