/// JSON as the command line reads it: strictly, saying where it is not JSON, and with accessors
/// that yield nothing instead of failing.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace godwit {

using Json = nlohmann::json;

/// Fails with not_json, naming `source`, line and column; and when an object names a member twice,
/// of which one would be lost in silence. No text of it is repeated.
Result<Json> parse_json(std::string_view text, const std::string& source);

/// One line; bytes that are no UTF-8 become U+FFFD.
std::string format_json(const Json& value, int indent = -1);

/// The member `name` of an object, or null.
const Json& member(const Json& object, std::string_view name);
/// The text of the member `name`, or "".
std::string text_member(const Json& object, std::string_view name);
/// The number of the member `name`, or 0.
std::int64_t number_member(const Json& object, std::string_view name);
bool flag_member(const Json& object, std::string_view name);

}  // namespace godwit
