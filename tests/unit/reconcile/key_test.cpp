#include <algorithm>

#include "shared/seal/key_batch.h"
#include "sync-server/store/engine.h"
#include "sync-server/store/key_table.h"
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
    Wrap wrap_to(const WrapAddress& address) {
        return godwit::wrap_for(world.cipher, world.random, key, statement_by(asha), address);
    }
    Wrap wrap_for(const Person& person) {
        return wrap_to({Recipient::replica, person.replica.bytes, 0, person.box.public_key});
    }
    Wrap wrap_for_supervisors(std::uint64_t epoch) {
        return wrap_to({Recipient::supervisors, team.bytes, epoch, caro.box.public_key});
    }
    Wrap recovery_wrap() {
        return wrap_to(
            {Recipient::recovery, world.organisation.bytes, 0, world.recovery.public_key});
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

/// Records of one person with keys that were signed together.
struct Batch {
    World world;
    TeamId team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& caro = world.join("caro", {{team, Role::supervisor}});
    BoxKeyPair supervisors = world.cipher.make_box_keys(world.random);
    std::vector<RecordKeyStatement> statements;
    std::vector<Wrap> wraps;

    explicit Batch(std::size_t count, std::uint32_t type = testimony::type) {
        WrapMaker maker(world.cipher, world.random);
        std::vector<RecordKey> keys(count);
        for (RecordKey& key : keys) {
            world.random.fill(key.bytes);
            statements.push_back(commit_to_record_key(world.cipher, key, asha.capture(team, type),
                                                      team, asha.replica));
        }
        sign();
        for (std::size_t index = 0; index < count; ++index) {
            wraps.push_back(
                maker.wrap(keys[index], statements[index],
                           {Recipient::supervisors, team.bytes, 1, supervisors.public_key}));
        }
    }
    void sign() {
        std::vector<RecordKeyStatement*> all;
        for (RecordKeyStatement& each : statements) all.push_back(&each);
        sign_record_keys(world.cipher, all, asha.signing.secret_key);
    }
    /// Offers the batches with `told` in them, and every wrap.
    void send(const std::vector<RecordKeyStatement>& told) {
        asha.keys = encode_batches(told);
        for (const Wrap& wrap : wraps) asha.wraps.push_back(encoded(wrap));
        REQUIRE(asha.sync());
    }
    void check_told(const Person& person, const std::vector<RecordKeyStatement>& expected) {
        CHECK(person.keys_held.size() == expected.size());
        for (const RecordKeyStatement& each : expected) {
            REQUIRE(person.keys_held.contains(each.record));
            CHECK(person.keys_held.at(each.record) == each);
            CHECK(verify(world.cipher, person.keys_held.at(each.record), asha.signing.public_key));
            REQUIRE(person.wraps_held.contains(each.record));
            CHECK(open_wrap(world.cipher, person.wraps_held.at(each.record).front(), supervisors,
                            each));
        }
    }
};

}  // namespace

TEST_CASE("keys signed together are stored and told together, each with its wrap", "[reconcile]") {
    Batch b(11);
    b.send(b.statements);
    REQUIRE(b.caro.sync());

    CHECK(b.caro.answered.keys.size() == 3);  // Trees of eight, two and one.
    b.check_told(b.caro, b.statements);
    CHECK(b.world.verify().problems.empty());
}

TEST_CASE("of keys signed together those of records that one may see are told", "[reconcile]") {
    Batch b(8);
    b.send(b.statements);
    Person& bela = b.world.join("bela", {{b.team, Role::worker}});
    REQUIRE(b.caro.sync());
    b.caro.write(b.statements[5].record, testimony::type, b.team, {set_owner(bela.member)});
    REQUIRE(b.caro.sync());
    REQUIRE(bela.sync());

    REQUIRE(bela.keys_held.size() == 1);
    CHECK(bela.keys_held.at(b.statements[5].record) == b.statements[5]);
    CHECK(bela.wraps_held[b.statements[5].record].empty());
    for (const Bytes& batch : bela.answered.keys) {
        for (const std::size_t other : {0U, 1U, 2U, 3U, 4U, 6U, 7U}) {
            CHECK(text_of(batch).find(text_of(b.statements[other].record.view())) ==
                  std::string_view::npos);
        }
    }
}

