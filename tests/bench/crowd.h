/// Many replicas in one process, each with a store, keys and a TLS connection of its own: what a
/// thousand phones are to a server, without a thousand programs.
///
/// The replicas are the product's; only the price of their phrases is not
/// (support/cheap_phrase_cipher.h).
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "field-client/cli/caller.h"
#include "field-client/cli/https_transport.h"
#include "field-client/replica/replica.h"
#include "shared/sodium/sodium_cipher.h"
#include "shared/sodium/sodium_random.h"
#include "tests/support/cheap_phrase_cipher.h"

namespace godwit::bench {

/// Notes how long each exchange took, its TLS handshake included.
class TimedTransport final : public Transport {
public:
    TimedTransport() : way_(std::make_unique<HttpsTransport>()) {}

    Result<Answer> post(const std::string& server, const std::optional<ServerPin>& pin,
                        std::string_view path, ByteView body) override;

    /// Closes the connection: the next request makes another.
    void hang_up() { way_ = std::make_unique<HttpsTransport>(); }

    std::vector<double> exchanges_ms;

private:
    std::unique_ptr<HttpsTransport> way_;
};

/// One replica of the crowd.
class Phone {
public:
    Phone(std::filesystem::path folder, const Cipher& cipher, Random& random);

    /// Fails as the method does.
    Result<Json> call(std::string_view method, const Json& parameters = Json::object());

    TimedTransport transport;

private:
    std::filesystem::path folder_;
    SystemClock clock_;
    Host host_;
    std::unique_ptr<Replica> replica_;
};

/// What a piece of work came to.
struct Outcome {
    std::size_t failed{};
    std::string first_failure;  ///< Of whichever failed first.
    double wall_s{};
};

class Crowd {
public:
    Crowd(std::filesystem::path folder, std::size_t thread_count);

    /// A replica for each invitation. Enrols and syncs it.
    Outcome enrol(const std::vector<std::string>& invitations);
    /// Everybody syncs.
    Outcome sync();
    /// Everybody makes `records` records and `edits` edits, offline, in one call.
    Outcome write(std::int64_t records, std::int64_t edits);
    /// Everybody syncs, at a moment of their own within `span`, over a new connection.
    Outcome arrive(std::chrono::milliseconds span);

    /// Sums of what every replica's status says: saved, delivered, unsent, parked.
    Json status();
    /// Of every exchange since the last asking: ascending.
    std::vector<double> take_exchanges_ms();

private:
    using Part = std::function<Result<void>(Phone& phone, std::size_t index)>;
    Outcome each(const Part& part);

    std::filesystem::path folder_;
    std::size_t thread_count_;
    Result<SodiumRandom> random_;
    CheapPhraseCipher cipher_;
    std::vector<std::unique_ptr<Phone>> phones_;
};

}  // namespace godwit::bench
