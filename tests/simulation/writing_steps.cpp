#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/common_fields.h"
#include "tests/simulation/steps.h"
#include "tests/simulation/words.h"

namespace godwit::simulation {
namespace {

std::string id_of(const SeenRecord& seen) {
    return to_text(seen.note->id);
}

Entry entry_on(const SeenRecord& seen, std::string_view method) {
    Entry entry;
    entry.method = method;
    entry.record = seen.note->id;
    return entry;
}

Value value(const SeenRecord& seen, const FieldSpec& field, const Json& json) {
    return {seen.note->id, field.number, format_json(json)};
}

void join(std::vector<Value>& to, std::vector<Value> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

constexpr std::initializer_list<Rule> registers{Rule::latest, Rule::keep_both,
                                                Rule::most_restrictive, Rule::write_once,
                                                Rule::supervisor_first};

/// Values for `field` and all that stands together with it, in an object of them by name.
Json make_group(World& world, const RecordType& type, const FieldSpec& field) {
    Json out = Json::object();
    for (const FieldSpec* each : fields_together(type, field)) {
        Json made = make_value(world.chance, *each, world.next_saying());
        if (!made.is_null()) out[std::string(each->name)] = std::move(made);
    }
    return out;
}

/// What a new record of each type has to say.
Json first_fields(World& world, const RecordType& type) {
    Json fields = Json::object();
    for (const FieldSpec& field : type.fields) {
        const bool is_asked =
            field.is_required && field.when.field == 0 && field.number >= common_field::first_free;
        if (is_asked) {
            fields[std::string(field.name)] = make_value(world.chance, field, world.next_saying());
        }
    }
    for (std::uint64_t more = world.chance.below(4); more > 0; --more) {
        const FieldSpec* field = pick_field(world.chance, type, registers);
        if (field != nullptr) fields.update(make_group(world, type, *field));
    }
    for (std::uint64_t more = world.chance.below(2); more > 0; --more) {
        const FieldSpec* field = pick_field(world.chance, type, {Rule::union_, Rule::append});
        if (field == nullptr) continue;
        Json made = make_value(world.chance, *field, world.next_saying());
        if (!made.is_null()) fields[std::string(field->name)] = Json::array({std::move(made)});
    }
    return fields;
}

/// What `fields` of a record say, value by value.
std::vector<Value> values_in(const RecordId& record, const RecordType& type, const Json& fields) {
    std::vector<Value> out;
    for (const auto& [name, json] : fields.items()) {
        const FieldSpec* field = type.field(name);
        const bool is_list = field->rule == Rule::union_ || field->rule == Rule::append;
        if (!is_list) {
            out.push_back({record, field->number, format_json(json)});
            continue;
        }
        for (const Json& element : json) {
            out.push_back({record, field->number, format_json(element)});
        }
    }
    return out;
}

/// Says it; that it may be refused is part of the world.
void attempt(World& world, Person& person, std::string_view method, const Json& parameters,
             Entry entry) {
    static_cast<void>(static_cast<bool>(world.say(person, method, parameters, std::move(entry))));
}

const TeamNote* team_of(World& world, const Person& person) {
    std::vector<const TeamNote*> theirs;
    for (const TeamNote& team : world.teams) {
        if (world.watch.sight().role(person.replica, team.id)) theirs.push_back(&team);
    }
    return theirs.empty() ? nullptr : world.chance.pick(theirs);
}

/// One value of a field, as somebody said it.
struct Said {
    SeenRecord seen;
    const FieldSpec* field;
    Json value;
};

std::optional<Said> write_one(World& world, Person& person, std::string_view method, Rule rule,
                              const char* value_name) {
    const auto seen = look_at_some_record(world, person);
    if (!seen) return std::nullopt;
    const FieldSpec* field = pick_field(world.chance, *seen->type, {rule});
    if (field == nullptr) return std::nullopt;
    const Json made = make_value(world.chance, *field, world.next_saying());
    if (made.is_null()) return std::nullopt;
    Entry entry = entry_on(*seen, method);
    entry.said = {value(*seen, *field, made)};
    attempt(world, person, method,
            {{"record", id_of(*seen)}, {"field", std::string(field->name)}, {value_name, made}},
            std::move(entry));
    return Said{*seen, field, made};
}

void take_back(World& world, Person& person, const Said& said) {
    Entry entry = entry_on(said.seen, "remove");
    entry.taken_out = {value(said.seen, *said.field, said.value)};
    attempt(world, person, "remove",
            {{"record", id_of(said.seen)},
             {"field", std::string(said.field->name)},
             {"value", said.value}},
            std::move(entry));
}

}  // namespace

std::optional<SeenRecord> look_at_some_record(World& world, Person& person) {
    if (world.records.empty()) return std::nullopt;
    // Newer records are spoken of more than old ones, and one's own more than others'.
    for (int tries = 0; tries < 4; ++tries) {
        const std::size_t count = world.records.size();
        const std::size_t from_end = std::min(world.chance.below(count), world.chance.below(count));
        const RecordNote& note = world.records[count - 1 - from_end];
        const bool is_likely = note.author == person.number ||
                               world.watch.sight().role(person.replica, note.team).has_value();
        if (!is_likely && tries < 3) continue;
        auto shown = world.call(person, "show", {{"record", to_text(note.id)}, {"siblings", true}});
        if (!shown) continue;
        const RecordType* type = record_type(std::string_view(note.type));
        if (type == nullptr) continue;
        world.judge_own_words(person, note, *shown);
        return SeenRecord{&note, type, std::move(*shown)};
    }
    return std::nullopt;
}

std::vector<Value> values_shown(const SeenRecord& seen, const FieldSpec& field) {
    std::vector<Value> out;
    const auto fields = seen.shown.find("fields");
    if (fields == seen.shown.end() || !fields->contains(std::string(field.name))) return out;
    for (const Json& sibling : (*fields)[std::string(field.name)]["siblings"]) {
        out.push_back(value(seen, field, sibling["value"]));
    }
    return out;
}

void capture(World& world, Person& person) {
    const TeamNote* team = team_of(world, person);
    if (team == nullptr) return;
    constexpr std::array<std::string_view, 8> likely{
        "visit", "visit", "visit", "testimony", "testimony", "worker", "referral", "follow_up"};
    std::string_view name = world.chance.pick(likely);
    if (person.schema == Schema::tomorrows && world.chance.one_in(2)) {
        name = world.chance.one_in(2) ? later::first_type_name : later::second_type_name;
    }
    const RecordType& type = *record_type(name);
    const Json fields = first_fields(world, type);
    Entry entry;
    entry.method = "capture";
    // Where the call fails nobody learns the record's name, and its words may stand all the same.
    entry.said = values_in(RecordId{}, type, fields);
    const bool is_draft = world.chance.one_in(4);
    const auto made = world.say(person, "capture",
                                {{"type", std::string(type.name)},
                                 {"team", to_text(team->id)},
                                 {"fields", fields},
                                 {"draft", is_draft}},
                                std::move(entry));
    if (!made) return;
    const auto id = parse_id<RecordId>((*made)["record"].get<std::string>());
    world.records.push_back({*id, std::string(type.name), team->id, person.number});
    Entry& entered = world.ledger.entries().back();
    entered.record = *id;
    entered.said = values_in(*id, type, fields);
}

void edit(World& world, Person& person) {
    const auto seen = look_at_some_record(world, person);
    if (!seen) return;
    Entry entry = entry_on(*seen, "edit");
    Json fields = Json::object();
    for (std::uint64_t more = 1 + world.chance.below(3); more > 0; --more) {
        const FieldSpec* field = pick_field(world.chance, *seen->type, registers);
        if (field != nullptr) fields.update(make_group(world, *seen->type, *field));
    }
    if (fields.empty()) return;
    for (const auto& [name, json] : fields.items()) {
        join(entry.seen, values_shown(*seen, *seen->type->field(name)));
    }
    entry.said = values_in(seen->note->id, *seen->type, fields);
    attempt(world, person, "edit", {{"record", id_of(*seen)}, {"fields", fields}},
            std::move(entry));
}

void add(World& world, Person& person) {
    const auto added = write_one(world, person, "add", Rule::union_, "value");
    const bool was_slip = world.chance.below(4) == 1;
    if (added && was_slip) take_back(world, person, *added);
}

void count(World& world, Person& person) {
    write_one(world, person, "count", Rule::sum, "by");
}

void write_note(World& world, Person& person) {
    write_one(world, person, "note", Rule::append, "value");
}

void take_out(World& world, Person& person) {
    const auto seen = look_at_some_record(world, person);
    if (!seen) return;
    std::vector<const FieldSpec*> sets;
    for (const FieldSpec& field : seen->type->fields) {
        if (field.rule == Rule::union_ && !values_shown(*seen, field).empty()) {
            sets.push_back(&field);
        }
    }
    if (sets.empty()) return;
    const FieldSpec* field = world.chance.pick(sets);
    const Value taken = world.chance.pick(values_shown(*seen, *field));
    const auto json = parse_json("[" + taken.text + "]");
    if (!json || json->front().is_null()) return;
    take_back(world, person, {*seen, field, json->front()});
}

void archive(World& world, Person& person) {
    const auto seen = look_at_some_record(world, person);
    if (!seen) return;
    attempt(world, person, "archive",
            {{"record", id_of(*seen)}, {"archived", !world.chance.one_in(3)}},
            entry_on(*seen, "archive"));
}

void erase(World& world, Person& person) {
    const auto seen = look_at_some_record(world, person);
    if (!seen) return;
    Entry entry = entry_on(*seen, "erase");
    entry.is_erasing = true;
    attempt(world, person, "erase", {{"record", id_of(*seen)}}, std::move(entry));
}

void give(World& world, Person& person) {
    const auto seen = look_at_some_record(world, person);
    if (!seen) return;
    const Person& other = *world.chance.pick(world.people);
    const FieldSpec& owner = *seen->type->field(common_field::owner);
    Entry entry = entry_on(*seen, "edit");
    entry.said = {value(*seen, owner, to_text(other.member))};
    entry.seen = values_shown(*seen, owner);
    attempt(world, person, "edit",
            {{"record", id_of(*seen)}, {"fields", {{"owner", to_text(other.member)}}}},
            std::move(entry));
}

void resolve(World& world, Person& person) {
    const auto conflicts = world.call(person, "conflicts", Json::object());
    if (!conflicts || conflicts->empty()) return;
    const Json& one = (*conflicts)[world.chance.below(conflicts->size())];
    const auto id = parse_id<RecordId>(one["record"].get<std::string>());
    const auto shown = world.call(person, "show", {{"record", to_text(*id)}, {"siblings", true}});
    const auto note = std::find_if(world.records.begin(), world.records.end(),
                                   [&](const RecordNote& each) { return each.id == *id; });
    if (!shown || note == world.records.end()) return;
    const RecordType* type = record_type(std::string_view(note->type));
    if (type == nullptr) return;
    const SeenRecord seen{&*note, type, *shown};
    const std::string name = one["field"];
    const FieldSpec& field = *type->field(name);
    Json parameters = {{"record", to_text(*id)}, {"field", name}};
    Entry entry = entry_on(seen, "resolve");
    for (const FieldSpec* each : fields_together(*type, field)) {
        join(entry.seen, values_shown(seen, *each));
    }
    // No value of a review can be made up; resolving one is refused.
    const Json group = world.chance.one_in(3) ? make_group(world, *type, field) : Json::object();
    if (!group.empty()) {
        parameters["value"] = group.size() > 1 ? group : group.begin().value();
        entry.said = values_in(*id, *type, group);
    } else {
        // What is kept is said again.
        Json keep = Json::array();
        for (const Json& sibling : one["siblings"]) {
            if (keep.empty() || world.chance.one_in(2)) keep.push_back(sibling["dot"]);
        }
        parameters["keep"] = keep;
    }
    attempt(world, person, "resolve", parameters, std::move(entry));
}

void submit(World& world, Person& person) {
    const auto seen = look_at_some_record(world, person);
    if (!seen) return;
    attempt(world, person, "review", {{"record", id_of(*seen)}, {"step", "submit"}},
            entry_on(*seen, "review"));
}

void review(World& world, Person& person) {
    const auto seen = look_at_some_record(world, person);
    if (!seen) return;
    constexpr std::array<std::string_view, 4> steps{"start", "approve", "approve", "return"};
    Json parameters = {{"record", id_of(*seen)}, {"step", std::string(world.chance.pick(steps))}};
    Entry entry = entry_on(*seen, "review");
    if (parameters["step"] == "return") {
        const std::string words = "said-" + std::to_string(world.next_saying().number);
        parameters["note"] = words;
        entry.said = {
            value(*seen, *seen->type->field(common_field::review_notes), {{"text", words}})};
    }
    attempt(world, person, "review", parameters, std::move(entry));
}

void adopt(World& world, Person& person) {
    const auto parked = world.call(person, "parked", Json::object());
    if (!parked || parked->empty()) return;
    const Json& one = (*parked)[world.chance.below(parked->size())];
    Entry entry;
    entry.method = "adopt";
    entry.record = *parse_id<RecordId>(one["record"].get<std::string>());
    attempt(world, person, "adopt", {{"change", one["change"]}}, std::move(entry));
}

}  // namespace godwit::simulation
