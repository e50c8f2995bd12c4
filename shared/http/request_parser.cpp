#include "shared/http/request_parser.h"

#include <algorithm>

#include "shared/http/header_text.h"

namespace godwit {
namespace {

constexpr std::size_t content_length_digits_max = 9;

Error bad(const char* why) {
    return {ErrorCode::bad_request, why};
}

// Printable ASCII, spaces and tabs. Obsolete text (bytes from 0x80) is refused with the rest.
bool is_header_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char letter) {
        return letter == '\t' || (letter >= 0x20 && letter <= 0x7e);
    });
}

// Digits and nothing else: no sign, no list, no leading zero.
std::optional<std::size_t> parse_content_length(std::string_view text) {
    if (text.empty() || text.size() > content_length_digits_max) return std::nullopt;
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    std::size_t number = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') return std::nullopt;
        number = number * 10 + static_cast<std::size_t>(digit - '0');
    }
    return number;
}

bool is_host(std::string_view text) {
    return !text.empty() && text.size() <= 255 &&
           std::all_of(text.begin(), text.end(), [](char letter) {
               return is_token_character(letter) || letter == ':' || letter == '[' || letter == ']';
           });
}

bool names_close(std::string_view connection) {
    while (!connection.empty()) {
        const auto comma = std::min(connection.find(','), connection.size());
        if (lower_case(trimmed(connection.substr(0, comma))) == "close") return true;
        connection.remove_prefix(std::min(comma + 1, connection.size()));
    }
    return false;
}

}  // namespace

Result<std::size_t> RequestParser::feed(ByteView bytes) {
    std::size_t used = 0;
    if (!is_head_read_) used = TRY(feed_head(bytes));
    if (is_head_read_) {
        const ByteView rest = bytes.subspan(used);
        const std::size_t count = std::min(rest.size(), body_bytes_ - request_.body.size());
        append(request_.body, rest.first(count));
        used += count;
    }
    return used;
}

Result<std::size_t> RequestParser::feed_head(ByteView bytes) {
    constexpr std::string_view end_of_head = "\r\n\r\n";
    // The end may lie across what came before and what comes now.
    const std::size_t old_size = head_.size();
    const std::size_t room = bounds_.head_bytes_max - old_size;
    const std::size_t taken = std::min(room, bytes.size());
    head_.append(text_of(bytes.first(taken)));
    const std::size_t from = old_size < end_of_head.size() ? 0 : old_size - end_of_head.size();
    const std::size_t end = head_.find(end_of_head, from);
    if (end == std::string::npos) {
        if (head_.size() == bounds_.head_bytes_max) {
            return Error{ErrorCode::too_large, "the head of the request"};
        }
        return taken;
    }
    head_.resize(end + 2);  // Each line keeps its end; the empty one goes.
    TRY(read_head());
    return end + end_of_head.size() - old_size;
}

Result<void> RequestParser::read_head() {
    Seen seen;
    bool is_first = true;
    std::string_view rest = head_;
    while (!rest.empty()) {
        const std::size_t end = rest.find("\r\n");
        GODWIT_ASSERT(end != std::string_view::npos);  // feed_head() cut it just after one.
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end + 2);
        if (std::exchange(is_first, false)) {
            TRY(read_request_line(line));
        } else {
            TRY(read_header(line, seen));
        }
    }
    if (seen.hosts != 1) return bad("not exactly one Host");
    const bool is_post = request_.method == HttpMethod::post;
    if (is_post && !seen.body_bytes) return bad("no Content-Length");
    if (!is_post && seen.body_bytes.value_or(0) != 0) return bad("a GET with a body");
    body_bytes_ = seen.body_bytes.value_or(0);
    if (body_bytes_ > bounds_.body_bytes_max) {
        return Error{ErrorCode::too_large, "the body of the request"};
    }
    head_.clear();
    is_head_read_ = true;
    return ok();
}

Result<void> RequestParser::read_request_line(std::string_view line) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return bad("no request line");
    if (line.substr(last + 1) != "HTTP/1.1") return bad("not HTTP/1.1");
    const std::string_view method = line.substr(0, first);
    const std::string_view path = line.substr(first + 1, last - first - 1);
    if (method == "GET") {
        request_.method = HttpMethod::get;
    } else if (method == "POST") {
        request_.method = HttpMethod::post;
    } else {
        return bad("neither GET nor POST");
    }
    const bool is_path = !path.empty() && path.front() == '/' &&
                         std::all_of(path.begin(), path.end(),
                                     [](char letter) { return letter > 0x20 && letter < 0x7f; });
    if (!is_path) return bad("the target is no path");
    bool is_known = false;
    for (const Route& route : routes_) {
        if (route.path != path) continue;
        if (route.method == request_.method) {
            request_.path = path;
            return ok();
        }
        is_known = true;
    }
    if (is_known) return bad("the path takes another method");
    return Error{ErrorCode::not_found, {}};
}

Result<void> RequestParser::read_header(std::string_view line, Seen& seen) {
    if (++seen.headers > bounds_.header_count_max) {
        return Error{ErrorCode::too_large, "the count of headers"};
    }
    const auto colon = line.find(':');
    // A folded line begins with white space, which no name may hold.
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
        return bad("a header without a name");
    }
    const std::string name = lower_case(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!is_header_value(value)) return bad("a header with control characters");
    if (name == "content-length") {
        if (seen.body_bytes) return bad("two Content-Lengths");
        seen.body_bytes = parse_content_length(value);
        if (!seen.body_bytes) return bad("a Content-Length that is no number");
    } else if (name == "host") {
        ++seen.hosts;
        if (!is_host(value)) return bad("a Host that is none");
    } else if (name == "content-type") {
        if (lower_case(value) != "application/cbor") return bad("a body of another type");
    } else if (name == "connection") {
        if (names_close(value)) request_.keeps_open = false;
    } else if (name == "transfer-encoding" || name == "content-encoding" || name == "expect" ||
               name == "upgrade" || name == "trailer") {
        return bad("a header that would change how the body is read");
    }
    return ok();
}

HttpRequest RequestParser::take() {
    GODWIT_ASSERT(is_complete());
    is_head_read_ = false;
    body_bytes_ = 0;
    return std::exchange(request_, HttpRequest{});
}

std::string format_answer_head(std::uint16_t status, std::string_view content_type,
                               std::size_t body_bytes, bool keeps_open) {
    std::string head = "HTTP/1.1 " + std::to_string(status);
    head += status == 200 ? " OK" : " Refused";
    head += "\r\nContent-Type: ";
    head += content_type;
    head += "\r\nContent-Length: " + std::to_string(body_bytes);
    head += "\r\n";
    if (!keeps_open) head += "Connection: close\r\n";
    head += "\r\n";
    return head;
}

}  // namespace godwit
