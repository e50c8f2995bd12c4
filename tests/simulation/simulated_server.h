/// The server of a world: the real store and the real service on a disk of the world's, without
/// sockets.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sync-server/reconcile/service.h"
#include "sync-server/store/server_store.h"
#include "tests/simulation/evidence.h"
#include "tests/simulation/machine.h"

namespace godwit::simulation {

/// What outlives the process: its keys lie in files beside the database.
struct ServerSecrets {
    SigningKeyPair signing;
    std::array<std::uint8_t, 32> founding{};
};

class SimulatedServer final : public Machine {
public:
    /// `image` is empty, or a server's disk at rest. Does not start.
    SimulatedServer(const Cipher& cipher, const std::int64_t& true_ms, const ServerSecrets& secrets,
                    std::uint64_t seed, const DiskImage& image);
    ~SimulatedServer() override;

    /// True when it runs afterwards.
    bool start(bool is_new);
    void stop() override;
    [[nodiscard]] bool is_running() const { return service_ != nullptr; }
    Reply answer(std::string_view path, ByteView body) { return service_->answer(path, body); }
    /// Ends the server when its disk has failed it, as whoever looks after it would. True then.
    bool end_if_suffered();

    /// A verified backup, kept apart from the disk. Fails when no fault of the disk accounts for
    /// it.
    Result<void> back_up();
    [[nodiscard]] std::size_t backup_count() const { return backups_.size(); }
    /// What the database held when the backup was made.
    [[nodiscard]] const HeldNames& backed_up(std::size_t index) const;
    /// Begins anew from a backup, in a new epoch. False when it failed.
    bool restore(std::size_t index);

    AnswerBounds bounds;  ///< From the next start on.

    ServerStore& store() { return *store_; }
    [[nodiscard]] Service& service() { return *service_; }
    [[nodiscard]] const ServerSecrets& secrets() const { return secrets_; }
    [[nodiscard]] std::string digest(const ReplicaId& replica);

    [[nodiscard]] const std::string& folder() const { return folder_; }

private:
    struct Backup {
        DiskImage image;
        std::string file;
        HeldNames held;
    };

    const Cipher& cipher_;
    const ServerSecrets& secrets_;
    ServerKeys keys_;
    std::string folder_{"/server"};
    std::uint64_t restores_{};
    std::unique_ptr<ServerStore> store_;
    std::unique_ptr<Service> service_;
    std::vector<Backup> backups_;
};

}  // namespace godwit::simulation
