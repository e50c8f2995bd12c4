/// The head of an HTTP/1.1 answer, read as strictly as we ask for it: what is not plainly one
/// answer of a known length is not believed at all.
///
/// Source: RFC 9112 §4–6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace godwit {

struct HttpAnswerHead {
    std::uint16_t status{};
    std::size_t body_bytes{};
    bool keeps_open{true};  ///< False: the server closes the connection after this answer.
};

inline constexpr std::size_t http_head_bytes_max = 8U * 1024;
inline constexpr std::size_t http_body_bytes_max =
    17U << 20U;  ///< A frame at its bound, and its byte of form.

/// Reads a head through its empty line, which `head` includes.
/// Fails with unreachable: something other than our server spoke.
Result<HttpAnswerHead> parse_http_answer_head(std::string_view head);

/// The head of a request: no more than the server needs.
std::string format_http_request_head(std::string_view path, std::string_view authority,
                                     std::size_t body_bytes);

}  // namespace godwit
