/// Wraps: a record's key, sealed for one of those who may read it.
///
/// Wraps made together share one ephemeral X25519 key pair, made for them and wiped with its maker
/// here. Each recipient then costs one agreement, and each record one sealing:
///
///   wrapping key = BLAKE2b-256("godwit wrap 2" ‖ ephemeral public ‖ recipient public ‖ kind ‖
///                  recipient id ‖ epoch (8 bytes, big-endian), key = X25519(ephemeral, recipient))
///   box          = 2 ‖ ephemeral public(32) ‖ XChaCha20-Poly1305(wrapping key, nonce, record key)
///   nonce        = commitment[0..24], associated data = record
///   wrap         = [ recipient kind, recipient id, epoch, box ]
///
/// The nonce is not stored: the commitment differs with every record and every key, so under one
/// wrapping key no nonce meets two messages, even if something were wrapped twice. A box of 80
/// bytes is of format 1 (crypto_box_seal): still opened, no longer made.
///
/// Spec: sealing §4, decisions/0016.
#pragma once

#include <map>
#include <tuple>

#include "shared/seal/record_key.h"

namespace godwit {

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
    Bytes box;  ///< Empty: the wrap is withdrawn.

    bool operator==(const Wrap&) const = default;
};

/// To whom a key is wrapped.
struct WrapAddress {
    Recipient recipient{Recipient::replica};
    std::array<std::uint8_t, 16> recipient_id{};
    std::uint64_t epoch{};
    BoxPublicKey key;

    std::strong_ordering operator<=>(const WrapAddress&) const = default;
};

bool is_same_recipient(const Wrap& left, const Wrap& right);

/// Makes wraps together.
class WrapMaker {
public:
    /// With a new ephemeral key pair. `cipher` must outlive the maker.
    WrapMaker(const Cipher& cipher, Random& random)
        : WrapMaker(cipher, cipher.make_box_keys(random)) {}
    /// With `keys` in its place. Only for wraps to `keys` themselves may they be other than new:
    /// who holds them can open everything made with them.
    WrapMaker(const Cipher& cipher, BoxKeyPair keys) : cipher_(cipher), keys_(std::move(keys)) {}

    /// Wraps `key`, to which `statement` commits. `to.key` is usable.
    Wrap wrap(const RecordKey& key, const RecordKeyStatement& statement, const WrapAddress& to);

private:
    const Cipher& cipher_;
    BoxKeyPair keys_;
    std::map<WrapAddress, WrappingKey> wrapping_keys_;
};

/// Opens wraps, and remembers what it agreed upon: those made together cost one agreement.
class WrapOpener {
public:
    explicit WrapOpener(const Cipher& cipher) : cipher_(cipher) {}

    /// Fails with cannot_open, or bad_key when the key is not the one its maker committed to.
    Result<RecordKey> open(const Wrap& wrap, const BoxKeyPair& keys,
                           const RecordKeyStatement& statement);
    void clear() { wrapping_keys_.clear(); }

private:
    Result<const WrappingKey*> wrapping_key(const Wrap& wrap, const BoxKeyPair& keys);
    Result<Bytes> open_box(const Wrap& wrap, const BoxKeyPair& keys,
                           const RecordKeyStatement& statement);

    const Cipher& cipher_;
    std::map<std::pair<BoxPublicKey, WrapAddress>, WrappingKey> wrapping_keys_;
};

/// One wrap, made alone.
Wrap wrap_for(const Cipher& cipher, Random& random, const RecordKey& key,
              const RecordKeyStatement& statement, const WrapAddress& to);
/// One wrap, opened alone.
Result<RecordKey> open_wrap(const Cipher& cipher, const Wrap& wrap, const BoxKeyPair& keys,
                            const RecordKeyStatement& statement);

/// Wraps of one record, one after another.
Bytes encode_wraps(std::span<const Wrap> wraps);
Result<std::vector<Wrap>> decode_wraps(ByteView bytes, const RecordId& record);

/// The same behind the record's id.
Bytes encode_wraps_of(const RecordId& record, std::span<const Wrap> wraps);
/// Fails with malformed when there is no wrap.
Result<std::vector<Wrap>> decode_wraps_of(ByteView bytes);

}  // namespace godwit
