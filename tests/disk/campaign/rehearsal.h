/// The story told once without any fault: what every act does to each disk, and the moments
/// between.
#pragma once

#include "tests/disk/campaign/story.h"

namespace godwit::campaign {

/// One operation of the rehearsal, on a disk that is watched.
struct Beat {
    DiskOperation operation{};
    std::optional<DiskImage> before;  ///< Where it was to be kept.
    std::shared_ptr<const Promises> promises;
};

struct Rehearsed {
    Moment before;
    Moment after;
    std::map<Who, std::vector<Beat>> beats;  ///< Of the subject and of the server.
};

struct RehearsalOptions {
    std::uint64_t seed{1};
    /// Is the disk to be kept as it was before this operation? Asked where it changes something.
    std::function<bool(std::size_t act, Who who, std::size_t beat)> keeps_image;
    bool ignores_syncs{};
};

/// One for every act of story().
std::vector<Rehearsed> rehearse(const Tools& tools, const RehearsalOptions& options);

/// The seed of an act's own chance.
std::uint64_t seed_of_act(std::uint64_t seed, std::size_t act);

}  // namespace godwit::campaign
