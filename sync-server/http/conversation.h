/// One connection's requests, from its first byte to its last, over any Stream.
///
/// Invariants
///   - A request reaches the service whole or not at all.
///   - Every wait has a deadline of its own: handshake, head, body, answer, and the pause between
///     requests.
///   - A refusal below the service closes the connection.
#pragma once

#include <functional>

#include "shared/http/request_parser.h"
#include "sync-server/http/stream.h"
#include "sync-server/reconcile/service.h"

namespace godwit {

struct ConversationBounds {
    RequestBounds request;
    std::chrono::milliseconds handshake{10'000};
    std::chrono::milliseconds head{10'000};        ///< From its first byte.
    std::chrono::milliseconds pause{30'000};       ///< Between requests; before the first byte.
    std::chrono::milliseconds body_least{30'000};  ///< For a body or an answer of any size …
    std::size_t bytes_per_second_least{2'048};     ///< … and this much longer for its bytes.
    std::size_t requests_max{1'000};               ///< Then the connection is closed.
};

/// Answers one whole request. Called from many threads at once.
using Answering = std::function<Reply(std::string_view path, ByteView body)>;

/// One line of diagnostics: method, path, status, sizes; no address and no id.
using Diagnostics = std::function<void(const std::string& line)>;

/// The paths a server answers.
const std::vector<Route>& server_routes();

class Conversation {
public:
    /// Everything given must outlive the conversation. `address` is an address_key().
    Conversation(Stream& stream, std::string address, Guard& guard, const MonotonicClock& clock,
                 const ConversationBounds& bounds, const Answering& answering,
                 const Diagnostics& diagnostics);

    /// Serves requests until the connection is over.
    void run();

private:
    Result<void> receive_request(RequestParser& parser);
    Result<void> receive_some(RequestParser& parser, Instant deadline);
    /// False: the connection is over.
    bool answer(const HttpRequest& request, bool may_keep_open);
    void refuse(const Error& error, std::string_view path);
    bool send(const Reply& reply, std::string_view content_type, bool keeps_open);
    void drain();
    [[nodiscard]] Instant in(std::chrono::milliseconds wait) const { return clock_.now() + wait; }
    [[nodiscard]] std::chrono::milliseconds time_for(std::size_t bytes) const;

    Stream& stream_;
    std::string address_;
    Guard& guard_;
    const MonotonicClock& clock_;
    const ConversationBounds& bounds_;
    const Answering& answering_;
    const Diagnostics& diagnostics_;
    std::unique_ptr<Guard::Room> room_;  ///< For the request under way.
    Bytes ahead_;                        ///< Received, and not yet taken by the parser.
};

}  // namespace godwit
