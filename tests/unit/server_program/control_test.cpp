#include "sync-server/main/control.h"

#include <sys/stat.h>

#include <fstream>

#include "tests/unit/server_program/server_place.h"

namespace godwit {
namespace {

// Answers with what it was asked, after three steps; refuses to verify.
Result<Json> echo(const Json& request, const Progress& progress) {
    if (!request.is_object()) return ErrorCode::wrong_parameters;
    if (request["task"] == "verify") return Error{ErrorCode::storage_corrupt, "two problems"};
    for (std::uint64_t step = 1; step <= 3; ++step) progress(step, 3);
    return request;
}

}  // namespace

TEST_CASE("a running server is asked, and answers with progress and result", "[server_program]") {
    const ServerPlace place;
    const auto server = ControlServer::start(place / "control.sock", echo);
    REQUIRE(server);
    struct stat facts {};
    REQUIRE(::stat((place / "control.sock").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777U) == 0600U);

    std::uint64_t total = 0;
    const Json request = {{"task", "status"}, {"word", "ሰላም"}};
    const auto answer = ask_running_server(place / "control.sock", request,
                                           [&](std::uint64_t, std::uint64_t of) { total = of; });
    REQUIRE(answer);
    REQUIRE(*answer);
    CHECK(**answer == request);
    CHECK(total == 3);
}

TEST_CASE("the server's refusal is the command's", "[server_program]") {
    const ServerPlace place;
    const auto server = ControlServer::start(place / "control.sock", echo);
    REQUIRE(server);
    const auto refused = ask_running_server(place / "control.sock", {{"task", "verify"}}, {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::storage_corrupt);
    CHECK(refused.error().detail == "two problems");
    CHECK(ask_running_server(place / "control.sock", "text", {}).error().code ==
          ErrorCode::wrong_parameters);
}

TEST_CASE("where no server runs, nobody answers", "[server_program]") {
    const ServerPlace place;
    const auto absent = ask_running_server(place / "control.sock", {{"task", "status"}}, {});
    REQUIRE(absent);
    CHECK_FALSE(*absent);

    auto server = ControlServer::start(place / "control.sock", echo);
    REQUIRE(server);
    (*server)->stop();
    CHECK_FALSE(std::filesystem::exists(place / "control.sock"));
    const auto stopped = ask_running_server(place / "control.sock", {{"task", "status"}}, {});
    REQUIRE(stopped);
    CHECK_FALSE(*stopped);
}

TEST_CASE("a socket left by a killed server stands in nobody's way", "[server_program]") {
    const ServerPlace place;
    std::ofstream(place / "control.sock") << "";
    const auto server = ControlServer::start(place / "control.sock", echo);
    REQUIRE(server);
    const auto answer = ask_running_server(place / "control.sock", {{"task", "status"}}, {});
    REQUIRE(answer);
    CHECK(*answer);
}

TEST_CASE("a folder's path may be longer than a socket's address", "[server_program]") {
    const ServerPlace place;
    const auto deep = place / std::string(150, 'd');
    REQUIRE(std::filesystem::create_directory(deep));
    const auto server = ControlServer::start(deep / "control.sock", echo);
    REQUIRE(server);
    CHECK(std::filesystem::exists(deep / "control.sock"));
    const auto answer = ask_running_server(deep / "control.sock", {{"task", "status"}}, {});
    REQUIRE(answer);
    CHECK(*answer);
}

}  // namespace godwit
