#include "shared/http/answer_head.h"

#include "tests/support/catch.h"

namespace godwit {

TEST_CASE("an answer of known length is read", "[cli]") {
    const auto head = parse_http_answer_head(
        "HTTP/1.1 200 OK\r\nContent-Type: application/cbor\r\ncontent-length:  12 \r\n\r\n");
    REQUIRE(head);
    CHECK(head->status == 200);
    CHECK(head->body_bytes == 12);
    CHECK(head->keeps_open);
}

TEST_CASE("an answer may say that the connection ends", "[cli]") {
    const auto head = parse_http_answer_head(
        "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    REQUIRE(head);
    CHECK(head->status == 503);
    CHECK_FALSE(head->keeps_open);
}

TEST_CASE("what is not plainly one answer is not believed", "[cli]") {
    const std::string head = GENERATE(
        as<std::string>{}, "", "\r\n", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 2000\r\nContent-Length: 1\r\n\r\n", "HTTP/1.1 abc\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 100 Continue\r\nContent-Length: 1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding : chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n folded: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: 1\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: 1\rY: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
    CAPTURE(head);
    const auto parsed = parse_http_answer_head(head);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::unreachable);
}

TEST_CASE("a request says no more than it must", "[cli]") {
    CHECK(format_http_request_head("/v1/exchange", "host:8443", 5) ==
          "POST /v1/exchange HTTP/1.1\r\nHost: host:8443\r\n"
          "Content-Length: 5\r\n\r\n");
}

}  // namespace godwit
