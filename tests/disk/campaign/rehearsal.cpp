#include "tests/disk/campaign/rehearsal.h"

#include <cstdio>

namespace godwit::campaign {

std::uint64_t seed_of_act(std::uint64_t seed, std::size_t act) {
    return DiskChance(seed * 1'000 + act).next() >> 8U;
}

namespace {

void watch(Stage& stage, std::size_t act, Who who, const RehearsalOptions& options,
           std::vector<Beat>& beats) {
    stage.disk(who).ignore_syncs(options.ignores_syncs);
    stage.disk(who).watch(
        [&stage, &options, &beats, act, who](const DiskEvent& event, const DiskImage& image) {
            Beat& beat = beats.emplace_back();
            beat.operation = event.operation;
            if (is_change(event.operation) && options.keeps_image &&
                options.keeps_image(act, who, beats.size() - 1)) {
                beat.before = image;
                beat.promises = stage.promises();
            }
        });
}

/// Without a fault nothing may be refused: else the story itself is wrong.
void require_smooth(const Act& act, const Stage& stage) {
    for (const Refused& each : stage.refused) {
        std::fprintf(stderr, "the rehearsal of \"%s\" failed: %s %s: %s %s\n",
                     std::string(act.name).c_str(), std::string(name_of(each.who)).c_str(),
                     each.method.c_str(), std::string(facts(each.error.code).key).c_str(),
                     each.error.detail.c_str());
    }
    GODWIT_ASSERT(stage.refused.empty());
}

}  // namespace

std::vector<Rehearsed> rehearse(const Tools& tools, const RehearsalOptions& options) {
    std::vector<Rehearsed> out;
    Moment moment = opening(tools, options.seed);
    for (const Act& act : story()) {
        Rehearsed& rehearsed = out.emplace_back();
        rehearsed.before = moment;
        Stage stage(tools, moment, seed_of_act(options.seed, out.size() - 1));
        for (const Who who : {act.subject, Who::server}) {
            watch(stage, out.size() - 1, who, options, rehearsed.beats[who]);
        }
        play(act, stage);
        require_smooth(act, stage);
        moment = stage.moment();
        rehearsed.after = moment;
    }
    return out;
}

}  // namespace godwit::campaign
