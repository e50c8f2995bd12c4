// capture, edit, add, remove, count, note, archive, erase.

#include "field-client/cli/command.h"
#include "field-client/cli/field_input.h"
#include "field-client/cli/files.h"

namespace godwit {

namespace {

struct CaptureOptions {
    std::string type;
    std::string record;
    std::string team;
    std::string from;
    std::vector<std::string> fields;
    bool is_draft{};
};

struct ValueOptions {
    std::string record;
    std::string field;
    std::string code;
    std::string from;
    std::int64_t by{};
};

/// The type of a record that is here already.
Result<const RecordType*> type_of(Caller& caller, const std::string& record) {
    const Json shown = TRY(caller.call("show", {{"record", record}}));
    return type_named(text_member(shown, "type"));
}

/// The fields of --from and --field together.
Result<Json> fields_of(const RecordType& type, const CaptureOptions& options) {
    Json fields = Json::object();
    if (!options.from.empty()) {
        const std::string text = TRY(read_input(options.from));
        const std::string source = options.from == "-" ? "standard input" : options.from;
        fields = TRY(parse_json(text, source));
    }
    if (fields.is_array() && options.fields.empty()) return fields;
    if (!fields.is_object()) {
        return Error{ErrorCode::wrong_parameters,
                     "fields stand in one object: {\"NAME\": VALUE, …}"};
    }
    TRY(add_field_arguments(type, options.fields, fields));
    return fields;
}

Result<Json> capture(Caller& caller, const CaptureOptions& options) {
    const RecordType* type = TRY(type_named(options.type));
    Json fields = TRY(fields_of(*type, options));
    const auto request = [&](Json values) {
        Json out = {
            {"type", options.type}, {"fields", std::move(values)}, {"draft", options.is_draft}};
        if (!options.team.empty()) out["team"] = options.team;
        return out;
    };
    if (fields.is_array()) {
        Json records = Json::array();
        for (Json& each : fields) records.push_back(request(std::move(each)));
        return caller.call("capture_many", {{"records", std::move(records)}});
    }
    if (caller.is_interactive() && !options.is_draft) TRY(ask_for_required(*type, fields));
    return caller.call("capture", request(std::move(fields)));
}

Result<Json> edit(Caller& caller, const CaptureOptions& options) {
    if (options.from.empty() && options.fields.empty()) {
        return Error{ErrorCode::usage,
                     "say what changes: --from FILE, --from - or --field NAME=VALUE"};
    }
    const RecordType* type = TRY(type_of(caller, options.record));
    Json fields = TRY(fields_of(*type, options));
    return caller.call("edit", {{"record", options.record}, {"fields", std::move(fields)}});
}

/// add, remove and note: one value of one field, by --code or --from.
Result<Json> change_value(Caller& caller, std::string_view method, const ValueOptions& options) {
    const RecordType* type = TRY(type_of(caller, options.record));
    const FieldSpec* field = TRY(field_named(*type, options.field));
    Json value;
    if (!options.code.empty()) {
        if (field->is_sealed && field->vocabulary.empty()) {
            return Error{ErrorCode::sealed_in_argument, options.field + ": give it with --from -"};
        }
        value = options.code;
    } else if (!options.from.empty()) {
        const std::string source = options.from == "-" ? "standard input" : options.from;
        value = TRY(value_of_text(*field, TRY(read_input(options.from)), source));
    } else if (caller.is_interactive()) {
        value =
            TRY(value_of_text(*field, TRY(ask_lines(std::string(field->label))), "the terminal"));
    } else {
        return Error{ErrorCode::usage, "say the value: --code CODE, --from FILE or --from -"};
    }
    return caller.call(method,
                       {{"record", options.record}, {"field", options.field}, {"value", value}});
}

void add_capture(CommandTable& table) {
    auto options = std::make_shared<CaptureOptions>();
    CLI::App* app =
        table.command("capture", "Saves a new record",
                      "godwit --store ~/godwit capture testimony --from testimony.json");
    app->add_option("TYPE", options->type, "the record's type; see godwit types")->required();
    app->add_option("--team", options->team, "the team it belongs to, when you are in several");
    app->add_option("--from", options->from,
                    "JSON file of fields {NAME: VALUE}, or an array of such; - for standard input");
    app->add_option("--field", options->fields, "NAME=VALUE of an open field; may be repeated")
        ->allow_extra_args(false);
    app->add_flag("--draft", options->is_draft, "not finished yet: required fields may be missing");
    table.on(
        app, [options](Caller& caller) { return capture(caller, *options); },
        [](const Json& result, Page& page) {
            if (!result.contains("records")) return print_change(result, page);
            page.line(
                "Saved " +
                counted(static_cast<std::int64_t>(member(result, "records").size()), "record") +
                ".");
        });
}

void add_edit(CommandTable& table) {
    auto options = std::make_shared<CaptureOptions>();
    CLI::App* app = table.command("edit", "Sets fields of a record anew",
                                  "godwit --store ~/godwit edit 3f2a9c01 --from changes.json");
    app->add_option("RECORD", options->record, "the record's id, or its first digits")->required();
    app->add_option("--from", options->from,
                    "JSON file of fields {NAME: VALUE}; - for standard input");
    app->add_option("--field", options->fields, "NAME=VALUE of an open field; may be repeated")
        ->allow_extra_args(false);
    table.on(
        app, [options](Caller& caller) { return edit(caller, *options); }, print_change);
}

void add_value(CommandTable& table, const std::string& name, const std::string& what,
               const std::string& example) {
    auto options = std::make_shared<ValueOptions>();
    CLI::App* app = table.command(name, what, example);
    app->add_option("RECORD", options->record, "the record's id, or its first digits")->required();
    app->add_option("FIELD", options->field, "the field's name")->required();
    auto* code = app->add_option("--code", options->code, "a code of the field's vocabulary");
    app->add_option("--from", options->from, "file with the value; - for standard input")
        ->excludes(code);
    table.on(
        app, [options, name](Caller& caller) { return change_value(caller, name, *options); },
        print_change);
}

Result<Json> count(Caller& caller, const ValueOptions& options) {
    Json by = options.by;
    const RecordType* type = TRY(type_of(caller, options.record));
    const FieldSpec* field = TRY(field_named(*type, options.field));
    if (!options.from.empty()) {
        const std::string source = options.from == "-" ? "standard input" : options.from;
        by = TRY(value_of_text(*field, TRY(read_input(options.from)), source));
    } else if (field->is_sealed) {
        return Error{ErrorCode::sealed_in_argument,
                     options.field + ": give the number with --from -"};
    }
    return caller.call("count", {{"record", options.record}, {"field", options.field}, {"by", by}});
}

void add_count(CommandTable& table) {
    auto options = std::make_shared<ValueOptions>();
    CLI::App* app = table.command("count", "Adds a number to a count, or takes it off",
                                  "godwit --store ~/godwit count 3f2a9c01 people_reached 4");
    app->add_option("RECORD", options->record, "the record's id, or its first digits")->required();
    app->add_option("FIELD", options->field, "the field's name")->required();
    auto* number = app->add_option("N", options->by, "how many; negative takes off");
    app->add_option("--from", options->from, "file with the number; - for standard input")
        ->excludes(number);
    table.on(
        app,
        [options, app](Caller& caller) -> Result<Json> {
            if (app->count("N") == 0 && options->from.empty()) {
                return Error{ErrorCode::usage,
                             "say how many: N, or --from FILE for a sealed count"};
            }
            return count(caller, *options);
        },
        print_change);
}

void add_archive(CommandTable& table) {
    auto record = std::make_shared<std::string>();
    auto is_undone = std::make_shared<bool>(false);
    CLI::App* app = table.command("archive", "Puts a record away; --undo brings it back",
                                  "godwit --store ~/godwit archive 3f2a9c01");
    app->add_option("RECORD", *record, "the record's id, or its first digits")->required();
    app->add_flag("--undo", *is_undone, "bring it back");
    table.on(
        app,
        [record, is_undone](Caller& caller) {
            return caller.call("archive", {{"record", *record}, {"archived", !*is_undone}});
        },
        print_change);
}

void add_erase(CommandTable& table) {
    auto record = std::make_shared<std::string>();
    CLI::App* app =
        table.command("erase", "Destroys a record everywhere, for good: consent was withdrawn",
                      "godwit --store ~/godwit erase 3f2a9c01");
    app->add_option("RECORD", *record, "the record's id, or its first digits")->required();
    table.on(
        app,
        [record](Caller& caller) -> Result<Json> {
            if (caller.is_interactive()) {
                const std::string sure = TRY(ask("This cannot be undone. Type erase to go on:"));
                if (sure != "erase") return ErrorCode::declined;
            }
            return caller.call("erase", {{"record", *record}});
        },
        print_change);
}

}  // namespace

void print_change(const Json& result, Page& page) {
    page.line("Saved: record " + short_id(text_member(result, "record")) + ", change " +
              text_member(result, "change"));
}

void add_record_commands(CommandTable& table) {
    add_capture(table);
    add_edit(table);
    add_value(table, "add", "Adds an element to a set",
              "godwit --store ~/godwit add 3f2a9c01 violations --code wage_withheld");
    add_value(table, "remove", "Takes an element out of a set",
              "godwit --store ~/godwit remove 3f2a9c01 violations --code wage_withheld");
    add_value(table, "note", "Adds an entry to a field that keeps all",
              "godwit --store ~/godwit note 3f2a9c01 review_notes --from -");
    add_count(table);
    add_archive(table);
    add_erase(table);
}

}  // namespace godwit
