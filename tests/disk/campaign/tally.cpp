#include "tests/disk/campaign/tally.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace godwit::campaign {
namespace {

// One line a count, `c NAME COUNT`; one a failure, `f TEXT`; one a part done, `d`.
std::string lines_of(const Tally& tally) {
    std::ostringstream out;
    for (const auto& [name, count] : tally.counts) out << "c " << name << '\t' << count << '\n';
    for (std::string text : tally.failures) {
        for (char& letter : text) letter = letter == '\n' ? ' ' : letter;
        out << "f " << text << '\n';
    }
    out << "d\n";
    return out.str();
}

void send(int to, const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ::ssize_t count = ::write(to, text.data() + done, text.size() - done);
        if (count <= 0) ::_exit(3);
        done += static_cast<std::size_t>(count);
    }
}

struct Worker {
    ::pid_t process{};
    int from{};
    std::string rest;  ///< Of a line that has not arrived whole.
};

Worker begin(std::size_t job, std::size_t jobs, std::size_t part_count,
             const std::function<Tally(std::size_t)>& part) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    const ::pid_t process = ::fork();
    if (process < 0) std::abort();
    if (process > 0) {
        ::close(ends[1]);
        return {process, ends[0], {}};
    }
    ::close(ends[0]);
    for (std::size_t index = job; index < part_count; index += jobs) {
        send(ends[1], lines_of(part(index)));
    }
    ::_exit(0);
}

constexpr std::size_t told_at_once = 20;

class Sum {
public:
    Sum(std::size_t part_count, std::string title)
        : part_count_(part_count), title_(std::move(title)), is_shown_(::isatty(2) == 1) {}

    /// False at the end of what a worker says.
    bool read(Worker& worker) {
        char buffer[65'536];
        const ::ssize_t count = ::read(worker.from, buffer, sizeof buffer);
        if (count <= 0) return false;
        worker.rest.append(buffer, static_cast<std::size_t>(count));
        for (std::size_t end = 0; (end = worker.rest.find('\n')) != std::string::npos;) {
            take(worker.rest.substr(0, end));
            worker.rest.erase(0, end + 1);
        }
        return true;
    }

    Tally tally;

private:
    void take(const std::string& line) {
        if (line == "d") {
            ++done_;
            if (!is_shown_ && done_ % (part_count_ / 10 + 1) == 0) {
                std::fprintf(stderr, "%s %zu of %zu, %zu failed\n", title_.c_str(), done_,
                             part_count_, tally.failures.size());
            }
            if (is_shown_ && (done_ % 16 == 0 || done_ == part_count_)) {
                std::fprintf(stderr, "\r%s %zu of %zu, %zu failed ", title_.c_str(), done_,
                             part_count_, tally.failures.size());
                if (done_ == part_count_) std::fputc('\n', stderr);
            }
        } else if (line[0] == 'f') {
            tally.failures.push_back(line.substr(2));
            if (tally.failures.size() <= told_at_once) {
                std::fprintf(stderr, "%s%s\n", is_shown_ ? "\n" : "", line.substr(2).c_str());
            }
        } else {
            const auto tab = line.find('\t');
            tally.count(line.substr(2, tab - 2), std::stoull(line.substr(tab + 1)));
        }
    }

    std::size_t part_count_;
    std::string title_;
    bool is_shown_;
    std::size_t done_{};
};

}  // namespace

void Tally::add(const Tally& other) {
    for (const auto& [name, count] : other.counts) counts[name] += count;
    failures.insert(failures.end(), other.failures.begin(), other.failures.end());
}

Tally in_parts(std::size_t part_count, std::size_t jobs, const std::string& title,
               const std::function<Tally(std::size_t)>& part) {
    std::vector<Worker> workers;
    for (std::size_t job = 0; job < jobs; ++job) {
        workers.push_back(begin(job, jobs, part_count, part));
    }
    Sum sum(part_count, title);
    while (!workers.empty()) {
        std::vector<::pollfd> waits;
        for (const Worker& each : workers) waits.push_back({each.from, POLLIN, 0});
        ::poll(waits.data(), waits.size(), -1);
        for (std::size_t index = workers.size(); index-- > 0;) {
            if (waits[index].revents == 0 || sum.read(workers[index])) continue;
            int status = 0;
            ::close(workers[index].from);
            ::waitpid(workers[index].process, &status, 0);
            if (status != 0) sum.tally.failures.push_back(title + ": a process ended badly");
            workers.erase(workers.begin() + static_cast<std::ptrdiff_t>(index));
        }
    }
    return sum.tally;
}

}  // namespace godwit::campaign
