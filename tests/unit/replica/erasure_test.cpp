#include "shared/base/text.h"
#include "shared/protocol/packed_segment.h"
#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {
namespace {

std::string testimony(Person& person) {
    return person.capture("testimony", {{"taken_on", "2026-11-21"},
                                        {"narrative_original", "They kept my passport."},
                                        {"notes", {{{"text", "She is afraid."}}}}});
}

}  // namespace

TEST_CASE("an erased record leaves its marker, digests that still chain, and nothing else",
          "[replica]") {
    Team team;
    const std::string kept = testimony(team.bela);
    const std::string record = testimony(team.bela);
    const int before = team.bela.call("status")["saved"];
    team.bela.call("erase", {{"record", record}});
    CHECK(team.bela.call("status")["saved"] == before + 1);

    const Json shown = team.bela.call("show", {{"record", record}, {"history", true}});
    CHECK(shown["erased"] == true);
    CHECK(shown["fields"].empty());
    CHECK(shown["history"].empty());
    CHECK(shown["unconfirmed"].empty());
    CHECK(team.bela.call("list")["records"].size() == 1);
    CHECK(team.bela.call("find", {{"text", "passport"}})["records"].size() == 1);
    CHECK(team.bela.value(kept, "narrative_original") == "They kept my passport.");
    CHECK(team.bela.call("verify")["problems"].empty());

    OpenStore open = team.bela.open();
    const RecordId id = *parse_id<RecordId>(record);
    const auto changes = open.store->changes_of(id);
    REQUIRE(changes->size() >= 2);
    for (std::size_t index = 0; index + 1 < changes->size(); ++index) {
        CHECK((*changes)[index].body.empty());
        CHECK((*changes)[index].digest != Digest{});
    }
    const auto last = decode_change(changes->back().body);  // It has yet to be told.
    REQUIRE(last);
    CHECK(last->operations.front().kind == OperationKind::erase);
    const StoredRecord stored = *open.session->record(id);
    CHECK_FALSE(stored.key);
    CHECK(stored.wraps.empty());
    CHECK(stored.base().is_erased);
    const auto queued = *open.store->queued_keys();
    CHECK(std::find(queued.begin(), queued.end(), id) == queued.end());
    CHECK(*open.store->queued_erased() == std::vector<RecordId>{id});
}

TEST_CASE("an erased record takes nothing more", "[replica]") {
    Team team;
    const std::string record = testimony(team.bela);
    team.bela.call("erase", {{"record", record}});
    const Json name = {{"record", record}};
    CHECK(team.bela.refused("erase", name).code == ErrorCode::record_erased);
    CHECK(team.bela.refused("archive", name).code == ErrorCode::record_erased);
    CHECK(team.bela.refused("edit", {{"record", record}, {"fields", {{"occupation", "cook"}}}})
              .code == ErrorCode::record_erased);
    CHECK(team.bela.refused("review", {{"record", record}, {"step", "submit"}}).code ==
          ErrorCode::record_erased);
    CHECK(team.bela
              .refused("resolve", {{"record", record}, {"field", "occupation"}, {"value", "cook"}})
              .code == ErrorCode::record_erased);
}

TEST_CASE("the owner and supervisors erase, others do not", "[replica]") {
    Team team;
    const std::string record =
        team.bela.capture("visit", {{"date", "2026-11-21"}, {"site_type", "farm"}});
    carry(team.bela, team.dina);
    carry(team.bela, team.caro);
    CHECK(team.dina.refused("erase", {{"record", record}}).code == ErrorCode::not_permitted);
    CHECK(team.dina.value(record, "site_type") == "farm");
    team.caro.call("erase", {{"record", record}});
    carry(team.caro, team.dina);
    CHECK(team.dina.call("show", {{"record", record}})["erased"] == true);
    OpenStore open = team.dina.open();
    CHECK(open.store->queued_erased()->size() == 1);
}

TEST_CASE("erasing wins over an edit that had not heard of it", "[replica]") {
    Team team;
    const std::string record =
        team.bela.capture("visit", {{"date", "2026-11-21"}, {"site_type", "farm"}});
    carry(team.bela, team.dina);
    team.dina.clock.ms += 60'000;
    team.dina.call("edit", {{"record", record}, {"fields", {{"site_name", "Block 8"}}}});
    team.bela.call("erase", {{"record", record}});
    carry(team.bela, team.dina);
    CHECK(team.dina.call("show", {{"record", record}})["erased"] == true);
    CHECK(team.dina.call("verify")["problems"].empty());
    OpenStore open = team.dina.open();
    const auto changes = open.store->changes_of(*parse_id<RecordId>(record));
    REQUIRE(changes);
    for (const LoggedChange& change : *changes) {
        CHECK(change.body.empty());
    }
}

TEST_CASE("an erased segment still proves its other changes", "[replica]") {
    Team team;
    const std::string record = testimony(team.bela);
    const RecordId id = *parse_id<RecordId>(record);
    testimony(team.bela);
    {
        OpenStore open = team.bela.open();
        const LogId log = *open.store->log();
        Segment segment;
        segment.replica = open.session->self().replica;
        segment.log = log;
        segment.first = 1;
        segment.previous = empty_head(segment.replica, log).hash;
        const auto changes = open.store->changes(log, 0, open.store->head()->sequence);
        REQUIRE(changes);
        for (const LoggedChange& change : *changes) {
            segment.entries.push_back(entry_of(change.body));
        }
        segment.signature = team.organisation.cipher.sign(signed_bytes(segment),
                                                          open.session->self().signing.secret_key);
        REQUIRE(open.store->save_segment(segment));
    }
    team.bela.call("erase", {{"record", record}});
    CHECK(team.bela.call("verify")["segments"] == 1);
    OpenStore open = team.bela.open();
    const auto segments = open.store->segments(*open.store->log(), 0, 1U << 20U);
    REQUIRE(segments->size() == 1);
    const auto segment = decode_packed_segment(segments->front());
    REQUIRE(segment);
    std::size_t blank = 0;
    for (const Entry& entry : segment->entries) {
        if (!entry.is_erased()) continue;
        CHECK(entry.record == id);
        ++blank;
    }
    CHECK(blank > 0);
    CHECK(blank < segment->entries.size());
}

}  // namespace godwit
