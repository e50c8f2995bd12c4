/// What was acknowledged, and to whom: the measure of every disk that comes back.
///
/// A value counts as saved from the moment a call returned. While a call is under way, and after
/// one that failed, nobody can know: what it replaces and what it says are both allowed.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/change/segment.h"

namespace godwit::campaign {

/// The people of the story; the server has a disk as they have.
enum class Who : std::uint8_t { noor, dina, asha, bela, server };
inline constexpr std::size_t who_count = 5;
inline constexpr Who replicas[] = {Who::noor, Who::dina, Who::asha, Who::bela};
std::string_view name_of(Who who);

/// Long texts are read back in turns, one of those saved together at a time: else a campaign would
/// spend its hours on reading the same books. What holds all of them together is verified always.
inline constexpr std::size_t long_text_bytes = 10'000;
inline constexpr std::size_t turn_count = 8;
inline constexpr std::size_t every_turn = turn_count;

/// What a field of a record must show at one replica.
struct Shown {
    std::vector<std::string> allowed;  ///< Words, or a number for a sum; one of them.
    bool is_sum{};
    std::size_t turn{every_turn};
};

/// What a replica promised the person who holds it.
struct Kept {
    bool is_enrolled{};
    bool may_be_enrolled{};  ///< Enrolling was tried and nobody knows how it ended.
    bool may_be_destroyed{};
    bool is_destroyed{};
    std::map<std::string, std::map<std::string, Shown>> records;  ///< By id, by field.
    /// Every word for a field, saved or not: others may come to see it.
    std::map<std::string, std::map<std::string, std::vector<std::string>>> tried;
    std::set<std::string> maybe_erased;
    std::set<std::string> erased;
};

/// What the server promised.
struct Delivered {
    /// By log and sequence, what the receipts say.
    std::map<LogId, std::map<Sequence, Digest>> receipts;
};

struct Promises {
    std::array<Kept, who_count> kept;
    Delivered delivered;
    std::map<std::string, Delivered> backups;  ///< By file: what stood in it at least.
    std::string server_folder{"/server"};
    std::uint64_t count{};  ///< Of what was acknowledged.

    Kept& of(Who who) { return kept[static_cast<std::size_t>(who)]; }
    [[nodiscard]] const Kept& of(Who who) const { return kept[static_cast<std::size_t>(who)]; }
};

/// All of it, for telling promises apart.
std::string text_of(const Promises& promises);

}  // namespace godwit::campaign
