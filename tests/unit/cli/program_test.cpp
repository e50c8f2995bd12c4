#include "field-client/cli/program.h"

#include <sys/stat.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "field-client/cli/caller.h"
#include "shared/seal/invitation.h"
#include "shared/sodium/sodium_cipher.h"
#include "shared/sodium/sodium_random.h"
#include "tests/support/catch.h"
#include "tests/unit/sqlite/folder.h"

namespace godwit {

namespace {

/// Far from every network.
class Nowhere final : public Transport {
public:
    Result<Answer> post(const std::string&, const std::optional<ServerPin>&, std::string_view,
                        ByteView) override {
        return ErrorCode::unreachable;
    }
};

struct Outcome {
    int code{};
    std::string out;
    std::string err;
    [[nodiscard]] Json json() const { return Json::parse(out); }
    [[nodiscard]] std::string refusal() const { return Json::parse(err)["error"]["code"]; }
};

class Shell {
public:
    Shell() {
        FoundingLink link;
        link.server_url = "https://127.0.0.1:8443";
        link.server_key = cipher_->make_signing_keys(*random_).public_key;
        random_->fill(link.secret);
        write("link", format_founding_link(link));
    }

    [[nodiscard]] std::string path(const char* name) const { return (folder_ / name).string(); }
    void write(const char* name, const std::string& text) const {
        std::ofstream(folder_ / name) << text;
    }
    [[nodiscard]] std::string read(const char* name) const {
        std::ifstream file(folder_ / name);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    [[nodiscard]] bool exists(const char* name) const {
        return std::filesystem::exists(folder_ / name);
    }

    Outcome run(std::vector<std::string> arguments, const std::string& input = {}) {
        arguments.insert(arguments.begin(), "godwit");
        std::vector<const char*> pointers;
        for (const std::string& argument : arguments) pointers.push_back(argument.c_str());
        std::ostringstream out;
        std::ostringstream err;
        std::istringstream in(input);
        std::streambuf* const old_out = std::cout.rdbuf(out.rdbuf());
        std::streambuf* const old_err = std::cerr.rdbuf(err.rdbuf());
        std::streambuf* const old_in = std::cin.rdbuf(in.rdbuf());
        Outcome outcome;
        outcome.code = run_program(static_cast<int>(pointers.size()), pointers.data(),
                                   Host{clock_, *random_, *cipher_, transport_, {}, "test"});
        std::cout.rdbuf(old_out);
        std::cerr.rdbuf(old_err);
        std::cin.rdbuf(old_in);
        std::cin.clear();
        outcome.out = out.str();
        outcome.err = err.str();
        return outcome;
    }

    /// A command on the founded store, with --json.
    Outcome call(std::vector<std::string> arguments, const std::string& input = {}) {
        arguments.insert(arguments.end(),
                         {"--store", path("store"), "--phrase-file", path("phrase"), "--json"});
        return run(std::move(arguments), input);
    }

    void found() {
        const Outcome made = call({"enrol", "--from", path("link"), "--organisation", "Harbour",
                                   "--member", "Asha", "--recovery-file", path("recovery")});
        INFO(made.err);
        REQUIRE(made.code == 0);
        CHECK(made.json()["reached"] == false);
    }

private:
    Folder folder_;
    SystemClock clock_;
    Result<SodiumCipher> cipher_{SodiumCipher::create()};
    Result<SodiumRandom> random_{SodiumRandom::create()};
    Nowhere transport_;
};

int mode_of(const std::string& path) {
    struct stat facts {};
    return ::stat(path.c_str(), &facts) == 0 ? static_cast<int>(facts.st_mode & 0777U) : -1;
}

}  // namespace

TEST_CASE("enrolling writes phrase and recovery key where only their owner reads them", "[cli]") {
    Shell shell;
    shell.found();
    CHECK(mode_of(shell.path("phrase")) == 0600);
    CHECK(mode_of(shell.path("recovery")) == 0600);
    CHECK(shell.read("recovery").size() == 44);
    CHECK(shell.call({"unlock-check"}).code == 0);
    const Outcome roster = shell.call({"roster"});
    REQUIRE(roster.code == 0);
    CHECK(roster.json()["organisation"] == "Harbour");
    CHECK(roster.out.find(shell.read("recovery").substr(0, 20)) == std::string::npos);
}

TEST_CASE("a file that is there is never written over by a secret", "[cli]") {
    Shell shell;
    shell.write("recovery", "something else");
    const Outcome refused =
        shell.call({"enrol", "--from", shell.path("link"), "--organisation", "Harbour", "--member",
                    "Asha", "--recovery-file", shell.path("recovery")});
    CHECK(refused.code == 1);
    CHECK(refused.refusal() == "already_there");
    CHECK(shell.read("recovery") == "something else");
    CHECK_FALSE(shell.exists("phrase"));
    CHECK_FALSE(shell.exists("store/key"));
}

TEST_CASE("a refused enrolment leaves no secrets behind", "[cli]") {
    Shell shell;
    shell.write("link", "godwit-found:no");
    const Outcome refused =
        shell.call({"enrol", "--from", shell.path("link"), "--organisation", "Harbour", "--member",
                    "Asha", "--recovery-file", shell.path("recovery")});
    CHECK(refused.code == 1);
    CHECK_FALSE(shell.exists("phrase"));
    CHECK_FALSE(shell.exists("recovery"));
}

TEST_CASE("secrets that would be shown need a terminal or a file", "[cli]") {
    Shell shell;
    const Outcome refused =
        shell.run({"enrol", "--from", shell.path("link"), "--organisation", "Harbour", "--member",
                   "Asha", "--store", shell.path("store"), "--json"});
    CHECK(refused.code == 1);
    CHECK(refused.refusal() == "terminal_needed");
    CHECK_FALSE(shell.exists("store/key"));
}

TEST_CASE("refusals say what and what next, by exit code and kind", "[cli]") {
    Shell shell;
    const Outcome missing = shell.call({"status"});
    CHECK(missing.code == 1);
    CHECK(missing.refusal() == "no_store");
    CHECK_FALSE(shell.exists("store"));

    shell.found();
    CHECK(shell.call({"sync"}).code == 3);
    CHECK(shell.call({"show", "abcd1234"}).refusal() == "unknown_record");
    CHECK(shell.call({"fly"}).code == 2);
    CHECK(shell.call({"fly"}).refusal() == "usage");
    CHECK(shell.call({"review", "abcd", "--start", "--approve"}).code == 2);
    CHECK(shell.call({"revoke", "abcd"}).code == 2);
    const Outcome plain = shell.run({"show", "abcd1234", "--store", shell.path("store"),
                                     "--phrase-file", shell.path("phrase")});
    CHECK(plain.code == 1);
    CHECK(std::count(plain.err.begin(), plain.err.end(), '\n') == 2);

    shell.write("wrong", "some other phrase");
    const Outcome wrong = shell.run(
        {"status", "--json", "--store", shell.path("store"), "--phrase-file", shell.path("wrong")});
    CHECK(wrong.code == 1);
    CHECK(wrong.refusal() == "wrong_phrase");

    CHECK(exit_code_of(ErrorCode::storage_corrupt) == 4);
    CHECK(exit_code_of(ErrorCode::timed_out) == 3);
    CHECK(exit_code_of(ErrorCode::store_in_use) == 1);
}

TEST_CASE("administration works offline, invitations in files or on standard output", "[cli]") {
    Shell shell;
    shell.found();
    REQUIRE(shell.call({"team", "North"}).code == 0);
    REQUIRE(shell.call({"member", "Bela", "--place", "North:worker"}).code == 0);
    CHECK(shell.call({"member", "Caro", "--place", "North:captain"}).code == 1);
    CHECK(shell.call({"member", "Caro", "--place", "North"}).code == 2);
    const Outcome shown = shell.call({"invite", "Bela"});
    CHECK(parse_invitation(shown.json()["invitation"].get<std::string>()));
    const Outcome filed = shell.call({"invite", "Bela", "--out", shell.path("bela")});
    REQUIRE(filed.code == 0);
    CHECK_FALSE(filed.json().contains("invitation"));
    CHECK(mode_of(shell.path("bela")) == 0600);
    CHECK(parse_invitation(shell.read("bela")));
    CHECK(shell.call({"invite", "Bela", "--out", shell.path("bela")}).code == 1);
}

TEST_CASE("a worker captures, edits and reads with the program alone", "[cli]") {
    Shell shell;
    shell.found();
    shell.call({"team", "North"});
    shell.call({"member", "Bela", "--place", "North:worker"});
    shell.call({"invite", "Bela", "--out", shell.path("bela")});
    const auto bela = [&](std::vector<std::string> arguments, const std::string& input = {}) {
        arguments.insert(arguments.end(), {"--store", shell.path("bela-store"), "--phrase-file",
                                           shell.path("bela-phrase"), "--json"});
        return shell.run(std::move(arguments), input);
    };
    REQUIRE(bela({"enrol", "--from", shell.path("bela")}).code == 0);

    shell.write("visit.json", R"({"date": "2026-11-21", "narrative": "They sleep in shifts."})");
    const Outcome made =
        bela({"capture", "visit", "--from", shell.path("visit.json"), "--field", "site_type=farm"});
    INFO(made.err);
    REQUIRE(made.code == 0);
    const std::string record = made.json()["record"];
    CHECK(bela({"count", record, "people_reached", "4"}).code == 0);
    CHECK(bela({"count", record, "people_reached", "-1"}).code == 0);
    CHECK(bela({"count", record, "people_reached"}).code == 2);
    CHECK(bela({"count", record, "women_reached", "2"}).refusal() == "sealed_in_argument");
    CHECK(bela({"add", record, "purposes", "--code", "monitoring"}).code == 0);
    CHECK(bela({"remove", record, "purposes", "--code", "monitoring"}).code == 0);
    shell.write("note", "Come back after dark.\n");
    CHECK(bela({"note", record, "notes", "--from", shell.path("note")}).code == 0);
    CHECK(bela({"edit", record, "--field", "site_type=shelter"}).code == 0);
    CHECK(bela({"edit", record}).code == 2);
    CHECK(bela({"edit", record, "--field", "narrative=x"}).refusal() == "sealed_in_argument");

    const Json shown = bela({"show", record, "--siblings"}).json();
    CHECK(shown["fields"]["people_reached"]["value"] == 3);
    CHECK(shown["fields"]["site_type"]["value"] == "shelter");
    CHECK(shown["fields"]["notes"]["value"][0]["text"] == "Come back after dark.");
    CHECK(bela({"list", "visit", "--where", "site_type=shelter"}).json()["records"].size() == 1);
    CHECK(bela({"list", "visit", "--where", "narrative=x"}).refusal() == "sealed_in_argument");
    CHECK(bela({"conflicts"}).json().empty());
    CHECK(bela({"parked"}).json().empty());
    CHECK(bela({"status"}).json()["unsent"].get<int>() >= 6);
    CHECK(bela({"verify"}).code == 0);
    CHECK(bela({"digest"}).json()["digest"].get<std::string>().size() == 64);
    CHECK(bela({"archive", record}).code == 0);
    CHECK(bela({"archive", record, "--undo"}).code == 0);
    CHECK(bela({"erase", record}).code == 0);

    shell.write("broken.json", "{\"date\": }");
    const Outcome broken = bela({"capture", "visit", "--from", shell.path("broken.json")});
    CHECK(broken.code == 1);
    CHECK(broken.refusal() == "not_json");
    CHECK(bela({"capture", "poem", "--field", "date=2026"}).refusal() == "unknown_type");

    shell.write("many.json", R"([{"date": "2026-11-20", "site_type": "farm"},
                                 {"date": "2026-11-21", "site_type": "farm"}])");
    CHECK(bela({"capture", "visit", "--from", shell.path("many.json")}).json()["records"].size() ==
          2);
}

TEST_CASE("programs speak a line at a time", "[cli]") {
    Shell shell;
    shell.found();
    const Outcome answers =
        shell.run({"rpc", "--store", shell.path("store"), "--phrase-file", shell.path("phrase")},
                  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}\n"
                  "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"fly\"}\n"
                  "nonsense\n");
    CHECK(answers.code == 0);
    std::istringstream lines(answers.out);
    std::string line;
    std::getline(lines, line);
    CHECK(Json::parse(line)["result"]["role"] == "administrator");
    std::getline(lines, line);
    CHECK(Json::parse(line)["error"]["data"]["code"] == "unknown_method");
    std::getline(lines, line);
    CHECK(Json::parse(line)["error"]["code"] == -32700);
}

