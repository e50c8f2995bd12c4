/// Messages to the server and back: framed, signed where a replica signs, counted. What is posted,
/// and by whom, is the host's matter.
///
///   ask() ──▶ wanted() ──take()──▶ the answer, or wanted() once more
///
/// Spec: exchange §1, §2.
#pragma once

#include <string>

#include "field-client/replica/errand.h"
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
    ServerLink(Host& host, std::string url, std::optional<ServerPin> pin) : host_(host) {
        post_.server = std::move(url);
        post_.pin = pin;
    }

    /// Asks with `message`, unsigned.
    void ask(std::string_view path, ByteView message);

    /// Asks the exchange with `message`, signed by `self` over `nonce`. A stale nonce is replaced
    /// by the fresh one that came with the refusal, and asked with once more. A long message does
    /// not find out so: over a nonce of zeros, which is none, a fresh one is asked for first.
    /// `self` must outlive the asking.
    void ask_signed(const Identity& self, const SigningPublicKey& server,
                    const RequestNonceBytes& nonce, ByteView message);

    /// What to post now; nothing while nothing is asked.
    [[nodiscard]] const Post* wanted() const { return is_asking_ ? &post_ : nullptr; }

    /// Takes what came of it: the answer's message, or nothing where another post is wanted first.
    /// Fails as Transport::post() does, or with what the server refuses; then nothing is asked any
    /// more.
    Result<std::optional<Bytes>> take(const Heard& heard);

    /// After an exchange that failed on the way: the server may have used up its nonce.
    [[nodiscard]] bool may_have_spent_nonce() const { return may_have_spent_nonce_; }

    [[nodiscard]] const Traffic& traffic() const { return traffic_; }

private:
    /// A message that is signed anew for every nonce.
    struct Signed {
        const Identity& self;
        SigningPublicKey server;
        Bytes frame;
        int tries{};  ///< Of the message itself.
        bool is_asking_for_nonce{};
    };
    struct Reply {
        Bytes message;  ///< When it is not a refusal.
        std::optional<Error> refusal;
        std::optional<RequestNonceBytes> nonce;  ///< With a refusal for a stale one.
    };

    void sign(const RequestNonceBytes& nonce, ByteView frame);
    Result<Reply> read(const Heard& heard);
    Result<void> try_again(const Reply& reply);

    Host& host_;
    Post post_;
    bool is_asking_{};
    std::optional<Signed> signed_;
    Traffic traffic_;
    bool may_have_spent_nonce_{};
};

}  // namespace godwit
