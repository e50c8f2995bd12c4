/// The key of a record, the statement that vouches for it, and its wraps.
///
/// Wraps live apart from the change log, so that deleting them erases. The server holds them and
/// could swap one for a key it knows, so the maker signs a commitment to the key once, and whoever
/// opens a wrap holds it to that commitment before using the key.
///
///   commitment = BLAKE2b-256("godwit record key 1" ‖ record, key = record key)
///   signed     = "godwit record key 1" ‖ record ‖ team ‖ commitment
///   statement  = [ record, team, maker replica, commitment, signature ]
///   wrap       = [ record, recipient kind, recipient id, epoch, box ]
///
/// Spec: sealing §4.
#pragma once

#include <vector>

#include "shared/seal/cipher.h"

namespace godwit {

struct RecordKeyStatement {
    RecordId record;
    TeamId team;
    ReplicaId maker;
    Digest commitment{};
    Signature signature{};

    bool operator==(const RecordKeyStatement&) const = default;
};

/// Numbers stand in wraps and are never reused.
enum class Recipient : std::uint8_t {
    replica = 1,      ///< recipient id: the replica; epoch 0.
    members = 2,      ///< recipient id: the team; epoch of its members' reader key.
    supervisors = 3,  ///< recipient id: the team; epoch of its supervisors' reader key.
    recovery = 4,     ///< recipient id: the organisation; epoch 0.
};

struct Wrap {
    RecordId record;
    Recipient recipient{Recipient::replica};
    std::array<std::uint8_t, 16> recipient_id{};
    std::uint64_t epoch{};
    Bytes box;  ///< The record key in an anonymous box; empty: the wrap is withdrawn.

    bool operator==(const Wrap&) const = default;
};

RecordKeyStatement state_record_key(const Cipher& cipher, const RecordKey& key,
                                    const RecordId& record, const TeamId& team,
                                    const ReplicaId& maker, const SigningSecretKey& signing_key);

/// Fails with bad_signature.
Result<void> verify(const Cipher& cipher, const RecordKeyStatement& statement,
                    const SigningPublicKey& maker_key);

Wrap wrap_for(const Cipher& cipher, const RecordKey& key, const RecordId& record,
              Recipient recipient, const std::array<std::uint8_t, 16>& recipient_id,
              std::uint64_t epoch, const BoxPublicKey& to);

/// Fails with cannot_open, or bad_key when the key is not the one its maker committed to.
Result<RecordKey> open_wrap(const Cipher& cipher, const Wrap& wrap, const BoxKeyPair& keys,
                            const RecordKeyStatement& statement);

void encode(cbor::Encoder& out, const RecordKeyStatement& statement);
Result<RecordKeyStatement> decode_record_key_statement(cbor::Decoder& in);
void encode(cbor::Encoder& out, const Wrap& wrap);
Result<Wrap> decode_wrap(cbor::Decoder& in);

}  // namespace godwit
