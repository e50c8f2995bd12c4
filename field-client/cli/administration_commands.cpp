// team, member, invite, revoke, grant.

#include <unistd.h>

#include "field-client/cli/command.h"
#include "field-client/cli/files.h"

namespace godwit {

namespace {

struct MemberOptions {
    std::string name;
    std::vector<std::string> places;
    std::string member;
};

struct InviteOptions {
    std::string member;
    std::string out;
    std::int64_t days{7};
};

struct RevokeOptions {
    std::string replica;
    bool is_retired{};
    bool is_compromised{};
};

void print_sent_later(Page& page) {
    page.line("It is signed and saved here; the next sync takes it to the server.");
}

/// "TEAM:worker", or "administrator" and "advocate", who have no team.
Result<Json> parse_place(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) {
        if (text == "administrator" || text == "advocate") return Json{{"role", text}};
        return Error{ErrorCode::usage,
                     "--place TEAM:worker, TEAM:supervisor, administrator or advocate"};
    }
    return Json{{"team", text.substr(0, colon)}, {"role", text.substr(colon + 1)}};
}

Result<Json> state_member(Caller& caller, const MemberOptions& options) {
    Json places = Json::array();
    for (const std::string& place : options.places) places.push_back(TRY(parse_place(place)));
    Json parameters = {{"name", options.name}, {"places", std::move(places)}};
    if (!options.member.empty()) parameters["member"] = options.member;
    return caller.call("member", parameters);
}

Result<Json> invite(Caller& caller, const InviteOptions& options) {
    const Json parameters = {{"member", options.member}, {"days", options.days}};
    if (options.out.empty()) return caller.call("invite", parameters);
    PrivateFile file = TRY(PrivateFile::create(options.out));
    Json result = TRY(caller.call("invite", parameters));
    TRY(file.write(text_member(result, "invitation")));
    TRY(file.keep());
    result.erase("invitation");
    result["file"] = options.out;
    return result;
}

void print_invitation(const Json& result, Page& page) {
    const std::string expires = "good once, until " + local_time(text_member(result, "expires"));
    if (result.contains("file")) {
        page.line("The invitation is in " + text_member(result, "file") + "; " + expires + ".");
        return print_sent_later(page);
    }
    const std::string text = text_member(result, "invitation");
    page.line(text);
    if (!is_terminal(STDOUT_FILENO)) return;
    const std::string picture = qr_picture(text);
    if (!picture.empty()) page.line().line(picture);
    page.line("Whoever holds this line can join: hand it over in person; " + expires + ".");
    print_sent_later(page);
}

void add_member(CommandTable& table) {
    auto options = std::make_shared<MemberOptions>();
    CLI::App* app = table.command("member", "Adds a person, or changes a person's name and places",
                                  "godwit --store ~/godwit member Asha --place North:worker");
    app->add_option("NAME", options->name, "the person's name, or the name you call them")
        ->required();
    app->add_option("--place", options->places,
                    "TEAM:worker, TEAM:supervisor, administrator or advocate; may be repeated; "
                    "none: no access any more")
        ->allow_extra_args(false);
    app->add_option("--member", options->member, "whom to change: an id, or a name so far");
    table.on(
        app, [options](Caller& caller) { return state_member(caller, *options); },
        [](const Json& result, Page& page) {
            page.line("Member " + text_member(result, "member"));
            print_sent_later(page);
        });
}

void add_invite(CommandTable& table) {
    auto options = std::make_shared<InviteOptions>();
    CLI::App* app =
        table.command("invite", "Makes an invitation: one replica may join for a person",
                      "godwit --store ~/godwit invite Asha --out asha.invitation");
    app->add_option("MEMBER", options->member, "the person: an id or a name")->required();
    app->add_option("--days", options->days, "how long it is good")->check(CLI::Range(1, 90));
    app->add_option("--out", options->out, "a new file for it, which only you can read");
    table.on(
        app, [options](Caller& caller) { return invite(caller, *options); }, print_invitation);
}

void add_revoke(CommandTable& table) {
    auto options = std::make_shared<RevokeOptions>();
    CLI::App* app = table.command("revoke", "Ends a replica's place",
                                  "godwit --store ~/godwit revoke 5d1c09aa --compromised");
    app->add_option("REPLICA", options->replica, "the replica's id, or its first digits")
        ->required();
    auto* manner = app->add_option_group("manner", "one of");
    manner->add_flag("--retired", options->is_retired,
                     "given up in order: what it still brings enters");
    manner->add_flag(
        "--compromised", options->is_compromised,
        "lost or taken: what it still brings is parked, and it is told to destroy its keys");
    manner->require_option(1);
    table.on(
        app,
        [options](Caller& caller) {
            return caller.call("revoke",
                               {{"replica", options->replica},
                                {"manner", options->is_retired ? "retired" : "compromised"}});
        },
        [](const Json&, Page& page) { print_sent_later(page); });
}

}  // namespace

void add_administration_commands(CommandTable& table) {
    auto name = std::make_shared<std::string>();
    CLI::App* app = table.command("team", "Adds a team", "godwit --store ~/godwit team North");
    app->add_option("NAME", *name, "the team's name")->required();
    table.on(
        app,
        [name](Caller& caller) {
            return caller.call("team", {{"name", *name}});
        },
        [](const Json& result, Page& page) {
            page.line("Team " + text_member(result, "team"));
            print_sent_later(page);
        });
    add_member(table);
    add_invite(table);
    add_revoke(table);
    app = table.command("grant", "Gives reader keys held here to whoever waits for them",
                        "godwit --store ~/godwit grant");
    table.on(
        app, [](Caller& caller) { return caller.call("grant"); },
        [](const Json& result, Page& page) {
            page.line("Granted " + std::to_string(member(result, "granted").size()) +
                      ", still waiting " + std::to_string(member(result, "waiting").size()) + ".");
            if (!member(result, "granted").empty()) print_sent_later(page);
        });
}

}  // namespace godwit
