#include "tests/simulation/simulated_server.h"

#include "shared/base/text.h"

namespace godwit::simulation {

SimulatedServer::SimulatedServer(const Cipher& cipher, const std::int64_t& true_ms,
                                 const ServerSecrets& secrets, std::uint64_t seed,
                                 const DiskImage& image)
    : Machine(true_ms, seed, image), cipher_(cipher), secrets_(secrets) {
    disk.add_folder(folder_);
    keys_.signing = {secrets.signing.public_key, secrets.signing.secret_key.duplicate()};
    keys_.founding_secret = secrets.founding;
}

SimulatedServer::~SimulatedServer() {
    stop();
}

bool SimulatedServer::start(bool is_new) {
    const Running program(schema);
    if (disk.is_stopped()) return_from_power_cut();
    note_start();
    auto store = ServerStore::open(folder_, is_new, cipher_, chance, clock, disk);
    if (!store) return false;
    store_ = std::move(*store);
    service_ = std::make_unique<Service>(*store_, keys_, cipher_, chance, clock, bounds);
    return !end_if_suffered();
}

void SimulatedServer::stop() {
    service_.reset();
    store_.reset();
}

bool SimulatedServer::end_if_suffered() {
    if (disk.is_stopped()) {
        return_from_power_cut();
        return true;
    }
    const bool has_failed = has_suffered();
    if (has_failed) kill();
    return has_failed;
}

Result<void> SimulatedServer::back_up() {
    const std::string file = folder_ + "/backup-" + std::to_string(backups_.size() + restores_);
    const Running program(schema);
    const auto made = store_->backup(file, keys_.signing.secret_key, {});
    const bool is_accounted_for = end_if_suffered() || is_disk_full;
    if (!is_running() && !start(false)) {
        if (is_accounted_for) return ok();
        return Error{ErrorCode::storage_failed, "no new start"};
    }
    // What has its name is whole and verified, whether or not its marks were still made.
    if (const auto is_there = disk.is_there(file); is_there && *is_there) {
        backups_.push_back({disk.image(), file, TRY(read_held_names(*store_))});
        static_cast<void>(static_cast<bool>(disk.remove(file)));
        end_if_suffered();
    }
    return is_accounted_for ? ok() : made;
}

const HeldNames& SimulatedServer::backed_up(std::size_t index) const {
    return backups_[index].held;
}

bool SimulatedServer::restore(std::size_t index) {
    const Running program(schema);
    stop();
    load_disk(backups_[index].image);
    const std::string file = backups_[index].file;
    folder_ = "/server-" + std::to_string(++restores_);
    disk.add_folder(folder_);
    if (!ServerStore::restore(file, folder_, cipher_, chance, clock, disk)) return false;
    return start(false);
}

std::string SimulatedServer::digest(const ReplicaId& replica) {
    const Running program(schema);
    const auto digest = store_->digest(replica);
    return digest ? format_hex(*digest) : std::string(facts(digest.error().code).key);
}

}  // namespace godwit::simulation
