/// The server's one database: evidence, merged states, roster, receipts, positions.
///
/// Exactly one connection writes and checkpoints; readers are read-only. WAL, synchronous=FULL;
/// the setup is asserted when it is opened and an unsafe one refuses to open. A failed sync ends
/// every further acknowledgement.
///
/// This header is what main and http may use; reconcile and feed use the finer interfaces beside
/// it. `files` is where folders and backups lie; it must outlive what was opened.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/random.h"
#include "shared/base/result.h"
#include "shared/base/wall_clock.h"
#include "shared/seal/cipher.h"
#include "shared/sqlite/files.h"

namespace godwit {

class Engine;

using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct StoreStatus {
    std::string epoch;
    std::uint64_t changes{};
    std::uint64_t records{};
    std::uint64_t parked{};
    std::uint64_t replicas{};
    std::uint64_t teams{};
    bool is_founded{};
    std::optional<std::int64_t> last_backup_ms{};
    struct ReplicaRow {
        ReplicaId replica;
        std::int64_t last_contact_ms{};
        std::uint64_t unsent{};
        std::int64_t clock_offset_ms{};
        std::string app_version;
    };
    std::vector<ReplicaRow> contacts;
};

struct VerifyReport {
    std::uint64_t changes{};
    std::uint64_t segments{};
    std::uint64_t records{};
    std::vector<std::string> problems;  ///< Empty when all is well.
};

class ServerStore {
public:
    /// Opens `folder`/godwit.db, applying migrations. `create`: it must not exist yet.
    /// Fails with store_unsafe, schema_newer, storage_corrupt, storage_failed, store_in_use.
    static Result<std::unique_ptr<ServerStore>> open(const std::filesystem::path& folder,
                                                     bool create, const Cipher& cipher,
                                                     Random& random, const WallClock& wall,
                                                     Files& files = system_files());
    virtual ~ServerStore() = default;

    virtual Result<StoreStatus> status() = 0;

    /// Re-walks every change log, signature, receipt and digest, and merges every record anew from
    /// the evidence: the states must be the ones stored.
    virtual Result<VerifyReport> verify(const Progress& progress) = 0;

    /// A consistent copy while serving, verified, then marked: what it holds is safe from now on.
    /// `file` must not exist. A failed backup marks nothing, and leaves no file: except a whole one
    /// whose name or mark could not be made durable.
    virtual Result<void> backup(const std::filesystem::path& file, const SigningSecretKey& server,
                                const Progress& progress) = 0;

    /// Makes `folder`/godwit.db from a backup, in a new epoch. The folder has no database.
    /// Fails, leaving none, with storage_corrupt, schema_newer, storage_failed.
    static Result<void> restore(const std::filesystem::path& file,
                                const std::filesystem::path& folder, const Cipher& cipher,
                                Random& random, const WallClock& wall,
                                Files& files = system_files());

    /// The digest over all records, or over those `replica` may see. Fails with unknown_replica.
    virtual Result<Digest> digest(const std::optional<ReplicaId>& replica) = 0;

    /// The connections and tables behind this, for reconcile, feed and enrolment.
    virtual Engine& engine() = 0;
};

}  // namespace godwit
