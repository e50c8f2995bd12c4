#include "tests/disk/image.h"

#include <set>

#include "tests/support/catch.h"

namespace godwit {
namespace {

std::string text_in(const DiskImage& disk, const std::string& path) {
    const auto file = disk.find(path);
    if (!file) return "no file";
    Bytes out(disk.size(*file));
    REQUIRE(disk.read(*file, 0, out) == out.size());
    return std::string(text_of(out));
}

void write(DiskImage& disk, const std::string& path, std::uint64_t offset, std::string_view text) {
    const auto file = disk.find(path);
    REQUIRE(file);
    disk.write(*file, offset, bytes_of(text));
}

/// A disk with one file of `text`, all of it durable.
DiskImage disk_with(const std::string& text, DiskOptions options = {}) {
    DiskImage disk(options);
    const auto file = disk.make("/file", false);
    REQUIRE(file);
    disk.write(*file, 0, bytes_of(text));
    disk.sync(*file);
    disk.sync_names("/");
    return disk;
}

TEST_CASE("what was synced outlives every power cut", "[disk]") {
    DiskImage disk = disk_with("kept");
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        DiskChance chance(seed);
        CHECK(text_in(disk.after_power_cut(Survival::chance, chance), "/file") == "kept");
    }
}

TEST_CASE("a power cut may lose what was written and not synced", "[disk]") {
    DiskImage disk = disk_with("before");
    write(disk, "/file", 0, "behind");
    CHECK(disk.unsynced_count() == 1);
    DiskChance chance(1);

    CHECK(text_in(disk, "/file") == "behind");
    CHECK(text_in(disk.after_power_cut(Survival::none, chance), "/file") == "before");
    CHECK(text_in(disk.after_power_cut(Survival::all, chance), "/file") == "behind");
}

TEST_CASE("a power cut tears, zeroes, keeps and loses sectors each on its own", "[disk]") {
    DiskImage disk = disk_with(std::string(4 * 512, 'a'), {512, true, ~0ULL});
    write(disk, "/file", 0, std::string(4 * 512, 'b'));
    std::set<std::string> kinds;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        DiskChance chance(seed);
        const std::string after = text_in(disk.after_power_cut(Survival::some, chance), "/file");
        REQUIRE(after.size() == 4 * 512);
        for (std::size_t sector = 0; sector < 4; ++sector) {
            const std::string part = after.substr(sector * 512, 512);
            const bool is_whole = part.find_first_not_of(part[0]) == std::string::npos;
            kinds.insert(is_whole ? std::string(1, part[0]) : "torn");
        }
    }
    CHECK(kinds == std::set<std::string>{"a", "b", std::string(1, '\0'), "torn"});
}

TEST_CASE("on a disk that is not powersafe a sector suffers whole", "[disk]") {
    const bool is_powersafe = GENERATE(true, false);
    DiskImage disk = disk_with(std::string(512, 'a'), {512, is_powersafe, ~0ULL});
    write(disk, "/file", 100, "b");
    bool has_suffered = false;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        DiskChance chance(seed);
        const std::string after = text_in(disk.after_power_cut(Survival::some, chance), "/file");
        has_suffered = has_suffered || after[0] != 'a';
    }
    CHECK(has_suffered == !is_powersafe);
}

TEST_CASE("a later write may survive an earlier one", "[disk]") {
    DiskImage disk = disk_with("....");
    write(disk, "/file", 0, "a");
    write(disk, "/file", 2, "b");
    DiskChance chance(3);
    CHECK(text_in(disk.after_power_cut(Survival::only_last, chance), "/file") == "..b.");
}

TEST_CASE("sizes survive like writes", "[disk]") {
    DiskImage disk = disk_with("long enough");
    disk.resize(*disk.find("/file"), 4);
    DiskChance chance(3);
    CHECK(text_in(disk, "/file") == "long");
    CHECK(text_in(disk.after_power_cut(Survival::none, chance), "/file") == "long enough");
    disk.sync(*disk.find("/file"));
    disk.resize(*disk.find("/file"), 6);
    CHECK(text_in(disk, "/file") == std::string("long\0\0", 6));
    CHECK(text_in(disk.after_power_cut(Survival::none, chance), "/file") == "long");
}

