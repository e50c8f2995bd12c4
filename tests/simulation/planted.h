/// The bugs planted in the product, by name, and the campaign that must find each of them.
#pragma once

#include <string_view>

#include "shared/base/planted.h"
#include "tests/simulation/runner.h"

namespace godwit::simulation {

struct PlantedRow {
    PlantedBug bug;
    std::string_view name;
    std::string_view where;  ///< The folder it was planted in.
};

/// Every planted bug.
std::span<const PlantedRow> planted_rows();

/// Plants each in turn (or only the one called `only`) and runs the worlds of `campaign` until an
/// oracle objects. Prints a line of a table for each. Returns how many were not caught.
int run_planted(const Runner& runner, std::string_view only, Campaign campaign);

}  // namespace godwit::simulation
