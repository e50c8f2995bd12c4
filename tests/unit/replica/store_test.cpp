#include <fstream>

#include "shared/base/sha256.h"
#include "shared/base/text.h"
#include "shared/protocol/packed_segment.h"
#include "shared/seal/segment_signature.h"
#include "tests/disk/simulated_disk.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {
namespace {

constexpr std::string_view canary = "Kanarienvogel-7781-Zeugnis";

std::string utf16_of(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out.push_back(c);
        out.push_back('\0');
    }
    return out;
}

Change change_after(const LogHead& head, const RecordId& record) {
    Change change;
    change.sequence = head.sequence + 1;
    change.time = {test_now_ms, 0};
    change.schema_version = 1;
    change.record_type = 1;
    change.record = record;
    Bytes item;
    cbor::Encoder(item).text("words");
    change.operations.push_back({16, OperationKind::set, Form::open, item, {}});
    return change;
}

Segment segment_of(OpenStore& open, const LogId& log, Sequence first, Sequence last) {
    Segment segment;
    segment.replica = open.session->self().replica;
    segment.log = log;
    segment.first = first;
    segment.previous = empty_head(segment.replica, log).hash;
    const auto before = open.store->changes(log, 0, first - 1);
    for (const LoggedChange& change : *before) {
        segment.previous = chain(segment.previous, change.record, change.digest);
    }
    const auto changes = open.store->changes(log, first - 1, last);
    for (const LoggedChange& change : *changes) segment.entries.push_back(entry_of(change.body));
    sign(open.session->host.cipher, segment, open.session->self().signing.secret_key);
    return segment;
}

}  // namespace

TEST_CASE("a store opens with its phrase, however it is typed, and with no other", "[replica]") {
    Team team;
    auto store = Store::open(team.bela.path(), team.bela.host());
    REQUIRE(store);
    CHECK((*store)->exists());
    CHECK_FALSE((*store)->is_unlocked());
    CHECK((*store)->unlock("bade fimo gulu kapi lore mudo naf").error().code ==
          ErrorCode::wrong_phrase);
    CHECK_FALSE((*store)->is_unlocked());
    CHECK((*store)->unlock("  Bade fimo GULU kapi  lore mudo nafe\n"));
    CHECK((*store)->identity().member == team.bela.self.member);
}

TEST_CASE("a folder that is not there is not made by looking at it", "[replica]") {
    Team team;
    const Folder folder;
    const auto path = folder / "mistyped";
    const auto store = Store::open(path, team.bela.host());
    REQUIRE(store);
    CHECK_FALSE((*store)->exists());
    CHECK((*store)->unlock(Person::phrase).error().code == ErrorCode::not_enrolled);
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK(Store::open(folder.path(), team.bela.host()));
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("one program at a time has a store open", "[replica]") {
    Team team;
    auto first = Store::open(team.bela.path(), team.bela.host());
    REQUIRE(first);
    CHECK(Store::open(team.bela.path(), team.bela.host()).error().code == ErrorCode::store_in_use);
    first->reset();
    CHECK(Store::open(team.bela.path(), team.bela.host()));
}

TEST_CASE("a store is made once in a folder", "[replica]") {
    Team team;
    OpenStore open = team.bela.open();
    Identity identity;
    CHECK(open.store->create(std::move(identity), "other words", LogId{}, [] { return ok(); })
              .error()
              .code == ErrorCode::already_enrolled);
}

TEST_CASE("a store that could not save what it begins with is none", "[replica]") {
    Team team;
    const Folder folder;
    const auto store = Store::open(folder.path(), team.bela.host());
    REQUIRE(store);
    const auto outcome = (*store)->create(Identity{}, "words", LogId{}, [&]() -> Result<void> {
        TRY((*store)->add_statement(bytes_of("half of it"), true));
        return ErrorCode::storage_full;
    });
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::storage_full);
    CHECK_FALSE((*store)->exists());
    CHECK((*store)->unlock("words").error().code == ErrorCode::not_enrolled);
    REQUIRE((*store)->create(Identity{}, "other words", LogId{}, [] { return ok(); }));
    CHECK((*store)->statements()->empty());
}