TEST_CASE("a telling that stops in the midst of a batch goes on where it was", "[reconcile]") {
    Batch b(8);
    b.send(b.statements);
    b.caro.budget_bytes = 600;
    const std::size_t before = b.caro.exchanges;
    REQUIRE(b.caro.sync());

    CHECK(b.caro.exchanges - before > 2);
    b.check_told(b.caro, b.statements);
}

TEST_CASE("a part of a batch offered is stored, and the rest whenever it comes", "[reconcile]") {
    Batch b(8);
    b.send({b.statements[0], b.statements[1], b.statements[6]});
    b.send({b.statements[1], b.statements[2], b.statements[3], b.statements[4], b.statements[5],
            b.statements[7]});
    REQUIRE(b.caro.sync());

    b.check_told(b.caro, b.statements);
}

TEST_CASE("a batch of which one leaf is not the maker's is left out whole", "[reconcile]") {
    Batch b(8);
    std::vector<RecordKeyStatement> offered = b.statements;
    SECTION("a commitment of another key") {
        offered[3].commitment[0] ^= 1U;
    }
    SECTION("another record in its place") {
        offered[3].record = b.world.random.id<RecordId>();
    }
    SECTION("two in each other's places") {
        std::swap(offered[3].record, offered[4].record);
    }
    SECTION("signed by another") {
        for (RecordKeyStatement& each : offered) each.maker = b.caro.replica;
    }
    b.send(offered);
    REQUIRE(b.caro.sync());

    CHECK(b.caro.answered.records.size() >= 8);
    CHECK(b.caro.keys_held.empty());
    CHECK(b.caro.wraps_held.empty());
}

TEST_CASE("of a batch, what contradicts the key a record has is passed over", "[reconcile]") {
    Batch b(4);
    b.send(b.statements);
    const std::vector<RecordKeyStatement> first = b.statements;
    b.statements[2].commitment[0] ^= 1U;
    b.sign();
    b.send(b.statements);
    REQUIRE(b.caro.sync());

    b.check_told(b.caro, first);
}

TEST_CASE("an erased record leaves its digest in the batch, and the others hold", "[reconcile]") {
    Batch b(4);
    b.send(b.statements);
    b.asha.write(b.statements[1].record, testimony::type, b.team, {erase_record()});
    REQUIRE(b.asha.sync());
    b.send(b.statements);  // Offered again, it stays erased.
    REQUIRE(b.caro.sync());

    b.check_told(b.caro, {b.statements[0], b.statements[2], b.statements[3]});
    CHECK(b.world.verify().problems.empty());
}

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
    REQUIRE(fresh.sync());

    REQUIRE(fresh.keys_held.contains(s.record));
    CHECK(fresh.keys_held.at(s.record).maker == s.asha.replica);
}

TEST_CASE("a key that its maker did not sign is left out", "[reconcile]") {
    Sealed s;
    s.record = s.asha.capture(s.team);
    RecordKeyStatement forged = s.statement_by(s.bela);
    forged.maker = s.asha.replica;
    s.asha.keys.push_back(encoded(forged));
    REQUIRE(s.asha.sync());

    REQUIRE(s.caro.sync());
    CHECK_FALSE(s.caro.answered.records.empty());
    CHECK(s.caro.answered.keys.empty());
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
    std::fill(spoilt.box.begin() + 1, spoilt.box.end(), std::uint8_t{0x55});
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

TEST_CASE("whoever brings a key that nobody had wraps it, and nobody else after that",
          "[reconcile]") {
    Sealed s;
    s.record = s.asha.capture(s.team);
    REQUIRE(s.asha.sync());
    Person& dora = s.world.join("dora", {{s.team, Role::worker}});
    const Wrap recovery = s.recovery_wrap();
    s.bela.keys.push_back(encoded(s.statement_by(s.asha)));
    s.send(s.bela, recovery);
    const auto held = [&] {
        const auto reading = s.world.store->engine().read();
        REQUIRE(reading);
        return (*load_record_keys(reading->database(), s.record).value()).wraps;
    };
    CHECK(held() == std::vector{recovery});

    s.send(s.bela, s.recovery_wrap());
    s.send(dora, s.wrap_for_supervisors(1));
    dora.keys.push_back(encoded(s.statement_by(s.asha)));
    s.send(dora, s.recovery_wrap());
    CHECK(held() == std::vector{recovery});
    s.send(s.caro, s.wrap_for_supervisors(1));
    CHECK(held().size() == 2);
}

}  // namespace godwit
