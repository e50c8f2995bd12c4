#include <algorithm>

#include "shared/base/text.h"
#include "tests/simulation/steps.h"

namespace godwit::simulation {
namespace {

/// Whoever may speak for the organisation and is able to.
Person* some_administrator(World& world) {
    std::vector<Person*> able;
    for (const auto& person : world.people) {
        if (person->fate == Fate::here && world.is_administrator(*person)) {
            able.push_back(person.get());
        }
    }
    return able.empty() ? nullptr : world.chance.pick(able);
}

Json some_places(World& world) {
    Json places = Json::array();
    for (const TeamNote& team : world.teams) {
        if (!places.empty() && !world.chance.one_in(3)) continue;
        if (world.teams.size() > 1 && world.chance.one_in(3)) continue;
        const char* role = world.chance.one_in(3) ? "supervisor" : "worker";
        places.push_back({{"team", to_text(team.id)}, {"role", role}});
    }
    return places;
}

void revoke(World& world, Person& person, const char* manner) {
    Person* administrator = some_administrator(world);
    // One administrator stays, or nobody could ever say anything of the roster again.
    if (administrator == nullptr || world.is_administrator(person)) return;
    const auto done = world.call(*administrator, "revoke",
                                 {{"replica", to_text(person.replica)}, {"manner", manner}});
    if (!done) return;
    World::Demand& demand = world.demands.emplace_back();
    demand.by = administrator->number;
    demand.revoked = person.replica;
    if (std::string_view(manner) == "compromised") demand.manner = Manner::compromised;
}

/// On whatever replica.
bool is_of_administrator(const World& world, const Person& person) {
    return std::any_of(world.people.begin(), world.people.end(), [&](const auto& other) {
        return other->member == person.member && world.is_administrator(*other);
    });
}

}  // namespace

void meet(World& world, Person& person) {
    const auto report = world.call(person, "sync", Json::object());
    if (report) world.note_standing(person, *report);
}

void meet_all(World& world, Person&) {
    for (std::size_t index = 0; index < world.people.size(); ++index) {
        Person& person = *world.people[index];
        if (person.fate == Fate::here) meet(world, person);
    }
}

void meet_amid(World& world, Person& person) {
    person.amid_after = world.chance.below(3);
    person.amid = [&world] { world.take_next_step(); };
    meet(world, person);
    person.amid = nullptr;
}

void change_weather(World& world, Person& person) {
    Chance& chance = world.chance;
    Weather weather;
    constexpr std::array<unsigned, 6> odds{0, 0, 16, 64, 128, 256};
    constexpr std::array<unsigned, 5> rarer{0, 0, 0, 24, 80};
    switch (chance.below(4)) {
        case 0:  // Fair.
            break;
        case 1:  // Cut off.
            weather.loses_request = 256;
            break;
        default:
            weather.loses_request = chance.pick(rarer);
            weather.loses_answer = chance.pick(odds);
            weather.delays_request = chance.pick(rarer);
            weather.repeats_request = chance.pick(odds);
            weather.bends_request = chance.pick(rarer);
            weather.cuts_request = chance.pick(rarer);
    }
    const bool is_everywhere = chance.one_in(4);
    for (const auto& road : world.roads) {
        if (is_everywhere || road == world.roads[person.number]) road->weather = weather;
    }
}

void enrol(World& world, Person&) {
    Person* administrator = some_administrator(world);
    if (administrator == nullptr || world.people.size() >= 10) return;
    Chance& chance = world.chance;
    std::string member;
    if (chance.one_in(3)) {
        // A second replica of somebody who has one.
        member = to_text(chance.pick(world.people)->member);
    } else {
        Json places = some_places(world);
        if (places.empty()) return;
        const std::string name = "newcomer " + std::to_string(world.people.size());
        const auto made =
            world.call(*administrator, "member", {{"name", name}, {"places", places}});
        if (!made) return;
        member = (*made)["member"];
    }
    const auto invited = world.call(*administrator, "invite", {{"member", member}});
    if (!invited) return;
    if (chance.one_in(2)) meet(world, *administrator);
    Person& person = world.add_person("newcomer " + std::to_string(world.people.size()));
    const auto enrolled = world.call(
        person, "enrol",
        {{"invitation", (*invited)["invitation"]}, {"phrase", std::string(everybodys_phrase)}});
    if (!enrolled) {
        person.fate = Fate::gone;
        return;
    }
    person.replica = *parse_id<ReplicaId>((*enrolled)["replica"].get<std::string>());
    person.member = *parse_id<MemberId>((*enrolled)["member"].get<std::string>());
}

void move_member(World& world, Person& person) {
    Person* administrator = some_administrator(world);
    if (administrator == nullptr || is_of_administrator(world, person)) return;
    const Json places = some_places(world);
    const auto done =
        world.call(*administrator, "member",
                   {{"name", person.name}, {"places", places}, {"member", to_text(person.member)}});
    if (!done && !is_of_storage(done.error().code)) return;
    World::Demand& demand = world.demands.emplace_back();
    demand.is_sure = static_cast<bool>(done);
    demand.by = administrator->number;
    demand.member = person.member;
    for (const Json& place : places) {
        demand.places.push_back({*parse_id<TeamId>(place["team"].get<std::string>()),
                                 place["role"] == "worker" ? Role::worker : Role::supervisor});
    }
    std::sort(demand.places.begin(), demand.places.end());
}

void retire(World& world, Person& person) {
    revoke(world, person, "retired");
}

void compromise(World& world, Person& person) {
    revoke(world, person, "compromised");
}

}  // namespace godwit::simulation
