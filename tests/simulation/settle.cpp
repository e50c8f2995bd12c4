// The end of every world: faults stop, everybody meets the server, and then nothing moves any
// more.

#include <algorithm>
#include <optional>
#include <utility>

#include "shared/base/text.h"
#include "tests/simulation/steps.h"

namespace godwit::simulation {
namespace {

/// How often each replica meets the server at most, until all is said.
constexpr int rounds_max = 3;
/// What a replica and a server with nothing new say to each other, above HTTP.
constexpr std::uint64_t idle_bytes_max = 1'024;

/// Sooner or later everybody has the newer program, where anybody has. Until then a server keeps
/// from some what their program would show, and tells others what theirs lets go.
void upgrade_all_once_begun(World& world) {
    const bool is_begun = world.server.schema == Schema::tomorrows ||
                          std::any_of(world.people.begin(), world.people.end(), [](auto& person) {
                              return person->schema == Schema::tomorrows;
                          });
    if (!is_begun) return;
    if (world.server.schema == Schema::todays) upgrade_server(world, *world.people.front());
    for (const auto& person : world.people) upgrade(world, *person);
}

void calm(World& world) {
    for (const auto& road : world.roads) {
        road->weather = Weather{};
        road->server_ends_after.reset();
    }
    for (const auto& person : world.people) {
        if (person->disk.is_stopped()) person->return_from_power_cut();
        person->make_disk_sound();
    }
    world.server.make_disk_sound();
    upgrade_all_once_begun(world);
    world.ensure_server();
    world.excuse_missed();
    world.deliver_late();
}

std::vector<Person*> in_some_order(World& world) {
    std::vector<Person*> out;
    for (const auto& person : world.people) out.push_back(person.get());
    for (std::size_t index = out.size(); index > 1; --index) {
        std::swap(out[index - 1], out[world.chance.below(index)]);
    }
    return out;
}

/// Whether somebody else carries the same replica: then each takes the other's nonces.
bool has_twin(const World& world, const Person& person) {
    return std::any_of(world.people.begin(), world.people.end(), [&](const auto& other) {
        return other.get() != &person && other->replica == person.replica;
    });
}

/// Whoever came too late with an invitation was told so, and stays outside with what they wrote.
bool is_left_outside(World& world, const Person& person, ErrorCode code) {
    return !world.watch.sight().member_of(person.replica).has_value() &&
           (code == ErrorCode::invitation_expired || code == ErrorCode::invitation_unknown ||
            code == ErrorCode::not_permitted);
}

/// The disk failed while keys were destroyed: they are gone, and nobody could be told.
bool has_destroyed_its_keys(World& world, const Person& person, ErrorCode code) {
    return code == ErrorCode::not_enrolled &&
           world.watch.sight().revoked(person.replica) == Manner::compromised;
}

/// An exchange in which neither end had anything to say.
bool is_idle(const World& world, const Person& person, const Json& report) {
    const std::uint64_t trips = report["round_trips"];
    const std::uint64_t bytes =
        report["bytes_up"].get<std::uint64_t>() + report["bytes_down"].get<std::uint64_t>();
    return report["delivered"] == 0 && report["received"] == 0 && report["parked"].empty() &&
           !report.contains("refused") && trips <= (has_twin(world, person) ? 2 : 1) &&
           bytes <= idle_bytes_max * trips;
}

std::string digest_of(World& world, Person& person) {
    const auto digest = world.call(person, "digest", Json::object());
    return digest ? (*digest)["digest"].get<std::string>() : std::string();
}

/// One meeting of everybody's with the server.
class Round {
public:
    /// By the end of round `rounds_max` everybody must have met the server; in a round after it
    /// nothing may be left to say.
    Round(World& world, int number)
        : world_(world), must_succeed_(number >= rounds_max), must_be_idle_(number > rounds_max) {}

    /// True when nobody had anything to say.
    bool run() {
        const std::uint64_t commits = world_.server.service().counts().commits;
        meet_all(in_some_order(world_));
        // An administrator who met the server later in this round has told it of them by now.
        meet_all(std::exchange(unheard_of_, std::nullopt).value());
        if (world_.has_violation()) return false;
        const bool has_written = world_.server.service().counts().commits != commits;
        if (must_be_idle_ && has_written) {
            world_.object("idle", "the server wrote although nobody had anything to say");
        }
        return is_quiet_ && !has_written;
    }

private:
    void meet_all(const std::vector<Person*>& people) {
        for (Person* person : people) {
            if (person->fate != Fate::here || world_.has_violation()) continue;
            world_.true_ms += 60'000;
            meet(*person);
        }
    }

    void meet(Person& person) {
        const std::string before = must_be_idle_ ? digest_of(world_, person) : std::string();
        const auto report = world_.call(person, "sync", Json::object());
        if (!report) return take_refusal(person, report.error());
        world_.note_standing(person, *report);
        const bool was_idle = is_idle(world_, person, *report);
        is_quiet_ = is_quiet_ && was_idle;
        if (!must_be_idle_ || person.fate != Fate::here) return;
        if (!was_idle) {
            world_.object("idle", person.name + " has something to say after all was said: " +
                                      format_json(*report));
        } else if (digest_of(world_, person) != before) {
            world_.object("idle", person.name + " changed in an exchange that moved nothing");
        }
    }

    void take_refusal(Person& person, const Error& error) {
        is_quiet_ = false;
        if (unheard_of_ && error.code == ErrorCode::invitation_unknown) {
            return unheard_of_->push_back(&person);
        }
        if (has_destroyed_its_keys(world_, person, error.code)) {
            return world_.note_destroyed(person);
        }
        if (!must_succeed_) return;
        if (is_left_outside(world_, person, error.code)) {
            person.fate = Fate::gone;
            world_.lose_holding(person, Holding{}, "its invitation does not hold any more");
        } else {
            world_.object("exchange", person.name + " cannot meet the server: " +
                                          std::string(facts(error.code).key) + " " + error.detail);
        }
    }

    World& world_;
    bool must_succeed_;
    bool must_be_idle_;
    bool is_quiet_{true};
    /// Those whose invitation the server did not know: that is no exchange. Nothing once they
    /// have asked again.
    std::optional<std::vector<Person*>> unheard_of_{std::in_place};
};

}  // namespace

void settle(World& world) {
    world.note("- settle");
    calm(world);
    // A round in which nobody had anything to say is the last before its time.
    for (int number = 1; number <= rounds_max + 1 && !world.has_violation(); ++number) {
        if (Round(world, number).run()) return;
    }
}

}  // namespace godwit::simulation
