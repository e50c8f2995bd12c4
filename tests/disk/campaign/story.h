/// The story every campaign tells: capture, edit, sync, receive, review, resolve, erase, backup,
/// restore, and a replica that is told to destroy its keys. It is told in acts; every act is the
/// life of some programs, from opening to closing, and every call in it may fail.
#pragma once

#include "tests/disk/campaign/stage.h"

namespace godwit::campaign {

struct Act {
    std::string_view name;
    Who subject;  ///< Whose replica's disk this act is about.
    void (*play)(Stage& stage);
    bool is_long{};
};

/// In order.
std::span<const Act> story();

/// Where the story begins: noor founded, dina supervises, asha works, and bela is invited.
Moment opening(const Tools& tools, std::uint64_t seed);

/// Plays an act from where the one before it ended; every program is closed afterwards. The seed is
/// that of the whole story.
void play(const Act& act, Stage& stage);

/// However an act went: once disks are well, everybody can work and sync until all hold the same,
/// and the server verifies. What stands in the way, or nothing.
std::optional<std::string> go_on(Stage& stage, std::uint64_t turn);

}  // namespace godwit::campaign
