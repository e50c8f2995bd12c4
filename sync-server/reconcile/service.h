/// The server without its sockets: a request's bytes in, an answer's bytes out. HTTP stands in
/// front of it, the store behind it.
///
/// Any number of threads may call answer() at once. Requests are verified by their own threads;
/// what they bring is committed by one writer, in groups: the committer takes every exchange that
/// waits, gives each a savepoint in one transaction, syncs once, and only then answers them all.
/// Exchanges that bring nothing new are answered by readers and wait for nobody.
///
/// Spec: exchange §2, §6.
#pragma once

#include <memory>
#include <string>

#include "shared/base/random.h"
#include "shared/base/wall_clock.h"
#include "shared/seal/cipher.h"
#include "shared/seal/invitation.h"
#include "sync-server/feed/answer_bounds.h"

namespace godwit {

class ServerStore;  // sync-server/store

/// The keys a server holds: none of them opens a sealed value.
struct ServerKeys {
    SigningKeyPair signing;  ///< Receipts and safe marks.
    std::array<std::uint8_t, 32> founding_secret{};
};

struct Reply {
    std::uint16_t http_status{200};
    Bytes body;  ///< One frame.
};

/// What a reply writer shows of the server's life: counts only.
struct ServiceCounts {
    std::uint64_t exchanges{};
    std::uint64_t refused{};
    std::uint64_t changes{};
    std::uint64_t commits{};
};

class Service {
public:
    /// Everything given must outlive the service. Starts the committer's thread. A store whose
    /// roster no longer holds is not served from: every request is refused with storage_corrupt.
    Service(ServerStore& store, const ServerKeys& keys, const Cipher& cipher, Random& random,
            const WallClock& wall, const AnswerBounds& bounds = {});
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    /// `path` is one of protocol's; `body` is whole, its length and digest already checked.
    /// Unknown paths are the refusal not_found.
    Reply answer(std::string_view path, ByteView body);

    [[nodiscard]] ServiceCounts counts() const;

    /// Answers what is under way and takes no more.
    void stop();

private:
    class Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace godwit
