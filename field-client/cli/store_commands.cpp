// enrol, unlock-check, status, roster, digest, verify, types.

#include <filesystem>

#include "field-client/cli/command.h"
#include "field-client/cli/files.h"
#include "field-client/cli/qr_reader.h"
#include "shared/base/text.h"
#include "shared/seal/phrase.h"

namespace godwit {

namespace {

struct EnrolOptions {
    std::string from;
    std::string organisation;
    std::string member;
    std::string recovery_file;
};

/// The link or invitation in a text file, a QR picture, or standard input.
Result<std::string> read_invitation(const std::string& from) {
    std::string content = TRY(read_input(from));
    if (is_png(content)) return read_qr(content, from);
    return content;
}

/// Where secrets that are shown once go, before there is anything they open: whatever ends the
/// program, the same command again finds them. Sensitive.
struct SecretPlaces {
    SecretPlaces() = default;
    SecretPlaces(const SecretPlaces&) = delete;
    SecretPlaces& operator=(const SecretPlaces&) = delete;
    ~SecretPlaces() {
        wipe(phrase);
        wipe(recovery_text);
    }

    std::string phrase;
    bool has_made_phrase{};
    std::optional<PrivateFile> recovery;
    std::string recovery_text;
};

Result<void> prepare_phrase(Caller& caller, SecretPlaces& places) {
    const GlobalOptions& global = caller.options();
    std::error_code fault;
    const bool has_phrase =
        global.phrase_descriptor >= 0 ||
        (!global.phrase_file.empty() && std::filesystem::exists(global.phrase_file, fault));
    if (has_phrase) {
        places.phrase = TRY(caller.phrase());
        if (places.phrase.empty()) {
            return Error{ErrorCode::wrong_parameters, "the phrase that was given is empty"};
        }
    } else if (!global.phrase_file.empty()) {
        PrivateFile file = TRY(PrivateFile::create(global.phrase_file));
        places.phrase = make_phrase(caller.host().random);
        TRY(file.write(places.phrase));
        TRY(file.keep());
        places.has_made_phrase = true;
    } else if (!caller.is_interactive()) {
        return Error{ErrorCode::terminal_needed,
                     "a new phrase has no place: --phrase-file FILE that does not exist yet"};
    }
    return ok();
}

Result<void> prepare_recovery(Caller& caller, const EnrolOptions& options, SecretPlaces& places) {
    if (options.recovery_file.empty()) {
        if (caller.is_interactive()) return ok();
        return Error{ErrorCode::terminal_needed,
                     "the recovery key is shown once and needs a place: --recovery-file FILE"};
    }
    // A store is there: its founding wrote the key, and was perhaps ended before it could keep it.
    if (caller.is_enrolled()) return PrivateFile::keep_unfinished(options.recovery_file);
    places.recovery.emplace(TRY(PrivateFile::create(options.recovery_file)));
    BoxSecretKey secret;
    caller.host().random.fill(secret.bytes);
    places.recovery_text = format_base64url(secret.view());
    return places.recovery->write(places.recovery_text);
}

Result<Json> enrol(Caller& caller, const EnrolOptions& options) {
    const std::string invitation = TRY(read_invitation(options.from));
    const bool is_founding = invitation.find("godwit-found:") != std::string::npos;
    Json parameters = {{"invitation", invitation}};
    if (is_founding) {
        const auto named = [&](const std::string& given,
                               std::string_view question) -> Result<std::string> {
            if (!given.empty()) return given;
            return ask(question);
        };
        parameters["organisation"] = TRY(named(options.organisation, "Name of the organisation:"));
        parameters["member"] = TRY(named(options.member, "Your name:"));
    }
    const bool was_enrolled = caller.is_enrolled();
    SecretPlaces places;
    if (is_founding) TRY(prepare_recovery(caller, options, places));
    TRY(prepare_phrase(caller, places));
    if (!places.phrase.empty()) parameters["phrase"] = places.phrase;
    if (!places.recovery_text.empty()) parameters["recovery"] = places.recovery_text;
    Result<Json> result = caller.call_locked("enrol", parameters);
    // From the moment there is a store, its secrets stay, whatever else went wrong.
    const bool is_made = !was_enrolled && caller.is_enrolled();
    if (places.recovery && is_made) TRY(places.recovery->keep());
    if (!result && places.has_made_phrase && !is_made) {
        std::error_code ignored;
        std::filesystem::remove(caller.options().phrase_file, ignored);
    }
    return result;
}

void print_enrolment(const Json& result, Page& page) {
    page.line("Enrolled: " + page.name(text_member(result, "member")) + ", " +
              text_member(result, "role") + ".");
    page.line("Replica " + text_member(result, "replica"));
    if (result.contains("phrase")) {
        page.line().line("The phrase that opens this store. It is shown once; write it down:");
        page.line().line("    " + text_member(result, "phrase")).line();
    }
    if (result.contains("recovery")) {
        page.line().line(
            "The recovery key of the organisation. It is shown once and kept nowhere;");
        page.line("write it down and lock it away from every computer:");
        page.line().line("    " + text_member(result, "recovery")).line();
    }
    if (result.contains("reached") && !flag_member(result, "reached")) {
        page.line("The server was not reached. Work can begin; the first sync will tell it.");
    }
}

void print_status(const Json& status, Page& page) {
    const auto number = [&](std::string_view name) {
        return std::to_string(number_member(status, name));
    };
    const std::string contact = text_member(status, "last_contact");
    page.line(page.organisation() + ", " + text_member(status, "role"));
    page.table({"saved", "delivered", "safe", "unsent", "parked", "conflicts", "records"},
               {{number("saved"), number("delivered"), number("safe"), number("unsent"),
                 number("parked"), number("conflicts"), number("records")}});
    page.line("last contact  " + (contact.empty() ? std::string("never") : local_time(contact)));
    page.line("server        " + page.words(text_member(status, "server")));
    const std::string standing = text_member(status, "standing");
    if (!standing.empty() && standing != "member") page.line("standing      " + standing);
}

void print_roster(const Json& roster, Page& page) {
    page.learn_names(roster);
    page.line(page.words(text_member(roster, "organisation"))).line();
    std::vector<std::vector<std::string>> rows;
    for (const Json& person : member(roster, "members")) {
        std::string places;
        for (const Json& place : member(person, "places")) {
            if (!places.empty()) places += ", ";
            const std::string team = text_member(place, "team");
            const bool is_everywhere = team.find_first_not_of('0') == std::string::npos;
            places += text_member(place, "role") + (is_everywhere ? "" : " in " + page.name(team));
        }
        rows.push_back({short_id(text_member(person, "member")),
                        page.words(text_member(person, "name")), places});
    }
    page.table({"member", "name", "places"}, rows).line();
    rows.clear();
    for (const Json& replica : member(roster, "replicas")) {
        const std::string revoked = text_member(replica, "revoked");
        rows.push_back(
            {short_id(text_member(replica, "replica")), page.name(text_member(replica, "member")),
             local_time(text_member(replica, "enrolled")), revoked.empty() ? "in use" : revoked});
    }
    page.table({"replica", "of", "enrolled", "state"}, rows);
    for (const Json& waiting : member(roster, "waiting")) {
        page.line("waits for a reader key: " + page.name(text_member(waiting, "replica")) + " (" +
                  text_member(waiting, "readers") + " of " +
                  page.name(text_member(waiting, "team")) +
                  "): a supervisor's sync, or grant, gives it");
    }
}

/// The types need no store: without one, a folder that lasts as long as the question.
Result<Json> types(Caller& caller, const std::string& wanted) {
    Json result = TRY(caller.call_locked("types"));
    if (wanted.empty()) return result;
    for (const Json& type : member(result, "types")) {
        if (text_member(type, "type") == wanted) return type;
    }
    return Error{ErrorCode::unknown_type, "godwit types lists them"};
}

void print_types(const Json& result, Page& page) {
    std::vector<std::vector<std::string>> rows;
    if (result.contains("types")) {
        for (const Json& type : member(result, "types")) {
            rows.push_back({text_member(type, "type"),
                            std::to_string(member(type, "fields").size()),
                            text_member(type, "audience"), text_member(type, "label")});
        }
        page.table({"type", "fields", "seen by", "called"}, rows);
        return;
    }
    for (const Json& field : member(result, "fields")) {
        rows.push_back(
            {text_member(field, "field"), text_member(field, "type"), text_member(field, "rule"),
             flag_member(field, "sealed") ? "sealed" : "open",
             flag_member(field, "required") ? "required" : "", text_member(field, "label")});
    }
    page.table({"field", "type", "rule", "", "", "called"}, rows);
}

void add_enrol(CommandTable& table) {
    auto options = std::make_shared<EnrolOptions>();
    CLI::App* app =
        table.command("enrol", "Makes this store a replica, by invitation or founding link",
                      "godwit --store ~/godwit enrol --from invitation.txt");
    app->add_option(
           "--from", options->from,
           "file with the invitation (its text, or a QR picture as PNG), or - for standard input")
        ->required();
    app->add_option("--organisation", options->organisation, "founding: the organisation's name");
    app->add_option("--member", options->member, "founding: the first administrator's name");
    app->add_option("--recovery-file", options->recovery_file,
                    "founding: new file for the recovery key; without it the key is shown once");
    table
        .on(
            app, [options](Caller& caller) { return enrol(caller, *options); }, print_enrolment)
        .wants_names = true;
}

void add_plain(CommandTable& table, const std::string& name, const std::string& what,
               std::string_view method, std::function<void(const Json&, Page&)> print) {
    CLI::App* app = table.command(name, what, "godwit --store ~/godwit " + name);
    table
        .on(
            app, [method](Caller& caller) { return caller.call(method); }, std::move(print))
        .wants_names = method == "status";
}

}  // namespace

void add_store_commands(CommandTable& table) {
    add_enrol(table);
    CLI::App* check = table.command("unlock-check", "Says whether the phrase opens this store",
                                    "godwit --store ~/godwit unlock-check");
    table.on(
        check,
        [](Caller& caller) -> Result<Json> {
            const Json status = TRY(caller.call("status"));
            return Json{{"replica", text_member(status, "replica")}};
        },
        [](const Json& result, Page& page) {
            page.line("The phrase opens replica " + text_member(result, "replica") + ".");
        });
    add_plain(table, "status", "What is saved here, delivered, safe, and still to be sent",
              "status", print_status);
    add_plain(table, "roster", "Who belongs: teams, people, replicas, reader keys", "roster",
              print_roster);
    add_plain(table, "digest", "The digest of what this replica shares with the server", "digest",
              [](const Json& result, Page& page) {
                  page.line(text_member(result, "digest") + "  " +
                            counted(number_member(result, "records"), "record"));
              });
    add_plain(table, "verify", "Reads everything in the store again and checks it", "verify",
              [](const Json& result, Page& page) {
                  page.line("All is well: " + counted(number_member(result, "changes"), "change") +
                            " in " + counted(number_member(result, "segments"), "segment") + ", " +
                            counted(number_member(result, "records"), "record") + ".");
              });
    auto wanted = std::make_shared<std::string>();
    CLI::App* app = table.command("types", "The record types, or the fields of one",
                                  "godwit --store ~/godwit types testimony");
    app->add_option("TYPE", *wanted, "a record type");
    table.on(
        app, [wanted](Caller& caller) { return types(caller, *wanted); }, print_types);
}

}  // namespace godwit
