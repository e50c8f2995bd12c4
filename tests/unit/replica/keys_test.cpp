#include <algorithm>

#include "field-client/replica/opened_record.h"
#include "shared/base/text.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {
namespace {

RecordId testimony(Person& person) {
    return *parse_id<RecordId>(person.capture(
        "testimony", {{"taken_on", "2026-11-21"}, {"narrative_original", "Words."}}));
}

bool is_for(const Wrap& wrap, Recipient recipient) {
    return wrap.recipient == recipient;
}

}  // namespace

TEST_CASE("a new record is wrapped for recovery, its author and the readers of its type",
          "[replica]") {
    Team team;
    const RecordId id = testimony(team.bela);
    OpenStore open = team.bela.open();
    const StoredRecord record = *open.session->record(id);
    REQUIRE(record.key);
    CHECK(record.key->maker == team.bela.self.id);
    CHECK(verify(team.organisation.cipher, *record.key, team.bela.self.signing.public_key));
    REQUIRE(record.wraps.size() == 3);
    CHECK(is_for(record.wraps[0], Recipient::recovery));
    CHECK(is_for(record.wraps[1], Recipient::replica));
    CHECK(is_for(record.wraps[2], Recipient::supervisors));
    CHECK(open_wrap(team.organisation.cipher, record.wraps[0], team.organisation.recovery,
                    *record.key));
    CHECK(*open.store->queued_keys() == std::vector<RecordId>{id});
}

TEST_CASE("without a reader key the team's wrap waits for one", "[replica]") {
    Team team(false);
    const RecordId id = testimony(team.bela);
    {
        OpenStore open = team.bela.open();
        StoredRecord record = *open.session->record(id);
        CHECK(record.wraps.size() == 2);
        const RecordType& type = *record_type("testimony");
        CHECK(*open.session->keys.wrap_for_readers(id, type, record) == false);
    }
    Organisation& organisation = team.organisation;
    const BoxKeyPair key = organisation.cipher.make_box_keys(organisation.random);
    organisation.say(team.caro.self, organisation.reader_key_body(team.id, Readers::supervisors, 1,
                                                                  key, {&team.caro.self}));
    {
        OpenStore open = team.bela.open();
        REQUIRE(open.store->add_statement(organisation.statements.back(), false));
    }
    OpenStore open = team.bela.open();
    StoredRecord record = *open.session->record(id);
    const RecordType& type = *record_type("testimony");
    CHECK(*open.session->keys.wrap_for_readers(id, type, record) == true);
    CHECK(record.wraps.size() == 3);
    CHECK(*open.session->keys.wrap_for_readers(id, type, record) == false);
    CHECK(open_wrap(organisation.cipher, record.wraps.back(), key, *record.key));
}

TEST_CASE("readers open a record by their team's key, others not at all", "[replica]") {
    Team team;
    const RecordId id = testimony(team.bela);
    carry(team.bela, team.caro);
    carry(team.bela, team.dina);
    {
        OpenStore open = team.caro.open();
        CHECK(open.session->keys.record_key(id, *open.session->record(id)));
    }
    OpenStore open = team.dina.open();
    CHECK(open.session->keys.record_key(id, *open.session->record(id)).error().code ==
          ErrorCode::cannot_open);
}

TEST_CASE("a wrap that a server swapped for a key of its own opens nothing", "[replica]") {
    Team team;
    const RecordId id = testimony(team.bela);
    carry(team.bela, team.caro);
    const Organisation& organisation = team.organisation;
    {
        OpenStore open = team.caro.open();
        StoredRecord record = *open.session->record(id);
        RecordKey known;
        known.bytes.fill(7);
        const auto* reader = open.session->roster.reader_key(team.id, Readers::supervisors);
        REQUIRE(reader != nullptr);
        record.wraps = {wrap_for(organisation.cipher, known, id, Recipient::supervisors,
                                 team.id.bytes, 1, reader->key)};
        REQUIRE(open.store->save(id, record));
        CHECK(open.session->keys.record_key(id, record).error().code == ErrorCode::bad_key);
    }
    const Error error = team.caro.refused("show", {{"record", to_text(id)}});
    CHECK(error.code == ErrorCode::bad_key);
    CHECK(error.kind() == ErrorKind::corrupt);
}

