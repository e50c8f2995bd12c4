// show, list, find, conflicts, parked.

#include <unistd.h>

#include "field-client/cli/command.h"
#include "field-client/cli/field_input.h"
#include "field-client/cli/files.h"

namespace godwit {

namespace {

struct ListOptions {
    std::string type;
    std::vector<std::string> where;
    std::string team;
    std::string owner;
    std::string review;
    std::string after;
    std::int64_t limit{100};
    bool is_archived{};
};

struct ShowOptions {
    std::string record;
    bool has_history{};
    bool has_siblings{};
};

const FieldSpec* spec_of(const Json& record, const std::string& field) {
    const RecordType* type = record_type(text_member(record, "type"));
    return type == nullptr ? nullptr : type->field(field);
}

std::string label_of(const Json& record, const std::string& field) {
    const FieldSpec* spec = spec_of(record, field);
    return spec == nullptr ? field : std::string(spec->label);
}

/// A field's value for reading: people by their names.
std::string value_of(const FieldSpec* spec, const Json& value, const Page& page) {
    if (spec != nullptr && spec->type == ValueType::member && value.is_string()) {
        return page.name(value.get<std::string>());
    }
    return page.value(value);
}

void print_siblings(const FieldSpec* spec, const Json& siblings, Page& page) {
    for (const Json& sibling : siblings) {
        const std::string mark = text_member(sibling, "mark");
        page.line("      " + value_of(spec, member(sibling, "value"), page));
        page.line("        by " + page.name(text_member(sibling, "author")) + ", " +
                  local_time(text_member(sibling, "effective")) + ", dot " +
                  text_member(sibling, "dot") +
                  (mark.empty() || mark == "none" ? "" : ", " + mark));
    }
}

void print_fields(const Json& record, Page& page) {
    if (!member(record, "fields").is_object()) return;
    for (const auto& [name, field] : member(record, "fields").items()) {
        const bool needs_review = flag_member(field, "needs_review");
        // The heading says them already.
        const bool is_in_heading = name == "owner" || name == "review" || name == "archived";
        if (is_in_heading && !needs_review) continue;
        const FieldSpec* spec = spec_of(record, name);
        const bool is_readable = !field.contains("readable") || flag_member(field, "readable");
        page.line(label_of(record, name) + (needs_review ? "  ← needs review" : ""));
        page.line("    " + (is_readable ? value_of(spec, member(field, "value"), page)
                                        : std::string("sealed to others")));
        if (member(field, "siblings").is_array()) {
            print_siblings(spec, member(field, "siblings"), page);
        }
    }
}

/// What one change did to one field: "People reached  + 4".
std::string deed(const Json& record, const Json& part, const Page& page) {
    const std::string kind = text_member(part, "kind");
    if (kind == "erase") return "erased for good";
    const std::string field = text_member(part, "field");
    std::string out = label_of(record, field) + ": ";
    if (kind == "remove") return out + "took out";
    if (kind == "add") out += "put in ";
    if (kind == "append") out += "added ";
    if (kind == "increment") out += "counted ";
    if (kind == "settle") out += "settled for ";
    if (part.contains("readable") && !flag_member(part, "readable")) {
        return out + "sealed to others";
    }
    return out + value_of(spec_of(record, field), member(part, "value"), page);
}

void print_history(const Json& record, Page& page) {
    if (!member(record, "history").is_array()) return;
    page.line().line("History");
    for (const Json& change : member(record, "history")) {
        page.line("    " + local_time(text_member(change, "effective")) + "  " +
                  page.name(text_member(change, "author")) + ", change " +
                  text_member(change, "dot"));
        for (const Json& part : member(change, "fields")) {
            page.line("        " + deed(record, part, page));
        }
    }
}

void print_record(const Json& record, Page& page) {
    page.line(text_member(record, "type") + " " + text_member(record, "record"));
    page.line("team " + page.name(text_member(record, "team")) + ", owner " +
              page.name(text_member(record, "owner")) + ", " + text_member(record, "review") +
              (flag_member(record, "archived") ? ", archived" : ""));
    if (flag_member(record, "erased")) {
        page.line("Erased for good.");
        for (const Json& replica : member(record, "unconfirmed")) {
            if (replica.is_string()) {
                page.line("  not yet confirmed by " + page.name(replica.get<std::string>()));
            }
        }
        return;
    }
    page.line();
    print_fields(record, page);
    if (member(record, "consent").is_object() && !member(record, "consent").empty()) {
        page.line().line("Consent in force");
        for (const auto& [scope, decision] : member(record, "consent").items()) {
            page.line("    " + scope + ": " + page.value(decision));
        }
    }
    print_history(record, page);
}

Result<Json> list(Caller& caller, const ListOptions& options) {
    Json parameters = {{"archived", options.is_archived}, {"limit", options.limit}};
    const RecordType* type = nullptr;
    if (!options.type.empty()) {
        type = TRY(type_named(options.type));
        parameters["type"] = options.type;
    }
    Json where = Json::object();
    for (const std::string& condition : options.where) {
        const std::size_t equals = condition.find('=');
        if (equals == std::string::npos) return Error{ErrorCode::usage, "--where FIELD=VALUE"};
        const std::string name = condition.substr(0, equals);
        if (is_sealed_name(type, name)) {
            return Error{ErrorCode::sealed_in_argument,
                         name + ": use godwit find, which asks for the words"};
        }
        const std::string value = condition.substr(equals + 1);
        where[name] = value == "true" ? Json(true) : value == "false" ? Json(false) : Json(value);
    }
    if (!options.team.empty()) where["team"] = options.team;
    if (!options.owner.empty()) where["owner"] = options.owner;
    if (!options.review.empty()) where["review"] = options.review;
    if (!where.empty()) parameters["where"] = std::move(where);
    if (!options.after.empty()) parameters["after"] = options.after;
    return caller.call("list", parameters);
}

void print_list(const Json& result, Page& page) {
    std::vector<std::vector<std::string>> rows;
    for (const Json& record : member(result, "records")) {
        const std::int64_t conflicts = number_member(record, "conflicts");
        rows.push_back({short_id(text_member(record, "record")), text_member(record, "type"),
                        page.name(text_member(record, "owner")), text_member(record, "review"),
                        conflicts > 0 ? std::to_string(conflicts) : "",
                        local_time(text_member(record, "updated")),
                        page.value(member(record, "summary"))});
    }
    if (rows.empty()) {
        page.line("No records.");
        return;
    }
    page.table({"record", "type", "owner", "review", "conflicts", "updated", "summary"}, rows);
    const std::string after = text_member(result, "after");
    if (!after.empty()) page.line("There are more: --after " + after);
}

/// What to look for comes from the terminal or standard input: words looked for are told words too.
Result<Json> find(Caller& caller) {
    std::string text = TRY(is_terminal(STDIN_FILENO) ? ask("Look for:") : read_input("-"));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return caller.call("find", {{"text", text}});
}

void print_conflicts(const Json& conflicts, Page& page) {
    if (conflicts.empty()) page.line("No conflicts.");
    for (const Json& conflict : conflicts) {
        page.line(text_member(conflict, "type") + " " + short_id(text_member(conflict, "record")) +
                  "  " + text_member(conflict, "field") + "  (" + text_member(conflict, "rule") +
                  ")");
        if (!member(conflict, "base").is_null()) {
            page.line("    before: " + page.value(member(conflict, "base")));
        }
        print_siblings(spec_of(conflict, text_member(conflict, "field")),
                       member(conflict, "siblings"), page);
    }
}

void print_parked(const Json& items, Page& page) {
    if (!items.is_array()) return print_change(items, page);
    if (items.empty()) page.line("Nothing is parked.");
    for (const Json& item : items) {
        page.line(text_member(item, "change") + "  by " + page.name(text_member(item, "author")) +
                  "  record " + short_id(text_member(item, "record")));
        page.line("    " + text_member(item, "message"));
        const std::string adopted = text_member(item, "adopted");
        page.line("    " + (adopted.empty() ? text_member(item, "next") : "adopted by " + adopted));
    }
}

void add_list(CommandTable& table) {
    auto options = std::make_shared<ListOptions>();
    CLI::App* app =
        table.command("list", "Lists records, newest first",
                      "godwit --store ~/godwit list testimony --where review=submitted");
    app->add_option("TYPE", options->type, "only records of this type");
    app->add_option("--where", options->where, "FIELD=VALUE of an open field; may be repeated")
        ->allow_extra_args(false);
    app->add_option("--team", options->team, "only records of this team");
    app->add_option("--owner", options->owner, "only records of this person");
    app->add_option("--review", options->review, "only records in this state of review");
    app->add_flag("--archived", options->is_archived, "those put away instead");
    app->add_option("--limit", options->limit, "at most so many")->check(CLI::Range(1, 100'000));
    app->add_option("--after", options->after, "go on after this record");
    table
        .on(
            app, [options](Caller& caller) { return list(caller, *options); }, print_list)
        .wants_names = true;
}

void add_show(CommandTable& table) {
    auto options = std::make_shared<ShowOptions>();
    CLI::App* app = table.command("show", "Shows a record as it stands merged",
                                  "godwit --store ~/godwit show 3f2a9c01 --history");
    app->add_option("RECORD", options->record, "the record's id, or its first digits")->required();
    app->add_flag("--history", options->has_history, "with every change known here");
    app->add_flag("--siblings", options->has_siblings, "with every value nothing has superseded");
    table
        .on(
            app,
            [options](Caller& caller) {
                return caller.call("show", {{"record", options->record},
                                            {"history", options->has_history},
                                            {"siblings", options->has_siblings}});
            },
            print_record)
        .wants_names = true;
}

}  // namespace

void add_reading_commands(CommandTable& table) {
    add_show(table);
    add_list(table);
    CLI::App* look = table.command("find", "Finds records by words in them, searched here only",
                                   "godwit --store ~/godwit find");
    table.on(look, find, [](const Json& result, Page& page) {
        std::vector<std::vector<std::string>> rows;
        for (const Json& hit : member(result, "records")) {
            rows.push_back({short_id(text_member(hit, "record")), text_member(hit, "type"),
                            label_of(hit, text_member(hit, "field"))});
        }
        if (rows.empty())
            page.line("Nothing found.");
        else
            page.table({"record", "type", "in"}, rows);
    });

    auto record = std::make_shared<std::string>();
    CLI::App* conflicts = table.command("conflicts", "What a person has to settle",
                                        "godwit --store ~/godwit conflicts");
    conflicts->add_option("RECORD", *record, "only of this record");
    table
        .on(
            conflicts,
            [record](Caller& caller) {
                return caller.call("conflicts",
                                   record->empty() ? Json::object() : Json{{"record", *record}});
            },
            print_conflicts)
        .wants_names = true;

    auto action = std::make_shared<std::string>("list");
    auto change = std::make_shared<std::string>();
    CLI::App* parked = table.command("parked", "Changes the server kept and did not merge, and why",
                                     "godwit --store ~/godwit parked adopt 5d1c…:12");
    parked->add_option("ACTION", *action, "list, or adopt")
        ->check(CLI::IsMember({"list", "adopt"}));
    parked->add_option("CHANGE", *change, "adopt: the change, as listed");
    table
        .on(
            parked,
            [action, change](Caller& caller) -> Result<Json> {
                if (*action == "list") return caller.call("parked");
                if (change->empty()) return Error{ErrorCode::usage, "parked adopt CHANGE"};
                return caller.call("adopt", {{"change", *change}});
            },
            print_parked)
        .wants_names = true;
}

}  // namespace godwit