TEST_CASE("a name is durable once its folder was synced, its content once the file was", "[disk]") {
    DiskImage disk;
    const auto file = disk.make("/new", false);
    REQUIRE(file);
    write(disk, "/new", 0, "words");
    disk.sync(*file);
    DiskChance chance(1);
    CHECK(text_in(disk.after_power_cut(Survival::none, chance), "/new") == "no file");
    disk.sync_names("/");
    CHECK(text_in(disk.after_power_cut(Survival::none, chance), "/new") == "words");

    SECTION("removing") {
        REQUIRE(disk.remove("/new"));
        CHECK(text_in(disk, "/new") == "no file");
        CHECK(text_in(disk.after_power_cut(Survival::none, chance), "/new") == "words");
        CHECK(text_in(disk.after_power_cut(Survival::all, chance), "/new") == "no file");
    }
    SECTION("renaming over another") {
        const auto other = disk.make("/other", false);
        write(disk, "/other", 0, "other words");
        disk.sync(*other);
        disk.sync_names("/");
        REQUIRE(disk.rename("/other", "/new"));
        CHECK(text_in(disk, "/new") == "other words");
        const DiskImage lost = disk.after_power_cut(Survival::none, chance);
        CHECK(text_in(lost, "/new") == "words");
        CHECK(text_in(lost, "/other") == "other words");
        const DiskImage kept = disk.after_power_cut(Survival::all, chance);
        CHECK(text_in(kept, "/new") == "other words");
        CHECK(text_in(kept, "/other") == "no file");
    }
}

TEST_CASE("with a folder goes what lies in it", "[disk]") {
    DiskImage disk;
    REQUIRE(disk.make("/folder", true));
    const auto file = disk.make("/folder/file", false);
    REQUIRE(file);
    disk.sync(*file);
    disk.sync_names("/folder");
    DiskChance chance(1);
    CHECK(disk.after_power_cut(Survival::none, chance).files().empty());
    disk.sync_names("/");
    CHECK(disk.after_power_cut(Survival::none, chance).files().size() == 1);
    CHECK_FALSE(disk.make("/nowhere/file", false));
}

TEST_CASE("after a sync that failed, what was written is seen until the power goes", "[disk]") {
    DiskImage disk = disk_with("before");
    bool is_lost_once = false;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        DiskImage copy = disk;
        write(copy, "/file", 0, "behind");
        DiskChance chance(seed);
        copy.fail_sync(*copy.find("/file"), chance);
        copy.sync(*copy.find("/file"));  // Succeeds, and has nothing left to do.
        CHECK(text_in(copy, "/file") == "behind");
        const std::string after = text_in(copy.after_power_cut(Survival::all, chance), "/file");
        is_lost_once = is_lost_once || after == "before";
    }
    CHECK(is_lost_once);
}

TEST_CASE("a copy of a disk and the disk go their own ways", "[disk]") {
    DiskImage disk = disk_with(std::string(20'000, 'a'));
    DiskImage copy = disk;
    write(copy, "/file", 5'000, "copy");
    write(disk, "/file", 5'000, "disk");
    REQUIRE(copy.remove("/file"));
    CHECK(text_in(disk, "/file").substr(4'999, 6) == "adiska");
    CHECK(text_in(copy, "/file") == "no file");
}

TEST_CASE("bits rot at rest, seen and durable alike", "[disk]") {
    DiskImage disk = disk_with("sound");
    DiskChance chance(9);
    REQUIRE(disk.rot("/file", chance));
    const std::string rotten = text_in(disk, "/file");
    CHECK(rotten != "sound");
    CHECK(text_in(disk.after_power_cut(Survival::none, chance), "/file") == rotten);
}

TEST_CASE("what a file has been through reads as what was written", "[disk]") {
    // Against a plain string, at sizes around the edges of pages and sectors.
    const auto seed = GENERATE(range(0, 40));
    DiskChance chance(static_cast<std::uint64_t>(seed));
    DiskImage disk = disk_with("");
    const auto file = *disk.find("/file");
    std::string model;
    std::string durable;
    for (int step = 0; step < 60; ++step) {
        const std::uint64_t offset = chance.below(3) * 4096 + chance.below(5);
        if (chance.happens(25)) {
            disk.resize(file, offset);
            model.resize(offset, '\0');
        } else if (chance.happens(20)) {
            disk.sync(file);
            durable = model;
        } else {
            const std::string text(1 + chance.below(5'000), static_cast<char>('a' + step % 26));
            disk.write(file, offset, bytes_of(text));
            if (model.size() < offset + text.size()) model.resize(offset + text.size(), '\0');
            model.replace(offset, text.size(), text);
        }
        REQUIRE(text_in(disk, "/file") == model);
        REQUIRE(text_in(disk.after_power_cut(Survival::none, chance), "/file") == durable);
        REQUIRE(text_in(disk.after_power_cut(Survival::all, chance), "/file") == model);
    }
}

}  // namespace
}  // namespace godwit
