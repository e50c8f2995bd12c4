// What stands is shown, to whom it may be, as the rules have it.

#include <algorithm>
#include <map>
#include <set>

#include "shared/base/text.h"
#include "shared/model/common_fields.h"
#include "tests/simulation/judge.h"
#include "tests/simulation/naive_view.h"

namespace godwit::simulation {
namespace {

class Shown {
public:
    Shown(World& world, const Evidence& evidence) : world_(world), evidence_(evidence) {}

    void run() {
        std::set<RecordId> spoken_of;
        for (const Entry& entry : world_.ledger.entries()) {
            for (const Value& value : entry.said) said_[value.record].push_back(&value);
            const bool is_of_template = entry.number < world_.from.ledger.entries().size();
            if (!is_of_template) spoken_of.insert(entry.record);
        }
        for (const auto& [id, record] : evidence_.records) {
            if (record.is_erased || !spoken_of.contains(id)) continue;
            if (Person* reader = reader_of(record)) judge_record(*reader, id, record);
            if (world_.has_violation()) return;
        }
    }

private:
    /// Somebody whose replica shows the record as the server holds it, supervisors first.
    [[nodiscard]] Person* reader_of(const HeldRecord& record) {
        Person* best = nullptr;
        const std::set<MemberId> owners = owners_named(record.state);
        for (const auto& person : world_.people) {
            if (person->fate != Fate::here || person->knows_more) continue;
            const Running program(world_.server.schema);
            const SightModel& sight = world_.watch.sight();
            if (!sight.may_see(person->replica, record.type, record.team, owners)) continue;
            const bool supervises = sight.role(person->replica, record.team) == Role::supervisor;
            if (best == nullptr || supervises) best = person.get();
        }
        return best;
    }

    void judge_record(Person& reader, const RecordId& id, const HeldRecord& record) {
        const auto shown =
            world_.call(reader, "show", {{"record", to_text(id)}, {"siblings", true}});
        if (!shown) return world_.object("shown", reader.name + " cannot show " + brief(id));
        const Running program(reader.schema);
        const RecordType* type = record_type(record.type);
        if (type == nullptr) return;
        for (const auto& [number, field] : record.state.fields) {
            const FieldSpec* spec = type->field(number);
            if (spec == nullptr || field.siblings.empty()) continue;
            judge_field(reader.name + " in " + brief(id) + " " + std::string(spec->name), id, *spec,
                        record.state, (*shown)["fields"]);
            if (world_.has_violation()) return;
        }
    }

    void judge_field(const std::string& where, const RecordId& id, const FieldSpec& spec,
                     const RecordState& state, const Json& fields) {
        const std::string name(spec.name);
        const FieldState& field = state.fields.at(spec.number);
        if (!fields.contains(name) || fields[name]["siblings"].size() != field.siblings.size()) {
            return world_.object("shown", where + " does not show all that stands");
        }
        std::vector<NaiveSibling> siblings;
        for (std::size_t index = 0; index < field.siblings.size(); ++index) {
            const Json& shown = fields[name]["siblings"][index];
            const Sibling& kept = field.siblings[index];
            if (shown["readable"] == false) return;
            NaiveSibling& sibling = siblings.emplace_back();
            sibling.dot = kept.dot;
            sibling.effective = kept.effective;
            sibling.role = kept.role;
            if (kept.kind == OperationKind::settle) {
                for (const Json& part : shown["value"]) sibling.values.push_back(format_json(part));
            } else {
                sibling.values.push_back(format_json(shown["value"]));
            }
            for (const std::string& value : sibling.values) judge_said(where, id, spec, value);
        }
        const bool is_ruled_alone = spec.together.empty() && spec.rule != Rule::state_machine;
        if (!is_ruled_alone) return;
        NaiveView wanted = naive_view(spec, std::move(siblings));
        if (spec.number == common_field::archived && wanted.values.front() == "true") {
            wanted.needs_review = is_put_away_unread(state);
        }
        judge_view(where, spec, fields[name], wanted);
    }

    /// Nobody is shown to have said what nobody said.
    void judge_said(const std::string& where, const RecordId& id, const FieldSpec& spec,
                    const std::string& text) {
        if (!Ledger::is_unique(text)) return;
        const auto holds = [&](const std::vector<const Value*>& all) {
            return std::any_of(all.begin(), all.end(), [&](const Value* value) {
                return value->field == spec.number && value->text == text;
            });
        };
        if (!holds(said_[id]) && !holds(said_[RecordId{}]))
            world_.object("shown", where + ": nobody said " + text);
    }

    /// Does something stand in the record that nobody who archived it had read, by somebody who had
    /// not heard of that? Spec: merge §4, archiving.
    static bool is_put_away_unread(const RecordState& state) {
        const FieldState& archived = state.fields.at(common_field::archived);
        for (const auto& [number, field] : state.fields) {
            if (number == common_field::archived || number == common_field::review ||
                number == common_field::review_notes) {
                continue;
            }
            bool has_heard = false;
            for (const Sibling& each : archived.siblings) {
                has_heard = has_heard || field.has_seen(each.dot);
            }
            for (const Sibling& each : field.siblings) {
                if (!has_heard && !archived.has_seen(each.dot)) return true;
            }
        }
        return false;
    }

    void judge_view(const std::string& where, const FieldSpec& spec, const Json& shown,
                    const NaiveView& wanted) {
        std::vector<std::string> values;
        const Json& value = shown["value"];
        const bool is_list = spec.rule == Rule::union_ || spec.rule == Rule::append ||
                             (value.is_array() && wanted.values.size() != 1);
        if (is_list) {
            for (const Json& each : value) values.push_back(format_json(each));
        } else {
            values.push_back(format_json(value));
        }
        const bool is_same = spec.rule == Rule::union_
                                 ? std::set(values.begin(), values.end()) ==
                                       std::set(wanted.values.begin(), wanted.values.end())
                                 : values == wanted.values;
        if (!is_same) {
            std::string all;
            for (const std::string& each : wanted.values) all += " " + each;
            world_.object("view", where + " shows " + format_json(value) + ", not" + all);
        }
        if (shown["needs_review"] != wanted.needs_review) {
            world_.object("view", where + (wanted.needs_review ? " asks for nobody's look"
                                                               : " asks for a look in vain"));
        }
    }

    World& world_;
    const Evidence& evidence_;
    std::map<RecordId, std::vector<const Value*>> said_;
};

}  // namespace

void judge_shown(World& world, const Evidence& evidence) {
    Shown(world, evidence).run();
}

}  // namespace godwit::simulation