TEST_CASE("a locked store gives nothing away and takes nothing", "[replica]") {
    Team team;
    OpenStore open = team.bela.open();
    open.session.reset();
    open.store->lock();
    CHECK(open.store->head().error().code == ErrorCode::store_locked);
    CHECK(open.store->record(RecordId{}).error().code == ErrorCode::store_locked);
    CHECK(open.store->queue_key(RecordId{}).error().code == ErrorCode::store_locked);
    CHECK(open.store->transaction([] { return ok(); }).error().code == ErrorCode::store_locked);
    CHECK(open.store->unlock(Person::phrase));
    CHECK(open.store->head());
}

TEST_CASE("changes append in order and survive closing the store", "[replica]") {
    Team team;
    const auto record = id_of<RecordId>(1);
    LogHead head;
    {
        OpenStore open = team.bela.open();
        REQUIRE(open.store->append(change_after(*open.store->head(), record)));
        REQUIRE(open.store->append(change_after(*open.store->head(), record)));
        head = *open.store->head();
        CHECK(head.sequence == 2);
        CHECK(open.store->append(change_after({0, {}}, record)).error().code ==
              ErrorCode::gap_in_sequence);
        CHECK(open.store->append(change_after({5, {}}, record)).error().code ==
              ErrorCode::gap_in_sequence);
    }
    OpenStore open = team.bela.open();
    CHECK(*open.store->head() == head);
    const LogId log = *open.store->log();
    const auto changes = open.store->changes(log, 1, 9);
    REQUIRE(changes);
    REQUIRE(changes->size() == 1);
    CHECK(changes->front().dot == Dot{log, 2});
    CHECK(sha256({changes->front().body}) == changes->front().digest);
    CHECK(open.store->changes_of(record)->size() == 2);
    CHECK(open.store->changes_of(id_of<RecordId>(2))->empty());
    CHECK((*open.store->change({log, 2}))->record == record);
    CHECK_FALSE(*open.store->change({log, 3}));
    CHECK(open.store->last_time()->wall_ms == test_now_ms);
}

TEST_CASE("a change above 512 KiB is refused and leaves the log as it was", "[replica]") {
    Team team;
    OpenStore open = team.bela.open();
    Change change = change_after(*open.store->head(), id_of<RecordId>(1));
    change.operations.front().value.clear();
    cbor::Encoder(change.operations.front().value).text(std::string(change_bytes_max, 'a'));
    CHECK(open.store->append(change).error().code == ErrorCode::too_large);
    CHECK(open.store->head()->sequence == 0);
}

TEST_CASE("what a transaction did is undone when its work fails", "[replica]") {
    Team team;
    OpenStore open = team.bela.open();
    const auto record = id_of<RecordId>(1);
    const auto outcome = open.store->transaction([&]() -> Result<void> {
        TRY(open.store->append(change_after(*open.store->head(), record)));
        TRY(open.store->queue_key(record));
        return ErrorCode::wrong_value;
    });
    CHECK(outcome.error().code == ErrorCode::wrong_value);
    CHECK(open.store->head()->sequence == 0);
    CHECK(open.store->queued_keys()->empty());
}

TEST_CASE("a new log goes on in time and keeps the old one", "[replica]") {
    Team team;
    OpenStore open = team.bela.open();
    const auto record = id_of<RecordId>(1);
    const LogId first = *open.store->log();
    REQUIRE(open.store->append(change_after(*open.store->head(), record)));
    REQUIRE(open.store->open_log(id_of<LogId>(9)));
    CHECK(*open.store->log() == id_of<LogId>(9));
    CHECK(open.store->head()->sequence == 0);
    CHECK(open.store->last_time()->wall_ms == test_now_ms);
    REQUIRE(open.store->append(change_after(*open.store->head(), record)));
    const auto changes = open.store->changes_of(record);
    REQUIRE(changes->size() == 2);
    CHECK((*changes)[0].dot.log == first);
    CHECK((*changes)[1].dot.log == id_of<LogId>(9));
    CHECK(open.store->verify()->problems.empty());
}

