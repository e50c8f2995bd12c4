/// The power goes before every operation that changes a disk of the story, and each time any part
/// of what was not synced survives: however the disk comes back, it must hold what was promised.
#pragma once

#include "tests/disk/campaign/rehearsal.h"
#include "tests/disk/campaign/tally.h"

namespace godwit::campaign {

/// One power cut.
struct Cut {
    std::size_t act{};
    Who who{};
    std::size_t beat{};
};
std::string text_of(const Cut& cut);

/// Wherever the rehearsal kept a disk, in the order of the story.
std::vector<Cut> all_cuts(const std::vector<Rehearsed>& rehearsed);

/// Judges `images` disks that this cut may leave, each different one once. `first` is the number of
/// the first.
Tally run(const Tools& tools, const std::vector<Rehearsed>& rehearsed, std::uint64_t seed,
          const Cut& cut, std::uint64_t first, std::uint64_t images);

/// Is the disk so large that judging it takes long? Fewer of its images are judged.
bool is_heavy(const Beat& beat);

/// The story told to disks that ignore syncs: `runs` power cuts, each before an operation drawn by
/// chance after something was acknowledged, judged as ever. A cut is caught when any of
/// `control_images` disks it may leave fails.
inline constexpr std::uint64_t control_images = 16;
Tally run_control(const Tools& tools, std::uint64_t seed, std::uint64_t runs);

}  // namespace godwit::campaign
