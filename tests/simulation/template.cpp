#include "tests/simulation/template.h"

#include "shared/base/text.h"
#include "shared/seal/invitation.h"

namespace godwit::simulation {
namespace {

struct Place {
    const char* team;
    const char* role;
};
struct Seat {
    const char* member;  ///< Several replicas may be one member's.
    std::vector<Place> places;
};

constexpr const char* north = "North";
constexpr const char* south = "South";
constexpr const char* worker = "worker";
constexpr const char* supervisor = "supervisor";

/// Who there is beside the administrator who founded it all: three to eight replicas in all.
std::vector<Seat> seats_of(std::uint32_t number) {
    const Seat bela{"bela", {{north, worker}}};
    const Seat caro{"caro", {{north, worker}}};
    const Seat dina{"dina", {{north, supervisor}}};
    const Seat emil{"emil", {{north, supervisor}}};
    const Seat fara{"fara", {{south, worker}}};
    const Seat gani{"gani", {{south, supervisor}}};
    const Seat hana{"hana", {{north, worker}, {south, supervisor}}};
    const Seat ivan{"ivan", {{north, worker}, {south, worker}}};
    const Seat admin{"admin 2", {{nullptr, "administrator"}}};
    const Seat reader{"jora", {{nullptr, "advocate"}}};
    switch (number) {
        case 0:
            return {bela, dina};
        case 1:
            return {bela, caro, dina};
        case 2:
            return {bela, caro, dina, emil};
        case 3:
            return {bela, bela, dina, admin};
        case 4:
            return {bela, dina, fara, gani, hana};
        case 5:
            return {bela, dina, ivan, gani};
        case 6:
            return {bela, caro, dina, dina, admin, reader};
        default:
            return {bela, caro, dina, emil, fara, gani, ivan};
    }
}

/// Everything of a template goes well: what does not is a bug of the world's own.
Json must(Result<Json> outcome) {
    if (!outcome) {
        std::fprintf(stderr, "a template cannot be made: %s %s\n",
                     std::string(facts(outcome.error().code).key).c_str(),
                     outcome.error().detail.c_str());
        std::abort();
    }
    return *std::move(outcome);
}

class Founder {
public:
    Founder(const KnownCipher& cipher, std::uint32_t number, Template& out)
        : number_(number), out_(out), world_(cipher, out, Plan{number, number, {}}, false) {}

    void found() {
        GODWIT_ASSERT(world_.server.start(true));
        world_.said_count = 0;
        FoundingLink link;
        link.server_url = server_url;
        link.server_key = out_.secrets.signing.public_key;
        link.secret = out_.secrets.founding;
        Person& admin = world_.add_person("admin 1");
        const Json founded = must(world_.call(admin, "enrol",
                                              {{"invitation", format_founding_link(link)},
                                               {"organisation", "Harbour Network"},
                                               {"member", "admin 1"},
                                               {"phrase", std::string(everybodys_phrase)}}));
        take_ids(admin, founded);
        const auto recovery = parse_base64url(founded["recovery"].get<std::string>());
        std::memcpy(out_.recovery.bytes.data(), recovery->data(), recovery->size());
        for (const char* name : {north, south}) make_team(admin, name);
        for (const Seat& seat : seats_of(number_)) join(admin, seat);
        everybody_syncs();
        everybody_syncs();
        everybody_writes();
        everybody_syncs();
        everybody_syncs();
    }

    void keep() {
        for (const auto& person : world_.people) {
            person->stop();
            out_.people.push_back({person->name, person->replica, person->member,
                                   person->disk.image(), person->holding});
        }
        world_.server.stop();
        out_.server = world_.server.disk.image();
        out_.teams = world_.teams;
        out_.records = world_.records;
        out_.ledger = world_.ledger;
        out_.true_ms = world_.true_ms;
    }

private:
    static void take_ids(Person& person, const Json& enrolled) {
        person.replica = *parse_id<ReplicaId>(enrolled["replica"].get<std::string>());
        person.member = *parse_id<MemberId>(enrolled["member"].get<std::string>());
    }

    void make_team(Person& admin, const char* name) {
        const Json made = must(world_.call(admin, "team", {{"name", name}}));
        world_.teams.push_back({*parse_id<TeamId>(made["team"].get<std::string>()), name});
        must(world_.call(admin, "sync", Json::object()));
    }

    void join(Person& admin, const Seat& seat) {
        std::string& member = members_[seat.member];
        if (member.empty()) {
            Json places = Json::array();
            for (const Place& place : seat.places) {
                Json one = {{"role", place.role}};
                if (place.team != nullptr) one["team"] = place.team;
                places.push_back(std::move(one));
            }
            member = must(world_.call(admin, "member",
                                      {{"name", seat.member}, {"places", places}}))["member"];
        }
        const Json invited = must(world_.call(admin, "invite", {{"member", member}}));
        must(world_.call(admin, "sync", Json::object()));
        const std::string twin = std::to_string(++replicas_[member]);
        Person& person =
            world_.add_person(std::string(seat.member) + (twin == "1" ? "" : "-" + twin));
        take_ids(person, must(world_.call(person, "enrol",
                                          {{"invitation", invited["invitation"]},
                                           {"phrase", std::string(everybodys_phrase)}})));
    }

    void everybody_syncs() {
        for (const auto& person : world_.people) {
            must(world_.call(*person, "sync", Json::object()));
            world_.true_ms += 60'000;
        }
    }

    void everybody_writes() {
        for (const auto& person : world_.people) {
            for (int times = 0; times < 2; ++times) {
                world_.chance = Chance(world_.chance.next());
                take_step(world_,
                          {StepKind::capture, static_cast<std::uint8_t>(person->number), 0});
            }
        }
    }

    std::uint32_t number_;
    Template& out_;
    World world_;
    std::map<std::string, std::string> members_;
    std::map<std::string, int> replicas_;
};

}  // namespace

Template make_template(const KnownCipher& cipher, std::uint32_t number) {
    Template out;
    DrawnChance chance;
    chance.begin(1'000'000 + number);
    out.secrets.signing = cipher.make_signing_keys(chance);
    chance.fill(out.secrets.founding);
    out.true_ms = first_moment_ms;
    Founder founder(cipher, number, out);
    founder.found();
    founder.keep();
    return out;
}

}  // namespace godwit::simulation
