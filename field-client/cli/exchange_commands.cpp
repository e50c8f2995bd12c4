// sync, rpc.

#include <cstdlib>
#include <iostream>

#include "field-client/cli/command.h"

namespace godwit {

namespace {

void print_sync(const Json& result, Page& page) {
    page.line("Delivered " + counted(number_member(result, "delivered"), "change") + ", received " +
              counted(number_member(result, "received"), "record") + "; " +
              counted(number_member(result, "round_trips"), "round trip") + ", " +
              counted(number_member(result, "bytes_up"), "byte") + " up, " +
              std::to_string(number_member(result, "bytes_down")) + " down.");
    const std::int64_t offset_ms = number_member(result, "clock_offset_ms");
    constexpr std::int64_t worth_saying_ms = 60'000;
    if (offset_ms > worth_saying_ms || offset_ms < -worth_saying_ms) {
        page.line("The clock here is " + std::to_string(std::abs(offset_ms / 1000)) + " seconds " +
                  (offset_ms > 0 ? "behind" : "ahead of") + " the server's.");
    }
    for (const Json& item : member(result, "parked")) {
        const ErrorFacts* reason = nullptr;
        for (std::uint16_t number = 1; number < 200 && reason == nullptr; ++number) {
            const ErrorFacts& row = facts_for_number(number);
            if (row.key == text_member(item, "reason")) reason = &row;
        }
        page.line("Parked: change " + text_member(item, "change") + " of record " +
                  short_id(text_member(item, "record")) + ": " +
                  (reason != nullptr ? std::string(reason->text) : text_member(item, "reason")));
    }
    const std::string standing = text_member(result, "standing");
    if (standing == "retired") {
        page.line("This replica was retired: what it still held went up, nothing more comes down.");
    }
    if (standing == "compromised") {
        page.line(
            "This replica was revoked as compromised: its keys are destroyed, nothing here opens "
            "any more.");
    }
}

/// One request a line, one answer a line, each sent off at once.
Result<Json> serve_lines(Caller& caller) {
    std::string line;
    while (std::getline(std::cin, line)) {
        if (line.empty()) continue;
        const std::string answer = TRY(caller.pass_on(line));
        std::cout << answer << '\n' << std::flush;
        if (!std::cout) return Error{ErrorCode::file_unreadable, "standard output was closed"};
    }
    return Json();
}

}  // namespace

void add_exchange_commands(CommandTable& table) {
    auto server = std::make_shared<std::string>();
    CLI::App* app = table.command("sync", "Exchanges what is new with the server",
                                  "godwit --store ~/godwit sync");
    app->add_option("--server", *server, "another address of the same server: https://HOST:PORT");
    table
        .on(
            app,
            [server](Caller& caller) {
                return caller.call("sync",
                                   server->empty() ? Json::object() : Json{{"server", *server}});
            },
            print_sync)
        .wants_names = false;
    app = table.command("rpc",
                        "For programs: one JSON-RPC 2.0 request a line in, one answer a line out",
                        "godwit --store ~/godwit --phrase-file phrase rpc");
    table.on(app, serve_lines, nullptr);
}

}  // namespace godwit
