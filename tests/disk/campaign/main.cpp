/// The disk campaign: see --help.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "tests/disk/campaign/cut_runs.h"
#include "tests/disk/campaign/fault_runs.h"
#include "tests/simulation/known_cipher.h"

namespace godwit::campaign {
namespace {

struct Options {
    bool is_short{};
    std::uint64_t images{100'000};
    std::uint64_t control_runs{2'000};
    Strides strides;
    std::uint64_t seed{1};
    std::size_t jobs{2};
    std::string act;
    std::string disk;
    std::string manner;
    std::string part;
    bool is_for_ever{};
    bool has_power_cut{};
    std::uint64_t at{};
    std::int64_t cut{-1};
    std::uint64_t image{};
};

/// Everything a campaign stands on, made once.
struct Ground {
    simulation::KnownCipher cipher;
    ServerKeys keys;
    Tools tools{cipher, keys};

    Ground() {
        DrawnRandom random(7);
        keys.signing = cipher.make_signing_keys(random);
        random.fill(keys.founding_secret);
    }
};

class Campaign {
public:
    explicit Campaign(Options options) : options_(std::move(options)) {}

    int operator()() {
        if (options_.cut >= 0 || options_.at > 0) return again();
        if (wants("faults")) faults();
        if (wants("cuts")) cuts();
        if (wants("control")) control();
        return finish();
    }

private:
    [[nodiscard]] bool wants(const std::string& part) const {
        return options_.part.empty() || options_.part == part;
    }

    std::vector<Rehearsed> rehearsed(bool keeps_images) {
        RehearsalOptions options;
        options.seed = options_.seed;
        options.keeps_image = [&](std::size_t act, Who who, std::size_t beat) {
            const bool is_asked_for =
                options_.cut < 0 || static_cast<std::size_t>(options_.cut) == beat;
            return keeps_images && is_asked_for && is_wanted(act, who);
        };
        auto out = rehearse(ground_.tools, options);
        ground_.cipher.keep();
        return out;
    }

    [[nodiscard]] bool is_wanted(std::size_t act, Who who) const {
        return (options_.act.empty() || options_.act == story()[act].name) &&
               (options_.disk.empty() || options_.disk == name_of(who));
    }

    void faults() {
        const auto told = rehearsed(false);
        auto cases = fault_cases(told, options_.strides);
        std::erase_if(cases, [&](const FaultCase& each) {
            return !is_wanted(each.act, each.who) ||
                   (!options_.manner.empty() && options_.manner != name_of(each.manner));
        });
        std::printf("faults     %zu to come\n", cases.size());
        std::fflush(stdout);
        Ends ends;  // Each process has its own.
        add("faults", in_parts(cases.size(), options_.jobs, "faults", [&](std::size_t index) {
                Tally tally = run(ground_.tools, told, options_.seed, cases[index], ends);
                ground_.cipher.forget();
                return tally;
            }));
    }

    void cuts() {
        const auto told = rehearsed(true);
        const auto all = all_cuts(told);
        // Every moment gets its share; where disks are large, an eighth of it.
        const auto weight = [&](const Cut& cut) {
            return is_heavy(told[cut.act].beats.at(cut.who)[cut.beat]) ? 1.0 : 8.0;
        };
        double weights = 0;
        for (const Cut& each : all) weights += weight(each);
        std::vector<std::pair<Cut, std::uint64_t>> shares;
        double owed = 0;
        for (const Cut& each : all) {
            owed += static_cast<double>(options_.images) * weight(each) / weights;
            const auto images = static_cast<std::uint64_t>(owed);
            owed -= static_cast<double>(images);
            if (images > 0) shares.emplace_back(each, images);
        }
        add("cuts", in_parts(shares.size(), options_.jobs, "power cuts", [&](std::size_t index) {
                const auto& [cut, images] = shares[index];
                Tally tally = run(ground_.tools, told, options_.seed, cut, 0, images);
                ground_.cipher.forget();
                return tally;
            }));
    }

    void control() {
        constexpr std::uint64_t runs_per_story = 50;
        const std::size_t stories =
            static_cast<std::size_t>((options_.control_runs + runs_per_story - 1) / runs_per_story);
        Tally tally = in_parts(stories, options_.jobs, "controls", [&](std::size_t index) {
            Tally part = run_control(ground_.tools, options_.seed + index,
                                     std::min(runs_per_story, options_.control_runs));
            ground_.cipher.forget();
            return part;
        });
        if (tally.counts["controls caught"] * 100 < tally.counts["controls"] * 99) {
            tally.failures.push_back("disks that ignore syncs are not noticed");
        }
        add("control", tally);
    }

    void add(const std::string& part, const Tally& tally) {
        for (const auto& [name, count] : tally.counts) {
            std::printf("%-10s %-60s %12llu\n", part.c_str(), name.c_str(),
                        static_cast<unsigned long long>(count));
        }
        constexpr std::size_t shown_max = 40;
        for (std::size_t index = 0; index < std::min(shown_max, tally.failures.size()); ++index) {
            std::printf("FAILED %s\n", tally.failures[index].c_str());
        }
        std::fflush(stdout);
        total_.add(tally);
    }

    int again() {
        Tally tally;
        const auto told = rehearsed(options_.cut >= 0);
        for (std::size_t act = 0; act < told.size(); ++act) {
            for (const auto& [who, beats] : told[act].beats) {
                if (!is_wanted(act, who)) continue;
                if (options_.cut >= 0) {
                    tally.add(run(ground_.tools, told, options_.seed,
                                  {act, who, static_cast<std::size_t>(options_.cut)},
                                  options_.image, 1));
                    continue;
                }
                Ends ends;
                for (const Manner manner : manners) {
                    if (name_of(manner) != options_.manner) continue;
                    tally.add(run(ground_.tools, told, options_.seed,
                                  {act, who, manner, options_.is_for_ever, options_.has_power_cut,
                                   options_.at},
                                  ends));
                }
            }
        }
        add("again", tally);
        return tally.failures.empty() ? 0 : 1;
    }

    int finish() {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
            std::chrono::steady_clock::now() - begun_);
        auto& counts = total_.counts;
        const auto number = [&](const char* name) {
            return static_cast<unsigned long long>(counts[name]);
        };
        std::printf(
            "disk: %llu faults, %llu power-cut images, %llu of %llu controls caught, %zu failed, "
            "in %lld s\n",
            number("runs"), number("images of the server") + number("images of replicas"),
            number("controls caught"), number("controls"), total_.failures.size(),
            static_cast<long long>(seconds.count()));
        return total_.failures.empty() ? 0 : 1;
    }

    Options options_;
    Ground ground_;
    Tally total_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace
}  // namespace godwit::campaign

int main(int argument_count, char** arguments) {
    godwit::campaign::Options options;
    CLI::App app(
        "Tells a story to a server and to replicas whose disks fail and lose power, and holds them "
        "to everything they acknowledged.\n\n"
        "  faults   every operation of every disk goes wrong, once and for ever, in every manner\n"
        "  cuts     the power goes before every change of a disk; many disks that may come back\n"
        "  control  the same with disks that ignore syncs, which must be noticed\n\n"
        "A failure is printed as the arguments that show it again.");
    app.add_flag("--short", options.is_short, "A sample of each, in about a minute");
    app.add_option("--part", options.part, "Only this part")
        ->check(CLI::IsMember({"faults", "cuts", "control"}));
    app.add_option("--images", options.images, "So many power cuts")->capture_default_str();
    app.add_option("--controls", options.control_runs, "So many of disks that ignore syncs")
        ->capture_default_str();
    app.add_option("--stride", options.strides.of_all, "Only every so many-th fault")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--long-stride", options.strides.of_long_acts,
                   "Of these, only every so many-th of the act that says much")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--seed", options.seed, "Of the story")->capture_default_str();
    app.add_option("--jobs", options.jobs, "Processes at once")->capture_default_str();
    app.add_option("--act", options.act, "Only this act");
    app.add_option("--disk", options.disk, "Only this disk: server, asha, bela, dina");
    app.add_option("--manner", options.manner,
                   "Only this: fail, short, full, lose-sync, torn, reordered");
    app.add_option("--at", options.at, "One fault: at this operation");
    app.add_flag("--for-ever", options.is_for_ever, "One fault: and at every later one");
    app.add_flag("--power-cut", options.has_power_cut, "One fault: and then the power goes");
    app.add_option("--cut", options.cut, "One power cut: before this operation");
    app.add_option("--image", options.image, "One power cut: what comes back");
    CLI11_PARSE(app, argument_count, arguments);
    if (options.is_short) {
        options.images = 1'500;
        options.control_runs = 100;
        options.strides.of_all = 97;
    }
    return godwit::campaign::Campaign(options)();
}
