#include "tests/disk/campaign/fault_runs.h"

#include "tests/disk/campaign/judgement.h"

namespace godwit::campaign {
namespace {

constexpr DiskOperations writes = bit_of(DiskOperation::write);

DiskOperations operations_of(Manner manner) {
    switch (manner) {
        case Manner::fail:
            return every_disk_operation;
        case Manner::cut_short:
            return writes;
        case Manner::full:
            return static_cast<DiskOperations>(writes | DiskOperation::create);
        case Manner::lose_sync:
            return bit_of(DiskOperation::sync);
        case Manner::torn:
        case Manner::reordered:
            break;
    }
    return changing_disk_operations;
}

FaultManner manner_on_disk(Manner manner) {
    switch (manner) {
        case Manner::fail:
            return FaultManner::fail;
        case Manner::cut_short:
            return FaultManner::cut_short;
        case Manner::full:
            return FaultManner::full;
        case Manner::lose_sync:
            return FaultManner::lose_sync;
        case Manner::torn:
        case Manner::reordered:
            break;
    }
    return FaultManner::power_cut;
}

bool is_power_cut(Manner manner) {
    return manner == Manner::torn || manner == Manner::reordered;
}

Survival survival_of(const FaultCase& fault) {
    if (fault.manner == Manner::torn) return Survival::torn_last;
    if (fault.manner == Manner::reordered) {
        return fault.at % 2 == 0 ? Survival::only_last : Survival::some;
    }
    return Survival::chance;
}

/// A disk in trouble may be told as such, and no other way.
bool is_clear(const Refused& refused, const FaultCase& fault) {
    // What can never be read again is as good as damaged.
    if (refused.error.code == ErrorCode::storage_corrupt) {
        return fault.manner == Manner::fail && fault.is_for_ever;
    }
    switch (refused.error.code) {
        case ErrorCode::storage_failed:
        case ErrorCode::storage_full:
        case ErrorCode::unreachable:
            return true;
        default:
            return false;
    }
}

class Run {
public:
    Run(const Tools& tools, const std::vector<Rehearsed>& rehearsed, std::uint64_t seed,
        const FaultCase& fault, Ends& ends)
        : tools_(tools),
          rehearsed_(rehearsed[fault.act]),
          seed_(seed),
          fault_(fault),
          ends_(ends) {}

    Tally operator()() {
        tally_.count("runs");
        tally_.count("runs " + std::string(name_of(fault_.manner)) + " on the " +
                     (fault_.who == Who::server ? "server" : "replica"));
        Moment moment = spoiled_act();
        if (tally_.failures.empty()) moment = recovered(std::move(moment));
        if (tally_.failures.empty() && !ends_.insert(name_of_end(moment)).second) {
            tally_.count("runs that ended as one before");
            return std::move(tally_);
        }
        if (tally_.failures.empty()) judge_now(moment, "after the restart");
        if (tally_.failures.empty()) moment = gone_on(moment);
        if (tally_.failures.empty()) {
            cut_power(moment, Survival::chance);
            judge_now(moment, "after going on and a power cut");
        }
        return std::move(tally_);
    }

private:
    void found(const std::string& problem) {
        tally_.failures.push_back(text_of(fault_) + " --seed " + std::to_string(seed_) + ": " +
                                  problem);
    }

    Moment spoiled_act() {
        Stage stage(tools_, rehearsed_.before, seed_of_act(seed_, fault_.act));
        DiskFault fault;
        fault.of = operations_of(fault_.manner);
        fault.at = fault_.at;
        fault.manner = manner_on_disk(fault_.manner);
        fault.is_for_ever = fault_.is_for_ever;
        stage.disk(fault_.who).fail(fault);
        play(story()[fault_.act], stage);
        if (stage.disk(fault_.who).faults_done() == 0) found("the fault never came");
        for (const Refused& each : stage.refused) {
            const std::string code(facts(each.error.code).key);
            tally_.count("refused as " + code);
            if (is_clear(each, fault_)) continue;
            found(std::string(name_of(each.who)) + " was refused " + each.method + " as " + code +
                  " " + each.error.detail);
        }
        return stage.moment();
    }

