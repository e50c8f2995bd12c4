/// The worlds from which seeds begin: an organisation founded, everybody enrolled, some records
/// there. Made once a process, always the same, and copied for every seed.
#pragma once

#include "tests/simulation/world.h"

namespace godwit::simulation {

inline constexpr std::uint32_t template_count = 8;

Template make_template(const KnownCipher& cipher, std::uint32_t number);

}  // namespace godwit::simulation
