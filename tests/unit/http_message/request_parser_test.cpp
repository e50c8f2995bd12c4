#include "shared/http/request_parser.h"

#include "tests/support/catch.h"

namespace godwit {
namespace {

const std::vector<Route> routes{{HttpMethod::post, "/v1/exchange"},
                                {HttpMethod::get, "/v1/health"}};

struct Fed {
    Result<std::size_t> outcome{std::size_t{0}};
    bool is_complete{};
    HttpRequest request;
};

Fed feed_whole(const std::string& text, const RequestBounds& bounds = {}) {
    RequestParser parser(bounds, routes);
    Fed fed;
    fed.outcome = parser.feed(bytes_of(text));
    fed.is_complete = fed.outcome && parser.is_complete();
    if (fed.is_complete) fed.request = parser.take();
    return fed;
}

ErrorCode refusal_of(const std::string& text, const RequestBounds& bounds = {}) {
    const Fed fed = feed_whole(text, bounds);
    INFO(text);
    REQUIRE_FALSE(fed.outcome);
    return fed.outcome.error().code;
}

std::string post_with(const std::string& headers, const std::string& body = "abc") {
    return "POST /v1/exchange HTTP/1.1\r\n" + headers + "\r\n" + body;
}

const std::string plain = "Host: a\r\nContent-Length: 3\r\n";

}  // namespace

TEST_CASE("a plain request is read whole", "[http]") {
    const std::string text = post_with(
        "Host: server.example:8443\r\nContent-Type: application/cbor\r\n"
        "content-length:\t3 \r\nUser-Agent: any (thing; else)\r\n");
    const Fed fed = feed_whole(text);
    REQUIRE(fed.outcome);
    CHECK(*fed.outcome == text.size());
    REQUIRE(fed.is_complete);
    CHECK(fed.request.method == HttpMethod::post);
    CHECK(fed.request.path == "/v1/exchange");
    CHECK(text_of(fed.request.body) == "abc");
    CHECK(fed.request.keeps_open);
}

TEST_CASE("a GET has no body", "[http]") {
    CHECK(feed_whole("GET /v1/health HTTP/1.1\r\nHost: a\r\n\r\n").is_complete);
    CHECK(feed_whole("GET /v1/health HTTP/1.1\r\nHost: [::1]:8443\r\nContent-Length: 0\r\n\r\n")
              .is_complete);
    CHECK(refusal_of("GET /v1/health HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx") ==
          (ErrorCode::bad_request));
}

TEST_CASE("a request may come in pieces of any size", "[http]") {
    const std::string text = post_with(plain);
    const auto piece = GENERATE(range(std::size_t{1}, std::size_t{20}));
    const RequestBounds bounds;
    RequestParser parser(bounds, routes);
    for (std::size_t at = 0; at < text.size(); at += piece) {
        CHECK_FALSE(parser.is_complete());
        const auto used = parser.feed(bytes_of(text.substr(at, piece)));
        REQUIRE(used);
        CHECK(*used == std::min(piece, text.size() - at));
    }
    REQUIRE(parser.is_complete());
    CHECK(text_of(parser.take().body) == "abc");
}

TEST_CASE("a cut request is never complete", "[http]") {
    const std::string text = post_with(plain);
    for (std::size_t size = 0; size < text.size(); ++size) {
        CHECK_FALSE(feed_whole(text.substr(0, size)).is_complete);
    }
    CHECK(feed_whole(text).is_complete);
}

TEST_CASE("bytes behind a request belong to the next", "[http]") {
    const RequestBounds bounds;
    RequestParser parser(bounds, routes);
    const std::string two = post_with(plain) + post_with(plain, "def");
    const auto used = parser.feed(bytes_of(two));
    REQUIRE(used);
    CHECK(*used == two.size() / 2);
    CHECK(text_of(parser.take().body) == "abc");
    CHECK_FALSE(parser.has_begun());
    REQUIRE(parser.feed(bytes_of(std::string_view(two).substr(*used))));
    CHECK(text_of(parser.take().body) == "def");
}

TEST_CASE("a sender who wants the connection closed is heard", "[http]") {
    CHECK_FALSE(feed_whole(post_with(plain + "Connection: close\r\n")).request.keeps_open);
    CHECK_FALSE(feed_whole(post_with(plain + "Connection: TE, Close\r\n")).request.keeps_open);
    CHECK(feed_whole(post_with(plain + "Connection: keep-alive\r\n")).request.keeps_open);
}

TEST_CASE("a request line that is not exactly ours is refused", "[http]") {
    const std::string tail = "\r\n" + plain + "\r\nabc";
    REQUIRE(feed_whole("POST /v1/exchange HTTP/1.1" + tail).is_complete);
    const std::string wrong = GENERATE(
        "POST /v1/exchange HTTP/1.0", "POST /v1/exchange HTTP/2", "POST /v1/exchange http/1.1",
        "POST /v1/exchange", "POST", "", "PUT /v1/exchange HTTP/1.1", "post /v1/exchange HTTP/1.1",
        "GET /v1/exchange HTTP/1.1", "POST /v1/health HTTP/1.1", " POST /v1/exchange HTTP/1.1",
        "POST  /v1/exchange HTTP/1.1", "POST /v1/exchange  HTTP/1.1", "POST /v1/exchange HTTP/1.1 ",
        "POST\t/v1/exchange HTTP/1.1", "POST https://a/v1/exchange HTTP/1.1", "OPTIONS * HTTP/1.1",
        "CONNECT a:443 HTTP/1.1", "POST /v1/exch\x01nge HTTP/1.1", "POST /v1/exch\nange HTTP/1.1");
    CHECK(refusal_of(wrong + tail) == ErrorCode::bad_request);
}

TEST_CASE("a path that is not ours is not found", "[http]") {
    const std::string tail = " HTTP/1.1\r\n" + plain + "\r\nabc";
    const std::string wrong = GENERATE("/", "/v1/exchange/", "/v1/exchange?x=1", "/v1/Exchange",
                                       "/v1/%65xchange", "/../v1/exchange", "/v1/exchange#a");
    CHECK(refusal_of("POST " + wrong + tail) == ErrorCode::not_found);
}

TEST_CASE("a length that could be read in two ways is refused", "[http]") {
    const std::string wrong = GENERATE(
        "", "Content-Length: 3\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\nContent-Length: 4\r\n", "Content-Length: 3, 3\r\n",
        "Content-Length: +3\r\n", "Content-Length: -3\r\n", "Content-Length: 03\r\n",
        "Content-Length: 0x3\r\n", "Content-Length: 3.0\r\n", "Content-Length: \r\n",
        "Content-Length: 3 3\r\n", "Content-Length: 18446744073709551619\r\n",
        "Transfer-Encoding: chunked\r\n", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding : chunked\r\nContent-Length: 3\r\n", "Content-Length : 3\r\n");
    CHECK(refusal_of(post_with("Host: a\r\n" + wrong)) == ErrorCode::bad_request);
}

TEST_CASE("a header that is not plainly one is refused", "[http]") {
    const std::string wrong =
        GENERATE("X: a\r\n b\r\n", "X: a\r\n\tb\r\n", " X: a\r\n", ": a\r\n", "X\r\n", "X Y: a\r\n",
                 "X: a\x01\r\n", "X: a\rb\r\n", "X: a\nb\r\n", "X: \xc3\xa9\r\n", "X\x80: a\r\n",
                 "Expect: 100-continue\r\n", "Upgrade: h2c\r\n", "Content-Encoding: gzip\r\n",
                 "Trailer: X\r\n", "Content-Type: text/plain\r\n",
                 "Content-Type: application/cbor; x=1\r\n");
    CHECK(refusal_of(post_with(plain + wrong)) == ErrorCode::bad_request);
}

TEST_CASE("there is exactly one Host, and it is one", "[http]") {
    const std::string length = "Content-Length: 3\r\n";
    CHECK(feed_whole(post_with("Host: a\r\n" + length)).is_complete);
    const std::string wrong = GENERATE("", "Host: a\r\nHost: a\r\n", "Host:\r\n", "Host: a b\r\n",
                                       "Host: a/b\r\n", "Host: a,b\r\n", "Host: @a\r\n");
    CHECK(refusal_of(post_with(wrong + length)) == ErrorCode::bad_request);
}

TEST_CASE("lines end with both bytes, so a request with bare ends never completes", "[http]") {
    const std::string wrong =
        GENERATE("POST /v1/exchange HTTP/1.1\nHost: a\nContent-Length: 3\n\nabc",
                 "POST /v1/exchange HTTP/1.1\r\nHost: a\nContent-Length: 3\r\n\r\nabc",
                 "POST /v1/exchange HTTP/1.1\rHost: a\rContent-Length: 3\r\rabc",
                 "\r\nPOST / HTTP/1.1\r\n\r\n");
    CHECK_FALSE(feed_whole(wrong).is_complete);
}

TEST_CASE("head, headers and body have bounds, each met and each passed by one", "[http]") {
    const RequestBounds small{.head_bytes_max = 100, .header_count_max = 4, .body_bytes_max = 3};
    const std::string line = "POST /v1/exchange HTTP/1.1\r\n";
    const auto with_head_of = [&](std::size_t bytes) {
        const std::string rest = plain + "X: \r\n\r\n";
        return line + plain + "X: " + std::string(bytes - line.size() - rest.size(), 'x') +
               "\r\n\r\nabc";
    };
    CHECK(feed_whole(with_head_of(100), small).is_complete);
    CHECK(refusal_of(with_head_of(101), small) == ErrorCode::too_large);
    CHECK(refusal_of(std::string(100, 'P'), small) == ErrorCode::too_large);
    CHECK_FALSE(feed_whole(std::string(99, 'P'), small).is_complete);

    CHECK(feed_whole(post_with(plain + "A: a\r\nB: b\r\n"), small).is_complete);
    CHECK(refusal_of(post_with(plain + "A: a\r\nB: b\r\nC: c\r\n"), small) == ErrorCode::too_large);

    CHECK(refusal_of(post_with("Host: a\r\nContent-Length: 4\r\n", ""), small) ==
          ErrorCode::too_large);
    CHECK(refusal_of(post_with("Host: a\r\nContent-Length: 999999999\r\n", "")) ==
          ErrorCode::too_large);
    CHECK_FALSE(feed_whole(post_with("Host: a\r\nContent-Length: 9437184\r\n", "")).is_complete);
    CHECK(feed_whole(post_with("Host: a\r\nContent-Length: 9437184\r\n", "")).outcome);
}

TEST_CASE("an answer's head says its length and no more than needed", "[http]") {
    CHECK(format_answer_head(200, "application/cbor", 12, true) ==
          "HTTP/1.1 200 OK\r\nContent-Type: application/cbor\r\nContent-Length: 12\r\n"
          "\r\n");
    CHECK(format_answer_head(429, "application/cbor", 0, false) ==
          "HTTP/1.1 429 Refused\r\nContent-Type: application/cbor\r\nContent-Length: 0\r\n"
          "Connection: close\r\n\r\n");
}

}  // namespace godwit
