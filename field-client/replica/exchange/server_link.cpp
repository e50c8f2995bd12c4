#include "field-client/replica/exchange/server_link.h"

#include "shared/protocol/frame.h"
#include "shared/seal/request_envelope.h"

namespace godwit {

namespace {

/// A fresh nonce is taken once as a rule; again when a connection broke after the server had read
/// the request, for then that nonce is spent.
constexpr int stale_tries_max = 4;

/// Longer messages are not sent without a nonce that holds: the whole of one would go up in vain,
/// over a road that is bad already.
constexpr std::size_t chance_bytes_max = 16U * 1024;

}  // namespace

Result<ServerLink::Reply> ServerLink::send(std::string_view path, ByteView body) {
    ++traffic_.round_trips;
    const Result<Transport::Answer> heard = host_.transport.post(url_, pin_, path, body);
    may_have_spent_nonce_ = !heard && host_.transport.may_have_sent();
    if (!heard) return heard.error();
    const Transport::Answer& answer = *heard;
    traffic_.bytes_up += answer.bytes_up;
    traffic_.bytes_down += answer.bytes_down;
    Result<Bytes> message = decode_frame(answer.body);
    constexpr std::uint16_t http_ok = 200;
    Reply reply;
    if (answer.http_status == http_ok) {
        reply.message = TRY(std::move(message));
        return reply;
    }
    // A proxy before the server speaks HTTP too, but not in our frames.
    const Error foreign{ErrorCode::unreachable,
                        "HTTP status " + std::to_string(answer.http_status)};
    if (!message) return foreign;
    Result<Refusal> refusal = decode_refusal(*message);
    if (!refusal) return foreign;
    reply.refusal = std::move(refusal->error);
    reply.nonce = refusal->nonce;
    return reply;
}

Result<Bytes> ServerLink::post(std::string_view path, ByteView message) {
    Reply reply = TRY(send(path, encode_frame(message)));
    if (reply.refusal) return *std::move(reply.refusal);
    return std::move(reply.message);
}

/// Nobody holds a nonce of zeros: the refusal brings one that is fresh.
Result<RequestNonceBytes> ServerLink::ask_nonce(const Identity& self,
                                                const SigningPublicKey& server) {
    const Reply reply =
        TRY(send(path::exchange, sign_request(host_.cipher, path::exchange, server, self.replica,
                                              RequestNonceBytes{}, {}, self.signing.secret_key)));
    if (!reply.refusal) return Error{ErrorCode::malformed, "an answer to no question"};
    if (reply.refusal->code == ErrorCode::stale_nonce && reply.nonce) return *reply.nonce;
    return *reply.refusal;
}

Result<Bytes> ServerLink::exchange(const Identity& self, const SigningPublicKey& server,
                                   RequestNonceBytes nonce, ByteView message) {
    const Bytes frame = encode_frame(message);
    if (nonce == RequestNonceBytes{} && frame.size() > chance_bytes_max) {
        nonce = TRY(ask_nonce(self, server));
    }
    for (int tries = 1;; ++tries) {
        Reply reply = TRY(
            send(path::exchange, sign_request(host_.cipher, path::exchange, server, self.replica,
                                              nonce, frame, self.signing.secret_key)));
        if (!reply.refusal) return std::move(reply.message);
        const bool is_stale = reply.refusal->code == ErrorCode::stale_nonce && reply.nonce;
        if (!is_stale) return *std::move(reply.refusal);
        if (tries == stale_tries_max) {
            return Error{ErrorCode::unreachable, "answers are lost on the way"};
        }
        nonce = *reply.nonce;
    }
}

}  // namespace godwit