TEST_CASE("a key statement that its maker did not sign opens nothing", "[replica]") {
    Team team;
    const RecordId id = testimony(team.bela);
    OpenStore open = team.bela.open();
    StoredRecord record = *open.session->record(id);
    SECTION("signed by somebody else") {
        record.key->maker = team.dina.self.id;
        CHECK(open.session->keys.record_key(id, record).error().code == ErrorCode::bad_signature);
    }
    SECTION("made by nobody on the roster") {
        record.key->maker = id_of<ReplicaId>(0xee);
        CHECK(open.session->keys.record_key(id, record).error().code == ErrorCode::cannot_open);
    }
    SECTION("of another record") {
        record.key->record = id_of<RecordId>(0xee);
        CHECK(open.session->keys.record_key(id, record).error().code == ErrorCode::bad_key);
    }
    SECTION("of another team") {
        record.key->team = id_of<TeamId>(0xee);
        CHECK(open.session->keys.record_key(id, record).error().code == ErrorCode::bad_key);
    }
    SECTION("not there") {
        record.key.reset();
        CHECK(open.session->keys.record_key(id, record).error().code == ErrorCode::cannot_open);
    }
}

TEST_CASE("one spoiled wrap does not shut out whom another one serves", "[replica]") {
    Team team;
    const RecordId id = testimony(team.bela);
    OpenStore open = team.bela.open();
    StoredRecord record = *open.session->record(id);
    for (Wrap& wrap : record.wraps) {
        if (is_for(wrap, Recipient::replica)) wrap.box[5] ^= 1U;
    }
    CHECK(open.session->keys.record_key(id, record).error().code == ErrorCode::cannot_open);
    Wrap good = wrap_for(team.organisation.cipher, RecordKey{}, id, Recipient::replica,
                         team.bela.self.id.bytes, 0, team.bela.self.box.public_key);
    const StoredRecord kept = *open.session->record(id);
    record.wraps.push_back(*std::find_if(kept.wraps.begin(), kept.wraps.end(), [](const Wrap& w) {
        return is_for(w, Recipient::replica);
    }));
    CHECK(open.session->keys.record_key(id, record));
    record.wraps.insert(record.wraps.begin(), good);
    open.session->keys.clear();
    CHECK(open.session->keys.record_key(id, record));
}

TEST_CASE("a withdrawn wrap opens nothing once the opened key is dropped", "[replica]") {
    Team team;
    const RecordId id = testimony(team.bela);
    OpenStore open = team.bela.open();
    StoredRecord record = *open.session->record(id);
    REQUIRE(open.session->keys.record_key(id, record));
    for (Wrap& wrap : record.wraps) {
        if (is_for(wrap, Recipient::replica)) wrap.box.clear();
    }
    open.session->keys.forget(id);
    CHECK(open.session->keys.record_key(id, record).error().code == ErrorCode::cannot_open);
}

TEST_CASE("reader keys open for those they were granted to", "[replica]") {
    Team team;
    OpenStore open = team.bela.open();
    CHECK(open.session->keys.reader_key(team.id, Readers::members, 1));
    CHECK(open.session->keys.reader_key(team.id, Readers::supervisors, 1).error().code ==
          ErrorCode::no_reader_key);
    CHECK(open.session->keys.reader_key(team.id, Readers::members, 2).error().code ==
          ErrorCode::no_reader_key);
}

TEST_CASE("a key is wrapped again only for replicas that stand on the roster", "[replica]") {
    Team team;
    const RecordId id = testimony(team.bela);
    OpenStore open = team.bela.open();
    StoredRecord record = *open.session->record(id);
    KeyRing& keys = open.session->keys;
    CHECK(keys.wrap_for_replica(id, id_of<ReplicaId>(0xee), record).error().code ==
          ErrorCode::unknown_replica);
    REQUIRE(keys.wrap_for_replica(id, team.dina.self.id, record));
    CHECK(
        open_wrap(team.organisation.cipher, record.wraps.back(), team.dina.self.box, *record.key));
    const std::size_t count = record.wraps.size();
    REQUIRE(keys.wrap_for_replica(id, team.dina.self.id, record));
    CHECK(record.wraps.size() == count);
}

}  // namespace godwit
