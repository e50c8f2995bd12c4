#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

struct Sealed {
    World world;
    TeamId team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& bela = world.join("bela", {{team, Role::worker}});
    Person& caro = world.join("caro", {{team, Role::supervisor}});
    RecordId record = asha.capture(team);
    RecordKey key;

    Sealed() {
        world.random.fill(key.bytes);
        asha.keys.push_back(encoded(statement_by(asha)));
        asha.wraps.push_back(encoded(wrap_for(asha)));
        asha.wraps.push_back(encoded(wrap_for_supervisors(1)));
        asha.wraps.push_back(encoded(recovery_wrap()));
        REQUIRE(asha.sync());
        REQUIRE(caro.sync());
        REQUIRE(bela.sync());
    }

    RecordKeyStatement statement_by(const Person& maker) {
        return state_record_key(world.cipher, key, record, team, maker.replica,
                                maker.signing.secret_key);
    }
    Wrap wrap_for(const Person& person) {
        return godwit::wrap_for(world.cipher, key, record, Recipient::replica, person.replica.bytes,
                                0, person.box.public_key);
    }
    Wrap wrap_for_supervisors(std::uint64_t epoch) {
        return godwit::wrap_for(world.cipher, key, record, Recipient::supervisors, team.bytes,
                                epoch, caro.box.public_key);
    }
    Wrap recovery_wrap() {
        return godwit::wrap_for(world.cipher, key, record, Recipient::recovery,
                                world.organisation.bytes, 0, world.recovery.public_key);
    }
    static Wrap withdrawn(Wrap wrap) {
        wrap.box.clear();
        return wrap;
    }
    void send(Person& person, const Wrap& wrap) {
        person.wraps.push_back(encoded(wrap));
        REQUIRE(person.sync());
    }
    /// What a fresh replica with `role` is told.
    std::vector<Wrap> wraps_told(Role role) {
        Person& fresh = world.join("dora", {{team, role}});
        REQUIRE(fresh.sync());
        return fresh.wraps_held[record];
    }
};

}  // namespace

TEST_CASE("each replica is told the wraps it may hold, and no others", "[reconcile]") {
    Sealed s;

    REQUIRE(s.caro.wraps_held[s.record].size() == 1);
    CHECK(s.caro.wraps_held[s.record].front().recipient == Recipient::supervisors);
    CHECK(s.bela.wraps_held[s.record].empty());
    for (const Wrap& wrap : s.asha.wraps_held[s.record]) {
        CHECK(wrap.recipient_id == s.asha.replica.bytes);
    }
}

TEST_CASE("the first key of a record stays", "[reconcile]") {
    Sealed s;
    s.world.random.fill(s.key.bytes);
    s.bela.keys.push_back(encoded(s.statement_by(s.bela)));
    REQUIRE(s.bela.sync());

    Person& fresh = s.world.join("dora", {{s.team, Role::supervisor}});
    const Request request = fresh.request();
    const auto first = fresh.exchange(request);
    REQUIRE(first);
    fresh.absorb(request, *first);
    REQUIRE(fresh.sync());

    REQUIRE_FALSE(fresh.answered.records.empty());
    const auto& told = fresh.answered.records.front().second;
    REQUIRE(told.key);
    cbor::Decoder in(*told.key);
    CHECK(decode_record_key_statement(in).value().maker == s.asha.replica);
}

TEST_CASE("a key that its maker did not sign is left out", "[reconcile]") {
    Sealed s;
    s.record = s.asha.capture(s.team);
    RecordKeyStatement forged = s.statement_by(s.bela);
    forged.maker = s.asha.replica;
    s.asha.keys.push_back(encoded(forged));
    REQUIRE(s.asha.sync());

    REQUIRE(s.caro.sync());
    for (const auto& [team, delta] : s.caro.answered.records) CHECK_FALSE(delta.key);
}

TEST_CASE("a new wrap is told to whom it is for, a withdrawn one no more", "[reconcile]") {
    Sealed s;
    s.send(s.caro, s.wrap_for(s.bela));
    REQUIRE(s.bela.sync());
    REQUIRE(s.bela.wraps_held[s.record].size() == 1);

    SECTION("by its own replica") {
        s.send(s.bela, Sealed::withdrawn(s.wrap_for(s.bela)));
    }
    SECTION("by a supervisor") {
        s.send(s.caro, Sealed::withdrawn(s.wrap_for(s.bela)));
    }

    Person& copy = s.world.clone(s.bela);
    copy.cursors.clear();
    copy.wraps_held.clear();
    REQUIRE(copy.sync());
    CHECK(copy.wraps_held[s.record].empty());
}

TEST_CASE("a worker neither adds wraps to another's record nor takes any away", "[reconcile]") {
    Sealed s;
    s.send(s.bela, s.wrap_for(s.bela));
    s.send(s.bela, s.wrap_for_supervisors(2));
    s.send(s.bela, Sealed::withdrawn(s.wrap_for_supervisors(1)));
    REQUIRE(s.bela.sync());
    CHECK(s.bela.wraps_held[s.record].empty());

    const auto told = s.wraps_told(Role::supervisor);
    REQUIRE(told.size() == 1);
    CHECK(told.front().epoch == 1);
}

TEST_CASE("who takes the author's phone cannot take the testimony from the others", "[reconcile]") {
    Sealed s;
    Wrap spoilt = s.wrap_for_supervisors(1);
    spoilt.box.assign(spoilt.box.size(), 0x55);
    s.send(s.asha, spoilt);
    s.send(s.asha, Sealed::withdrawn(s.wrap_for_supervisors(1)));
    s.send(s.asha, Sealed::withdrawn(s.recovery_wrap()));

    const auto told = s.wraps_told(Role::supervisor);
    REQUIRE(told.size() == 1);
    CHECK(told.front().box == s.caro.wraps_held[s.record].front().box);
}

TEST_CASE("the author hands over by withdrawing its own wrap, and may wrap for new readers",
          "[reconcile]") {
    Sealed s;
    s.send(s.asha, Sealed::withdrawn(s.wrap_for(s.asha)));
    s.send(s.asha, s.wrap_for_supervisors(2));

    CHECK(s.wraps_told(Role::supervisor).size() == 2);
    Person& copy = s.world.clone(s.asha);
    copy.cursors.clear();
    REQUIRE(copy.sync());
    CHECK(copy.wraps_held[s.record].empty());
}

TEST_CASE("wraps offered again unchanged move nothing", "[reconcile]") {
    Sealed s;
    REQUIRE(s.caro.sync());
    s.send(s.asha, s.caro.wraps_held[s.record].front());

    REQUIRE(s.caro.sync());

    CHECK(s.caro.answered.records.empty());
}

}  // namespace godwit
