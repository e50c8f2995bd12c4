/// The terminal, where there is one: asking, hiding what is typed, and showing people's words so
/// that they can do nothing to it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace godwit {

/// Is descriptor `descriptor` a terminal?
bool is_terminal(int descriptor);

/// A line typed after `prompt`. Fails with terminal_needed when nobody can be asked.
Result<std::string> ask(std::string_view prompt);

/// Lines typed after `prompt`, through an empty one.
Result<std::string> ask_lines(std::string_view prompt);

/// A line that is not shown while it is typed. Sensitive.
Result<std::string> ask_hidden(std::string_view prompt);

/// People's words as they may be shown: control characters, which could steer a terminal, become
/// U+FFFD; line ends stay when `keeps_lines`. With `isolates`, direction marks of the words are
/// made harmless and the whole stands between FSI and PDI (UAX #9 §3.4), so that right-to-left
/// words do not disturb what stands around them.
std::string shown_text(std::string_view words, bool isolates, bool keeps_lines = false);

/// Columns `text` takes on a terminal.
std::size_t columns_of(std::string_view text);

/// A moment of ISO 8601 UTC in the machine's own time zone, to the minute; anything else as it is.
std::string local_time(std::string_view moment);

/// One line of progress on standard error: only on a terminal, and only after a second.
class ProgressLine {
public:
    ProgressLine();
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(std::string_view step, std::uint64_t done, std::uint64_t total);
    void clear();

private:
    bool is_terminal_;
    bool is_shown_{};
    std::chrono::steady_clock::time_point start_;
    std::chrono::steady_clock::time_point last_;
};

}  // namespace godwit
