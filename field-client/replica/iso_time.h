/// Instants as ISO 8601 text in UTC, and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit {

/// "2026-11-21T19:20:36.123Z". Years beyond 9999 or before 0 take as many digits as they need.
std::string format_moment(std::int64_t wall_ms);

/// Milliseconds since 1970. Accepts a date, "T" or a space, hours and minutes, optionally seconds
/// and up to three decimals, and a zone: "Z", or "+hh:mm" / "-hh:mm". Without a zone it is nothing:
/// whose midnight it is must be said. Years 1900 to 2199.
std::optional<std::int64_t> parse_moment(std::string_view text);

}  // namespace godwit
