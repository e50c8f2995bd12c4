/// One HTTP/1.1 request at a time, from bytes as they come, refusing whatever could be read in two
/// ways. This is the one strict place in front of everything a server does.
///
/// Invariants
///   - A request is complete only when every byte its Content-Length promised has come.
///   - Nothing is kept beyond the bounds, whatever is fed.
///   - After a failure the connection can only be closed: nobody knows where the next request
///     would begin.
///
/// Accepted: GET and POST of a known path, HTTP/1.1, CRLF line ends, one Host, on POST exactly one
/// Content-Length and on GET none or 0. Refused: everything else, among it transfer codings,
/// folded or repeated headers that matter, content codings, expectations, queries, and other
/// versions and methods.
///
/// Source: RFC 9112 §2–7.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/bytes.h"
#include "shared/base/result.h"

namespace godwit {

enum class HttpMethod : std::uint8_t { get = 1, post = 2 };

struct HttpRequest {
    HttpMethod method{HttpMethod::get};
    std::string path;
    Bytes body;
    bool keeps_open{true};  ///< False: the sender wants the connection closed afterwards.
};

struct RequestBounds {
    std::size_t head_bytes_max{4'096};
    std::size_t header_count_max{32};
    std::size_t body_bytes_max{9U << 20U};
};

/// What a server has to offer: a path, and the one method it answers.
struct Route {
    HttpMethod method;
    std::string_view path;
};

class RequestParser {
public:
    /// `routes` must outlive the parser.
    RequestParser(const RequestBounds& bounds, const std::vector<Route>& routes)
        : bounds_(bounds), routes_(routes) {}

    /// Takes bytes until a request is complete; returns how many it took. The rest belongs to the
    /// next request.
    /// Fails with bad_request, too_large (the head or the promised body) or not_found.
    Result<std::size_t> feed(ByteView bytes);

    [[nodiscard]] bool has_begun() const { return is_head_read_ || !head_.empty(); }
    [[nodiscard]] bool is_head_read() const { return is_head_read_; }
    [[nodiscard]] bool is_complete() const {
        return is_head_read_ && request_.body.size() == body_bytes_;
    }
    /// What the head promised; 0 before it is read.
    [[nodiscard]] std::size_t body_bytes() const { return body_bytes_; }
    /// The body as far as it came.
    [[nodiscard]] ByteView body_so_far() const { return request_.body; }

    /// The complete request; the parser is then ready for the next.
    HttpRequest take();

private:
    struct Seen {
        std::optional<std::size_t> body_bytes;
        std::size_t hosts{};
        std::size_t headers{};
    };

    Result<std::size_t> feed_head(ByteView bytes);
    Result<void> read_head();
    Result<void> read_request_line(std::string_view line);
    Result<void> read_header(std::string_view line, Seen& seen);

    const RequestBounds& bounds_;
    const std::vector<Route>& routes_;
    std::string head_;
    HttpRequest request_;
    std::size_t body_bytes_{};
    bool is_head_read_{};
};

/// The head of an answer; the body follows.
std::string format_answer_head(std::uint16_t status, std::string_view content_type,
                               std::size_t body_bytes, bool keeps_open);

}  // namespace godwit
