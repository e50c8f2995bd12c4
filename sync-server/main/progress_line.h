/// One line of progress on standard error: only on a terminal, and only for what takes more than a
/// second.
#pragma once

#include <chrono>
#include <string>

#include "sync-server/store/server_store.h"

namespace godwit {

class ProgressLine {
public:
    explicit ProgressLine(std::string step);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// `total` is 0 while unknown.
    void show(std::uint64_t done, std::uint64_t total);

    [[nodiscard]] Progress listener() {
        return [this](std::uint64_t done, std::uint64_t total) { show(done, total); };
    }

private:
    using Clock = std::chrono::steady_clock;
    std::string step_;
    bool is_terminal_;
    bool is_shown_{};
    Clock::time_point start_;
    Clock::time_point last_;
};

}  // namespace godwit
