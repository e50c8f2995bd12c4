#include <sys/stat.h>

#include <fstream>

#include "sync-server/main/private_file.h"
#include "sync-server/main/qr_picture.h"
#include "sync-server/main/server_folder.h"
#include "tests/unit/server_program/server_place.h"

namespace godwit {
namespace {

ServerIdentity identity_of_a_server() {
    ServerIdentity identity;
    identity.host = "sync.example";
    identity.port = 8443;
    identity.signing_seed.bytes.fill(3);
    identity.founding_secret.fill(4);
    identity.tls = {"certificate\n", "key\n"};
    return identity;
}

}  // namespace

TEST_CASE("a private file is its owner's alone, and never written over", "[server_program]") {
    const ServerPlace place;
    const mode_t before = ::umask(0);
    REQUIRE(write_private_file(place / "file", "content"));
    ::umask(before);
    CHECK(check_is_private(place / "file"));
    CHECK(*read_small_file(place / "file") == "content");
    CHECK(write_private_file(place / "file", "other").error().code == ErrorCode::already_there);
    CHECK(*read_small_file(place / "file") == "content");
    CHECK(write_private_file(place / "none" / "file", "x").error().code ==
          ErrorCode::storage_failed);
    CHECK(keep_private_file(place / "file", "other").error().code == ErrorCode::already_there);
    CHECK_FALSE(*keep_private_file(place / "file", "content"));
    std::ofstream(place / "next.part") << "hal";  // By a program that was ended.
    CHECK(*keep_private_file(place / "next", "whole"));
    CHECK(*read_small_file(place / "next") == "whole");
    CHECK_FALSE(std::filesystem::exists(place / "next.part"));
    CHECK(read_small_file(place / "none").error().code == ErrorCode::file_unreadable);
}

TEST_CASE("what others can read is not private", "[server_program]") {
    const ServerPlace place;
    REQUIRE(write_private_file(place / "file", "content"));
    for (const mode_t mode : {0604U, 0640U, 0660U, 0601U}) {
        REQUIRE(::chmod((place / "file").c_str(), mode) == 0);
        CHECK(check_is_private(place / "file").error().code == ErrorCode::store_unsafe);
    }
    REQUIRE(::chmod((place / "file").c_str(), 0600) == 0);
    CHECK(check_is_private(place / "file"));
    CHECK(check_is_private(place / "none").error().code == ErrorCode::no_store);
}

TEST_CASE("an identity comes back as it was kept", "[server_program]") {
    const ServerIdentity identity = identity_of_a_server();
    const auto back = parse_identity(format_identity(identity), "server.json");
    REQUIRE(back);
    CHECK(back->host == identity.host);
    CHECK(back->port == identity.port);
    CHECK(back->signing_seed.bytes == identity.signing_seed.bytes);
    CHECK(back->founding_secret == identity.founding_secret);
    CHECK(back->tls.certificate == identity.tls.certificate);
    CHECK(back->tls.key == identity.tls.key);
}

TEST_CASE("a damaged identity is refused without repeating any of it", "[server_program]") {
    const std::string whole = format_identity(identity_of_a_server());
    for (const char* name :
         {"version", "host", "port", "signing_seed", "founding_secret", "certificate", "key"}) {
        Json file = Json::parse(whole);
        file.erase(name);
        const auto outcome = parse_identity(file.dump(), "server.json");
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == ErrorCode::storage_corrupt);
        CHECK(outcome.error().detail == "server.json is not a server's identity");
        file[name] = Json::array();
        CHECK_FALSE(parse_identity(file.dump(), "server.json"));
    }
    Json file = Json::parse(whole);
    file["signing_seed"] = "03";
    CHECK_FALSE(parse_identity(file.dump(), "server.json"));
    file = Json::parse(whole);
    file["port"] = 70'000;
    CHECK_FALSE(parse_identity(file.dump(), "server.json"));
    CHECK_FALSE(parse_identity(whole.substr(0, whole.size() / 2), "server.json"));
    CHECK_FALSE(parse_identity("", "server.json"));
}

TEST_CASE("an address stands in a link the way links are written", "[server_program]") {
    CHECK(url_of("sync.example", 443) == "https://sync.example:443");
    CHECK(url_of("192.0.2.7", 8443) == "https://192.0.2.7:8443");
    CHECK(url_of("2001:db8::1", 8443) == "https://[2001:db8::1]:8443");
}

TEST_CASE("a QR picture is square, with its quiet zone, and fits a link", "[server_program]") {
    const auto picture = draw_qr(std::string(250, 'x'), false);
    REQUIRE(picture);
    const std::string first = picture->substr(0, picture->find('\n'));
    const std::size_t columns = first.size() / 3;  // Each block takes three bytes.
    std::size_t lines = 0;
    for (const char letter : *picture) lines += letter == '\n' ? 1U : 0U;
    CHECK(lines == (columns + 1) / 2);
    std::string light;
    for (std::size_t column = 0; column < columns; ++column) light += "\u2588";
    CHECK(first == light);
    CHECK(picture->find('\x1b') == std::string::npos);
    CHECK(draw_qr("x", true)->find('\x1b') != std::string::npos);
    CHECK(draw_qr(std::string(4'000, 'x'), false).error().code == ErrorCode::too_large);
}

}  // namespace godwit
