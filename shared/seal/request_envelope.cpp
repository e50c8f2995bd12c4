#include "shared/seal/request_envelope.h"

#include "shared/base/sha256.h"

namespace godwit {

namespace {

constexpr std::string_view magic = "GWR1";
constexpr std::string_view domain = "godwit request 1";

Bytes signed_bytes(std::string_view path, const SigningPublicKey& server, const ReplicaId& replica,
                   const RequestNonce& nonce, ByteView payload) {
    GODWIT_ASSERT(path.size() <= 255);
    Bytes out = copy_of(bytes_of(domain));
    append(out, server.view());
    out.push_back(static_cast<std::uint8_t>(path.size()));
    append(out, bytes_of(path));
    append(out, replica.view());
    append(out, nonce);
    append(out, sha256({payload}));
    return out;
}

}  // namespace

Bytes sign_request(const Cipher& cipher, std::string_view path, const SigningPublicKey& server,
                   const ReplicaId& replica, const RequestNonce& nonce, ByteView payload,
                   const SigningSecretKey& key) {
    const Signature signature =
        cipher.sign(signed_bytes(path, server, replica, nonce, payload), key);
    Bytes out;
    out.reserve(envelope_head_bytes + payload.size());
    append(out, bytes_of(magic));
    append(out, replica.view());
    append(out, nonce);
    append(out, signature);
    append(out, payload);
    return out;
}

Result<Envelope> read_envelope(ByteView bytes) {
    if (bytes.size() < envelope_head_bytes) {
        return Error{ErrorCode::malformed, "the request is shorter than an envelope's head"};
    }
    if (text_of(bytes.first(magic.size())) != magic) {
        return Error{ErrorCode::malformed, "the request is no envelope"};
    }
    Envelope out;
    std::size_t offset = magic.size();
    const auto take = [&](std::span<std::uint8_t> part) {
        std::memcpy(part.data(), bytes.data() + offset, part.size());
        offset += part.size();
    };
    take(out.replica.bytes);
    take(out.nonce);
    take(out.signature);
    out.payload = bytes.subspan(offset);
    return out;
}

Result<void> verify(const Cipher& cipher, const Envelope& envelope, std::string_view path,
                    const SigningPublicKey& server, const SigningPublicKey& key) {
    const Bytes message =
        signed_bytes(path, server, envelope.replica, envelope.nonce, envelope.payload);
    if (!cipher.verify(message, envelope.signature, key)) {
        return Error{ErrorCode::bad_signature, "the request is not what its replica signed"};
    }
    return ok();
}

}  // namespace godwit
