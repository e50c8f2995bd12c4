// Every truncation and every flipped bit of ten segments, offered to a server over its own signed
// requests: each is refused, and nothing of it is stored. Undamaged, each is taken.

#include <iostream>

#include "sync-server/store/engine.h"
#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

/// Counts commits that others made: a connection of its own sees them by SQLite's data version.
class Watch {
public:
    explicit Watch(World& world) : database_(world.store->engine().open_reader().value()) {}

    std::int64_t commits() {
        Query select = database_->prepare("PRAGMA data_version").value();
        REQUIRE(select.step().value());
        return select.column_integer(0);
    }

private:
    std::unique_ptr<Database> database_;
};

/// Somebody whose log holds what makes its segment unlike the others.
using Author = std::function<void(Person&, const TeamId&)>;

void blank(Person& person, std::size_t index) {
    person.entries.at(index).body.clear();
}

std::vector<Author> ten_authors() {
    const auto write = [](Person& person, const TeamId& team, std::vector<Operation> operations) {
        person.write(person.capture(team), visit::type, team, std::move(operations));
    };
    return {
        [](Person& person, const TeamId& team) { person.capture(team); },
        [](Person& person, const TeamId& team) {
            for (int count = 0; count < 3; ++count) person.capture(team);
        },
        [=](Person& person, const TeamId& team) {
            write(person, team, {set_text(visit::date, "2026-11-02")});
        },
        [=](Person& person, const TeamId& team) {
            write(person, team, {set_sealed(visit::narrative, std::string(90, 's'))});
        },
        [=](Person& person, const TeamId& team) {
            write(person, team,
                  {add_text(visit::purposes, "interview"), count_by(visit::people_reached, -3)});
        },
        [=](Person& person, const TeamId& team) { write(person, team, {erase_record()}); },
        [](Person& person, const TeamId& team) {
            person.capture(team);
            blank(person, 0);
        },
        [](Person& person, const TeamId& team) {
            for (int count = 0; count < 3; ++count) person.capture(team);
            blank(person, 1);
        },
        [](Person& person, const TeamId&) {
            person.append_body({0xff, 0x00});
        },
        [=](Person& person, const TeamId& team) {
            write(person, team, {set_sealed(visit::notes, std::string(300, 'n'))});
        },
    };
}

}  // namespace

TEST_CASE("of every truncation and flipped bit of ten segments nothing is stored", "[reconcile]") {
    World world;
    const TeamId team = world.add_team();
    std::size_t tried = 0;
    std::size_t accepted = 0;
    std::size_t stored = 0;
    for (const Author& write : ten_authors()) {
        Person& person = world.join("somebody", {{team, Role::worker}});
        REQUIRE(person.sync());
        write(person, team);
        Request request = person.request();
        REQUIRE(request.segments.size() == 1);
        const Bytes whole = request.segments.front();
        Watch watch(world);
        const std::int64_t before = watch.commits();
        const auto attempt = [&] {
            ++tried;
            if (person.exchange(request)) ++accepted;
            if (watch.commits() != before) ++stored;
        };
        for (std::size_t length = 0; length < whole.size(); ++length) {
            request.segments.front().assign(whole.begin(),
                                            whole.begin() + static_cast<std::ptrdiff_t>(length));
            attempt();
        }
        request.segments.front() = whole;
        for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
            const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
            request.segments.front()[bit / 8] ^= mask;
            attempt();
            request.segments.front()[bit / 8] ^= mask;
        }
        REQUIRE(person.sync());
        CHECK(watch.commits() != before);
        CHECK(person.delivered == person.entries.size());
    }
    std::cout << "damage: " << tried << " damaged segments offered, " << accepted << " accepted, "
              << stored << " of them left something in the store\n";
    CHECK(tried > 10'000);
    CHECK(accepted == 0);
    CHECK(stored == 0);
    CHECK(world.verify().problems.empty());
}

}  // namespace godwit
