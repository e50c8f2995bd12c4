#include <sqlite3.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "tests/simulation/planted.h"

namespace {

using namespace godwit::simulation;

unsigned long long plain(std::uint64_t number) {
    return number;
}

std::optional<Plan> plan_in(const std::string& file) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    return parse_plan(text.str());
}

void print(const Failure& failure) {
    std::printf("seed %llu fails: %s: %s\n", plain(failure.plan.seed),
                failure.violation.oracle.c_str(), failure.violation.what.c_str());
}

int replay(const Runner& runner, const Plan& plan) {
    std::printf("%s", format(plan).c_str());
    const WorldReport report = runner.run_one(plan, true);
    std::printf("trace %016llx\n", plain(report.trace));
    if (!report.violation) {
        std::printf("all oracles hold\n");
        return 0;
    }
    std::printf("fails: %s: %s\n", report.violation->oracle.c_str(),
                report.violation->what.c_str());
    return 1;
}

int run(const Runner& runner, const Campaign& campaign, std::optional<double> growth_percent_max) {
    const CampaignReport report = runner.run(campaign);
    for (const Failure& failure : report.failures) {
        print(failure);
        if (!campaign.is_shrunk) continue;
        const Plan small = runner.shrink(failure.plan, failure.violation, campaign.is_twice);
        const auto again = runner.try_plan(small, campaign.is_twice);
        std::printf("shrunk to %zu of %zu steps: %s\n%s\n", small.steps.size(),
                    failure.plan.steps.size(), again ? again->what.c_str() : "and passes",
                    format(small).c_str());
        std::fflush(stdout);
    }
    if (report.memory_growth_percent) {
        std::printf("memory: %+.2f %% between the second and the last tenth of the run\n",
                    *report.memory_growth_percent);
    }
    std::printf(
        "%llu seeds%s from %llu in %.0f s (%.2f h), %.1f a second; %llu calls, %llu requests, "
        "%llu entries (%llu lost with their only copy), %llu MiB; %zu failed\n",
        plain(report.seeds), campaign.is_twice ? " twice" : "", plain(campaign.from),
        report.seconds, report.seconds / 3600, static_cast<double>(report.seeds) / report.seconds,
        plain(report.calls), plain(report.exchanges), plain(report.entries), plain(report.excused),
        plain(report.memory_kib / 1024), report.failures.size());
    if (growth_percent_max &&
        (!report.memory_growth_percent || *report.memory_growth_percent > *growth_percent_max)) {
        return 1;
    }
    return report.failures.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "Worlds in which everything goes wrong: a real server and real replicas on simulated\n"
        "disks, clocks and roads. One seed is one world, and replays exactly."};
    // tests/simulate puts what it stands for before what it was given.
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    Campaign campaign;
    std::optional<double> growth_percent_max;
    std::uint64_t replayed = 0;
    std::string file;
    app.add_option("--seeds", campaign.count, "how many worlds")->capture_default_str();
    app.add_option("--from", campaign.from, "the first seed")->capture_default_str();
    app.add_option("--jobs", campaign.jobs, "processes at once")->capture_default_str();
    app.add_option("--failures", campaign.failures_max, "end after so many")->capture_default_str();
    app.add_option("--minutes", campaign.minutes_max, "end after so long, with what was done");
    app.add_option("--growth", growth_percent_max,
                   "fail if memory grows by more percent, or the run was too short to tell");
    app.add_flag("--twice", campaign.is_twice, "run every seed twice and compare their traces");
    app.add_flag("!--no-shrink", campaign.is_shrunk, "print failing seeds as they are");
    app.add_option("--replay", replayed, "run one seed and print what happens in it");
#ifdef GODWIT_PLANTED
    bool is_planted_run = false;
    std::string only;
    std::uint64_t seeds_max = 200'000;
    app.add_flag("--planted", is_planted_run, "plant each bug in turn and run until it is caught");
    app.add_option("--only", only, "plant this one only");
    app.add_option("--bound", seeds_max, "how many worlds for each bug at most")
        ->capture_default_str();
#endif
    app.add_option("--case", file, "replay a plan from a file");
    CLI11_PARSE(app, argc, argv);

    // Its count of bytes in use takes a lock for every allocation, and nobody here asks for it.
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    const Runner runner;
#ifdef GODWIT_PLANTED
    if (is_planted_run) {
        campaign.count = seeds_max;
        return run_planted(runner, only, campaign);
    }
#endif
    if (!file.empty()) {
        const auto plan = plan_in(file);
        if (!plan) {
            std::fprintf(stderr, "%s holds no plan\n", file.c_str());
            return 2;
        }
        return replay(runner, *plan);
    }
    if (replayed != 0) return replay(runner, make_plan(replayed, template_count));
    return run(runner, campaign, growth_percent_max);
}
