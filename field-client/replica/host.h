/// What a replica is handed by whoever hosts it: a clock, chance, primitives, a way to the server,
/// a listener for progress, and files. The native program and the browser each bring their own.
#pragma once

#include <functional>
#include <string>

#include "shared/base/random.h"
#include "shared/base/wall_clock.h"
#include "shared/seal/cipher.h"
#include "shared/seal/invitation.h"
#include "shared/sqlite/files.h"

namespace godwit {

/// One request and its answer, over TLS.
class Transport {
public:
    struct Answer {
        std::uint16_t http_status{};
        Bytes body;
        std::uint64_t bytes_up{};  ///< Above TLS, HTTP headers included.
        std::uint64_t bytes_down{};
    };

    virtual ~Transport() = default;

    /// Posts `body` to `path` of `server`, whose certificate must match `pin` when there is one.
    /// Fails with unreachable, wrong_server or timed_out.
    virtual Result<Answer> post(const std::string& server, const std::optional<ServerPin>& pin,
                                std::string_view path, ByteView body) = 0;

    /// Whether anything of the post that failed last may have reached the server.
    [[nodiscard]] virtual bool may_have_sent() const { return true; }
};

/// One request, as Transport::post() takes it.
struct Post {
    std::string server;
    std::optional<ServerPin> pin;
    std::string_view path;
    Bytes body;
};

/// What came of a post.
struct Heard {
    Result<Transport::Answer> answer;
    bool may_have_sent{true};  ///< Of one that failed: see Transport::may_have_sent().
};

/// `total` is 0 while unknown.
using SyncProgress =
    std::function<void(std::string_view step, std::uint64_t done, std::uint64_t total)>;

struct Host {
    const WallClock& wall;
    Random& random;
    const Cipher& cipher;
    Transport& transport;
    SyncProgress progress;  ///< May be empty.
    std::string app_version;
    Files& files = system_files();  ///< Where the store lies.
};

}  // namespace godwit
