/// The fields every record has, by number. Their definitions stand in shared/records/common.json;
/// a test holds the two together.
#pragma once

#include <cstdint>

namespace godwit::common_field {

inline constexpr std::uint32_t record = 0;    ///< The record itself: only `erase` names it.
inline constexpr std::uint32_t owner = 1;     ///< Member. Open, supervisor_first.
inline constexpr std::uint32_t archived = 2;  ///< Boolean. Open, most_restrictive (false, true).
inline constexpr std::uint32_t review = 3;    ///< Review state. Open, state_machine.
inline constexpr std::uint32_t review_notes = 4;  ///< Event {text}. Sealed, append.
inline constexpr std::uint32_t first_free = 16;   ///< Types number their own fields from here.

}  // namespace godwit::common_field
