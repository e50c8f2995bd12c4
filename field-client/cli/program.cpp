#include "field-client/cli/program.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "field-client/cli/command.h"

namespace godwit {

namespace {

enum ExitCode : int { done = 0, refused = 1, misused = 2, offline = 3, damaged = 4 };

void add_global_options(CLI::App& app, GlobalOptions& options) {
    app.fallthrough();
    app.require_subcommand(1);
    app.set_help_all_flag("--help-all", "Help for every command");
    app.add_option("--store", options.store, "folder of this replica's store")
        ->envname("GODWIT_STORE");
    auto* file = app.add_option("--phrase-file", options.phrase_file,
                                "file with the phrase; at enrolment a new file for it");
    app.add_option("--phrase-fd", options.phrase_descriptor,
                   "open descriptor that gives the phrase")
        ->excludes(file)
        ->check(CLI::NonNegativeNumber);
    app.add_flag("--json", options.is_json, "results and refusals as JSON");
    app.footer(
        "A record may be named by the first digits of its id. The phrase is asked for at a "
        "terminal,\n"
        "or read from --phrase-file or --phrase-fd; it is never an argument.\n"
        "Exit codes: 0 done, 1 refused, 2 usage, 3 offline, 4 corrupt.\n"
        "Example:\n  godwit --store ~/godwit enrol --from invitation.txt");
}

bool asks_for_json(int argument_count, const char* const* arguments) {
    for (int index = 1; index < argument_count; ++index) {
        if (std::string_view(arguments[index]) == "--json") return true;
    }
    return false;
}

void print_result(const Command& command, Caller& caller, const Json& result) {
    if (result.is_null()) return;
    if (caller.options().is_json) {
        std::cout << format_json(result) << '\n';
        return;
    }
    Page page(is_terminal(STDOUT_FILENO));
    if (command.wants_names) {
        // Names make it easier to read; without them ids stand there.
        if (const Result<Json> roster = caller.call_locked("roster"))
            page.learn_names(roster.value());
    }
    command.print(result, page);
    std::cout << page.text();
}

int run(const Command& command, const GlobalOptions& options, const Host& host) {
    Host own{host.wall, host.random, host.cipher, host.transport, {}, host.app_version, host.files};
    ProgressLine progress;
    own.progress = [&](std::string_view step, std::uint64_t count, std::uint64_t total) {
        progress.show(step, count, total);
    };
    Caller caller(options, own);
    const Result<Json> result = command.run(caller);
    progress.clear();
    if (!result) {
        print_refusal(result.error(), options.is_json);
        return exit_code_of(result.error().code);
    }
    print_result(command, caller, *result);
    std::cout.flush();
    return std::cout ? done : refused;
}

}  // namespace

CLI::App* CommandTable::command(const std::string& name, const std::string& what,
                                const std::string& example) {
    CLI::App* app = app_.add_subcommand(name, what);
    app->footer("Example:\n  " + example);
    return app;
}

Command& CommandTable::on(CLI::App* app, std::function<Result<Json>(Caller&)> run,
                          std::function<void(const Json&, Page&)> print) {
    commands_.push_back(
        std::make_unique<Command>(Command{app, std::move(run), std::move(print), false}));
    return *commands_.back();
}

const Command* CommandTable::chosen() const {
    for (const auto& command : commands_) {
        if (command->app->parsed()) return command.get();
    }
    return nullptr;
}

int exit_code_of(ErrorCode code) {
    // Two programs on one store, or a full disk, are no matter of connection: they are up to the
    // person here.
    if (code == ErrorCode::store_in_use || code == ErrorCode::storage_failed) return refused;
    if (code == ErrorCode::usage) return misused;
    switch (facts(code).kind) {
        case ErrorKind::refused:
        case ErrorKind::stale:
            return refused;
        case ErrorKind::busy:
        case ErrorKind::unreachable:
            return offline;
        case ErrorKind::corrupt:
            return damaged;
    }
    return refused;
}

void print_refusal(const Error& error, bool is_json) {
    const ErrorFacts& row = facts(error.code);
    std::string message(row.text);
    if (!error.detail.empty()) message += " (" + error.detail + ")";
    if (is_json) {
        const Json refusal = {{"error",
                               {{"code", row.key},
                                {"kind", name_of(row.kind)},
                                {"message", message},
                                {"next", row.next}}}};
        std::cerr << format_json(refusal) << '\n';
        return;
    }
    std::cerr << shown_text(message, false) << '\n' << row.next << '\n';
}

int run_program(int argument_count, const char* const* arguments, const Host& host,
                AppFiles app_files) {
    std::setlocale(LC_CTYPE, "C.UTF-8");  // Widths of characters; everything here is UTF-8.
    GlobalOptions options;
    CLI::App app("Godwit: testimonies recorded offline, delivered when a connection appears",
                 "godwit");
    CommandTable table(app);
    try {
        add_global_options(app, options);
        add_store_commands(table);
        add_record_commands(table);
        add_reading_commands(table);
        add_review_commands(table);
        add_administration_commands(table);
        add_exchange_commands(table);
        add_open_command(table, app_files);
        app.parse(argument_count, arguments);
    } catch (const CLI::Success& asked) {
        return app.exit(asked);  // --help
    } catch (const CLI::ParseError& fault) {
        print_refusal(Error{ErrorCode::usage, fault.what()},
                      asks_for_json(argument_count, arguments));
        return misused;
    }
    const Command* command = table.chosen();
    GODWIT_ASSERT(command != nullptr);
    return run(*command, options, host);
}

}  // namespace godwit
