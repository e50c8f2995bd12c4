#include "sync-server/reconcile/committer.h"

#include <chrono>

#include "shared/base/planted.h"

namespace godwit {
namespace {

// How soon to look again whether readers have gone that kept erased pages alive, and whether there
// is room again on a disk that was full.
constexpr std::chrono::milliseconds reader_delay{200};
constexpr std::chrono::seconds room_delay{30};

// A full disk can be helped; what else goes wrong here cannot be judged from inside.
bool may_go_on(const Error& error, const Database& database) {
    return error.code == ErrorCode::storage_full && !database.has_failed();
}

}  // namespace

Committer::Committer(Engine& engine, RosterBook& book)
    : engine_(engine), book_(book), thread_([this] { run(); }) {}

Committer::~Committer() {
    stop();
}

void Committer::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    has_work_.notify_all();
    if (thread_.joinable()) thread_.join();
}

Result<void> Committer::commit(const Work& work) {
    Job job{&work, {}, false};
    std::unique_lock lock(mutex_);
    if (is_stopping_) return ErrorCode::stopping;
    if (has_failed_) return Error{ErrorCode::storage_failed, "an earlier commit failed"};
    waiting_.push_back(&job);
    has_work_.notify_one();
    has_finished_.wait(lock, [&] { return job.is_done; });
    return std::move(job.outcome);
}

std::vector<Committer::Job*> Committer::next_group() {
    std::unique_lock lock(mutex_);
    const auto is_wanted = [this] { return is_stopping_ || !waiting_.empty(); };
    if (must_forget_) {
        has_work_.wait_for(lock, forget_delay_, is_wanted);
    } else {
        has_work_.wait(lock, is_wanted);
    }
    std::vector<Job*> group;
    while (!waiting_.empty() && group.size() < group_max) {
        group.push_back(waiting_.front());
        waiting_.pop_front();
    }
    return group;
}

void Committer::run() {
    while (true) {
        const std::vector<Job*> group = next_group();
        if (group.empty()) {
            forget_pages();
            const std::lock_guard lock(mutex_);
            if (is_stopping_ && waiting_.empty()) return;
            continue;
        }
        const auto outcome = run_group(group);
        if (!outcome) {
            // Nobody's work is known to be durable now, so nobody is told that it is.
            for (Job* job : group) job->outcome = outcome;
        }
        forget_pages();
        finish(group);
    }
}

void Committer::finish(const std::vector<Job*>& group) {
    const std::lock_guard lock(mutex_);
    for (Job* job : group) job->is_done = true;
    has_finished_.notify_all();
}

Result<void> Committer::run_group(const std::vector<Job*>& group) {
    if (has_failed_) return Error{ErrorCode::storage_failed, "an earlier commit failed"};
    const Engine::Writing writing = engine_.write();
    Database& database = writing.database();
    Round round{database, RosterDraft(book_.present()), false};
    const auto outcome = [&]() -> Result<void> {
        Transaction transaction = TRY(Transaction::begin(database));
        TRY(run_jobs(group, round));
        TRY(engine_.contacts().flush(database));
        auto committed = transaction.commit();
        return is_planted(PlantedBug::commit_failure_ignored) ? ok() : committed;
    }();
    if (!outcome) {
        if (!may_go_on(outcome.error(), database)) has_failed_ = true;
        return outcome;
    }
    ++commits_;
    if (round.has_erased) {
        engine_.note_erasure();
        must_forget_ = true;
    }
    book_.publish(round.roster.present());
    return ok();
}

Result<void> Committer::run_jobs(const std::vector<Job*>& group, Round& round) {
    for (Job* job : group) {
        Savepoint savepoint = TRY(Savepoint::begin(round.database));
        Round own{round.database, RosterDraft(round.roster.present()), round.has_erased};
        job->outcome = (*job->work)(own);
        if (job->outcome) {
            TRY(savepoint.keep());
            round.roster = own.roster;
            round.has_erased = own.has_erased;
        } else if (is_of_storage(job->outcome.error())) {
            // The whole transaction is void, not only this one's part of it.
            return job->outcome;
        }
    }
    return ok();
}

void Committer::forget_pages() {
    if (!must_forget_ || has_failed_) return;
    const Engine::Writing writing = engine_.write();
    Database& database = writing.database();
    const auto forgotten = engine_.forget_pages(database);
    if (!forgotten && !may_go_on(forgotten.error(), database)) has_failed_ = true;
    must_forget_ = !forgotten || !*forgotten;
    forget_delay_ = forgotten ? reader_delay : room_delay;
}

}  // namespace godwit
