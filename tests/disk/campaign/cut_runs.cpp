#include "tests/disk/campaign/cut_runs.h"

#include <set>

#include "tests/disk/campaign/judgement.h"

namespace godwit::campaign {

std::string text_of(const Cut& cut) {
    return "--act '" + std::string(story()[cut.act].name) + "' --disk " +
           std::string(name_of(cut.who)) + " --cut " + std::to_string(cut.beat);
}

std::vector<Cut> all_cuts(const std::vector<Rehearsed>& rehearsed) {
    std::vector<Cut> out;
    for (std::size_t act = 0; act < rehearsed.size(); ++act) {
        for (const auto& [who, beats] : rehearsed[act].beats) {
            for (std::size_t beat = 0; beat < beats.size(); ++beat) {
                if (beats[beat].before) out.push_back({act, who, beat});
            }
        }
    }
    return out;
}

Tally run(const Tools& tools, const std::vector<Rehearsed>& rehearsed, std::uint64_t seed,
          const Cut& cut, std::uint64_t first, std::uint64_t images) {
    Tally tally;
    tally.count("moments");
    const Beat& beat = rehearsed[cut.act].beats.at(cut.who)[cut.beat];
    const std::int64_t now_ms = rehearsed[cut.act].after.now_ms;
    std::set<std::uint64_t> seen;
    for (std::uint64_t number = first; number < first + images; ++number) {
        DiskChance chance(seed * 1'000'003 + cut.beat * 257 + number);
        DiskImage image = beat.before->after_power_cut(Survival::chance, chance);
        tally.count("power cuts");
        if (!seen.insert(image.fingerprint()).second) continue;
        tally.count(cut.who == Who::server ? "images of the server" : "images of replicas");
        SimulatedDisk disk(number, std::move(image));
        if (const auto problem = judge(tools, cut.who, disk, *beat.promises, now_ms, number)) {
            tally.failures.push_back(text_of(cut) + " --image " + std::to_string(number) +
                                     " --seed " + std::to_string(seed) + ": " + *problem);
        }
    }
    return tally;
}

bool is_heavy(const Beat& beat) {
    return beat.before->bytes_used() > 1'000'000;
}

namespace {

bool has_promised(const Promises& promises, Who who) {
    if (who == Who::server) return !promises.delivered.receipts.empty();
    const Kept& kept = promises.of(who);
    return !kept.records.empty() || (kept.is_destroyed && !kept.may_be_enrolled);
}

bool is_caught(const Tools& tools, const Rehearsed& rehearsed, const Beat& beat, Who who,
               std::uint64_t number) {
    DiskChance chance(number);
    SimulatedDisk disk(number, beat.before->after_power_cut(Survival::chance, chance));
    return judge(tools, who, disk, *beat.promises, rehearsed.after.now_ms, number).has_value();
}

}  // namespace

Tally run_control(const Tools& tools, std::uint64_t seed, std::uint64_t runs) {
    Tally tally;
    DiskChance chance(seed);
    RehearsalOptions options;
    options.seed = seed;
    options.ignores_syncs = true;
    // A few times as many as are drawn from them.
    options.keeps_image = [&](std::size_t, Who, std::size_t) { return chance.happens(4); };
    const auto rehearsed = rehearse(tools, options);
    auto all = all_cuts(rehearsed);
    std::erase_if(all, [&](const Cut& cut) {
        return !has_promised(*rehearsed[cut.act].beats.at(cut.who)[cut.beat].promises, cut.who);
    });
    for (std::uint64_t number = 0; number < runs && !all.empty(); ++number) {
        const Cut& cut = all[chance.below(all.size())];
        const Beat& beat = rehearsed[cut.act].beats.at(cut.who)[cut.beat];
        tally.count("controls");
        bool found = false;
        for (std::uint64_t image = 0; image < control_images && !found; ++image) {
            found = is_caught(tools, rehearsed[cut.act], beat, cut.who, chance.next());
            if (image == 0 && found) tally.count("controls caught by their first image");
        }
        if (found) tally.count("controls caught");
        if (!found) tally.count("controls missed: " + text_of(cut));
    }
    return tally;
}

}  // namespace godwit::campaign
