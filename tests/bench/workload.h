/// The work that the bench measures: field notes of a made-up network, the same bytes from the same
/// arguments on every machine, so that figures of different programs can be read together.
///
/// Three workloads. `core`: one replica captures records and edits them (half the edits hit one of
/// the latest fifty, half any), then come single small edits. `merge`: several replicas share
/// records, go offline, and edit them: half the edits hit a field that others also hit. `history`:
/// one record, edited over and over. Every value of `merge` is unique, so what survived a merge can
/// be counted.
///
/// Invariants
///   - Nothing but the arguments decides a byte: no clock, no address, no order of a hash table.
///   - workload_test.cpp holds the SHA-256 of what `core` and `merge` print.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit::bench {

/// A chance that is none: sfc32 (Doty-Humphrey, PractRand), seeded by one integer.
class Dice {
public:
    explicit Dice(std::int32_t seed);

    std::uint32_t bits();
    double fraction();               ///< [0, 1)
    std::int64_t below(double end);  ///< An integer in [0, end).

    template <typename List>
    const auto& pick(const List& list) {
        return list[static_cast<std::size_t>(below(static_cast<double>(list.size())))];
    }

private:
    std::uint32_t a_, b_, c_, d_;
};

using Values = std::vector<std::pair<std::string, std::string>>;  ///< In order of writing.

enum class Act { create, edit, remove };

/// One thing that one replica does to one record.
struct Step {
    int replica{};
    int phase{};  ///< 0: before the first sync; 1: after it.
    Act act{};
    std::string record;  ///< 24 hexadecimal digits.
    std::int64_t at_ms{};
    Values values;
};

struct Core {
    std::vector<Step> steps;
    std::vector<std::string> records;
    std::int64_t end_ms{};
};

/// One field of one record, and the values that replicas wrote to it unseen by one another.
struct Collision {
    std::string record;
    std::string field;
    std::vector<std::string> values;
};

struct Merge {
    int replicas{};
    std::vector<Step> base;   ///< Replica 0 makes the shared records.
    std::vector<Step> steps;  ///< What each does offline.
    std::vector<Collision> collisions;
    std::vector<Collision> alone;               ///< One value each: nobody else touched these.
    std::vector<std::string> removed;           ///< Records.
    std::vector<Collision> removed_but_edited;  ///< One value each.
};

struct CoreOptions {
    std::int64_t records{5000};
    std::int64_t edits{10'000};
    std::int32_t seed{1};
};

Core make_core(const CoreOptions& options);
/// Small edits that follow `core`, a second apart: one field, a short value.
std::vector<Step> make_small_edits(const Core& core, int count, std::int32_t seed);
Merge make_merge(std::int32_t seed);
Core make_history(std::int64_t edits, std::int32_t seed);

/// Names of the 25 fields, in the order in which a record is written.
const std::vector<std::string>& field_names();

/// One line of JSON with its line end.
using Line = std::function<void(const std::string&)>;

void print_core(const CoreOptions& options, const Line& line);
void print_merge(std::int32_t seed, const Line& line);
void print_history(std::int64_t edits, std::int32_t seed, const Line& line);

}  // namespace godwit::bench
