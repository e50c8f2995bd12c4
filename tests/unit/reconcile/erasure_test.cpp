#include <algorithm>
#include <fstream>

#include "shared/base/text.h"
#include "shared/seal/segment_signature.h"
#include "sync-server/store/change_log_table.h"
#include "sync-server/store/engine.h"
#include "sync-server/store/key_table.h"
#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

/// Bytes that no compression shortens, so that they stand in the file as they are.
std::string noise(World& world, std::size_t size) {
    std::string out(size, '\0');
    world.random.fill({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    return out;
}

/// True when any file of the server holds `sought`.
bool holds(const World& world, std::string_view sought) {
    for (const auto& entry : std::filesystem::directory_iterator(world.folder.path())) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string all((std::istreambuf_iterator<char>(file)), {});
        if (all.find(sought) != std::string::npos) return true;
    }
    return false;
}

struct Consented {
    World world;
    TeamId team = world.add_team();
    Person& asha = world.join("asha", {{team, Role::worker}});
    Person& bela = world.join("bela", {{team, Role::worker}});
    Person& caro = world.join("caro", {{team, Role::supervisor}});
    RecordId record = asha.capture(team);
    RecordId other = asha.capture(team);
    std::string words = noise(world, 4'000);

    Consented() {
        asha.write(record, visit::type, team, {set_sealed(visit::narrative, words)});
        asha.write(other, visit::type, team, {set_sealed(visit::narrative, "others' words")});
        RecordKey key;
        world.random.fill(key.bytes);
        asha.keys.push_back(encoded(state_record_key(world.cipher, key, record, team, asha.replica,
                                                     asha.signing.secret_key)));
        sync_all();
    }
    void sync_all() {
        for (Person* each : {&asha, &bela, &caro}) REQUIRE(each->sync());
    }
    void check_agreement() {
        for (Person* each : {&asha, &bela, &caro}) {
            CAPTURE(each->name);
            CHECK(world.digest_for(*each) == each->digest());
        }
        const auto report = world.verify();
        CAPTURE(report.problems);
        CHECK(report.problems.empty());
    }
    [[nodiscard]] std::string_view piece() const {
        return std::string_view(words).substr(1'000, 64);
    }
};

}  // namespace

TEST_CASE("an erasure destroys the words in every file and leaves the marker", "[reconcile]") {
    Consented c;
    REQUIRE(holds(c.world, c.piece()));

    c.asha.write(c.record, visit::type, c.team, {erase_record()});
    REQUIRE(c.asha.sync());

    CHECK_FALSE(holds(c.world, c.piece()));
    c.sync_all();
    c.sync_all();
    CHECK(c.caro.base.at(c.record).is_erased);
    CHECK_FALSE(c.caro.base.at(c.other).is_erased);
    const Engine::Reading reading = c.world.store->engine().read().value();
    CHECK_FALSE(load_record_keys(reading.database(), c.record).value());
    c.check_agreement();
}

TEST_CASE("an erasure by a supervisor reaches the worker whose words they were", "[reconcile]") {
    Consented c;
    c.caro.write(c.record, visit::type, c.team, {erase_record()});
    c.sync_all();
    c.sync_all();

    CHECK(c.asha.base.at(c.record).is_erased);
    CHECK_FALSE(holds(c.world, c.piece()));
    c.check_agreement();
}

TEST_CASE("a worker does not erase what is another's", "[reconcile]") {
    Consented c;
    c.bela.write(c.record, visit::type, c.team, {erase_record()});
    c.sync_all();

    CHECK(c.bela.parked_items.begin()->second.reason == ErrorCode::not_permitted);
    CHECK_FALSE(c.caro.base.at(c.record).is_erased);
    CHECK(holds(c.world, c.piece()));
    c.check_agreement();
}

TEST_CASE("what others wrote offline about an erased record is dropped, header and hash stay",
          "[reconcile]") {
    Consented c;
    const std::string late = noise(c.world, 2'000);
    const std::string_view piece = std::string_view(late).substr(500, 64);
    c.bela.write(c.record, visit::type, c.team, {set_sealed(visit::narrative, late)});
    c.bela.write(c.other, visit::type, c.team, {count_by(visit::people_reached, 3)});
    c.asha.write(c.record, visit::type, c.team, {erase_record()});
    REQUIRE(c.asha.sync());

    c.sync_all();
    c.sync_all();

    CHECK_FALSE(holds(c.world, piece));
    const ParkedItem& item = c.bela.parked_items.begin()->second;
    CHECK(item.reason == ErrorCode::record_erased);
    CHECK(item.body.empty());
    CHECK(item.record == c.record);
    CHECK(c.bela.delivered == 2);
    CHECK(c.caro.base.at(c.other).fields.contains(visit::people_reached));
    c.check_agreement();
}

TEST_CASE("what was parked of an erased record loses its body, and who saw it is told",
          "[reconcile]") {
    Consented c;
    const std::string refused = noise(c.world, 2'000);
    Operation open_words = set_sealed(visit::date, refused);
    c.bela.write(c.record, visit::type, c.team, {open_words});
    c.sync_all();
    REQUIRE(c.caro.parked_items.size() == 1);
    REQUIRE_FALSE(c.caro.parked_items.begin()->second.body.empty());

    c.asha.write(c.record, visit::type, c.team, {erase_record()});
    c.sync_all();
    c.sync_all();

    CHECK(c.caro.parked_items.size() == 1);
    CHECK(c.caro.parked_items.begin()->second.body.empty());
    CHECK_FALSE(holds(c.world, std::string_view(refused).substr(500, 64)));
    c.check_agreement();
}

TEST_CASE("replicas that have not confirmed an erasure are listed until they do", "[reconcile]") {
    Consented c;
    c.asha.write(c.record, visit::type, c.team, {erase_record()});
    REQUIRE(c.asha.sync());
    const Request request = c.caro.request();
    const auto answer = c.caro.exchange(request);
    REQUIRE(answer);
    REQUIRE(answer->records.size() == 1);
    auto unconfirmed = answer->records.front().second.unconfirmed;
    CHECK(unconfirmed.size() == 3);
    c.caro.absorb(request, *answer);

    c.asha.erased.insert(c.record);
    REQUIRE(c.asha.sync());
    REQUIRE(c.caro.sync());
    REQUIRE(c.caro.sync());
    CHECK(c.caro.unconfirmed.at(c.record) == std::vector{c.bela.replica});

    REQUIRE(c.bela.sync());
    REQUIRE(c.caro.sync());
    CHECK(c.caro.unconfirmed.at(c.record).empty());
    c.check_agreement();
}

TEST_CASE("an erasure confirmed for a record that lives counts for nothing", "[reconcile]") {
    Consented c;
    Request request = c.bela.request();
    request.erased = {c.record, c.world.random.record_id()};
    REQUIRE(c.bela.exchange(request));

    c.asha.write(c.record, visit::type, c.team, {erase_record()});
    REQUIRE(c.asha.sync());
    const auto answer = c.caro.exchange(c.caro.request());

    REQUIRE(answer);
    CHECK(answer->records.front().second.unconfirmed.size() == 3);
}

TEST_CASE("a record made and erased before the first contact never lives", "[reconcile]") {
    Consented c;
    const RecordId brief = c.asha.capture(c.team);
    c.asha.entries.back().body.clear();
    c.asha.write(brief, visit::type, c.team, {erase_record()});

    const auto answer = c.asha.exchange(c.asha.request());

    REQUIRE(answer);
    REQUIRE(answer->parked.size() == 1);
    CHECK(answer->parked.front().reason == ErrorCode::record_erased);
    REQUIRE(c.caro.sync());
    CHECK(c.caro.base.at(brief).is_erased);
    // Its id never lives again.
    c.caro.base.erase(brief);
    c.caro.write(brief, visit::type, c.team, {set_owner(c.caro.member)});
    REQUIRE(c.caro.sync());
    CHECK(c.caro.parked_items.rbegin()->second.reason == ErrorCode::record_erased);
    CHECK(c.world.verify().problems.empty());
}

TEST_CASE("two who erase at once agree", "[reconcile]") {
    Consented c;
    c.asha.write(c.record, visit::type, c.team, {erase_record()});
    c.caro.write(c.record, visit::type, c.team, {erase_record()});
    c.sync_all();
    c.sync_all();

    CHECK(c.asha.parked_items.empty());
    CHECK(c.caro.parked_items.empty());
    c.check_agreement();
}

TEST_CASE("the change that erased keeps its body, and so the evidence of who did it",
          "[reconcile]") {
    Consented c;
    const Dot dot = c.asha.write(c.record, visit::type, c.team, {erase_record()});
    REQUIRE(c.asha.sync());

    const Engine::Reading reading = c.world.store->engine().read().value();
    bool is_kept = false;
    std::size_t blank = 0;
    REQUIRE(
        each_segment(reading.database(), c.asha.log, 0, [&](const SegmentRow& row) -> Result<bool> {
            Sequence sequence = row.segment.first;
            for (const Entry& entry : row.segment.entries) {
                if (entry.is_erased()) ++blank;
                if (sequence++ == dot.sequence) is_kept = !entry.is_erased();
            }
            return true;
        }));
    CHECK(is_kept);
    CHECK(blank == 2);
}

// --- Erasures that a restored server forgot, shown by others -----------------------------------

namespace {

/// An erasure this server has not heard, as others hold it.
Bytes proof_of_last(const Person& author) {
    const Segment whole = author.segment(1, author.entries.size());
    Segment shown = whole;
    for (std::size_t index = 0; index + 1 < shown.entries.size(); ++index) {
        shown.entries[index].body.clear();
    }
    return encode_segment(shown);
}

struct Forgotten : Consented {
    Bytes erased_by(Person& author) {
        author.write(record, visit::type, team, {erase_record()});
        return proof_of_last(author);
    }
    Answer shown_by(Person& person, const Bytes& proof) {
        Request request = person.request(person.delivered);
        request.segments.clear();
        request.erased = {record};
        request.proofs = {proof};
        auto answer = person.exchange(request);
        REQUIRE(answer);
        return *std::move(answer);
    }
    bool is_erased() {
        const Engine::Reading reading = world.store->engine().read().value();
        return load_record(reading.database(), record).value()->row.is_erased;
    }
};

}  // namespace

TEST_CASE("an erasure counts whoever shows it, and everybody is told", "[reconcile]") {
    Forgotten f;
    const Bytes proof = f.erased_by(f.asha);
    CHECK(f.shown_by(f.bela, proof).unproven.empty());

    CHECK(f.is_erased());
    CHECK_FALSE(holds(f.world, f.piece()));
    REQUIRE(f.caro.sync());
    CHECK(f.caro.base.at(f.record).is_erased);
    CHECK(f.caro.answered.unproven.empty());
    CHECK(f.world.verify().problems.empty());

    // Its author says it again, with what was said before.
    f.sync_all();
    f.sync_all();
    CHECK(f.asha.parked_items.empty());
    f.check_agreement();
}

TEST_CASE("who shows an erasure is told it is believed, and the next is shown the same proof",
          "[reconcile]") {
    Forgotten f;
    const Bytes proof = f.erased_by(f.asha);
    f.shown_by(f.bela, proof);
    const auto answer = f.caro.exchange(f.caro.request());
    REQUIRE(answer);
    REQUIRE(answer->records.size() == 1);
    CHECK(answer->records.front().second.erasure == proof);
}

TEST_CASE("a retired replica may be the last that knows of an erasure", "[reconcile]") {
    Forgotten f;
    const Bytes proof = f.erased_by(f.asha);
    f.world.revoke(f.bela, Manner::retired);
    Request asking = f.bela.request(f.bela.delivered);
    asking.erased = {f.record};
    const auto asked = f.bela.exchange(asking);
    REQUIRE(asked);
    CHECK(asked->unproven == asking.erased);
    CHECK_FALSE(f.is_erased());

    CHECK(f.shown_by(f.bela, proof).unproven.empty());
    CHECK(f.is_erased());
    CHECK(f.world.verify().problems.empty());
}

TEST_CASE("an erasure nobody showed is asked for, and so is one of a record unknown here",
          "[reconcile]") {
    Forgotten f;
    Request request = f.bela.request();
    request.erased = {f.record, f.world.random.record_id()};
    const auto answer = f.bela.exchange(request);
    REQUIRE(answer);
    CHECK(answer->unproven == request.erased);
    CHECK_FALSE(f.is_erased());
}

TEST_CASE("who might not erase is not believed, unless somebody shows it who might",
          "[reconcile]") {
    Forgotten f;
    SECTION("another's record") {
        const Bytes proof = f.erased_by(f.bela);
        CHECK(f.shown_by(f.bela, proof).unproven == std::vector{f.record});
        CHECK_FALSE(f.is_erased());
        f.shown_by(f.caro, proof);
    }
    SECTION("a compromised replica") {
        const Bytes proof = f.erased_by(f.asha);
        f.world.revoke(f.asha, Manner::compromised);
        CHECK(f.shown_by(f.bela, proof).unproven == std::vector{f.record});
        CHECK_FALSE(f.is_erased());
        f.shown_by(f.caro, proof);
    }
    CHECK(f.is_erased());
    CHECK(f.world.verify().problems.empty());
}

TEST_CASE("what was not signed so erases nothing", "[reconcile]") {
    Forgotten f;
    const Bytes proof = f.erased_by(f.asha);
    Segment segment = decode_segment(proof).value();
    SECTION("signed by somebody else") {
        sign(f.world.cipher, segment, f.bela.signing.secret_key);
    }
    SECTION("about another record") {
        segment.entries.back() =
            entry_of(encode_change(f.asha.draft(f.other, visit::type, f.team, {erase_record()})));
    }
    SECTION("with a body that erases nothing") {
        segment = f.asha.segment(1, f.asha.entries.size() - 1);
    }
    SECTION("with other bodies beside it, which would be kept and told") {
        segment = f.asha.segment(1, f.asha.entries.size());
    }
    f.shown_by(f.caro, encode_segment(segment));
    CHECK_FALSE(f.is_erased());
    CHECK(f.world.verify().problems.empty());
}

TEST_CASE("a record that only its erasure tells of never lives", "[reconcile]") {
    Forgotten f;
    f.record = f.asha.capture(f.team);
    const Bytes proof = f.erased_by(f.asha);
    f.shown_by(f.bela, proof);
    CHECK(f.is_erased());
    CHECK(f.world.verify().problems.empty());
    f.sync_all();
    f.sync_all();
    CHECK(f.asha.base.at(f.record).is_erased);
    CHECK(f.world.verify().problems.empty());
}

}  // namespace godwit
