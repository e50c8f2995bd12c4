#include "tests/simulation/world.h"

#include <algorithm>

#include "shared/base/text.h"

namespace godwit::simulation {
namespace {

/// A replica that handed a record over no longer opens what it said.
bool is_readable_in_part(const Json& shown, const RecordType& type, const Value& value) {
    const FieldSpec* field = type.field(value.field);
    if (field == nullptr) return true;
    const auto found = shown["fields"].find(std::string(field->name));
    return found != shown["fields"].end() && (*found)["readable"] == false;
}

}  // namespace

bool is_of_storage(ErrorCode code) {
    return code == ErrorCode::storage_failed || code == ErrorCode::storage_full ||
           code == ErrorCode::storage_corrupt || code == ErrorCode::store_in_use ||
           code == ErrorCode::store_unsafe || code == ErrorCode::schema_newer ||
           code == ErrorCode::no_store;
}

World::World(const KnownCipher& with_cipher, const Template& begun_from, Plan with_plan,
             bool is_printed)
    : cipher(with_cipher),
      from(begun_from),
      plan(std::move(with_plan)),
      true_ms(begun_from.true_ms),
      trace(is_printed),
      server(with_cipher, true_ms, begun_from.secrets, mixed(plan.seed + 11), begun_from.server),
      watch(*this),
      teams(begun_from.teams),
      records(begun_from.records),
      ledger(begun_from.ledger) {
    seed_sqlite(static_cast<std::uint32_t>(plan.seed));
    constexpr std::array audiences{Audience::members, Audience::supervisors, Audience::owner};
    choose_later_audiences(audiences[plan.seed % 3], audiences[plan.seed / 3 % 3]);
    bound_answers();
    begin_step(plan.seed);
    for (const Template::PersonNote& note : from.people) {
        Person& person = add_person(note.name, note.disk);
        person.replica = note.replica;
        person.member = note.member;
        person.holding = note.holding;
    }
    said_count = 1'000;  // Templates begin at 0 and say less.
}

World::~World() {
    // Nobody looks at the disks any more: nothing needs to end in good order.
    for (const auto& person : people) person->kill();
    server.kill();
}

void World::object(std::string_view oracle, std::string what) {
    if (violation_) return;
    note("VIOLATION " + std::string(oracle) + ": " + what);
    violation_ = Violation{std::string(oracle), std::move(what)};
}

Saying World::next_saying() {
    // In a few worlds people go on at length: what is told then does not fit one answer.
    constexpr std::size_t at_length = 20'000;
    return {++said_count, plan.seed % 24 == 5 ? at_length : 0};
}

// Worlds are small, and so is what there is to tell: in some of them an answer carries little.
void World::bound_answers() {
    if (plan.seed % 8 != 3) return;
    Chance drawn(mixed(plan.seed + 13));
    server.bounds = {drawn.below(1'500), drawn.below(600), drawn.below(6'000)};
}

void World::note(std::string line) {
    trace.line(line);
}

void World::begin_step(std::uint64_t chance_seed) {
    chance = Chance(chance_seed);
    begin_sodium_chance(mixed(chance_seed + 1));
    server.chance.begin(mixed(chance_seed + 2));
    for (const auto& person : people) person->chance.begin(mixed(chance_seed + 3) + person->number);
}

Person& World::add_person(std::string name, const DiskImage& disk) {
    const std::size_t number = people.size();
    roads.push_back(std::make_unique<Road>(*this, number));
    people.push_back(std::make_unique<Person>(number, std::move(name), cipher, *roads.back(),
                                              true_ms, chance.next(), disk));
    people.back()->chance.begin(chance.next());
    return *people.back();
}

bool World::is_administrator(const Person& person) const {
    // As the founding and what followed say; nobody becomes one or ceases to be in a world.
    return std::any_of(from.people.begin(), from.people.end(), [&](const auto& note) {
        return note.replica == person.replica && note.name.starts_with("admin");
    });
}

const World::Copy* World::some_copy_of(const Person& person) {
    std::vector<const Copy*> own;
    for (const Copy& copy : copies) {
        if (copy.person == person.number) own.push_back(&copy);
    }
    return own.empty() ? nullptr : chance.pick(own);
}

void World::ensure_server() {
    if (server.is_running()) return;
    watch.server_starts();
    if (server.start(false)) return;
    const bool is_accounted_for = server.has_suffered() || server.is_disk_full;
    if (!is_accounted_for) return object("storage", "the server does not start");
    // What was to go wrong with its disk went wrong: whoever looks after it tries once more.
    if (!server.start(false) && !server.is_disk_full && !server.has_suffered()) {
        object("storage", "the server does not start a second time");
    }
}

void World::deliver_late() {
    for (const auto& road : roads) {
        if (server.is_running()) road->deliver_late();
    }
}

// --- What people do --------------------------------------------------------------------------

/// Is there anything the matter with a disk that such an error may come of?
bool World::accounts_for(const Person& person, std::string_view method, ErrorCode code) const {
    if (person.has_suffered() || person.is_suspect) return true;
    if (person.is_disk_full && code == ErrorCode::storage_full) return true;
    const bool asks_server = method == "sync" || method == "enrol";
    return asks_server &&
           (plan.has(StepKind::server_power_cut) || plan.has(StepKind::server_sync_failure) ||
            plan.has(StepKind::server_disk_full) || plan.has(StepKind::server_rot));
}

void World::take_outcome(const Person& person, std::string_view method,
                         const Result<void>& outcome) {
    ++calls;
    std::string line = person.name + " " + std::string(method);
    if (!outcome) {
        const Error& error = outcome.error();
        line += ": " + std::string(facts(error.code).key) + " " + error.detail;
        const bool is_surprise = is_of_storage(error.code) || error.code == ErrorCode::malformed;
        if (is_surprise && !accounts_for(person, method, error.code)) object("storage", line);
    }
    note(std::move(line));
}

// A program whose disk failed is ended and begun again, as its user would.
void World::mend(Person& person) {
    if (person.disk.is_stopped()) {
        note("  the power of " + person.name + " was cut");
        person.return_from_power_cut();
    } else if (person.has_suffered()) {
        person.kill();
    }
}

Result<Json> World::call(Person& person, std::string_view method, const Json& parameters) {
    roads[person.number]->posts_of_call = 0;
    auto outcome = person.call(method, parameters);
    if (outcome && trace.is_printed()) note("  " + format_json(parameters).substr(0, 160));
    if (outcome) trace.add(person.last_answer());
    take_outcome(person, method, outcome ? ok() : Result<void>(outcome.error()));
    mend(person);
    return outcome;
}

void World::enter(Person& person, Entry entry, const Result<void>& outcome) {
    if (!outcome && !is_of_storage(outcome.error().code)) return;
    entry.author = person.number;
    entry.salts = std::move(person.chance.salts);
    entry.is_saved = static_cast<bool>(outcome);
    const Entry& entered = ledger.enter(std::move(entry));
    if (entered.is_saved) person.holding.add(entered.number);
}

Result<Json> World::say(Person& person, std::string_view method, const Json& parameters,
                        Entry entry) {
    person.chance.salts.clear();
    auto outcome = call(person, method, parameters);
    enter(person, std::move(entry), outcome ? ok() : Result<void>(outcome.error()));
    return outcome;
}

Result<void> World::say_with(Person& person, Entry entry,
                             const std::function<Result<void>(Session&)>& work) {
    person.chance.salts.clear();
    const auto outcome = person.with_session(work);
    take_outcome(person, entry.method, outcome);
    mend(person);
    enter(person, std::move(entry), outcome);
    return outcome;
}

bool World::has_place(Person& person, const Json& team) {
    const auto status = call(person, "status", Json::object());
    const auto roster = call(person, "roster", Json::object());
    if (!status || !roster) return true;
    for (const Json& member : (*roster)["members"]) {
        if (member["member"] != (*status)["member"]) continue;
        const Json& places = member["places"];
        return std::any_of(places.begin(), places.end(),
                           [&](const Json& place) { return place["team"] == team; });
    }
    return false;
}

void World::judge_own_words(Person& person, const RecordNote& note, const Json& shown) {
    if (shown["erased"] == true) return;
    const RecordType* type = record_type(std::string_view(note.type));
    if (type == nullptr) return;
    const std::string all = format_json(shown["fields"]);
    for (const Entry& entry : ledger.entries()) {
        if (entry.record != note.id || !person.holding.has(entry.number)) continue;
        for (const Value& value : entry.said) {
            if (!Ledger::is_unique(value.text) || all.find(value.text) != std::string::npos) {
                continue;
            }
            if (ledger.was_taken_away(value) || is_readable_in_part(shown, *type, value)) continue;
            const auto parked = call(person, "parked", Json::object());
            if (parked && format_json(*parked).find(to_text(note.id)) != std::string::npos) return;
            // What was delivered left with the place; what was not stays, and will be parked.
            if (!has_place(person, shown["team"])) return;
            return object("own words", person.name + " does not see what it holds: " + value.text);
        }
    }
}

// --- What is lost with a disk ----------------------------------------------------------------

bool World::is_held_by_somebody(std::size_t entry) const {
    return std::any_of(people.begin(), people.end(), [&](const auto& person) {
        return person->fate == Fate::here && person->holding.has(entry);
    });
}

void World::lose_holding(Person& person, const Holding& left, std::string_view why) {
    const Holding before = std::exchange(person.holding, left);
    for (const Entry& entry : ledger.entries()) {
        const bool is_gone = entry.is_saved && !entry.is_excused && before.has(entry.number) &&
                             !is_held_by_somebody(entry.number);
        if (is_gone) missed_.emplace_back(entry.number, why);
    }
    ensure_server();
    excuse_missed();
}

// A server whose disk is full may not run just now: then what it holds is looked up later.
void World::excuse_missed() {
    if (missed_.empty() || !server.is_running()) return;
    const auto held = read_held_names(server.store());
    if (!held) return object("storage", "the server's evidence does not read");
    for (const auto& [number, why] : std::exchange(missed_, {})) {
        Entry& entry = ledger.entries()[number];
        const bool is_there =
            std::any_of(entry.salts.begin(), entry.salts.end(),
                        [&](const Salt& salt) { return held->salts.contains(salt); });
        if (is_there) continue;
        entry.is_excused = true;
        entry.excuse = why;
    }
}

void World::lose_server_to(const HeldNames& left) {
    for (Entry& entry : ledger.entries()) {
        if (!entry.is_saved || entry.is_excused || is_held_by_somebody(entry.number)) continue;
        const bool is_there =
            std::any_of(entry.salts.begin(), entry.salts.end(),
                        [&](const Salt& salt) { return left.salts.contains(salt); });
        if (is_there) continue;
        entry.is_excused = true;
        entry.excuse = "the server was put back to an earlier backup";
    }
}

void World::note_standing(Person& person, const Json& report) {
    if (report["standing"] == "compromised") note_destroyed(person);
}

void World::note_destroyed(Person& person) {
    person.stop();
    person.fate = Fate::destroyed;
    lose_holding(person, Holding{}, "its replica was compromised and destroyed its keys");
}

// --- The run ---------------------------------------------------------------------------------

void World::run_steps() {
    while (!violation_ && steps_taken_ < plan.steps.size()) {
        is_amid_ = false;
        take_next();
    }
}

void World::take_next() {
    const Step& step = plan.steps[steps_taken_++];
    begin_step(step.chance);
    true_ms += 1'000 + static_cast<std::int64_t>(chance.below(3'600'000));
    // Whoever looks after the server starts it again sooner or later.
    if (!server.is_running() && !chance.one_in(3)) ensure_server();
    if (chance.one_in(2)) deliver_late();
    take_step(*this, step);
}

void World::take_next_step() {
    if (violation_ || steps_taken_ == plan.steps.size() || std::exchange(is_amid_, true)) return;
    take_next();
}

WorldReport World::run() {
    ensure_server();
    run_steps();
    if (!violation_) {
        begin_step(mixed(plan.seed + 7));
        settle(*this);
    }
    if (!violation_) judge(*this);
    WorldReport report;
    report.violation = violation_;
    report.calls = calls;
    report.entries = ledger.entries().size() - from.ledger.entries().size();
    for (const Entry& entry : ledger.entries()) report.excused += entry.is_excused ? 1 : 0;
    for (const auto& road : roads) report.exchanges += road->posts;
    report.trace = trace.hash();
    return report;
}

}  // namespace godwit::simulation
