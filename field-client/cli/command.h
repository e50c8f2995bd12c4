/// The commands, each an entry of one table: how it is written, what it calls, how people read it.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "field-client/cli/app_host/app_file.h"
#include "field-client/cli/caller.h"
#include "field-client/cli/page.h"

namespace godwit {

struct Command {
    CLI::App* app{};
    /// Does the work; yields what --json prints.
    std::function<Result<Json>(Caller&)> run;
    /// Says the same to people.
    std::function<void(const Json&, Page&)> print;
    /// Do names of people and teams help in reading it?
    bool wants_names{};
};

class CommandTable {
public:
    explicit CommandTable(CLI::App& app) : app_(app) {}

    /// A new command; `example` is one line, shown by its --help.
    CLI::App* command(const std::string& name, const std::string& what, const std::string& example);
    Command& on(CLI::App* app, std::function<Result<Json>(Caller&)> run,
                std::function<void(const Json&, Page&)> print);
    [[nodiscard]] const Command* chosen() const;

private:
    CLI::App& app_;
    std::vector<std::unique_ptr<Command>> commands_;
};

void add_store_commands(CommandTable& table);           ///< enrol … types
void add_record_commands(CommandTable& table);          ///< capture … erase
void add_reading_commands(CommandTable& table);         ///< show, list, find, conflicts, parked
void add_review_commands(CommandTable& table);          ///< resolve, review
void add_administration_commands(CommandTable& table);  ///< team … grant
void add_exchange_commands(CommandTable& table);        ///< sync, rpc
void add_open_command(CommandTable& table, AppFiles files);

/// "record 3f2a9c01, change 12": what a change left behind.
void print_change(const Json& result, Page& page);

}  // namespace godwit
