/// Every operation of the story's disks goes wrong, once and for ever, in every manner.
///
/// A run: one act is played from the moment before it, with one fault on one disk. What the act was
/// refused must be said as what it is. Then the programs start again on the healed disk, or the
/// power goes first: after a fault for ever always, after one that came once in a run of its own
/// when the operation changes the disk. What was promised must be there and whole, everybody must
/// be able to go on until all agree, and a power cut after that must lose nothing of it either.
#pragma once

#include <set>

#include "tests/disk/campaign/rehearsal.h"
#include "tests/disk/campaign/tally.h"

namespace godwit::campaign {

enum class Manner : std::uint8_t { fail, cut_short, full, lose_sync, torn, reordered };
inline constexpr Manner manners[] = {Manner::fail,      Manner::cut_short, Manner::full,
                                     Manner::lose_sync, Manner::torn,      Manner::reordered};
std::string_view name_of(Manner manner);

struct FaultCase {
    std::size_t act{};
    Who who{};
    Manner manner{};
    bool is_for_ever{};
    bool has_power_cut{};  ///< After a fault that came once, where it can matter.
    std::uint64_t at{};    ///< Counts, from 1, the operations that can go wrong in this manner.
};
std::string text_of(const FaultCase& fault);

/// Which of them: every so many-th of each act, disk and manner.
struct Strides {
    std::uint64_t of_all{1};
    std::uint64_t of_long_acts{16};  ///< Besides: they write thousands of pages in a row.
};
std::vector<FaultCase> fault_cases(const std::vector<Rehearsed>& rehearsed, const Strides& strides);

/// How acts ended: names of everything on all disks, promised and noted. Many faults leave the same
/// behind, above all reads that fail; what follows from it need not be seen twice.
using Ends = std::set<std::string>;

Tally run(const Tools& tools, const std::vector<Rehearsed>& rehearsed, std::uint64_t seed,
          const FaultCase& fault, Ends& ends);

}  // namespace godwit::campaign