    /// All that what follows depends on.
    std::string name_of_end(const Moment& moment) const {
        std::string out = std::string(name_of(fault_.who)) + text_of(*moment.promises);
        for (const auto& [name, is] : moment.names) out += name + is;
        for (const DiskImage& disk : moment.disks) {
            out += ' ' + std::to_string(disk.whole_fingerprint());
        }
        return std::to_string(std::hash<std::string>()(out));
    }

    DiskImage& image(Moment& moment) const {
        return moment.disks[static_cast<std::size_t>(fault_.who)];
    }

    void cut_power(Moment& moment, Survival survival) {
        DiskChance chance(seed_ + fault_.at);
        image(moment) = image(moment).after_power_cut(survival, chance);
    }

    /// The disk is well again; before that the power may have gone, also while programs started.
    Moment recovered(Moment moment) {
        if (is_power_cut(fault_.manner) || fault_.is_for_ever || fault_.has_power_cut) {
            cut_power(moment, survival_of(fault_));
        }
        if (!is_power_cut(fault_.manner) || !fault_.is_for_ever) return moment;
        for (std::uint64_t at = 1; at < 64; at *= 2) {
            SimulatedDisk disk(seed_ + at, image(moment));
            disk.fail({changing_disk_operations, at, FaultManner::power_cut, false, {}});
            static_cast<void>(
                judge(tools_, fault_.who, disk, *moment.promises, moment.now_ms, fault_.at));
            if (!disk.is_stopped()) break;
            disk.start_after_power_cut(survival_of(fault_));
            image(moment) = disk.image();
            tally_.count("power cuts while starting");
        }
        return moment;
    }

    void judge_now(Moment& moment, const std::string& when) {
        SimulatedDisk disk(seed_, image(moment));
        const auto problem =
            judge(tools_, fault_.who, disk, *moment.promises, moment.now_ms, fault_.at);
        if (problem) found(when + ": " + *problem);
        image(moment) = disk.image();
    }

    Moment gone_on(const Moment& moment) {
        Stage stage(tools_, moment, seed_of_act(seed_, fault_.act) + 1);
        const auto problem = go_on(stage, fault_.at);
        stage.close();
        if (problem) found("going on: " + *problem);
        return stage.moment();
    }

    const Tools& tools_;
    const Rehearsed& rehearsed_;
    std::uint64_t seed_;
    FaultCase fault_;
    Ends& ends_;
    Tally tally_;
};

}  // namespace

std::string_view name_of(Manner manner) {
    constexpr std::string_view names[] = {"fail",      "short", "full",
                                          "lose-sync", "torn",  "reordered"};
    return names[static_cast<std::size_t>(manner)];
}

std::string text_of(const FaultCase& fault) {
    return "--act '" + std::string(story()[fault.act].name) + "' --disk " +
           std::string(name_of(fault.who)) + " --manner " + std::string(name_of(fault.manner)) +
           (fault.is_for_ever ? " --for-ever" : "") + (fault.has_power_cut ? " --power-cut" : "") +
           " --at " + std::to_string(fault.at);
}

std::vector<FaultCase> fault_cases(const std::vector<Rehearsed>& rehearsed,
                                   const Strides& strides) {
    std::vector<FaultCase> out;
    for (std::size_t act = 0; act < rehearsed.size(); ++act) {
        const std::uint64_t stride =
            strides.of_all * (story()[act].is_long ? strides.of_long_acts : 1);
        for (const auto& [who, beats] : rehearsed[act].beats) {
            for (const Manner manner : manners) {
                std::uint64_t at = 0;
                for (const Beat& beat : beats) {
                    if ((bit_of(beat.operation) & operations_of(manner)) == 0) continue;
                    if ((++at + act) % stride != 0) continue;
                    out.push_back({act, who, manner, false, false, at});
                    out.push_back({act, who, manner, true, false, at});
                    if (is_change(beat.operation) && !is_power_cut(manner)) {
                        out.push_back({act, who, manner, false, true, at});
                    }
                }
            }
        }
    }
    return out;
}

Tally run(const Tools& tools, const std::vector<Rehearsed>& rehearsed, std::uint64_t seed,
          const FaultCase& fault, Ends& ends) {
    return Run(tools, rehearsed, seed, fault, ends)();
}

}  // namespace godwit::campaign
