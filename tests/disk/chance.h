/// Chance from a seed: the same in every run.
///
/// Source: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators (2014).
#pragma once

#include <cstdint>

namespace godwit {

class DiskChance {
public:
    explicit DiskChance(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31U);
    }

    /// Below `end`, which is not 0.
    std::uint64_t below(std::uint64_t end) { return next() % end; }
    /// True in `percent` of a hundred.
    bool happens(std::uint64_t percent) { return below(100) < percent; }

private:
    std::uint64_t state_;
};

}  // namespace godwit
