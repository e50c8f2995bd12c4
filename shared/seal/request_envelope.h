/// A request signed by the replica that makes it, over a server nonce: no bearer secret sits on a
/// phone, and a request recorded on the way cannot be played again.
///
///   envelope = "GWR1" ‖ replica(16) ‖ nonce(24) ‖ signature(64) ‖ payload
///   signed   = "godwit request 1" ‖ server signing key(32) ‖ path length(1) ‖ path ‖ replica ‖
///              nonce ‖ SHA-256(payload)
///
/// An all-zero nonce asks for one: the refusal `stale_nonce` carries it, and every answer carries
/// the next, so that one round trip is enough from then on.
///
/// Spec: exchange §2.
#pragma once

#include "shared/seal/cipher.h"

namespace godwit {

using RequestNonce = std::array<std::uint8_t, 24>;

inline constexpr std::size_t envelope_head_bytes = 4 + 16 + 24 + 64;

struct Envelope {
    ReplicaId replica;
    RequestNonce nonce{};
    Signature signature{};
    ByteView payload;  ///< Into the bytes opened.
};

Bytes sign_request(const Cipher& cipher, std::string_view path, const SigningPublicKey& server,
                   const ReplicaId& replica, const RequestNonce& nonce, ByteView payload,
                   const SigningSecretKey& key);

/// Fails with malformed.
Result<Envelope> read_envelope(ByteView bytes);

/// Fails with bad_signature.
Result<void> verify(const Cipher& cipher, const Envelope& envelope, std::string_view path,
                    const SigningPublicKey& server, const SigningPublicKey& key);

}  // namespace godwit
