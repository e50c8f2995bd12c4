/// What the heads of HTTP messages are written in, for whoever reads one.
///
/// Source: RFC 9110 §5.6.2–5.6.3 (tokens, white space).
#pragma once

#include <string>
#include <string_view>

namespace godwit {

bool is_token_character(char letter);

/// A name of a header or a method: one character of a token at least, and nothing else.
bool is_token(std::string_view text);

/// Without the spaces and tabs at either end.
std::string_view trimmed(std::string_view text);

/// ASCII letters small, all else as it is: names of headers are alike in either.
std::string lower_case(std::string_view text);

}  // namespace godwit
