#include "field-client/replica/json.h"
#include "shared/base/text.h"
#include "shared/http/answer_head.h"
#include "shared/http/request_parser.h"
#include "tests/fuzz/bomb.h"

namespace godwit {
namespace {

std::string repeated(std::string_view part, std::size_t count) {
    std::string out;
    for (std::size_t index = 0; index < count; ++index) out += part;
    return out;
}

bool is_no_http_request(ByteView bytes) {
    static const RequestBounds bounds;
    static const std::vector<Route> routes{{HttpMethod::post, "/v1/exchange"}};
    RequestParser parser(bounds, routes);
    while (!bytes.empty()) {  // As a slow caller sends it.
        const auto used = parser.feed(bytes.first(1));
        if (!used) return true;
        bytes = bytes.subspan(*used);
    }
    return false;
}

void add_request_heads(std::vector<Bomb>& out) {
    const auto add = [&](std::string what, const std::string& text) {
        out.push_back(
            {"http request", std::move(what), copy_of(bytes_of(text)), is_no_http_request});
    };
    const std::string start = "POST /v1/exchange HTTP/1.1\r\nHost: a\r\n";
    add("a head without an end", start + "X: " + std::string(10'000, 'x'));
    add("ends of lines only", repeated("\r\n", 3'000));
    add("half ends of lines", start + repeated("\r\n\r", 2'000));
    add("33 headers", start + repeated("X: 1\r\n", 33) + "\r\n");
    add("a folded line of 4,000", start + "X: 1\r\n" + std::string(4'000, ' ') + "1\r\n\r\n");
    add("a body of 9 digits", start + "Content-Length: 999999999\r\n\r\n");
    add("a body of 30 digits", start + "Content-Length: " + std::string(30, '9') + "\r\n\r\n");
    add("a body in pieces", start + "Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n");
    add("a packed body", start + "Content-Encoding: gzip\r\nContent-Length: 10\r\n\r\n");
    add("a path of 4,000", "POST /" + std::string(4'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n");
    add("commas only", start + "Connection: " + std::string(3'900, ',') + "\r\n\r\n");
}

void add_answer_heads(std::vector<Bomb>& out) {
    const auto add = [&](std::string what, const std::string& text) {
        out.push_back({"http answer", std::move(what), copy_of(bytes_of(text)),
                       [](ByteView bytes) { return !parse_http_answer_head(text_of(bytes)); }});
    };
    const std::string start = "HTTP/1.1 200 OK\r\n";
    add("60,000 letters and no end", start + std::string(60'000, 'x'));
    add("2,000 headers and no length", start + repeated("X: 1\r\n", 2'000) + "\r\n");
    add("2,000 lengths", start + repeated("Content-Length: 1\r\n", 2'000) + "\r\n");
    add("a length of 30 digits", start + "Content-Length: " + std::string(30, '9') + "\r\n\r\n");
    add("a length of 1 TiB", start + "Content-Length: 1099511627776\r\n\r\n");
    add("a body in pieces", start + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n");
}

void add_json(std::vector<Bomb>& out) {
    const auto add = [&](std::string what, const std::string& text) {
        out.push_back({"json", std::move(what), copy_of(bytes_of(text)),
                       [](ByteView bytes) { return !parse_json(text_of(bytes)); }});
    };
    for (const std::size_t depth : {65U, 1'000U, 100'000U}) {
        const std::string levels = std::to_string(depth);
        add(levels + " arrays", std::string(depth, '[') + std::string(depth, ']'));
        add(levels + " arrays, unclosed", std::string(depth, '['));
        add(levels + " objects", repeated("{\"a\":", depth) + "1" + std::string(depth, '}'));
        add(levels + " of both", repeated("[{\"a\":", depth) + "1" + repeated("}]", depth));
    }
    add("5,000 names that stand twice", "{" + repeated("\"a\":1,", 4'999) + "\"a\":1}");
    add("a name of 60,000 twice",
        "{\"" + std::string(60'000, 'a') + "\":1,\"" + std::string(60'000, 'a') + "\":2}");
    add("a text without an end", "\"" + std::string(60'000, 'a'));
    add("brackets in a text without an end", "\"" + std::string(60'000, '['));
    add("60,000 quotes escaped", "\"" + repeated("\\\"", 30'000));
    add("a number of 60,000 digits", std::string(60'000, '9') + "x");
    add("60,000 spaces", std::string(60'000, ' '));
    add("half a letter", "\"\\ud800" + repeated("\\ud800", 5'000) + "\"");
}

void add_letters(std::vector<Bomb>& out) {
    const auto add = [&](std::string what, const std::string& text, bool (*is_refused)(ByteView)) {
        out.push_back({"text", std::move(what), copy_of(bytes_of(text)), is_refused});
    };
    add("100,000 digits and none", std::string(100'000, 'a') + "g",
        [](ByteView bytes) { return !parse_hex(text_of(bytes)); });
    add("100,000 digits and one", std::string(100'001, 'a'),
        [](ByteView bytes) { return !parse_hex(text_of(bytes)); });
    add("100,000 letters of base64 and none", std::string(100'000, 'a') + "=",
        [](ByteView bytes) { return !parse_base64url(text_of(bytes)); });
    add("100,000 letters of UTF-8 and half of one", std::string(100'000, 'a') + "\xf0\x90",
        [](ByteView bytes) { return !is_utf8(text_of(bytes)); });
}

}  // namespace

std::vector<Bomb> text_bombs() {
    std::vector<Bomb> out;
    add_request_heads(out);
    add_answer_heads(out);
    add_json(out);
    add_letters(out);
    return out;
}

}  // namespace godwit
