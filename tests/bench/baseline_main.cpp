// Runs one baseline and prints its figures as one line of JSON, in the keys of tests/bench/run.

#include <CLI/CLI.hpp>

#include <iostream>

#include "tests/bench/baseline.h"

namespace {

using namespace godwit::bench;

constexpr int small_edit_count = 5;

Json measured(const std::string& which, const std::string& job, const CoreOptions& options,
              std::int64_t history_edits, const std::filesystem::path& folder) {
    if (job == "merge") return session_merge(make_merge(options.seed), folder);
    const bool is_core = job == "core";
    const Core core = is_core ? make_core(options) : make_history(history_edits, options.seed);
    if (which == "sqlite") return bare_core(core.steps, folder);
    std::vector<Step> small;
    if (is_core) small = make_small_edits(core, small_edit_count, options.seed);
    return session_core(core.steps, small, folder);
}

}  // namespace

int main(int argument_count, char** arguments) {
    CLI::App app("Measures a baseline: plain SQLite tables, or SQLite's session extension.");
    CoreOptions options;
    std::int64_t edits = -1;
    std::string which;
    std::string job;
    std::string folder;
    app.add_option("baseline", which, "sqlite or session")
        ->required()
        ->check(CLI::IsMember({"sqlite", "session"}));
    app.add_option("job", job, "core, merge (session only) or history")
        ->required()
        ->check(CLI::IsMember({"core", "merge", "history"}));
    app.add_option("folder", folder, "Where the databases go; it must be empty")
        ->required()
        ->check(CLI::ExistingDirectory);
    app.add_option("--n", options.records, "Records of core (5000)");
    app.add_option("--edits", edits, "Edits (core: twice the records; history: 1000)");
    app.add_option("--seed", options.seed, "Seed (1)");
    CLI11_PARSE(app, argument_count, arguments);
    if (which == "sqlite" && job == "merge") {
        std::cerr << "plain tables do not merge\n";
        return 2;
    }
    options.edits = edits < 0 ? 2 * options.records : edits;
    Json out = {{"peer", which}, {"job", job}, {"seed", options.seed}};
    if (job == "core") out["n"] = options.records;
    out.update(measured(which, job, options, edits < 0 ? 1000 : edits, folder));
    std::cout << out.dump() << "\n";
    return 0;
}
