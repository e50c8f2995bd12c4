// A crowd of replicas, told what to do by lines of JSON on standard input; a line of JSON answers
// each:
//   {"do":"enrol","invitations":[…]}   {"do":"sync"}   {"do":"write","records":N,"edits":N}
//   {"do":"arrive","seconds":N}        {"do":"status"}

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "tests/bench/crowd.h"

namespace {

using namespace godwit;
using namespace godwit::bench;

/// A store is three files, and every one is open at once.
void open_many_files() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

Json json_of(const Outcome& outcome, const std::vector<double>& exchanges_ms) {
    Json out = {{"failed", outcome.failed},
                {"failure", outcome.first_failure},
                {"wall_s", outcome.wall_s},
                {"exchanges", exchanges_ms.size()}};
    if (exchanges_ms.empty()) return out;
    const auto at = [&](double share) {
        const auto last = static_cast<double>(exchanges_ms.size() - 1);
        return exchanges_ms[static_cast<std::size_t>(last * share)];
    };
    out.update({{"p50_ms", at(0.5)}, {"p99_ms", at(0.99)}, {"max_ms", exchanges_ms.back()}});
    return out;
}

Json answer_to(Crowd& crowd, const Json& asked) {
    const std::string what = asked.at("do");
    if (what == "status") return crowd.status();
    Outcome outcome;
    if (what == "enrol") {
        outcome = crowd.enrol(asked.at("invitations").get<std::vector<std::string>>());
    } else if (what == "sync") {
        outcome = crowd.sync();
    } else if (what == "write") {
        outcome = crowd.write(asked.at("records"), asked.at("edits"));
    } else if (what == "arrive") {
        outcome = crowd.arrive(std::chrono::seconds(asked.at("seconds").get<int>()));
    } else {
        return {{"failed", 1}, {"failure", "nothing is called " + what}};
    }
    return json_of(outcome, crowd.take_exchanges_ms());
}

}  // namespace

int main(int argument_count, char** arguments) {
    CLI::App app("Many replicas in one process, told what to do by lines of JSON.");
    std::string folder;
    std::size_t thread_count = 16;
    app.add_option("folder", folder, "Where the stores go")
        ->required()
        ->check(CLI::ExistingDirectory);
    app.add_option("--threads", thread_count, "How many replicas work at once (16)");
    CLI11_PARSE(app, argument_count, arguments);
    std::signal(SIGPIPE, SIG_IGN);
    open_many_files();
    Crowd crowd(folder, thread_count);
    for (std::string line; std::getline(std::cin, line);) {
        std::cout << answer_to(crowd, Json::parse(line)).dump() << std::endl;
    }
    return 0;
}
