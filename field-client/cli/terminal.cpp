#include "field-client/cli/terminal.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <cwchar>
#include <utility>

#include "shared/seal/keys.h"

namespace godwit {

namespace {

Error nobody_to_ask(std::string_view prompt) {
    return Error{ErrorCode::terminal_needed, "asked for: " + std::string(prompt)};
}

/// The terminal itself, whatever standard input is.
class Terminal {
public:
    Terminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {}
    ~Terminal() {
        show_typing();
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    [[nodiscard]] bool is_there() const { return descriptor_ >= 0; }
    void print(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t put = ::write(descriptor_, text.data(), text.size());
            if (put <= 0) return;
            text.remove_prefix(static_cast<std::size_t>(put));
        }
    }
    /// False at the end of input.
    bool read_byte(char& byte) const { return ::read(descriptor_, &byte, 1) == 1; }

    /// Keys come one by one and unseen; interrupting is then up to the reader, so that the terminal
    /// is never left mute.
    bool hide_typing() {
        if (tcgetattr(descriptor_, &before_) != 0) return false;
        termios mute = before_;
        mute.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
        mute.c_cc[VMIN] = 1;
        mute.c_cc[VTIME] = 0;
        is_hidden_ = tcsetattr(descriptor_, TCSAFLUSH, &mute) == 0;
        return is_hidden_;
    }
    void show_typing() {
        if (is_hidden_) tcsetattr(descriptor_, TCSAFLUSH, &before_);
        is_hidden_ = false;
    }

private:
    int descriptor_;
    bool is_hidden_{};
    termios before_{};
};

/// One character of `text` from `index` on, which it moves past; U+FFFD for what is no UTF-8.
char32_t next_character(std::string_view text, std::size_t& index) {
    const auto lead = static_cast<unsigned char>(text[index++]);
    if (lead < 0x80U) return lead;
    const int more = lead >= 0xf0U ? 3 : lead >= 0xe0U ? 2 : lead >= 0xc2U ? 1 : -1;
    if (more < 0 || lead > 0xf4U) return U'\uFFFD';
    char32_t value = lead & (0x3fU >> static_cast<unsigned>(more));
    for (int count = 0; count < more; ++count) {
        if (index >= text.size()) return U'\uFFFD';
        const auto unit = static_cast<unsigned char>(text[index]);
        if ((unit & 0xc0U) != 0x80U) return U'\uFFFD';
        value = (value << 6U) | (unit & 0x3fU);
        ++index;
    }
    return value;
}

bool is_control(char32_t character) {
    return character < 0x20U || (character >= 0x7fU && character < 0xa0U) || character == 0x2028U ||
           character == 0x2029U;
}

/// Marks that open or close an embedding, override or isolate: unbalanced, they reach beyond.
bool is_direction_frame(char32_t character) {
    return (character >= 0x202aU && character <= 0x202eU) ||
           (character >= 0x2066U && character <= 0x2069U);
}

constexpr std::string_view first_strong_isolate = "\u2068";
constexpr std::string_view pop_directional_isolate = "\u2069";
constexpr std::string_view replacement = "\uFFFD";

}  // namespace

bool is_terminal(int descriptor) {
    return ::isatty(descriptor) == 1;
}

Result<std::string> ask(std::string_view prompt) {
    const Terminal terminal;
    if (!terminal.is_there()) return nobody_to_ask(prompt);
    terminal.print(prompt);
    terminal.print(" ");
    std::string line;
    char byte = 0;
    while (terminal.read_byte(byte)) {
        if (byte == '\n') return line;
        line += byte;
    }
    return nobody_to_ask(prompt);
}

Result<std::string> ask_lines(std::string_view prompt) {
    std::string text;
    std::string line = TRY(ask(std::string(prompt) + " (end with an empty line)\n"));
    while (!line.empty()) {
        text += text.empty() ? line : "\n" + line;
        line = TRY(ask(""));
    }
    return text;
}

Result<std::string> ask_hidden(std::string_view prompt) {
    Terminal terminal;
    if (!terminal.is_there() || !terminal.hide_typing()) return nobody_to_ask(prompt);
    terminal.print(prompt);
    terminal.print(" ");
    std::string line;
    line.reserve(256);
    constexpr char interrupt = 0x03;
    constexpr char end_of_input = 0x04;
    constexpr char kill_line = 0x15;
    char byte = 0;
    while (terminal.read_byte(byte)) {
        if (byte == '\n' || byte == '\r') {
            terminal.print("\n");
            return line;
        }
        if (byte == interrupt || byte == end_of_input) break;
        if (byte == kill_line) {
            line.clear();
        } else if (byte == 0x7f || byte == '\b') {
            if (!line.empty()) line.pop_back();
        } else {
            line += byte;
        }
    }
    terminal.print("\n");
    wipe(line);
    return Error{ErrorCode::terminal_needed, "the question was left unanswered"};
}

std::string shown_text(std::string_view words, bool isolates, bool keeps_lines) {
    std::string out;
    out.reserve(words.size() + 6);
    if (isolates) out += first_strong_isolate;
    for (std::size_t index = 0; index < words.size();) {
        const std::size_t start = index;
        const char32_t character = next_character(words, index);
        if (character == U'\n' && keeps_lines) {
            // An isolate ends with its paragraph: each line gets its own.
            if (isolates) out += pop_directional_isolate;
            out += '\n';
            if (isolates) out += first_strong_isolate;
        } else if (character == U'\n' || character == U'\t') {
            out += ' ';
        } else if (is_control(character) || character == U'\uFFFD') {
            out += replacement;
        } else if (!isolates || !is_direction_frame(character)) {
            out += words.substr(start, index - start);
        }
    }
    if (isolates) out += pop_directional_isolate;
    return out;
}

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    for (std::size_t index = 0; index < text.size();) {
        const char32_t character = next_character(text, index);
        const int width =
            is_direction_frame(character) ? 0 : ::wcwidth(static_cast<wchar_t>(character));
        columns += width > 0 ? static_cast<std::size_t>(width) : 0;
    }
    return columns;
}

std::string local_time(std::string_view moment) {
    std::tm utc{};
    const std::string text(moment);
    const char* end = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
    if (end == nullptr || text.back() != 'Z') return text;
    const std::time_t seconds = timegm(&utc);
    std::tm local{};
    localtime_r(&seconds, &local);
    std::array<char, 32> out{};
    const std::size_t length = std::strftime(out.data(), out.size(), "%Y-%m-%d %H:%M", &local);
    return {out.data(), length};
}

ProgressLine::ProgressLine()
    : is_terminal_(is_terminal(STDERR_FILENO)), start_(std::chrono::steady_clock::now()) {}

ProgressLine::~ProgressLine() {
    clear();
}

void ProgressLine::show(std::string_view step, std::uint64_t done, std::uint64_t total) {
    using namespace std::chrono_literals;
    const auto now = std::chrono::steady_clock::now();
    if (!is_terminal_ || now - start_ < 1s || (is_shown_ && now - last_ < 100ms)) return;
    last_ = now;
    is_shown_ = true;
    const std::string count =
        total > 0 ? std::to_string(done) + " of " + std::to_string(total) : std::to_string(done);
    std::fprintf(stderr, "\r\x1b[K%.*s: %s", static_cast<int>(step.size()), step.data(),
                 count.c_str());
    std::fflush(stderr);
}

void ProgressLine::clear() {
    if (is_shown_) std::fputs("\r\x1b[K", stderr);
    is_shown_ = false;
}

}  // namespace godwit
