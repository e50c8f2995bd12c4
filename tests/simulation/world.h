/// One world: a server, people with replicas, roads between them, and a book of what was said.
///
/// Everything in it follows from its template and its plan. It runs the plan's steps one after
/// another, then lets the faults stop and everybody meet, and then the oracles judge; the first
/// that objects ends the run.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/known_cipher.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/person.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/road.h"
#include "tests/simulation/simulated_server.h"
#include "tests/simulation/trace.h"
#include "tests/simulation/watch.h"
#include "tests/simulation/words.h"

namespace godwit::simulation {

/// What an oracle has to say.
struct Violation {
    std::string oracle;
    std::string what;
};

struct TeamNote {
    TeamId id;
    std::string name;
};

/// A record somebody captured, as people remember it: that it is there.
struct RecordNote {
    RecordId id;
    std::string type;
    TeamId team;
    std::size_t author{};
};

/// A world at rest, from which others begin.
struct Template {
    struct PersonNote {
        std::string name;
        ReplicaId replica;
        MemberId member;
        DiskImage disk;
        Holding holding;
    };
    ServerSecrets secrets;
    BoxSecretKey recovery;
    DiskImage server;
    std::vector<PersonNote> people;
    std::vector<TeamNote> teams;
    std::vector<RecordNote> records;
    Ledger ledger;
    std::int64_t true_ms{};
};

struct WorldReport {
    std::optional<Violation> violation;
    std::uint64_t trace{};
    std::uint64_t calls{};      ///< Of methods of replicas.
    std::uint64_t exchanges{};  ///< Requests the server saw.
    std::uint64_t entries{};
    std::uint64_t excused{};
};

/// Nobody's disk fails by itself; and what failed because of one may be on it all the same, while
/// any other refusal left no trace.
bool is_of_storage(ErrorCode code);

class World {
public:
    World(const KnownCipher& cipher, const Template& from, Plan plan, bool is_printed);
    ~World();

    WorldReport run();

    // For the parts of a world: steps, roads and oracles.
    void object(std::string_view oracle, std::string what);
    [[nodiscard]] bool has_violation() const { return violation_.has_value(); }
    void note(std::string line);

    /// Calls a method and traces what came of it.
    Result<Json> call(Person& person, std::string_view method, const Json& parameters);
    /// The same for one that writes: `entry` says what, and is entered unless it is refused.
    Result<Json> say(Person& person, std::string_view method, const Json& parameters, Entry entry);

    /// The same for work on the open store itself.
    Result<void> say_with(Person& person, Entry entry,
                          const std::function<Result<void>(Session&)>& work);

    struct Copy {
        std::size_t person{};
        DiskImage disk;
        Holding holding;
    };

    Person& add_person(std::string name, const DiskImage& disk = DiskImage());
    /// Everything the person's own store holds of a record and nothing took away is among what it
    /// shows, or it says that it was parked; but for what left with the person's place.
    void judge_own_words(Person& person, const RecordNote& note, const Json& shown);
    /// As far as the person's own store has heard.
    bool has_place(Person& person, const Json& team);
    /// A copy kept of the person's store; null when there is none.
    [[nodiscard]] const Copy* some_copy_of(const Person& person);
    /// Takes the step after the one that runs, within it; nothing when that was done before.
    void take_next_step();
    /// Starts the server when it does not run.
    void ensure_server();
    void deliver_late();
    [[nodiscard]] bool is_administrator(const Person& person) const;
    Saying next_saying();
    /// Entries that only `person`'s store held are excused from here on.
    void lose_holding(Person& person, const Holding& left, std::string_view why);
    /// Looks up what the server holds of what was lost while it did not run.
    void excuse_missed();
    void lose_server_to(const HeldNames& left);
    void note_standing(Person& person, const Json& report);
    void note_destroyed(Person& person);

    const KnownCipher& cipher;
    const Template& from;
    Plan plan;
    std::int64_t true_ms{};
    Trace trace;
    SimulatedServer server;
    Watch watch;
    std::vector<std::unique_ptr<Person>> people;
    std::vector<std::unique_ptr<Road>> roads;
    std::vector<Copy> copies;  ///< Of people's stores, kept for a bad day.
    std::vector<TeamNote> teams;
    std::vector<RecordNote> records;
    Ledger ledger;
    /// What an administrator was told is said.
    struct Demand {
        std::size_t by{};
        MemberId member;
        std::vector<Place> places;
        bool is_sure{true};  ///< Otherwise it failed in a way that leaves open what the disk holds.
        std::optional<ReplicaId> revoked;
        Manner manner{Manner::retired};
    };
    std::vector<Demand> demands;
    Chance chance{0};  ///< Of the step that runs.
    std::uint64_t said_count{};
    std::uint64_t calls{};

private:
    void bound_answers();
    void run_steps();
    void take_next();
    void begin_step(std::uint64_t chance_seed);
    [[nodiscard]] bool accounts_for(const Person& person, std::string_view method,
                                    ErrorCode code) const;
    void mend(Person& person);
    void take_outcome(const Person& person, std::string_view method, const Result<void>& outcome);
    void enter(Person& person, Entry entry, const Result<void>& outcome);
    [[nodiscard]] bool is_held_by_somebody(std::size_t entry) const;

    std::size_t steps_taken_{};
    bool is_amid_{};  ///< Within the step that runs, another was taken.
    std::optional<Violation> violation_;
    std::vector<std::pair<std::size_t, std::string>> missed_;  ///< Entries, and what lost them.
};

/// One step of a plan.
void take_step(World& world, const Step& step);

/// Faults stop; everybody meets the server, three times at most; then nothing is left to move.
void settle(World& world);

/// Judges what is left when everybody has met.
void judge(World& world);

}  // namespace godwit::simulation
