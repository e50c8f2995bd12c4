#include "sync-server/http/conversation.h"

#include "shared/protocol/frame.h"
#include "shared/protocol/messages.h"

namespace godwit {
namespace {

constexpr std::size_t receive_bytes = 16 * 1024;
constexpr std::string_view cbor_type = "application/cbor";
constexpr std::string_view text_type = "text/plain";

// An envelope names its replica after four bytes; the service verifies it later.
std::optional<ReplicaId> replica_named_by(const HttpRequest& request) {
    if (request.path != path::exchange || request.body.size() < 20) return std::nullopt;
    return ReplicaId::from(ByteView(request.body).subspan(4, 16));
}

Reply refusal_reply(const Error& error) {
    return {facts(error.code).http_status, encode_frame(encode_refusal({error, std::nullopt}))};
}

}  // namespace

const std::vector<Route>& server_routes() {
    static const std::vector<Route> routes{{HttpMethod::post, path::exchange},
                                           {HttpMethod::post, path::found},
                                           {HttpMethod::post, path::enrol},
                                           {HttpMethod::get, path::health}};
    return routes;
}

Conversation::Conversation(Stream& stream, std::string address, Guard& guard,
                           const MonotonicClock& clock, const ConversationBounds& bounds,
                           const Answering& answering, const Diagnostics& diagnostics)
    : stream_(stream),
      address_(std::move(address)),
      guard_(guard),
      clock_(clock),
      bounds_(bounds),
      answering_(answering),
      diagnostics_(diagnostics) {}

void Conversation::run() {
    if (!stream_.open(in(bounds_.handshake))) return;
    RequestParser parser(bounds_.request, server_routes());
    for (std::size_t count = 1; count <= bounds_.requests_max; ++count) {
        if (const auto received = receive_request(parser); !received) {
            // Silence between requests, or a connection that broke, wants no answer.
            const ErrorCode code = received.error().code;
            const bool is_over = code == ErrorCode::unreachable || code == ErrorCode::stopping;
            if (!is_over && parser.has_begun()) refuse(received.error(), "-");
            return;
        }
        const HttpRequest request = parser.take();
        const std::unique_ptr<Guard::Room> room = std::move(room_);
        const bool may_keep_open =
            request.keeps_open && count < bounds_.requests_max && !guard_.is_crowded();
        if (!answer(request, may_keep_open)) return;
    }
}

Result<void> Conversation::receive_request(RequestParser& parser) {
    if (ahead_.empty()) TRY(receive_some(parser, in(bounds_.pause)));
    const Instant head_deadline = in(bounds_.head);
    std::optional<Instant> body_deadline;
    while (true) {
        const std::size_t used = TRY(parser.feed(ahead_));
        ahead_.erase(ahead_.begin(), ahead_.begin() + static_cast<std::ptrdiff_t>(used));
        if (parser.is_head_read() && !body_deadline) {
            // Before the body costs anything.
            TRY(guard_.admit(address_, clock_.now()));
            room_ = guard_.reserve(address_, parser.body_bytes());
            if (!room_) return ErrorCode::too_many_requests;
            body_deadline = in(time_for(parser.body_bytes()));
        }
        if (parser.is_complete()) return ok();
        TRY(receive_some(parser, body_deadline.value_or(head_deadline)));
    }
}

Result<void> Conversation::receive_some(RequestParser& parser, Instant deadline) {
    const std::size_t old_size = ahead_.size();
    ahead_.resize(old_size + receive_bytes);
    auto outcome = stream_.receive(std::span(ahead_).subspan(old_size), deadline);
    ahead_.resize(old_size + (outcome ? *outcome : 0));
    if (outcome && *outcome == 0) {
        return Error{ErrorCode::unreachable,
                     parser.has_begun() ? "the caller closed within a request" : "closed"};
    }
    if (!outcome) return std::move(outcome).error();
    return ok();
}

bool Conversation::answer(const HttpRequest& request, bool may_keep_open) {
    if (request.path == path::health) {
        return send({200, copy_of(bytes_of("ok"))}, text_type, may_keep_open) && may_keep_open;
    }
    if (const auto replica = replica_named_by(request)) {
        const auto admitted = guard_.admit(address_, *replica, clock_.now());
        if (!admitted) {
            refuse(admitted.error(), request.path);
            return false;
        }
    }
    const Reply reply = answering_(request.path, request.body);
    if (reply.http_status != 200 && diagnostics_) {
        diagnostics_("POST " + request.path + " " + std::to_string(reply.http_status));
    }
    return send(reply, cbor_type, may_keep_open) && may_keep_open;
}

void Conversation::refuse(const Error& error, std::string_view path) {
    const Reply reply = refusal_reply(error);
    if (diagnostics_) {
        diagnostics_("refused " + std::string(path) + " " + std::to_string(reply.http_status) +
                     " " + error.detail);
    }
    if (send(reply, cbor_type, false)) drain();
}

bool Conversation::send(const Reply& reply, std::string_view content_type, bool keeps_open) {
    // One write: a small answer is one packet.
    Bytes bytes = copy_of(bytes_of(
        format_answer_head(reply.http_status, content_type, reply.body.size(), keeps_open)));
    append(bytes, reply.body);
    return static_cast<bool>(stream_.send(bytes, in(time_for(bytes.size()))));
}

// Closing while the caller still sends would reset the connection, and the refusal would be lost
// with it: what comes within a short while is read and dropped.
void Conversation::drain() {
    constexpr std::size_t drain_bytes_max = 256 * 1024;
    const Instant deadline = in(std::chrono::milliseconds(1'000));
    Bytes dropped(receive_bytes);
    for (std::size_t total = 0; total < drain_bytes_max;) {
        const auto count = stream_.receive(dropped, deadline);
        if (!count || *count == 0) return;
        total += *count;
    }
}

std::chrono::milliseconds Conversation::time_for(std::size_t bytes) const {
    const auto milliseconds = bytes * 1'000 / bounds_.bytes_per_second_least;
    return bounds_.body_least + std::chrono::milliseconds(milliseconds);
}

}  // namespace godwit