TEST_CASE("segments, receipts, statements and parked items come back as they were", "[replica]") {
    Team team;
    OpenStore open = team.bela.open();
    const auto record = id_of<RecordId>(1);
    const LogId log = *open.store->log();
    for (int count = 0; count < 3; ++count) {
        REQUIRE(open.store->append(change_after(*open.store->head(), record)));
    }
    const Segment first = segment_of(open, log, 1, 2);
    const Segment second = segment_of(open, log, 3, 3);
    REQUIRE(open.store->save_segment(first));
    REQUIRE(open.store->save_segment(second));
    CHECK(*open.store->signed_head(log) == head_after(second));
    const LogId other = id_of<LogId>(8);
    CHECK(*open.store->signed_head(other) == empty_head(open.session->self().replica, other));
    CHECK(open.store->segments(log, 0, 1)->size() == 1);  // At least one, however large.
    CHECK(*open.store->segments(log, 0, 1U << 20U) ==
          std::vector<Bytes>{pack_segment(first), pack_segment(second)});
    CHECK(*open.store->segments(log, 2, 1U << 20U) == std::vector<Bytes>{pack_segment(second)});

    Receipt receipt;
    receipt.replica = open.session->self().replica;
    receipt.log = log;
    receipt.through = 3;
    sign(team.organisation.cipher, receipt, team.organisation.server.secret_key);
    REQUIRE(open.store->save(receipt));
    CHECK(*open.store->receipts(log, 2) == std::vector<Receipt>{receipt});
    CHECK(open.store->receipts(log, 3)->empty());

    const Bytes statement{1, 2, 3};
    REQUIRE(open.store->add_statement(statement, true));
    CHECK(*open.store->queued_statements() == std::vector<Bytes>{statement});
    REQUIRE(open.store->clear_queued_statement(sha256({Bytes{9}})));
    CHECK(open.store->queued_statements()->size() == 1);
    REQUIRE(open.store->clear_queued_statement(sha256({statement})));
    CHECK(open.store->queued_statements()->empty());
    CHECK(open.store->statements()->back() == statement);

    ParkedItem item;
    item.number = 4;
    item.dot = {log, 1};
    item.record = record;
    item.reason = ErrorCode::not_permitted;
    item.body = {7, 7};
    REQUIRE(open.store->save(item));
    item.adopted = Dot{log, 2};
    REQUIRE(open.store->save(item));
    const auto parked = open.store->parked();
    REQUIRE(parked->size() == 1);
    CHECK(parked->front().adopted == Dot{log, 2});
    CHECK(parked->front().reason == ErrorCode::not_permitted);
    CHECK(parked->front().body == Bytes{7, 7});
}

TEST_CASE("the exchange state and the queues come back as they were", "[replica]") {
    Team team;
    OpenStore open = team.bela.open();
    ExchangeState state;
    state.epoch = id_of<EpochId>(3);
    state.cursors[team.id] = 17;
    state.roster_cursor = 5;
    state.delivered = 8;
    state.safe = 7;
    state.last_contact_ms = test_now_ms;
    state.clock_offset_ms = -3'600'000;
    state.standing = Standing::retired;
    state.is_log_closed = true;
    state.is_roster_unsettled = true;
    REQUIRE(open.store->save(state));
    const ExchangeState found = *open.store->exchange_state();
    CHECK(found.epoch == state.epoch);
    CHECK(found.cursors == state.cursors);
    CHECK(found.delivered == 8);
    CHECK(found.safe == 7);
    CHECK(found.last_contact_ms == test_now_ms);
    CHECK(found.clock_offset_ms == -3'600'000);
    CHECK(found.standing == Standing::retired);
    CHECK(found.is_log_closed);
    CHECK(found.is_roster_unsettled);

    for (const std::uint8_t number : {std::uint8_t{2}, std::uint8_t{1}, std::uint8_t{2}}) {
        REQUIRE(open.store->queue_erased(id_of<RecordId>(number)));
    }
    CHECK(open.store->queued_erased()->size() == 2);
    REQUIRE(open.store->clear_queued_erased({id_of<RecordId>(1)}));
    CHECK(*open.store->queued_erased() == std::vector<RecordId>{id_of<RecordId>(2)});
}

