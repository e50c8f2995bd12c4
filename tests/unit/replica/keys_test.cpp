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

TEST_CASE("a new record is wrapped for its author, and for the others once it goes up",
          "[replica]") {
    Team team;
    const RecordId id = testimony(team.bela);
    OpenStore open = team.bela.open();
    const StoredRecord record = *open.session->record(id);
    REQUIRE(record.key);
    CHECK(record.key->maker == team.bela.self.id);
    CHECK_FALSE(record.key->is_signed());
    REQUIRE(record.wraps.size() == 1);
    CHECK(is_for(record.wraps[0], Recipient::replica));
    CHECK(*open.store->queued_keys() == std::vector<RecordId>{id});
    KeyRing& keys = open.session->keys;
    CHECK(keys.record_key(id, record));

    StoredRecord sent = record;
    WrapMaker maker = keys.wrap_maker();
    REQUIRE(keys.wrap_for_others(maker, id, *record_type("testimony"), sent));
    REQUIRE(sent.wraps.size() == 3);
    CHECK(is_for(sent.wraps[1], Recipient::recovery));
    CHECK(is_for(sent.wraps[2], Recipient::supervisors));
    CHECK(
        open_wrap(team.organisation.cipher, sent.wraps[1], team.organisation.recovery, *sent.key));
    // Nobody but recovery and the readers could tell from the ephemeral key what it agreed upon.
    CHECK(is_equal(ByteView(sent.wraps[1].box).first(33), ByteView(sent.wraps[2].box).first(33)));
    CHECK_FALSE(
        is_equal(ByteView(sent.wraps[0].box).first(33), ByteView(sent.wraps[1].box).first(33)));
}

TEST_CASE("without a reader key the team's wrap waits for one", "[replica]") {
    Team team(false);
    const RecordId id = testimony(team.bela);
    {
        OpenStore open = team.bela.open();
        StoredRecord record = *open.session->record(id);
        const RecordType& type = *record_type("testimony");
        WrapMaker maker = open.session->keys.wrap_maker();
        REQUIRE(open.session->keys.wrap_for_others(maker, id, type, record));
        CHECK(record.wraps.size() == 2);
        CHECK(*open.session->keys.wrap_for_readers(maker, id, type, record) == false);
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
    WrapMaker maker = open.session->keys.wrap_maker();
    CHECK(*open.session->keys.wrap_for_readers(maker, id, type, record) == true);
    CHECK(record.wraps.size() == 2);
    CHECK(*open.session->keys.wrap_for_readers(maker, id, type, record) == false);
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
    {
        OpenStore open = team.caro.open();
        StoredRecord record = *open.session->record(id);
        RecordKey known;
        known.bytes.fill(7);
        const auto* reader = open.session->roster.reader_key(team.id, Readers::supervisors);
        REQUIRE(reader != nullptr);
        record.wraps = {open.session->keys.wrap_maker().wrap(
            known, *record.key, {Recipient::supervisors, team.id.bytes, 1, reader->key})};
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
    publish(team.bela, id);
    OpenStore open = team.bela.open();
    StoredRecord record = *open.session->record(id);
    REQUIRE(open.session->keys.record_key(id, record));
    open.session->keys.clear();
    SECTION("not signed, and made elsewhere") {
        record.key->maker = team.dina.self.id;
        record.key->signature = Signature{};
        CHECK(open.session->keys.record_key(id, record).error().code == ErrorCode::bad_signature);
    }
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
        if (is_for(wrap, Recipient::replica)) wrap.box[50] ^= 1U;
    }
    CHECK(open.session->keys.record_key(id, record).error().code == ErrorCode::cannot_open);
    const Wrap of_another_key = open.session->keys.wrap_maker().wrap(
        RecordKey{}, *record.key,
        {Recipient::replica, team.bela.self.id.bytes, 0, team.bela.self.box.public_key});
    const StoredRecord kept = *open.session->record(id);
    record.wraps.push_back(*std::find_if(kept.wraps.begin(), kept.wraps.end(), [](const Wrap& w) {
        return is_for(w, Recipient::replica);
    }));
    CHECK(open.session->keys.record_key(id, record));
    record.wraps.insert(record.wraps.begin(), of_another_key);
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
