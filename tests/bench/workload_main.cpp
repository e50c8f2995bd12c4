// Prints a workload as lines of JSON, and its size and SHA-256 to standard error.

#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>

#include "shared/base/sha256.h"
#include "shared/base/text.h"
#include "tests/bench/workload.h"

int main(int argument_count, char** arguments) {
    using namespace godwit::bench;
    CLI::App app("Prints the bench's work as lines of JSON: a header, then a line a step.");
    CoreOptions options;
    options.edits = -1;
    std::string which;
    app.add_option("workload", which, "core, merge or history")
        ->required()
        ->check(CLI::IsMember({"core", "merge", "history"}));
    app.add_option("--n", options.records, "Records of core (5000)");
    app.add_option("--edits", options.edits, "Edits (core: twice the records; history: 1000)");
    app.add_option("--seed", options.seed, "Seed (1)");
    CLI11_PARSE(app, argument_count, arguments);

    std::string all;
    const Line line = [&](const std::string& text) { all += text; };
    if (which == "core") {
        if (options.edits < 0) options.edits = 2 * options.records;
        print_core(options, line);
    } else if (which == "merge") {
        print_merge(options.seed, line);
    } else {
        print_history(options.edits < 0 ? 1000 : options.edits, options.seed, line);
    }
    if (std::fwrite(all.data(), 1, all.size(), stdout) != all.size()) return 1;
    if (std::fflush(stdout) != 0) return 1;
    std::fprintf(stderr, "%zu bytes sha256 %s\n", all.size(),
                 godwit::format_hex(godwit::sha256({godwit::bytes_of(all)})).c_str());
    return 0;
}
