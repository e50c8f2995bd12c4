/// Messages to the server and back: framed, signed where a replica signs, counted.
///
/// Spec: exchange §1, §2.
#pragma once

#include <string>

#include "field-client/replica/store.h"

namespace godwit {

/// What crossed the wire, above TLS.
struct Traffic {
    std::uint64_t round_trips{};
    std::uint64_t bytes_up{};
    std::uint64_t bytes_down{};
};

class ServerLink {
public:
    /// `host` must outlive the link.
    ServerLink(Host& host, std::string url, std::optional<ServerPin> pin)
        : host_(host), url_(std::move(url)), pin_(pin) {}

    /// Posts `message` unsigned; yields the answer's message.
    /// Fails as Transport::post() does, or with what the server refuses.
    Result<Bytes> post(std::string_view path, ByteView message);

    /// Posts `message` to the exchange, signed by `self` over `nonce`. A stale nonce is replaced by
    /// the fresh one that came with the refusal, and asked with once more. A long message does not
    /// find out so: over a nonce of zeros, which is none, a fresh one is asked for first.
    Result<Bytes> exchange(const Identity& self, const SigningPublicKey& server,
                           RequestNonceBytes nonce, ByteView message);

    /// After an exchange that failed on the way: the server may have used up its nonce.
    [[nodiscard]] bool may_have_spent_nonce() const { return may_have_spent_nonce_; }

    [[nodiscard]] const Traffic& traffic() const { return traffic_; }

private:
    struct Reply {
        Bytes message;  ///< When it is not a refusal.
        std::optional<Error> refusal;
        std::optional<RequestNonceBytes> nonce;  ///< With a refusal for a stale one.
    };
    Result<Reply> send(std::string_view path, ByteView body);
    Result<RequestNonceBytes> ask_nonce(const Identity& self, const SigningPublicKey& server);

    Host& host_;
    std::string url_;
    std::optional<ServerPin> pin_;
    Traffic traffic_;
    bool may_have_spent_nonce_{};
};

}  // namespace godwit
