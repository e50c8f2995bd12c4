#include "shared/base/assert.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "tests/support/catch.h"

using namespace godwit;

namespace {

struct Ending {
    int status{};
    std::string printed;
};

/// Runs GODWIT_ASSERT(condition) in a process of its own, since it may well be its end.
Ending assert_apart(bool condition) {
    int ends[2] = {};
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL);  // Catch's own answer to the signal is not wanted here.
        dup2(ends[1], STDERR_FILENO);
        GODWIT_ASSERT(condition);
        std::_Exit(0);
    }
    close(ends[1]);
    Ending ending;
    char byte = 0;
    while (read(ends[0], &byte, 1) == 1) ending.printed.push_back(byte);
    close(ends[0]);
    REQUIRE(waitpid(child, &ending.status, 0) == child);
    return ending;
}

}  // namespace

TEST_CASE("a broken assertion ends the program and prints condition and place", "[base]") {
    const Ending ending = assert_apart(false);

    REQUIRE(WIFSIGNALED(ending.status));
    CHECK(WTERMSIG(ending.status) == SIGABRT);
    CHECK(ending.printed.find("condition") != std::string::npos);
    CHECK(ending.printed.find("assert_test.cpp:") != std::string::npos);
}

TEST_CASE("an assertion that holds says and ends nothing", "[base]") {
    const Ending ending = assert_apart(true);

    REQUIRE(WIFEXITED(ending.status));
    CHECK(WEXITSTATUS(ending.status) == 0);
    CHECK(ending.printed.empty());
}
