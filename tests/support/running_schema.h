/// For tests of upgrades: which record types the program knows that runs just now.
///
/// There are the record types as they are, and tomorrow's: two types more, and two more fields of
/// every type. Linked into a test, this takes the place of shared/model/schema.cpp.
#pragma once

#include "shared/model/record_type.h"

namespace godwit {

enum class Schema : std::uint8_t { todays, tomorrows };

namespace later {

inline constexpr std::uint32_t first_type = 77;
inline constexpr std::uint32_t second_type = 78;
inline constexpr std::string_view first_type_name = "later_first";
inline constexpr std::string_view second_type_name = "later_second";
inline constexpr std::uint32_t field = 900;         ///< A number; the latest counts.
inline constexpr std::uint32_t sealed_field = 901;  ///< A text; keeps both.

}  // namespace later

/// Whom records of tomorrow's types are for; members, unless told otherwise.
void choose_later_audiences(Audience first_type, Audience second_type);

/// While it lives, the program that runs is one with this schema.
class Running {
public:
    explicit Running(Schema schema);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

private:
    Schema before_;
};

}  // namespace godwit
