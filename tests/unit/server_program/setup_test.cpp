#include "sync-server/main/setup.h"

#include <sys/stat.h>

#include <fstream>

#include "shared/base/text.h"
#include "shared/seal/invitation.h"
#include "sync-server/main/private_file.h"
#include "tests/unit/server_program/server_place.h"

namespace godwit {
namespace {

namespace fs = std::filesystem;

InitOptions options_for(const fs::path& folder) {
    InitOptions options;
    options.folder = folder;
    options.host = "127.0.0.1";
    return options;
}

Result<Json> task(ServerPlace& place, const fs::path& folder, const Json& request) {
    const Tools tools = place.tools();
    const ServerIdentity identity = TRY(load_identity(folder));
    const auto store =
        TRY(ServerStore::open(folder, false, tools.cipher, tools.random, tools.wall));
    return run_task({*store, identity, tools.cipher, {}}, request, {});
}

}  // namespace

TEST_CASE("init makes a server whose link names its address, pin and key", "[server_program]") {
    ServerPlace place;
    InitOptions options = options_for(place / "server");
    options.link_file = place / "link";
    const auto made = initialise(place.tools(), options);
    REQUIRE(made);
    CHECK(check_is_private(place / "server"));
    CHECK(check_is_private(place / "link"));
    CHECK_FALSE(made->contains("link"));  // In one place only.
    CHECK((*made)["link_file"] == (place / "link").string());

    const auto identity = load_identity(place / "server");
    REQUIRE(identity);
    const auto link = parse_founding_link(*read_small_file(place / "link"));
    REQUIRE(link);
    CHECK(link->server_url == "https://127.0.0.1:8443");
    CHECK(link->secret == identity->founding_secret);
    CHECK(link->server_pin == *pin_of(identity->tls));
    CHECK(link->server_key == keys_of(*identity, place.tools().cipher).signing.public_key);
    CHECK(make_server_context(identity->tls));

    const auto status = task(place, place / "server", {{"task", "status"}});
    REQUIRE(status);
    CHECK((*status)["founded"] == false);
    CHECK((*status)["serving"] == false);
}

TEST_CASE("init leaves nothing when it cannot finish, and nothing else changed",
          "[server_program]") {
    ServerPlace place;
    SECTION("the folder is not empty") {
        REQUIRE(fs::create_directory(place / "server"));
        std::ofstream(place / "server" / "mine") << "kept";
        CHECK(initialise(place.tools(), options_for(place / "server")).error().code ==
              ErrorCode::already_there);
        CHECK(fs::exists(place / "server" / "mine"));
        CHECK_FALSE(fs::exists(identity_path(place / "server")));
        CHECK_FALSE(fs::exists(database_path(place / "server")));
    }
    SECTION("the link's file exists") {
        std::ofstream(place / "link") << "kept";
        InitOptions options = options_for(place / "server");
        options.link_file = place / "link";
        CHECK_FALSE(initialise(place.tools(), options));
        CHECK_FALSE(fs::exists(place / "server"));
        CHECK(*read_small_file(place / "link") == "kept");
    }
    SECTION("a certificate without its key") {
        InitOptions options = options_for(place / "server");
        options.certificate = place / "certificate";
        CHECK_FALSE(initialise(place.tools(), options));
        CHECK_FALSE(fs::exists(place / "server"));
    }
    SECTION("a host that cannot be reached by a link") {
        for (const char* host : {"", "a b", "a/b", "a@b"}) {
            InitOptions options = options_for(place / "server");
            options.host = host;
            CHECK_FALSE(initialise(place.tools(), options));
            CHECK_FALSE(fs::exists(place / "server"));
        }
    }
    REQUIRE(initialise(place.tools(), options_for(place / "other")));
    CHECK_FALSE(initialise(place.tools(), options_for(place / "other")));
}

TEST_CASE("init takes up what an init that was ended had begun", "[server_program]") {
    ServerPlace place;
    InitOptions options = options_for(place / "server");
    options.link_file = place / "link";
    REQUIRE(initialise(place.tools(), options));
    const std::string link = *read_small_file(place / "link");
    fs::rename(identity_path(place / "server"), unfinished_path(place / "server"));
    CHECK(load_identity(place / "server").error().code == ErrorCode::no_store);

    SECTION("before anything else was made") {
        REQUIRE(fs::remove(database_path(place / "server")));
        REQUIRE(fs::remove(place / "link"));
    }
    SECTION("while it made the database") {
        std::ofstream(database_path(place / "server"), std::ios::trunc) << "half a data";
        REQUIRE(fs::remove(place / "link"));
    }
    SECTION("when the link was written down") {}
    SECTION("while it wrote something") {
        std::ofstream((place / "server" / "server.json.part").string()) << "{";
        std::ofstream((place / "link.part").string()) << "godwit-";
        REQUIRE(fs::remove(place / "link"));
    }
    REQUIRE(initialise(place.tools(), options));
    CHECK(*read_small_file(place / "link") == link);  // Whoever has it can found with it.
    CHECK(load_identity(place / "server"));
    CHECK(task(place, place / "server", {{"task", "verify"}}));
    CHECK_FALSE(fs::exists(unfinished_path(place / "server")));
    CHECK(initialise(place.tools(), options).error().code == ErrorCode::already_there);
}

TEST_CASE("init at another address after one that was ended makes another server",
          "[server_program]") {
    ServerPlace place;
    InitOptions options = options_for(place / "server");
    REQUIRE(initialise(place.tools(), options));
    const auto before = load_identity(place / "server");
    fs::rename(identity_path(place / "server"), unfinished_path(place / "server"));
    options.port = 9443;
    REQUIRE(initialise(place.tools(), options));
    const auto after = load_identity(place / "server");
    REQUIRE((before && after));
    CHECK(after->port == 9443);
    CHECK(after->signing_seed.bytes != before->signing_seed.bytes);
}

TEST_CASE("a database whose server lost its identity is touched by nobody", "[server_program]") {
    ServerPlace place;
    REQUIRE(initialise(place.tools(), options_for(place / "server")));
    REQUIRE(fs::remove(identity_path(place / "server")));
    CHECK(initialise(place.tools(), options_for(place / "server")).error().code ==
          ErrorCode::already_there);
    CHECK(fs::exists(database_path(place / "server")));
}

TEST_CASE("a server may be given its certificate", "[server_program]") {
    ServerPlace place;
    const SystemClock clock;
    const auto given = make_tls_identity("127.0.0.1", clock);
    const auto other = make_tls_identity("127.0.0.1", clock);
    REQUIRE((given && other));
    REQUIRE(write_private_file(place / "certificate", given->certificate));
    REQUIRE(write_private_file(place / "key", given->key));
    REQUIRE(write_private_file(place / "other", other->key));
    InitOptions options = options_for(place / "server");
    options.certificate = place / "certificate";
    options.key = place / "other";
    CHECK(initialise(place.tools(), options).error().code == ErrorCode::bad_key);
    CHECK_FALSE(fs::exists(place / "server"));
    options.key = place / "key";
    const auto made = initialise(place.tools(), options);
    REQUIRE(made);
    CHECK((*made)["pin"] == format_hex(**pin_of(*given)));
}

TEST_CASE("a folder that others can enter is not served from", "[server_program]") {
    ServerPlace place;
    REQUIRE(initialise(place.tools(), options_for(place / "server")));
    CHECK(load_identity(place / "server"));
    REQUIRE(::chmod((place / "server").c_str(), 0755) == 0);
    CHECK(load_identity(place / "server").error().code == ErrorCode::store_unsafe);
    REQUIRE(::chmod((place / "server").c_str(), 0700) == 0);
    REQUIRE(::chmod(identity_path(place / "server").c_str(), 0644) == 0);
    CHECK(load_identity(place / "server").error().code == ErrorCode::store_unsafe);
    CHECK(load_identity(place / "none").error().code == ErrorCode::no_store);
}

TEST_CASE("a backup and its keys make the same server on a new machine", "[server_program]") {
    ServerPlace place;
    const auto made = initialise(place.tools(), options_for(place / "server"));
    REQUIRE(made);
    const fs::path file = place / "today";
    const Json request = {{"task", "backup"}, {"file", file.string()}};
    const auto backup = task(place, place / "server", request);
    REQUIRE(backup);
    CHECK(check_is_private(file));
    CHECK(check_is_private(keys_path(file)));
    CHECK((*backup)["bytes"] == fs::file_size(file));
    CHECK_FALSE(task(place, place / "server", request));

    const auto restored = restore(place.tools(), file, place / "again");
    REQUIRE(restored);
    CHECK((*restored)["url"] == (*made)["url"]);
    const auto before = load_identity(place / "server");
    const auto after = load_identity(place / "again");
    REQUIRE((before && after));
    CHECK(after->signing_seed.bytes == before->signing_seed.bytes);
    CHECK(after->tls.key == before->tls.key);

    const auto old_status = task(place, place / "server", {{"task", "status"}});
    const auto new_status = task(place, place / "again", {{"task", "status"}});
    REQUIRE((old_status && new_status));
    CHECK((*old_status)["epoch"] != (*new_status)["epoch"]);
    CHECK((*old_status)["last_backup"].is_string());
    CHECK(*task(place, place / "server", {{"task", "digest"}}) ==
          *task(place, place / "again", {{"task", "digest"}}));
    CHECK(task(place, place / "again", {{"task", "verify"}}));
}

TEST_CASE("a backup that was ended stands in nobody's way", "[server_program]") {
    ServerPlace place;
    REQUIRE(initialise(place.tools(), options_for(place / "server")));
    const fs::path file = place / "today";
    const Json request = {{"task", "backup"}, {"file", file.string()}};
    REQUIRE(task(place, place / "server", request));
    REQUIRE(fs::remove(file));
    std::ofstream(place / "today.unverified") << "half";
    REQUIRE(task(place, place / "server", request));
    CHECK_FALSE(fs::exists(place / "today.unverified"));

    // Keys of another server are not these.
    REQUIRE(fs::remove(file));
    REQUIRE(fs::remove(keys_path(file)));
    REQUIRE(write_private_file(keys_path(file), "another's"));
    CHECK(task(place, place / "server", request).error().code == ErrorCode::already_there);
    CHECK_FALSE(fs::exists(file));
    CHECK(*read_small_file(keys_path(file)) == "another's");
}

TEST_CASE("restoring takes up where one was ended", "[server_program]") {
    ServerPlace place;
    REQUIRE(initialise(place.tools(), options_for(place / "server")));
    const fs::path file = place / "today";
    REQUIRE(task(place, place / "server", {{"task", "backup"}, {"file", file.string()}}));
    REQUIRE(fs::create_directory(place / "again"));
    SECTION("before the keys had their name") {
        std::ofstream((place / "again" / "server.json.part").string()) << "{";
    }
    SECTION("while it copied") {
        REQUIRE(
            write_private_file(identity_path(place / "again"), *read_small_file(keys_path(file))));
        REQUIRE(::chmod((place / "again").c_str(), 0700) == 0);
        std::ofstream((place / "again" / "godwit.db.restoring").string()) << "half";
    }
    REQUIRE(restore(place.tools(), file, place / "again"));
    CHECK(task(place, place / "again", {{"task", "verify"}}));
    CHECK_FALSE(fs::exists(place / "again" / "godwit.db.restoring"));
}

TEST_CASE("restoring refuses what it cannot make whole, and leaves nothing", "[server_program]") {
    ServerPlace place;
    REQUIRE(initialise(place.tools(), options_for(place / "server")));
    const fs::path file = place / "today";
    REQUIRE(task(place, place / "server", {{"task", "backup"}, {"file", file.string()}}));

    SECTION("over a database") {
        CHECK(restore(place.tools(), file, place / "server").error().code ==
              ErrorCode::already_there);
        CHECK(task(place, place / "server", {{"task", "status"}}));
    }
    SECTION("without the backup") {
        CHECK(restore(place.tools(), place / "none", place / "again").error().code ==
              ErrorCode::file_unreadable);
    }
    SECTION("without the keys") {
        REQUIRE(fs::remove(keys_path(file)));
        CHECK(restore(place.tools(), file, place / "again").error().code ==
              ErrorCode::file_unreadable);
    }
    SECTION("from a damaged backup") {
        std::ofstream(file, std::ios::trunc) << std::string(10'000, 'x');
        CHECK(restore(place.tools(), file, place / "again").error().code ==
              ErrorCode::storage_corrupt);
    }
    CHECK_FALSE(fs::exists(place / "again"));
}

TEST_CASE("tasks are refused when they make no sense", "[server_program]") {
    ServerPlace place;
    REQUIRE(initialise(place.tools(), options_for(place / "server")));
    const auto code_of = [&](const Json& request) {
        const auto outcome = task(place, place / "server", request);
        REQUIRE_FALSE(outcome);
        return outcome.error().code;
    };
    CHECK(code_of(Json()) == ErrorCode::wrong_parameters);
    CHECK(code_of({{"task", 7}}) == ErrorCode::wrong_parameters);
    CHECK(code_of({{"task", "dance"}}) == ErrorCode::unknown_method);
    CHECK(code_of({{"task", "backup"}}) == ErrorCode::wrong_parameters);
    CHECK(code_of({{"task", "backup"}, {"file", "relative"}}) == ErrorCode::wrong_parameters);
    CHECK(code_of({{"task", "digest"}, {"replica", "3f2a"}}) == ErrorCode::wrong_parameters);
    CHECK(task(place, place / "server", {{"task", "digest"}}));
}

TEST_CASE("times are told in UTC", "[server_program]") {
    CHECK(format_time(0) == "1970-01-01T00:00:00Z");
    CHECK(format_time(1'763'000'000'999) == "2025-11-13T02:13:20Z");
}

}  // namespace godwit
