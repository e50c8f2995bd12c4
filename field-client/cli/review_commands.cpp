// resolve, review.

#include "field-client/cli/command.h"
#include "field-client/cli/field_input.h"
#include "field-client/cli/files.h"

namespace godwit {

namespace {

struct ResolveOptions {
    std::string record;
    std::string field;
    std::vector<std::string> keep;
    std::string from;
};

struct ReviewOptions {
    std::string record;
    std::string from;
    bool is_start{};
    bool is_approval{};
    bool is_return{};
    bool is_submission{};
};

Result<Json> resolve(Caller& caller, const ResolveOptions& options) {
    Json parameters = {{"record", options.record}, {"field", options.field}};
    if (!options.keep.empty()) {
        parameters["keep"] = options.keep;
        return caller.call("resolve", parameters);
    }
    if (options.from.empty()) return Error{ErrorCode::usage, "say --keep DOT… or --from FILE"};
    const Json shown = TRY(caller.call("show", {{"record", options.record}}));
    const RecordType* type = TRY(type_named(text_member(shown, "type")));
    const FieldSpec* field = TRY(field_named(*type, options.field));
    const std::string source = options.from == "-" ? "standard input" : options.from;
    parameters["value"] = TRY(value_of_text(*field, TRY(read_input(options.from)), source));
    return caller.call("resolve", parameters);
}

Result<Json> review(Caller& caller, const ReviewOptions& options) {
    const std::string step = options.is_start      ? "start"
                             : options.is_approval ? "approve"
                             : options.is_return   ? "return"
                                                   : "submit";
    Json parameters = {{"record", options.record}, {"step", step}};
    std::string note;
    if (!options.from.empty()) {
        note = TRY(read_input(options.from));
    } else if (options.is_return) {
        if (!caller.is_interactive()) {
            return Error{ErrorCode::usage, "say why it goes back: --from FILE or --from -"};
        }
        note = TRY(ask_lines("Note for its owner:"));
    }
    while (!note.empty() && (note.back() == '\n' || note.back() == '\r')) note.pop_back();
    if (!note.empty()) parameters["note"] = note;
    return caller.call("review", parameters);
}

}  // namespace

void add_review_commands(CommandTable& table) {
    auto settled = std::make_shared<ResolveOptions>();
    CLI::App* app =
        table.command("resolve", "Settles a conflict: keep some of the values, or say another",
                      "godwit --store ~/godwit resolve 3f2a9c01 employer_name --keep 5d1c…:12");
    app->add_option("RECORD", settled->record, "the record's id, or its first digits")->required();
    app->add_option("FIELD", settled->field, "the field's name")->required();
    auto* keep = app->add_option("--keep", settled->keep,
                                 "dots of the values that stand, as conflicts lists them");
    app->add_option("--from", settled->from, "file with the value; - for standard input")
        ->excludes(keep);
    table.on(
        app, [settled](Caller& caller) { return resolve(caller, *settled); }, print_change);

    auto step = std::make_shared<ReviewOptions>();
    app = table.command("review", "Takes a record through review",
                        "godwit --store ~/godwit review 3f2a9c01 --return --from note.txt");
    app->add_option("RECORD", step->record, "the record's id, or its first digits")->required();
    auto* steps = app->add_option_group("step", "one of");
    steps->add_flag("--start", step->is_start, "begin to review it");
    steps->add_flag("--approve", step->is_approval, "approve what is shown now");
    steps->add_flag("--return", step->is_return, "give it back to its owner, with a note");
    steps->add_flag("--submit", step->is_submission, "hand it in, or in again");
    steps->require_option(1);
    app->add_option("--from", step->from, "file with the note; - for standard input");
    table.on(
        app, [step](Caller& caller) { return review(caller, *step); }, print_change);
}

}  // namespace godwit
