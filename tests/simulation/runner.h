/// Runs seeds in several processes, notices what kills or hangs one, and shrinks what fails.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/base/planted.h"
#include "tests/simulation/template.h"

namespace godwit::simulation {

struct Campaign {
    std::uint64_t from{1};
    std::uint64_t count{1};
    unsigned jobs{1};
    bool is_twice{};       ///< Every seed runs twice and must leave the same trace.
    bool is_shrunk{true};  ///< Failing plans are made smaller before they are printed.
    PlantedBug planted{PlantedBug::none};  ///< Only in a build with GODWIT_PLANTED.
    std::uint64_t failures_max{8};         ///< After so many the rest is left out.
    double minutes_max{};                  ///< 0: until every seed is done.
};

/// A plan that failed, and how.
struct Failure {
    Plan plan;
    Violation violation;
};

struct CampaignReport {
    std::uint64_t seeds{};
    std::uint64_t calls{};
    std::uint64_t exchanges{};
    std::uint64_t entries{};
    std::uint64_t excused{};
    double seconds{};
    std::uint64_t memory_kib{};                   ///< The most that all processes together had.
    std::optional<double> memory_growth_percent;  ///< Over the run, when it was long enough.
    std::vector<Failure> failures;                ///< By seed.
};

class Runner {
public:
    Runner();

    CampaignReport run(const Campaign& campaign) const;
    /// In this process.
    WorldReport run_one(const Plan& plan, bool is_printed) const;
    /// In a process of its own, so that what dies or hangs is an outcome like any other.
    std::optional<Violation> try_plan(const Plan& plan, bool is_twice) const;
    /// The smallest plan found that fails by the same oracle.
    [[nodiscard]] Plan shrink(const Plan& plan, const Violation& violation, bool is_twice) const;

private:
    class Run;

    KnownCipher cipher_;
    std::vector<Template> templates_;
};

}  // namespace godwit::simulation
