/// What a campaign counted, and what it found wrong; and how its parts run in several processes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace godwit::campaign {

struct Tally {
    std::map<std::string, std::uint64_t> counts;
    std::vector<std::string> failures;  ///< How to see each again, and what it was.

    void count(const std::string& what, std::uint64_t by = 1) { counts[what] += by; }
    void add(const Tally& other);
};

/// Runs `part` for 0 … part_count-1 in `jobs` processes and adds up what they counted. Shows how
/// far it is on a terminal. A process that ends badly is a failure.
Tally in_parts(std::size_t part_count, std::size_t jobs, const std::string& title,
               const std::function<Tally(std::size_t part)>& part);

}  // namespace godwit::campaign
