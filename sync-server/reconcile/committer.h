/// The one who writes. It takes everything that waits, gives each a savepoint in one transaction,
/// syncs once, and only then tells them all: throughput grows with load and nothing is
/// acknowledged early.
///
/// Invariants
///   - commit() returns success only after the transaction that holds its work is on the disk.
///   - Work that fails leaves no trace and does not touch the others of its group.
///   - After a commit that failed, nothing more is committed: what the disk holds is unknown.
///
/// Design: durability.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "sync-server/enrolment/roster_book.h"
#include "sync-server/store/engine.h"

namespace godwit {

/// What work finds: the write connection and the roster as it will be when its turn is committed.
struct Round {
    Database& database;
    RosterDraft roster;
    bool has_erased{};  ///< Set by work that destroyed something.
};

class Committer {
public:
    using Work = std::function<Result<void>(Round&)>;

    /// Both must outlive the committer. Starts its thread.
    Committer(Engine& engine, RosterBook& book);
    ~Committer();
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    /// Runs `work` on the committer's thread and waits until it is durable. Any thread.
    /// Fails with what `work` fails with, stopping, or storage_failed.
    Result<void> commit(const Work& work);

    /// Finishes what waits and takes no more.
    void stop();

    [[nodiscard]] std::uint64_t commits() const { return commits_; }
    [[nodiscard]] bool has_failed() const { return has_failed_; }

private:
    static constexpr std::size_t group_max = 256;

    struct Job {
        const Work* work{};
        Result<void> outcome;
        bool is_done{};
    };

    void run();
    std::vector<Job*> next_group();
    void finish(const std::vector<Job*>& group);
    Result<void> run_group(const std::vector<Job*>& group);
    Result<void> run_jobs(const std::vector<Job*>& group, Round& round);
    void forget_pages();

    Engine& engine_;
    RosterBook& book_;
    std::mutex mutex_;
    std::condition_variable has_work_;
    std::condition_variable has_finished_;
    std::deque<Job*> waiting_;
    bool is_stopping_{};
    bool must_forget_{};
    std::chrono::milliseconds forget_delay_{};
    std::atomic<std::uint64_t> commits_{};
    std::atomic<bool> has_failed_{};
    std::thread thread_;
};

}  // namespace godwit
