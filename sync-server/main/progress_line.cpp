#include "sync-server/main/progress_line.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace godwit {
namespace {

constexpr std::chrono::milliseconds first_after{1'000};
constexpr std::chrono::milliseconds next_after{100};

}  // namespace

ProgressLine::ProgressLine(std::string step)
    : step_(std::move(step)), is_terminal_(::isatty(STDERR_FILENO) == 1), start_(Clock::now()) {}

ProgressLine::~ProgressLine() {
    if (is_shown_) std::fputs("\r\x1b[K", stderr);
}

void ProgressLine::show(std::uint64_t done, std::uint64_t total) {
    const auto now = Clock::now();
    if (!is_terminal_ || now - start_ < first_after || now - last_ < next_after) return;
    last_ = now;
    is_shown_ = true;
    std::string line = "\r\x1b[K" + step_ + " ";
    if (total == 0) {
        line += std::to_string(done);
    } else {
        // Divided first where the product could overflow.
        const std::uint64_t part = total / 100 > 0 ? done / (total / 100) : done * 100 / total;
        line += std::to_string(std::min<std::uint64_t>(part, 100)) + " %";
    }
    std::fputs(line.c_str(), stderr);
    std::fflush(stderr);
}

}  // namespace godwit
