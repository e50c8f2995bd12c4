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

void ServerLink::ask(std::string_view path, ByteView message) {
    signed_.reset();
    post_.path = path;
    post_.body = encode_frame(message);
    is_asking_ = true;
}

void ServerLink::ask_signed(const Identity& self, const SigningPublicKey& server,
                            const RequestNonceBytes& nonce, ByteView message) {
    signed_.emplace(Signed{self, server, encode_frame(message)});
    post_.path = path::exchange;
    is_asking_ = true;
    if (nonce == RequestNonceBytes{} && signed_->frame.size() > chance_bytes_max) {
        // Nobody holds a nonce of zeros: the refusal brings one that is fresh.
        signed_->is_asking_for_nonce = true;
        return sign(nonce, {});
    }
    signed_->tries = 1;
    sign(nonce, signed_->frame);
}

void ServerLink::sign(const RequestNonceBytes& nonce, ByteView frame) {
    post_.body = sign_request(host_.cipher, post_.path, signed_->server, signed_->self.replica,
                              nonce, frame, signed_->self.signing.secret_key);
}

Result<ServerLink::Reply> ServerLink::read(const Heard& heard) {
    ++traffic_.round_trips;
    may_have_spent_nonce_ = !heard.answer && heard.may_have_sent;
    if (!heard.answer) return heard.answer.error();
    const Transport::Answer& answer = *heard.answer;
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

Result<std::optional<Bytes>> ServerLink::take(const Heard& heard) {
    is_asking_ = false;
    Reply reply = TRY(read(heard));
    const bool is_answered = !reply.refusal && !(signed_ && signed_->is_asking_for_nonce);
    if (is_answered) return std::optional(std::move(reply.message));
    TRY(try_again(reply));
    is_asking_ = true;
    return std::optional<Bytes>();
}

/// With the nonce that came with the refusal.
Result<void> ServerLink::try_again(const Reply& reply) {
    if (!reply.refusal) return Error{ErrorCode::malformed, "an answer to no question"};
    const bool is_stale = reply.refusal->code == ErrorCode::stale_nonce && reply.nonce;
    if (!signed_ || !is_stale) return *reply.refusal;
    if (signed_->tries == stale_tries_max) {
        return Error{ErrorCode::unreachable, "answers are lost on the way"};
    }
    signed_->is_asking_for_nonce = false;
    ++signed_->tries;
    sign(*reply.nonce, signed_->frame);
    return ok();
}

}  // namespace godwit
