/// Holds a disk that came back to what was promised on it.
#pragma once

#include "tests/disk/campaign/stage.h"

namespace godwit::campaign {

/// Opens what lies on `disk` as `who` would; the programs are closed again afterwards. What is
/// lost, damaged or wrong, in words; nothing when all is well. `turn` picks the long texts.
std::optional<std::string> judge(const Tools& tools, Who who, SimulatedDisk& disk,
                                 const Promises& promises, std::int64_t now_ms, std::uint64_t turn);

/// What `author` was promised, as `reader` now sees it: everybody's records are handed to
/// reviewers.
std::optional<std::string> judge_reading(Stage& stage, Who reader, Who author, std::uint64_t turn);

}  // namespace godwit::campaign