TEST_CASE("what was forgotten gives its room on the disk back", "[replica]") {
    Team team;
    OpenStore open = team.bela.open();
    constexpr std::size_t mebibyte = 1U << 20U;
    constexpr std::uint8_t records = 12;
    const HistoryLine long_line{{id_of<LogId>(4), 1}, team.dina.self.id, {}, {}, 16, {}, {},
                                Bytes(mebibyte, 7)};
    const auto each_record = [&](const std::function<Result<void>(const RecordId&)>& work) {
        REQUIRE(open.store->transaction([&]() -> Result<void> {
            for (std::uint8_t number = 1; number <= records; ++number) {
                TRY(work(id_of<RecordId>(number)));
            }
            return ok();
        }));
    };
    each_record([&](const RecordId& id) { return open.store->add_history(id, {long_line}); });
    each_record([&](const RecordId& id) { return open.store->forget_history(id); });

    const auto database = team.bela.path() / "store.db";
    REQUIRE(std::filesystem::file_size(database) > records * mebibyte);
    open.store->tidy();
    CHECK(std::filesystem::file_size(database) < mebibyte);
    CHECK(std::filesystem::file_size(team.bela.path() / "store.db-wal") == 0);
    CHECK(open.store->verify()->problems.empty());
}

TEST_CASE("records are found by how their id begins", "[replica]") {
    Team team;
    OpenStore open = team.bela.open();
    const StoredRecord record = StoredRecord::begun(1, team.id);
    for (const std::uint8_t number : {std::uint8_t{0xab}, std::uint8_t{0xac}}) {
        REQUIRE(open.store->save(id_of<RecordId>(number), record));
    }
    CHECK(open.store->records_starting("ab", 5)->size() == 1);
    CHECK(open.store->records_starting("a", 5)->size() == 2);
    CHECK(open.store->records_starting("a", 1)->size() == 1);
    CHECK(open.store->records_starting("abab0", 5)->empty());
    CHECK(open.store->records_starting("zz", 5)->empty());
    REQUIRE(open.store->forget(id_of<RecordId>(0xab)));
    CHECK_FALSE(*open.store->record(id_of<RecordId>(0xab)));
}

