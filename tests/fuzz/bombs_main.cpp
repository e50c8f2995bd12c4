/// Reads every bomb and says what it cost. Each must be refused with at most 1 MiB held at once;
/// with --time also within 5 ms of CPU, the best of several times, so that a busy machine does not
/// speak for the decoder. --each says what every one cost, not only the failed.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "tests/fuzz/allocation.h"
#include "tests/fuzz/bomb.h"

namespace {

constexpr std::size_t bytes_max = 1U << 20U;
constexpr double milliseconds_max = 5;
constexpr int repetitions = 5;
constexpr int repetitions_when_slow = 100;  ///< Of a bomb that seems to cost too much.

double cpu_milliseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Cost {
    bool is_refused{};
    std::size_t bytes{};
    double milliseconds{};
};

Cost cost_of(const godwit::Bomb& bomb) {
    Cost out;
    const auto is_slow = [&] { return out.milliseconds > milliseconds_max; };
    for (int each = 0; each < repetitions || (each < repetitions_when_slow && is_slow()); ++each) {
        godwit::reset_allocation();
        const double begun = cpu_milliseconds();
        out.is_refused = bomb.is_refused(bomb.bytes);
        const double taken = cpu_milliseconds() - begun;
        out.bytes = std::max(out.bytes, godwit::allocation_peak());
        out.milliseconds = each == 0 ? taken : std::min(out.milliseconds, taken);
    }
    return out;
}

std::vector<godwit::Bomb> all_bombs() {
    std::vector<godwit::Bomb> out;
    for (const auto& some : {godwit::item_bombs(), godwit::change_bombs(), godwit::message_bombs(),
                             godwit::frame_bombs(), godwit::sealed_bombs(), godwit::text_bombs()}) {
        out.insert(out.end(), some.begin(), some.end());
    }
    return out;
}

/// The middle and the most of `values`.
template <typename Number>
std::pair<Number, Number> spread(std::vector<Number> values) {
    std::sort(values.begin(), values.end());
    return {values[values.size() / 2], values.back()};
}

}  // namespace

int main(int count, char** arguments) {
    const auto is_asked = [&](std::string_view option) {
        return std::find(arguments + 1, arguments + count, option) != arguments + count;
    };
    const bool is_timed = is_asked("--time");
    const bool is_each_told = is_asked("--each");
    std::vector<double> milliseconds;
    std::vector<std::size_t> bytes;
    int failures = 0;
    for (const godwit::Bomb& bomb : all_bombs()) {
        const Cost cost = cost_of(bomb);
        milliseconds.push_back(cost.milliseconds);
        bytes.push_back(cost.bytes);
        const bool is_well = cost.is_refused && cost.bytes <= bytes_max &&
                             (!is_timed || cost.milliseconds <= milliseconds_max);
        if (!is_well) ++failures;
        if (is_well && !is_each_told) continue;
        std::printf("%-13s %-58s %9zu bytes sent: %s, %9zu bytes held, %8.3f ms\n",
                    bomb.decoder.c_str(), bomb.what.c_str(), bomb.bytes.size(),
                    cost.is_refused ? "refused" : "TAKEN", cost.bytes, cost.milliseconds);
    }
    const auto [bytes_middle, bytes_most] = spread(bytes);
    const auto [ms_middle, ms_most] = spread(milliseconds);
    std::printf(
        "bombs: %zu, %d failed; held at once: median %zu, at most %zu bytes; CPU: median "
        "%.3f, at most %.3f ms\n",
        bytes.size(), failures, bytes_middle, bytes_most, ms_middle, ms_most);
    return failures == 0 ? 0 : 1;
}
