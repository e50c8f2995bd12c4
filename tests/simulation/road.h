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

struct LateRequest {
    std::string path;
    Bytes body;
};

class Road final : public Transport {
public:
    Road(World& world, std::size_t person) : world_(world), person_(person) {}

    Result<Answer> post(const std::string& server, const std::optional<ServerPin>& pin,
                        std::string_view path, ByteView body) override;

    Weather weather;
    std::uint64_t posts{};          ///< Requests that set out.
    std::vector<LateRequest> late;  ///< Still on their way, though nobody waits for them.
    std::optional<std::uint64_t>
        server_ends_after;        ///< So many requests from now the server is killed.
    bool server_ends_answered{};  ///< After it took the request rather than before.

private:
    Result<Answer> deliver(std::string_view path, ByteView body);

    World& world_;
    std::size_t person_;
};

}  // namespace godwit::simulation