TEST_CASE("every command helps, with an example", "[cli]") {
    Shell shell;
    for (const char* name :
         {"enrol",     "unlock-check", "status", "roster", "capture", "edit",    "add",    "remove",
          "count",     "note",         "list",   "show",   "find",    "archive", "erase",  "sync",
          "conflicts", "resolve",      "review", "parked", "team",    "member",  "invite", "revoke",
          "grant",     "digest",       "verify", "rpc",    "types"}) {
        CAPTURE(name);
        const Outcome help = shell.run({name, "--help"});
        CHECK(help.code == 0);
        CHECK(help.out.find("Example:") != std::string::npos);
        CHECK(help.out.find(std::string("godwit ")) != std::string::npos);
    }
    CHECK(shell.run({"--help"}).code == 0);
    CHECK(shell.run({}).code == 2);
}

TEST_CASE("people read plain lines", "[cli]") {
    Shell shell;
    shell.found();
    shell.call({"team", "North"});
    const auto plain = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(),
                         {"--store", shell.path("store"), "--phrase-file", shell.path("phrase")});
        return shell.run(std::move(arguments)).out;
    };
    CHECK(plain({"roster"}).find("Harbour") != std::string::npos);
    CHECK(plain({"status"}).find("Harbour, administrator") != std::string::npos);
    CHECK(plain({"types"}).find("testimony") != std::string::npos);
    CHECK(plain({"types", "visit"}).find("site_type") != std::string::npos);
    CHECK(plain({"verify"}).find("All is well") != std::string::npos);
    CHECK(plain({"list"}).find("No records") != std::string::npos);
    CHECK(plain({"conflicts"}).find("No conflicts") != std::string::npos);
}

}  // namespace godwit
