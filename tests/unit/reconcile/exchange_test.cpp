#include "shared/base/sha256.h"
#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {

TEST_CASE("what one worker sends, the server and the supervisor show alike", "[reconcile]") {
    World world;
    const TeamId team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& caro = world.join("caro", {{team, Role::supervisor}});
    const RecordId record = asha.capture(team);
    asha.write(record, visit::type, team, {set_sealed(visit::narrative, "first words")});

    REQUIRE(asha.sync());
    REQUIRE(caro.sync());

    CHECK(caro.base.at(record) == asha.base.at(record));
    CHECK(world.digest_for(asha) == asha.digest());
    CHECK(world.digest_for(caro) == caro.digest());
    CHECK(caro.digest() == asha.digest());
    CHECK(world.verify().problems.empty());
}

}  // namespace godwit
