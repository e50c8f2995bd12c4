#include "shared/http/answer_head.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "shared/http/header_text.h"

namespace godwit {

namespace {

Error foreign(std::string_view what) {
    return Error{ErrorCode::unreachable,
                 "the answer is not one of our server: " + std::string(what)};
}

// A lone CR or LF would be the end of a line to somebody else.
bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char letter) {
        const auto byte = static_cast<unsigned char>(letter);
        return (byte < 0x20 && letter != '\t') || byte == 0x7f;
    });
}

std::optional<std::size_t> parse_number(std::string_view text) {
    std::size_t number = 0;
    if (text.empty() || text.front() == '+' || text.front() == '-') return std::nullopt;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

Result<std::uint16_t> parse_status_line(std::string_view line) {
    constexpr std::string_view version = "HTTP/1.1 ";
    if (line.substr(0, version.size()) != version) return foreign("no HTTP/1.1 status line");
    line.remove_prefix(version.size());
    const auto status = parse_number(line.substr(0, 3));
    if (!status || *status < 200 || *status > 599 || (line.size() > 3 && line[3] != ' ')) {
        return foreign("no status");
    }
    return static_cast<std::uint16_t>(*status);
}

}  // namespace

Result<HttpAnswerHead> parse_http_answer_head(std::string_view head) {
    HttpAnswerHead out;
    bool is_first = true;
    std::optional<std::size_t> length;
    while (true) {
        const std::size_t end = head.find("\r\n");
        if (end == std::string_view::npos) return foreign("a line without an end");
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(end + 2);
        if (has_control(line)) return foreign("a line with control characters");
        if (is_first) {
            out.status = TRY(parse_status_line(line));
            is_first = false;
            continue;
        }
        if (line.empty()) break;
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
            return foreign("a header without a name");
        }
        const std::string name = lower_case(line.substr(0, colon));
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (name == "content-length") {
            const auto number = parse_number(value);
            if (!number || length) return foreign("no single content length");
            length = number;
        } else if (name == "transfer-encoding" || name == "content-encoding") {
            return foreign("a body in another coding");
        } else if (name == "connection") {
            if (lower_case(value) == "close") out.keeps_open = false;
        }
    }
    if (!head.empty()) return foreign("bytes after the head");
    if (!length) return foreign("no content length");
    if (*length > http_body_bytes_max) return foreign("a body beyond every bound");
    out.body_bytes = *length;
    return out;
}

std::string format_http_request_head(std::string_view path, std::string_view authority,
                                     std::size_t body_bytes) {
    std::string head = "POST ";
    head += path;
    head += " HTTP/1.1\r\nHost: ";
    head += authority;
    head += "\r\nContent-Length: ";
    head += std::to_string(body_bytes);
    head += "\r\n\r\n";
    return head;
}

}  // namespace godwit
