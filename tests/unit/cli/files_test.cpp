#include "field-client/cli/files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/catch.h"
#include "tests/unit/sqlite/folder.h"

namespace godwit {

TEST_CASE("a private file is its owner's alone and never overwrites", "[cli]") {
    const Folder folder;
    const auto path = folder / "phrase";
    {
        auto file = PrivateFile::create(path);
        REQUIRE(file);
        REQUIRE(file->write("seven words"));
        CHECK_FALSE(std::filesystem::exists(path));  // Whole, or not under its name.
        REQUIRE(file->keep());
    }
    CHECK_FALSE(std::filesystem::exists(folder / "phrase.part"));
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
    CHECK(*read_input(path.string()) == "seven words\n");
    const auto again = PrivateFile::create(path);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == ErrorCode::already_there);
    CHECK(*read_input(path.string()) == "seven words\n");
}

TEST_CASE("a private file that was not kept is gone", "[cli]") {
    const Folder folder;
    const auto path = folder / "phrase";
    { REQUIRE(PrivateFile::create(path)); }
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK_FALSE(std::filesystem::exists(folder / "phrase.part"));
}

TEST_CASE("what a program that was ended had written can be kept, or written again", "[cli]") {
    const Folder folder;
    const auto path = folder / "recovery";
    CHECK(PrivateFile::keep_unfinished(path));  // Nothing there.
    std::ofstream(folder / "recovery.part") << "half";
    {
        auto file = PrivateFile::create(path);
        REQUIRE(file);
        REQUIRE(file->write("whole"));
        REQUIRE(file->keep());
    }
    CHECK(*read_input(path.string()) == "whole\n");

    std::ofstream(folder / "recovery.part") << "another's";
    CHECK(PrivateFile::keep_unfinished(path).error().code == ErrorCode::already_there);
    CHECK(*read_input(path.string()) == "whole\n");
    REQUIRE(std::filesystem::remove(path));
    CHECK(PrivateFile::keep_unfinished(path));
    CHECK(*read_input(path.string()) == "another's");
}

TEST_CASE("a file that is not there is named, and a descriptor that is not open", "[cli]") {
    const auto missing = read_input("/nowhere/visit.json");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == ErrorCode::file_unreadable);
    CHECK(missing.error().detail.find("/nowhere/visit.json") != std::string::npos);
    CHECK_FALSE(read_descriptor(987));
}

TEST_CASE("a descriptor is read to its end", "[cli]") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    REQUIRE(::write(ends[1], "seven words\n", 12) == 12);
    ::close(ends[1]);
    CHECK(*read_descriptor(ends[0]) == "seven words\n");
    ::close(ends[0]);
}

}  // namespace godwit
