/// Chance that is the same in every run: everything a seeded world does by chance comes from here.
///
/// Source: Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators (2014).
#pragma once

#include <array>
#include <cstring>
#include <vector>

#include "shared/base/random.h"

namespace godwit::simulation {

/// A number that looks like chance and depends on nothing but `number`.
inline std::uint64_t mixed(std::uint64_t number) {
    number += 0x9e3779b97f4a7c15U;
    number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9U;
    number = (number ^ (number >> 27U)) * 0x94d049bb133111ebU;
    return number ^ (number >> 31U);
}

class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(mixed(seed)) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15U;
        return mixed(state_);
    }
    /// Below `end`, which is not 0.
    std::uint64_t below(std::uint64_t end) { return next() % end; }
    bool one_in(std::uint64_t count) { return below(count) == 0; }
    /// True in `parts` of 256 cases.
    bool in_256(unsigned parts) { return below(256) < parts; }

    template <typename T>
    const T& pick(const std::vector<T>& from) {
        return from[static_cast<std::size_t>(below(from.size()))];
    }
    template <typename T, std::size_t Count>
    const T& pick(const std::array<T, Count>& from) {
        return from[static_cast<std::size_t>(below(Count))];
    }

private:
    std::uint64_t state_;
};

/// What the product is handed as chance. Each step of a world begins it anew, so that leaving a
/// step out of a failing case changes little in the others. Remembers what was drawn in sixteen
/// bytes at once, for the salts of changes are drawn so.
class DrawnChance final : public Random {
public:
    using Salt = std::array<std::uint8_t, 16>;

    void begin(std::uint64_t seed) { chance_ = Chance(seed); }

    void fill(std::span<std::uint8_t> out) override {
        for (std::size_t at = 0; at < out.size(); at += sizeof(std::uint64_t)) {
            const std::uint64_t number = chance_.next();
            std::memcpy(out.data() + at, &number, std::min(sizeof number, out.size() - at));
        }
        if (out.size() == std::tuple_size_v<Salt>) {
            std::memcpy(salts.emplace_back().data(), out.data(), out.size());
        }
    }

    std::vector<Salt> salts;  ///< Whoever reads them empties it.

private:
    Chance chance_{0};
};

}  // namespace godwit::simulation
