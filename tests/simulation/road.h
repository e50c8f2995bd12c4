/// The road between one replica and the server: it loses, repeats, delays, cuts and bends what
/// travels on it, as its weather is.
///
/// A request that was bent arrives so: its signature is what must keep it out. An answer travels
/// under TLS and has no signature over the whole of it, so one that was bent or cut does not
/// arrive: the real road ends such a connection.
#pragma once

#include <string>

#include "field-client/replica/host.h"

namespace godwit::simulation {

class World;

/// How often things happen, in 256.
struct Weather {
    unsigned loses_request{};
    unsigned loses_answer{};
    unsigned delays_request{};
    unsigned repeats_request{};
    unsigned bends_request{};
    unsigned cuts_request{};
};

class Road final : public Transport {
public:
    Road(World& world, std::size_t person) : world_(world), person_(person) {}

    /// What is still on its way arrives now, though nobody waits for it.
    void deliver_late();

    Result<Answer> post(const std::string& server, const std::optional<ServerPin>& pin,
                        std::string_view path, ByteView body) override;

    Weather weather;
    std::uint64_t posts{};  ///< Requests that set out.
    std::uint64_t posts_of_call{};
    std::optional<std::uint64_t>
        server_ends_after;        ///< So many requests from now the server is killed.
    bool server_ends_answered{};  ///< After it took the request rather than before.

private:
    struct LateRequest {
        std::string path;
        Bytes body;
    };

    /// Brings a request to the server. `is_as_sent`: nothing has bent it on the way.
    Result<Answer> deliver(std::string_view path, ByteView body, bool is_as_sent);
    /// The same where nobody waits for the answer.
    void deliver_unheard(std::string_view path, ByteView body, bool is_as_sent);
    Bytes spoilt(ByteView body, bool is_bent, bool is_cut);

    World& world_;
    std::size_t person_;
    std::vector<LateRequest> late_;
};

}  // namespace godwit::simulation
