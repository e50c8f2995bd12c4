/// The stage of the story: four replicas and a server, all real, each on a simulated disk of its
/// own, in one process. Between acts everything is closed: a moment is five disks, what was
/// promised, and the time.
#pragma once

#include <array>
#include <functional>
#include <memory>

#include "field-client/replica/json.h"
#include "field-client/replica/replica.h"
#include "sync-server/reconcile/service.h"
#include "sync-server/store/server_store.h"
#include "tests/disk/campaign/promises.h"
#include "tests/disk/simulated_disk.h"

namespace godwit::campaign {

inline constexpr const char* phrase = "bade fimo gulu kapi lore mudo nafe";
inline constexpr const char* store_folder = "/home/store";

class DrawnRandom final : public Random {
public:
    explicit DrawnRandom(std::uint64_t seed) : chance_(seed) {}
    void fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(chance_.next() >> 32U);
    }

private:
    DiskChance chance_;
};

class StoryClock final : public WallClock {
public:
    [[nodiscard]] std::int64_t now_ms() const override { return ms; }
    std::int64_t ms = 1'795'288'836'000;  // 2026-11-21
};

/// What every run of one story shares.
struct Tools {
    const Cipher& cipher;
    const ServerKeys& keys;
};

/// Everything between two acts.
struct Moment {
    std::array<DiskImage, who_count> disks;
    std::shared_ptr<const Promises> promises;
    std::map<std::string, std::string> names;  ///< Of records and the like, as the story has them.
    std::int64_t now_ms{};
};

/// A call that was refused.
struct Refused {
    Who who{};
    std::string method;
    Error error;
};

class Stage {
public:
    Stage(const Tools& tools, const Moment& moment, std::uint64_t seed);
    ~Stage();
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    SimulatedDisk& disk(Who who) { return *disks_[static_cast<std::size_t>(who)]; }
    /// Opens the store when it is closed, and unlocks it.
    Result<Json> call(Who who, std::string_view method, const Json& parameters = Json::object());
    /// Starts the server when it does not run.
    Result<ServerStore*> server();
    Result<Reply> ask_server(std::string_view path, ByteView body);
    void stop_server();
    /// Everybody's programs end.
    void close();
    /// Everything is closed.
    [[nodiscard]] Moment moment() const;

    // Promises are shared with whoever looks on; changing one makes a new whole.
    [[nodiscard]] const std::shared_ptr<const Promises>& promises() const { return promises_; }
    void promise(const std::function<void(Promises&)>& change);

    const Tools& tools() const { return tools_; }
    Random& server_random() { return server_random_; }

    std::map<std::string, std::string> names;
    std::vector<Refused> refused;
    StoryClock clock;
    std::uint64_t seed;

private:
    class Actor;
    void hear(std::string_view path, ByteView body, const Reply& reply);

    Tools tools_;
    std::array<std::unique_ptr<SimulatedDisk>, who_count> disks_;
    std::map<Who, std::unique_ptr<Actor>> actors_;
    DrawnRandom server_random_;
    std::unique_ptr<ServerStore> store_;
    std::unique_ptr<Service> service_;
    std::shared_ptr<const Promises> promises_;
};

}  // namespace godwit::campaign