TEST_CASE("nothing that was said stands in the folder's bytes, open or locked", "[replica]") {
    Team team;
    const std::string record =
        team.bela.capture("testimony", {{"taken_on", "2026-11-21"},
                                        {"narrative_original", canary},
                                        {"employers", Json::array({std::string(canary) + " Ltd"})},
                                        {"notes", Json::array({{{"text", canary}}})}});
    REQUIRE(team.bela.value(record, "narrative_original") == canary);
    team.bela.call("edit", {{"record", record}, {"fields", {{"occupation", canary}}}});
    const std::string while_open = bytes_in(team.bela.path());
    team.bela.call("lock");
    const std::string while_locked = bytes_in(team.bela.path());
    team.bela.close();
    const std::string while_closed = bytes_in(team.bela.path());
    for (const std::string& bytes : {while_open, while_locked, while_closed}) {
        REQUIRE(bytes.size() > 10'000);
        CHECK(bytes.find(canary) == std::string::npos);
        CHECK(bytes.find(utf16_of(canary)) == std::string::npos);
        // Every phase of base64 shares its middle with one of three shifts.
        for (std::size_t shift = 0; shift < 3; ++shift) {
            const std::string middle = format_base64url(bytes_of(canary.substr(shift, 21)));
            CHECK(bytes.find(middle) == std::string::npos);
        }
        CHECK(bytes.find("2026-11-21") == std::string::npos);
        CHECK(bytes.find("testimony") == std::string::npos);
    }
}

TEST_CASE("files of a store are for their owner alone", "[replica]") {
    Team team;
    team.bela.capture("visit", {{"date", "2026-11-21"}, {"site_type", "farm"}});
    using std::filesystem::perms;
    for (const auto& entry : std::filesystem::directory_iterator(team.bela.path())) {
        const perms others = entry.status().permissions() & (perms::group_all | perms::others_all);
        CHECK(others == perms::none);
    }
}

TEST_CASE("a store whose keys were destroyed opens no more, and the folder serves again",
          "[replica]") {
    Team team;
    {
        OpenStore open = team.bela.open();
        open.session.reset();
        REQUIRE(open.store->destroy_keys());
        CHECK_FALSE(open.store->is_unlocked());
        CHECK(open.store->unlock(Person::phrase).error().code == ErrorCode::not_enrolled);
    }
    CHECK_FALSE(std::filesystem::exists(team.bela.path() / "key"));
    team.bela.enrol();
    CHECK(team.bela.open().store->head()->sequence == 0);
    CHECK(std::filesystem::exists(team.bela.path() / "unreadable-1.db"));
}

TEST_CASE("a store made where keys were just destroyed keeps what it is told", "[replica]") {
    Team team;
    const Folder folder;
    const Folder killed;
    const std::string line = "told to the second store";
    {
        const auto store = Store::open(folder.path(), team.bela.host());
        REQUIRE(store);
        REQUIRE((*store)->create(Identity{}, "words", LogId{}, [] { return ok(); }));
        REQUIRE((*store)->destroy_keys());
        REQUIRE((*store)->create(Identity{}, "other words", LogId{}, [] { return ok(); }));
        REQUIRE(
            (*store)->transaction([&] { return (*store)->add_statement(bytes_of(line), false); }));
        // As a program that is killed leaves it: nothing is written at its end.
        std::filesystem::copy(folder.path(), killed.path());
    }
    const auto store = Store::open(killed.path(), team.bela.host());
    REQUIRE(store);
    REQUIRE((*store)->unlock("other words"));
    CHECK((*store)->statements().value() == std::vector<Bytes>{copy_of(bytes_of(line))});
}

TEST_CASE("a store on a disk that does not answer is not taken for none", "[replica]") {
    Team team;
    SimulatedDisk disk(1);
    const Host& own = team.bela.host();
    Host host{own.wall, own.random, own.cipher, own.transport, {}, "", disk};
    {
        const auto store = Store::open("/store", host);
        REQUIRE(store);
        REQUIRE((*store)->create(Identity{}, "words", LogId{}, [] { return ok(); }));
    }
    std::uint64_t refused = 0;
    for (std::uint64_t at = 1; disk.faults_done() + 1 == at; ++at) {
        CAPTURE(at);
        disk.fail({bit_of(DiskOperation::look), at, FaultManner::fail, false, {}});
        const auto store = Store::open("/store", host);
        disk.heal();
        if (store) {
            CHECK((*store)->exists());
        } else {
            CHECK(store.error().code == ErrorCode::storage_failed);
            ++refused;
        }
    }
    CHECK(refused > 1);
}

TEST_CASE("keys whose destruction was cut short are destroyed at the next start", "[replica]") {
    Team team;
    team.bela.close();
    const auto doomed = team.bela.path() / "key.destroyed";
    std::filesystem::rename(team.bela.path() / "key", doomed);
    {
        const auto store = Store::open(team.bela.path(), team.bela.host());
        REQUIRE(store);
        CHECK_FALSE((*store)->exists());
    }
    CHECK_FALSE(std::filesystem::exists(doomed));
    team.bela.enrol();
    CHECK(team.bela.open().store->head()->sequence == 0);
}

TEST_CASE("a damaged key file is told from a wrong phrase", "[replica]") {
    Team team;
    team.bela.close();
    {
        std::ofstream file(team.bela.path() / "key", std::ios::binary | std::ios::trunc);
        file << "no slot";
    }
    const auto store = Store::open(team.bela.path(), team.bela.host());
    REQUIRE(store);
    CHECK((*store)->unlock(Person::phrase).error().code == ErrorCode::storage_corrupt);
}

}  // namespace godwit
