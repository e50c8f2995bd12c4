/// One replica for several threads: the app's calls, the syncs the host makes by itself, and the
/// lock after idle time. Calls go one at a time; while the server is asked, others are answered.
///
/// Spec: app-host §4, §5.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "field-client/cli/app_host/sync_schedule.h"
#include "field-client/cli/json_text.h"
#include "field-client/replica/replica.h"

namespace godwit {

class SharedReplica {
public:
    using MakeTransport = std::function<std::unique_ptr<Transport>()>;

    /// The host's references must outlive it. Fails as Replica::open().
    static Result<std::unique_ptr<SharedReplica>> open(const std::filesystem::path& folder,
                                                       const Host& host,
                                                       MakeTransport make_transport,
                                                       std::chrono::milliseconds lock_after);
    ~SharedReplica();
    SharedReplica(const SharedReplica&) = delete;
    SharedReplica& operator=(const SharedReplica&) = delete;

    /// A JSON-RPC request in, its response out; `host` among the methods.
    std::string call(std::string_view request);

    /// Locks the store and closes it. Calls under way are answered with a refusal; a post under way
    /// is not waited for.
    void close();

private:
    using Instant = SyncSchedule::Instant;

    /// What `host` tells; changed while the replica is busy too, hence under a lock of its own.
    struct Told {
        bool is_enrolled{};
        bool is_locked{true};
        std::size_t syncs_under_way{};
        std::string step;
        std::uint64_t done{};
        std::uint64_t total{};
        Json last_sync;  ///< Null: none yet.
    };

    SharedReplica(const Host& host, MakeTransport make_transport,
                  std::chrono::milliseconds lock_after);
    std::string carry(std::string_view request, std::string_view method);
    std::string answer_to(std::string_view request, std::string_view method);
    void look_at(std::string_view method, const std::string& answer);
    void note_sync(const Json& answer);
    [[nodiscard]] Json host_result();
    void sync_when_due();
    void lock_when_idle();

    Host host_;
    const MakeTransport make_transport_;
    const std::chrono::milliseconds lock_after_;

    std::mutex replica_mutex_;
    std::unique_ptr<Replica> replica_;  ///< Empty once closed.

    std::mutex told_mutex_;  ///< Taken while replica_mutex_ is held, never the other way round.
    std::condition_variable changed_;
    Told told_;
    SyncSchedule schedule_;
    Instant asked_;
    bool is_stopping_{};

    std::thread syncer_;
    std::thread locker_;
};

}  // namespace godwit
