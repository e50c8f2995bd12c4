#include "sync-server/main/program.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "sync-server/main/control.h"
#include "sync-server/main/private_file.h"
#include "sync-server/main/progress_line.h"
#include "sync-server/main/qr_picture.h"
#include "sync-server/main/result_page.h"
#include "sync-server/main/serve.h"

namespace godwit {
namespace {

namespace fs = std::filesystem;

enum ExitCode : int { done = 0, refused = 1, misused = 2, offline = 3, damaged = 4 };

struct Options {
    fs::path folder;
    bool is_json{};
    bool wants_qr{};
    InitOptions init;
    ServeOptions serve;
    fs::path file;
    bool without_keys{};
    std::string replica;
};

struct Commands {
    CLI::App* init{};
    CLI::App* serve{};
    CLI::App* status{};
    CLI::App* backup{};
    CLI::App* restore{};
    CLI::App* verify{};
    CLI::App* digest{};
};

CLI::App* add_command(CLI::App& app, const char* name, const char* what, const char* example) {
    CLI::App* command = app.add_subcommand(name, what);
    command->footer(std::string("Example:\n  ") + example);
    return command;
}

void add_serving_commands(CLI::App& app, Options& options, Commands& commands) {
    commands.init =
        add_command(app, "init", "Make a server's data folder, keys and certificate",
                    "godwit-server init --data /var/lib/godwit --host sync.example.org");
    auto* host = commands.init->add_option("--host", options.init.host,
                                           "name or address by which replicas reach it");
    host->capture_default_str();
    commands.init->add_option("--port", options.init.port, "port")->capture_default_str();
    commands.init->add_option("--certificate", options.init.certificate,
                              "certificate in PEM, its chain behind it; else one is made");
    commands.init->add_option("--key", options.init.key, "the certificate's private key in PEM");
    commands.init->add_option("--link-file", options.init.link_file,
                              "new file for the founding link, which is then not printed");
    commands.init->add_flag("--qr", options.wants_qr, "draw the QR picture without a terminal too");

    commands.serve = add_command(app, "serve", "Serve replicas until told to stop",
                                 "godwit-server serve --data /var/lib/godwit");
    ServeOptions& serve = options.serve;
    GuardBounds& guard = serve.guard;
    commands.serve->add_option("--port", serve.port, "port in place of the folder's; 0: any");
    commands.serve->add_option("--listen", serve.address, "address to listen on; else every one");
    commands.serve->add_option("--certificate", serve.certificate, "in place of the folder's");
    commands.serve->add_option("--key", serve.key, "the certificate's private key");
    commands.serve->add_option("--connections", guard.connections_max, "open at once")
        ->capture_default_str();
    commands.serve
        ->add_option("--connections-per-address", guard.connections_per_address_max,
                     "open at once from one address")
        ->capture_default_str();
    commands.serve
        ->add_option("--requests-per-address", guard.requests_per_address.per_second,
                     "a second, in the long run")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    commands.serve
        ->add_option("--requests-per-replica", guard.requests_per_replica.per_second,
                     "a second, in the long run")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    commands.serve->add_flag("--quiet", serve.is_quiet, "no diagnostics");
}

void add_keeping_commands(CLI::App& app, Options& options, Commands& commands) {
    commands.status = add_command(app, "status", "What the server holds, and whom it has heard of",
                                  "godwit-server status --data /var/lib/godwit");
    commands.backup = add_command(app, "backup", "Copy everything to a new file, while serving too",
                                  "godwit-server backup --data /var/lib/godwit /media/usb/today");
    commands.backup->add_option("FILE", options.file, "the new file")->required();
    commands.backup->add_flag("--without-keys", options.without_keys,
                              "write no FILE.keys, which restoring on a new machine needs");
    commands.restore =
        add_command(app, "restore", "Make the database of a data folder from a backup",
                    "godwit-server restore --data /var/lib/godwit /media/usb/today");
    commands.restore->add_option("FILE", options.file, "the backup")->required();
    commands.verify = add_command(app, "verify", "Check everything held against its evidence",
                                  "godwit-server verify --data /var/lib/godwit");
    commands.digest = add_command(app, "digest", "The digest of what the server holds",
                                  "godwit-server digest --data /var/lib/godwit --for 3f2a…");
    commands.digest->add_option("--for", options.replica,
                                "only what the replica with this id may see: equal to its own");
}

void add_global_options(CLI::App& app, Options& options) {
    app.fallthrough();
    app.require_subcommand(1);
    app.set_help_all_flag("--help-all", "Help for every command");
    app.set_version_flag("--version", "godwit-server " GODWIT_VERSION);
    app.add_option("--data", options.folder, "the server's data folder")->envname("GODWIT_DATA");
    app.add_flag("--json", options.is_json, "results and refusals as JSON");
    app.footer(
        "Exit codes: 0 done, 1 refused, 2 usage, 3 offline, 4 corrupt.\n"
        "Example:\n  godwit-server init --data /var/lib/godwit --host sync.example.org\n"
        "  godwit-server serve --data /var/lib/godwit");
}

// A burst is four seconds' worth, whatever a second is worth.
void set_bursts(GuardBounds& guard) {
    for (Allowance* allowance : {&guard.requests_per_address, &guard.requests_per_replica}) {
        allowance->burst = 4 * allowance->per_second;
    }
}

// The running server does it, or else this process on the folder.
Result<Json> do_task(const Tools& tools, const fs::path& folder, const Json& request,
                     const Progress& progress) {
    auto answered = TRY(ask_running_server(control_path(folder), request, progress));
    if (answered) return std::move(*answered);
    const ServerIdentity identity = TRY(load_identity(folder));
    const auto store =
        TRY(ServerStore::open(folder, false, tools.cipher, tools.random, tools.wall));
    return run_task({*store, identity, tools.cipher, {}}, request, progress);
}

Result<Json> run_command(const Commands& commands, Options& options, const Tools& tools) {
    const fs::path& folder = options.folder;
    if (folder.empty()) return Error{ErrorCode::usage, "--data names the server's data folder"};
    if (commands.init->parsed()) {
        options.init.folder = folder;
        return initialise(tools, options.init);
    }
    if (commands.serve->parsed()) {
        options.serve.folder = folder;
        options.serve.is_json = options.is_json;
        set_bursts(options.serve.guard);
        TRY(serve(tools, options.serve));
        return Json();
    }
    const std::string name = commands.backup->parsed()    ? "backup"
                             : commands.verify->parsed()  ? "verify"
                             : commands.restore->parsed() ? "restore"
                             : commands.digest->parsed()  ? "digest"
                                                          : "status";
    if (commands.restore->parsed()) return restore(tools, options.file, folder);
    ProgressLine progress(name);
    Json request = {{"task", name}};
    if (commands.backup->parsed()) {
        request["file"] = fs::absolute(options.file).lexically_normal().string();
        request["keys"] = !options.without_keys;
    }
    if (!options.replica.empty()) request["replica"] = options.replica;
    return do_task(tools, folder, request, progress.listener());
}

void print_result(const Commands& commands, const Options& options, const Json& result) {
    if (result.is_null()) return;
    if (options.is_json) {
        std::cout << result.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
        return;
    }
    const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
    const bool shows_link = commands.init->parsed() && result.contains("link");
    if (shows_link && (options.wants_qr || is_terminal)) {
        if (const auto qr = draw_qr(result["link"].get<std::string>(), is_terminal)) {
            std::cout << *qr << '\n';
        }
    }
    if (commands.init->parsed()) std::cout << page_of_init(result);
    if (commands.status->parsed()) std::cout << page_of_status(result);
    if (commands.backup->parsed()) std::cout << page_of_backup(result);
    if (commands.restore->parsed()) std::cout << page_of_restore(result);
    if (commands.verify->parsed()) std::cout << page_of_verify(result);
    if (commands.digest->parsed()) std::cout << result["digest"].get<std::string>() << '\n';
}

bool asks_for_json(int argument_count, const char* const* arguments) {
    for (int index = 1; index < argument_count; ++index) {
        if (std::string_view(arguments[index]) == "--json") return true;
    }
    return false;
}

}  // namespace

int exit_code_of(ErrorCode code) {
    if (code == ErrorCode::usage) return misused;
    if (code == ErrorCode::unreachable || code == ErrorCode::timed_out) return offline;
    return facts(code).kind == ErrorKind::corrupt ? damaged : refused;
}

void print_refusal(const Error& error, bool is_json) {
    const ErrorFacts& row = facts(error.code);
    std::string message(row.text);
    if (!error.detail.empty()) message += " (" + error.detail + ")";
    if (!is_json) {
        std::cerr << message << '\n' << row.next << '\n';
        return;
    }
    const Json refusal = {{"error",
                           {{"code", row.key},
                            {"kind", name_of(row.kind)},
                            {"message", message},
                            {"next", row.next}}}};
    std::cerr << refusal.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

int run_program(int argument_count, const char* const* arguments, const Tools& tools) {
    Options options;
    Commands commands;
    CLI::App app("Godwit's sync server", "godwit-server");
    try {
        add_global_options(app, options);
        add_serving_commands(app, options, commands);
        add_keeping_commands(app, options, commands);
        app.parse(argument_count, arguments);
    } catch (const CLI::Success& asked) {
        return app.exit(asked);  // --help, --version
    } catch (const CLI::ParseError& fault) {
        print_refusal({ErrorCode::usage, fault.what()}, asks_for_json(argument_count, arguments));
        return misused;
    }
    const Result<Json> result = run_command(commands, options, tools);
    if (!result) {
        print_refusal(result.error(), options.is_json);
        return exit_code_of(result.error().code);
    }
    print_result(commands, options, *result);
    std::cout.flush();
    return std::cout ? done : refused;
}

}  // namespace godwit
