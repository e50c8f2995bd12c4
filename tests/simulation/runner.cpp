#include "tests/simulation/runner.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <new>
#include <numeric>

extern "C" {  // This header of glibc 2.36 does not say so itself.
#include <sys/pidfd.h>
}

namespace godwit::simulation {
namespace {

constexpr int hang_seconds = 300;  ///< Long: the machine may have much else to do.

/// What a worker's process shows of itself, in memory both see.
struct Board {
    std::atomic<std::uint64_t> present;  ///< The seed under way.
    std::atomic<std::uint64_t> done;
    std::atomic<std::uint64_t> calls;
    std::atomic<std::uint64_t> exchanges;
    std::atomic<std::uint64_t> entries;
    std::atomic<std::uint64_t> excused;
    std::atomic<bool> has_failed;
    std::atomic<bool> is_over;  ///< Told by the parent: no further seed.
    char oracle[64];
    char what[1024];

    void tell(const Violation& violation) {
        std::snprintf(oracle, sizeof oracle, "%s", violation.oracle.c_str());
        std::snprintf(what, sizeof what, "%s", violation.what.c_str());
        has_failed = true;
    }
    [[nodiscard]] Violation told() const { return {oracle, what}; }
};

Board* make_boards(std::size_t count) {
    void* memory = ::mmap(nullptr, count * sizeof(Board), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    GODWIT_ASSERT(memory != MAP_FAILED);
    auto* boards = static_cast<Board*>(memory);
    for (std::size_t index = 0; index < count; ++index) new (boards + index) Board{};
    return boards;
}

void drop_boards(Board* boards, std::size_t count) {
    ::munmap(boards, count * sizeof(Board));
}

double seconds_since(std::chrono::steady_clock::time_point begun) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

/// A worker's process and the seeds that are its: every jobs-th.
struct Worker {
    pid_t process{};
    int ended{};           ///< A descriptor that can be read once the process has ended.
    std::uint64_t next{};  ///< The seed it begins with, when it is begun anew.
    std::uint64_t seen{};  ///< The seed it was last seen at, and since when.
    std::chrono::steady_clock::time_point seen_at;
};

/// Templates are made before; the bug lives in a worker's process only.
void plant([[maybe_unused]] PlantedBug bug) {
#ifdef GODWIT_PLANTED
    planted_bug = bug;
#endif
}

std::string ending(int status) {
    if (WIFSIGNALED(status)) {
        const int number = WTERMSIG(status);
        if (number == SIGKILL) return "it did not end";
        return "it died of signal " + std::to_string(number);
    }
    return "it ended with " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Runner::Runner() {
    for (std::uint32_t number = 0; number < template_count; ++number) {
        templates_.push_back(make_template(cipher_, number));
    }
    cipher_.keep();
}

WorldReport Runner::run_one(const Plan& plan, bool is_printed) const {
    WorldReport report;
    {
        World world(cipher_, templates_[plan.world % template_count], plan, is_printed);
        report = world.run();
    }
    cipher_.forget();
    return report;
}

std::optional<Violation> Runner::try_plan(const Plan& plan, bool is_twice) const {
    Board* board = make_boards(1);
    std::fflush(nullptr);
    const pid_t process = ::fork();
    GODWIT_ASSERT(process >= 0);
    if (process == 0) {
        ::alarm(hang_seconds);
        const WorldReport first = run_one(plan, false);
        if (first.violation) {
            board->tell(*first.violation);
        } else if (is_twice && run_one(plan, false).trace != first.trace) {
            board->tell({"replay", "the same seed took another course"});
        }
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(process, &status, 0);
    std::optional<Violation> out;
    if (board->has_failed) {
        out = board->told();
    } else if (status != 0) {
        out = Violation{"process", ending(status)};
    }
    drop_boards(board, 1);
    return out;
}

// Leaves out ever smaller runs of steps as long as the same oracle objects.
Plan Runner::shrink(const Plan& plan, const Violation& violation, bool is_twice) const {
    Plan best = plan;
    const auto fails = [&](const Plan& candidate) {
        const auto found = try_plan(candidate, is_twice);
        return found && found->oracle == violation.oracle;
    };
    for (std::size_t width = std::max<std::size_t>(1, best.steps.size() / 2); width > 0;
         width /= 2) {
        bool is_smaller = true;
        while (is_smaller) {
            is_smaller = false;
            for (std::size_t at = best.steps.size(); at > 0;) {
                const std::size_t from = at > width ? at - width : 0;
                Plan candidate = best;
                candidate.steps.erase(candidate.steps.begin() + static_cast<std::ptrdiff_t>(from),
                                      candidate.steps.begin() + static_cast<std::ptrdiff_t>(at));
                if (fails(candidate)) {
                    best = std::move(candidate);
                    is_smaller = true;
                }
                at = std::min(from, best.steps.size());
            }
        }
    }
    // A smaller organisation, if that fails as well.
    for (std::uint32_t world = 0; world < best.world; ++world) {
        Plan candidate = best;
        candidate.world = world;
        if (fails(candidate)) return candidate;
    }
    return best;
}

namespace {

/// Resident memory of another process, in KiB; 0 when it is gone.
std::uint64_t memory_kib_of(pid_t process) {
    std::ifstream in("/proc/" + std::to_string(process) + "/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    in >> size >> resident;
    constexpr std::uint64_t page_kib = 4;
    return resident * page_kib;
}

/// How much more of it there is in the last tenth of a run than in the second: the first is spent
/// getting warm. Nothing when the run was too short to tell.
std::optional<double> growth_percent(const std::vector<std::uint64_t>& samples) {
    constexpr std::size_t samples_min = 100;
    if (samples.size() < samples_min) return std::nullopt;
    const std::size_t tenth = samples.size() / 10;
    const auto mean = [&](std::size_t from) {
        const auto begin = samples.begin() + static_cast<std::ptrdiff_t>(from);
        return std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(tenth), 0.0) /
               static_cast<double>(tenth);
    };
    const double before = mean(tenth);
    return 100.0 * (mean(samples.size() - tenth) - before) / before;
}

}  // namespace

/// One campaign under way: begins workers, watches them, and begins those anew that failed.
class Runner::Run {
public:
    Run(const Runner& runner, const Campaign& campaign)
        : runner_(runner),
          campaign_(campaign),
          jobs_(std::max(1U, campaign.jobs)),
          end_(campaign.from + campaign.count),
          boards_(make_boards(jobs_)),
          workers_(jobs_),
          is_terminal_(::isatty(STDERR_FILENO) != 0) {}
    ~Run() { drop_boards(boards_, jobs_); }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    CampaignReport run() {
        for (unsigned job = 0; job < jobs_; ++job) {
            workers_[job].next = campaign_.from + job;
            begin(job);
        }
        while (is_any_running()) {
            wait_for_somebody();
            for (unsigned job = 0; job < jobs_; ++job) look_after(job);
            if (is_time_up()) tell_all_to_end();
            tell_progress();
        }
        if (is_terminal_) std::fprintf(stderr, "\r%70s\r", "");
        return finish();
    }

private:
    void begin(unsigned job) {
        Worker& worker = workers_[job];
        if (worker.next >= end_ || boards_[job].is_over) return;
        std::fflush(nullptr);
        worker.seen = 0;
        worker.seen_at = std::chrono::steady_clock::now();
        worker.process = ::fork();
        GODWIT_ASSERT(worker.process >= 0);
        if (worker.process == 0) work(boards_[job], worker.next);
        worker.ended = ::pidfd_open(worker.process, 0);
        GODWIT_ASSERT(worker.ended >= 0);
    }

    /// Until a worker ends, or it is time to look at them.
    void wait_for_somebody() const {
        constexpr int look_every_ms = 250;
        std::vector<pollfd> ends;
        for (const Worker& worker : workers_) {
            if (worker.process != 0) ends.push_back({worker.ended, POLLIN, 0});
        }
        ::poll(ends.data(), ends.size(), look_every_ms);
    }

    [[noreturn]] void work(Board& board, std::uint64_t from) {
        plant(campaign_.planted);
        for (std::uint64_t seed = from; seed < end_ && !board.is_over; seed += jobs_) {
            board.present = seed;
            const Plan plan = make_plan(seed, template_count);
            const WorldReport one = runner_.run_one(plan, false);
            std::optional<Violation> violation = one.violation;
            if (!violation && campaign_.is_twice &&
                runner_.run_one(plan, false).trace != one.trace) {
                violation = Violation{"replay", "the same seed took another course"};
            }
            board.calls += one.calls;
            board.exchanges += one.exchanges;
            board.entries += one.entries;
            board.excused += one.excused;
            ++board.done;
            if (violation) {
                board.tell(*violation);
                ::_exit(1);
            }
        }
        ::_exit(0);
    }

    void look_after(unsigned job) {
        Worker& worker = workers_[job];
        if (worker.process == 0) return;
        end_if_hanging(worker, boards_[job].present);
        int status = 0;
        if (::waitpid(worker.process, &status, WNOHANG) != worker.process) return;
        worker.process = 0;
        ::close(worker.ended);
        if (status == 0) return;
        const std::uint64_t seed = boards_[job].present;
        Failure failure{make_plan(seed, template_count), {}};
        failure.violation = boards_[job].has_failed.exchange(false)
                                ? boards_[job].told()
                                : Violation{"process", ending(status)};
        std::fprintf(stderr, "%sseed %llu fails: %s\n", is_terminal_ ? "\n" : "",
                     static_cast<unsigned long long>(seed), failure.violation.oracle.c_str());
        report_.failures.push_back(std::move(failure));
        worker.next = seed + jobs_;
        if (report_.failures.size() >= campaign_.failures_max) tell_all_to_end();
        begin(job);
    }

    static void end_if_hanging(Worker& worker, std::uint64_t present) {
        if (present != worker.seen) {
            worker.seen = present;
            worker.seen_at = std::chrono::steady_clock::now();
        } else if (seconds_since(worker.seen_at) > hang_seconds) {
            ::kill(worker.process, SIGKILL);
        }
    }

    void tell_all_to_end() {
        for (unsigned job = 0; job < jobs_; ++job) boards_[job].is_over = true;
    }

    [[nodiscard]] bool is_time_up() const {
        return campaign_.minutes_max > 0 && seconds_since(begun_) > 60 * campaign_.minutes_max;
    }

    [[nodiscard]] bool is_any_running() const {
        return std::any_of(workers_.begin(), workers_.end(),
                           [](const Worker& worker) { return worker.process != 0; });
    }

    [[nodiscard]] std::uint64_t seeds_done() const {
        std::uint64_t done = 0;
        for (unsigned job = 0; job < jobs_; ++job) done += boards_[job].done;
        return done;
    }

    void tell_progress() {
        if (seconds_since(sampled_at_) < 1) return;
        sampled_at_ = std::chrono::steady_clock::now();
        std::uint64_t memory_kib = 0;
        for (const Worker& worker : workers_) {
            if (worker.process != 0) memory_kib += memory_kib_of(worker.process);
        }
        memory_.push_back(memory_kib);
        if (is_terminal_) std::fprintf(stderr, "\r%s   ", progress(memory_kib).c_str());
        constexpr double seconds_between = 30;
        if (is_terminal_ || seconds_since(told_at_) < seconds_between) return;
        told_at_ = sampled_at_;
        std::fprintf(stderr, "%s\n", progress(memory_kib).c_str());
    }

    [[nodiscard]] std::string progress(std::uint64_t memory_kib) const {
        std::array<char, 160> line{};
        const double seconds = seconds_since(begun_);
        const auto done = static_cast<unsigned long long>(seeds_done());
        std::snprintf(line.data(), line.size(),
                      "%llu of %llu seeds in %.0f s, %.1f a second, %llu MiB, %zu failed", done,
                      static_cast<unsigned long long>(campaign_.count), seconds,
                      static_cast<double>(done) / seconds,
                      static_cast<unsigned long long>(memory_kib / 1024), report_.failures.size());
        return line.data();
    }

    CampaignReport finish() {
        report_.seeds = seeds_done();
        for (unsigned job = 0; job < jobs_; ++job) {
            report_.calls += boards_[job].calls;
            report_.exchanges += boards_[job].exchanges;
            report_.entries += boards_[job].entries;
            report_.excused += boards_[job].excused;
        }
        if (!memory_.empty()) {
            report_.memory_kib = *std::max_element(memory_.begin(), memory_.end());
        }
        report_.memory_growth_percent = growth_percent(memory_);
        report_.seconds = seconds_since(begun_);
        // Several processes find failures in any order.
        std::sort(report_.failures.begin(), report_.failures.end(),
                  [](const Failure& left, const Failure& right) {
                      return left.plan.seed < right.plan.seed;
                  });
        return std::move(report_);
    }

    const Runner& runner_;
    const Campaign& campaign_;
    unsigned jobs_;
    std::uint64_t end_;
    Board* boards_;
    std::vector<Worker> workers_;
    bool is_terminal_;
    std::chrono::steady_clock::time_point begun_{std::chrono::steady_clock::now()};
    std::chrono::steady_clock::time_point sampled_at_{begun_};
    std::chrono::steady_clock::time_point told_at_{begun_};
    std::vector<std::uint64_t> memory_;  ///< Of all workers together, in KiB, once a second.
    CampaignReport report_;
};

CampaignReport Runner::run(const Campaign& campaign) const {
    return Run(*this, campaign).run();
}

}  // namespace godwit::simulation
