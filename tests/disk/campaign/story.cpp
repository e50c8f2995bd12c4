#include "tests/disk/campaign/story.h"

#include "shared/base/text.h"
#include "sync-server/store/engine.h"
#include "tests/disk/campaign/judgement.h"
#include "tests/disk/campaign/telling.h"

namespace godwit::campaign {
namespace {

Json visit(const std::string& narrative) {
    return {{"date", "2026-11-20"}, {"site_type", "farm"}, {"narrative", narrative}};
}

Json testimony(const std::string& narrative) {
    return {{"taken_on", "2026-11-20"}, {"narrative_original", narrative}};
}

// --- The acts ------------------------------------------------------------------------------------

void enrol(Stage& stage) {
    Telling tell(stage);
    tell.enrol(Who::bela);
    tell.capture(Who::bela, "bela's visit", "visit", visit("The bela words."));
    tell.sync(Who::bela);
}

void capture(Stage& stage) {
    Telling tell(stage);
    const Who asha = Who::asha;
    tell.capture(asha, "visit", "visit", visit("Forty people, one tap."));
    tell.capture(asha, "testimony", "testimony", testimony("My passport was taken."));
    tell.capture(asha, "draft", "visit", {{"narrative", "To be finished."}}, true);
    tell.edit(asha, "visit", "narrative", "Forty people, two taps.");
    tell.note(asha, "visit", "notes", "Come back on Sunday.");
    tell.add(asha, "visit", "purposes", "interview");
    tell.count(asha, "visit", "people_reached", 4);
    tell.count(asha, "visit", "people_reached", 3);
    const bool has_date = tell.edit(asha, "draft", "date", "2026-11-19");
    const bool has_site = tell.edit(asha, "draft", "site_type", "factory");
    if (has_date && has_site) tell.review(asha, "draft", "submit");
    tell.capture(asha, "to be erased", "testimony", testimony("Nobody may read this again."));
    tell.capture_many(asha, "several", 6, 200);
}

void deliver(Stage& stage) {
    Telling tell(stage);
    tell.sync(Who::asha);
    tell.edit(Who::asha, "visit", "narrative", "Forty people, three taps.");
    tell.sync(Who::asha);
    tell.sync(Who::noor);
}

void receive(Stage& stage) {
    Telling tell(stage);
    const Who dina = Who::dina;
    if (tell.sync(dina) || tell.sync(dina)) {
        tell.note(dina, "visit", "review_notes", "Which tap was broken?");
        tell.edit(dina, "visit", "date", "2026-11-18");
        tell.review(dina, "testimony", "start");
        tell.review(dina, "testimony", "approve");
    }
    tell.capture(dina, "dina's visit", "visit", visit("What dina saw herself."));
    tell.sync(dina);
}

void answer(Stage& stage) {
    Telling tell(stage);
    const Who asha = Who::asha;
    tell.edit(asha, "visit", "date", "2026-11-17");  // She has not seen what dina wrote.
    tell.note(asha, "visit", "notes", "The second tap.");
    tell.sync(asha);
    tell.resolve_all(asha);
    tell.sync(asha);
}

void erase(Stage& stage) {
    Telling tell(stage);
    tell.sync(Who::dina);
    tell.erase(Who::asha, "to be erased");
    tell.capture(Who::asha, "after erasing", "visit", visit("After the erasure."));
    tell.sync(Who::asha);
    tell.sync(Who::dina);
    tell.sync(Who::asha);
}

/// Enough for the write-ahead logs of both to be copied into their databases while in use.
void say_much(Stage& stage) {
    Telling tell(stage);
    for (int turn = 0; turn < 6; ++turn) {
        tell.capture_many(Who::asha, "much " + std::to_string(turn), 8, 49'000);
    }
    tell.capture(Who::asha, "after much", "visit", visit("After all that was said."));
    tell.sync(Who::asha);
    tell.capture(Who::asha, "more", "visit", visit("And more."));
    tell.sync(Who::asha);
}

void back_up(Stage& stage) {
    Telling tell(stage);
    tell.back_up("/backups/first");
    tell.capture(Who::asha, "after backup", "visit", visit("Not in the backup."));
    tell.sync(Who::asha);
}

void compromise(Stage& stage) {
    Telling tell(stage);
    tell.sync(Who::noor);
    tell.revoke(Who::noor, "bela's replica");
    tell.sync(Who::noor);
    tell.capture(Who::bela, "bela's last", "visit", visit("Before the keys went."));
    tell.destroy(Who::bela);
}

/// The same machine gets a place again.
void return_home(Stage& stage) {
    Telling tell(stage);
    tell.enrol(Who::bela);
    tell.capture(Who::bela, "bela's new visit", "visit", visit("Back again."));
    tell.sync(Who::bela);
}

void restore(Stage& stage) {
    Telling tell(stage);
    tell.restore("/backups/first", "/server-again");
    tell.capture(Who::asha, "after restore", "visit", visit("To the restored server."));
    tell.sync(Who::asha);
    tell.sync(Who::dina);
}

constexpr Act acts[] = {
    {"enrol", Who::bela, enrol},
    {"capture", Who::asha, capture},
    {"deliver", Who::asha, deliver},
    {"receive", Who::dina, receive},
    {"answer", Who::asha, answer},
    {"erase", Who::asha, erase},
    {"back up", Who::asha, back_up},
    {"compromise", Who::bela, compromise},
    {"return home", Who::bela, return_home},
    {"restore", Who::asha, restore},
    {"say much", Who::asha, say_much, true},
};

// --- Beginning and end ---------------------------------------------------------------------------

std::string text_of_field(const Result<Json>& json, const char* field) {
    GODWIT_ASSERT(json);
    return (*json)[field];
}

std::string invite(Stage& stage, const char* name, const char* role) {
    const Json places = Json::array({{{"team", "North"}, {"role", role}}});
    const std::string member = text_of_field(
        stage.call(Who::noor, "member", {{"name", name}, {"places", places}}), "member");
    stage.names[std::string("member ") + name] = member;
    return text_of_field(stage.call(Who::noor, "invite", {{"member", member}}), "invitation");
}

void enrol_now(Stage& stage, Who who, const std::string& invitation) {
    stage.names["invitation of " + std::string(name_of(who))] = invitation;
    Telling(stage).enrol(who);
    GODWIT_ASSERT(stage.call(who, "sync"));
}

std::string founding_link(const ServerKeys& keys) {
    FoundingLink link;
    link.server_url = "https://server.example:8443";
    link.server_key = keys.signing.public_key;
    link.secret = keys.founding_secret;
    return format_founding_link(link);
}

std::optional<std::string> check_agreement(Stage& stage, Who who) {
    const auto status = stage.call(who, "status");
    const auto digest = stage.call(who, "digest");
    if (!status || !digest) return "it does not say how it stands";
    const auto store = stage.server();
    if (!store) return "the server does not start: " + store.error().detail;
    const std::string replica = (*status)["replica"];
    const auto theirs = (*store)->digest(parse_id<ReplicaId>(replica));
    if (!theirs) return "the server does not know it";
    if ((*digest)["digest"] != format_hex(*theirs)) return "it and the server differ";
    if ((*status)["unsent"] != 0) return "it has something unsent";
    return std::nullopt;
}

}  // namespace

std::span<const Act> story() {
    return acts;
}

Moment opening(const Tools& tools, std::uint64_t seed) {
    Moment empty;
    empty.promises = std::make_shared<Promises>();
    empty.now_ms = StoryClock().ms;
    Stage stage(tools, empty, seed);
    for (const Who who : replicas) stage.disk(who).add_folder("/home");
    for (const char* folder : {"/server", "/server-again", "/backups"}) {
        stage.disk(Who::server).add_folder(folder);
    }
    GODWIT_ASSERT(ServerStore::open("/server", true, tools.cipher, stage.server_random(),
                                    stage.clock, stage.disk(Who::server)));
    const auto founded = stage.call(Who::noor, "enrol",
                                    {{"invitation", founding_link(tools.keys)},
                                     {"organisation", "Harbour Network"},
                                     {"member", "Noor"},
                                     {"phrase", phrase}});
    GODWIT_ASSERT(founded);
    stage.promise([](Promises& all) { all.of(Who::noor).is_enrolled = true; });
    GODWIT_ASSERT(stage.call(Who::noor, "team", {{"name", "North"}}));
    const std::string dina = invite(stage, "Dina", "supervisor");
    const std::string asha = invite(stage, "Asha", "worker");
    stage.names["invitation of bela"] = invite(stage, "Bela", "worker");
    GODWIT_ASSERT(stage.call(Who::noor, "sync"));
    enrol_now(stage, Who::dina, dina);
    enrol_now(stage, Who::asha, asha);
    for (const Who who : {Who::dina, Who::asha, Who::noor}) GODWIT_ASSERT(stage.call(who, "sync"));
    GODWIT_ASSERT(stage.refused.empty());
    stage.close();
    return stage.moment();
}

void play(const Act& act, Stage& stage) {
    act.play(stage);
    stage.close();
}

std::optional<std::string> go_on(Stage& stage, std::uint64_t turn) {
    Telling tell(stage);
    stage.refused.clear();
    tell.finish_restore("/backups/first");
    for (const Who who : replicas) {
        const Kept& kept = stage.promises()->of(who);
        const bool is_sure = kept.is_enrolled && !kept.may_be_destroyed;
        // Noor administers and has no place in a team to capture in.
        if (is_sure && who != Who::noor) tell.capture(who, "", "visit", visit("Going on."));
        if (!is_sure && kept.may_be_enrolled && !kept.may_be_destroyed) tell.enrol(who);
    }
    for (int round = 0; round < 3; ++round) {
        for (const Who who : replicas) {
            const Kept& kept = stage.promises()->of(who);
            if (kept.is_enrolled && !kept.is_destroyed) tell.sync_or_destroy(who);
        }
    }
    if (!stage.refused.empty()) {
        const Refused& first = stage.refused.front();
        return std::string(name_of(first.who)) + " cannot go on: " + first.method + ": " +
               std::string(facts(first.error.code).key) + " " + first.error.detail;
    }
    for (const Who who : replicas) {
        const Kept& kept = stage.promises()->of(who);
        if (!kept.is_enrolled || kept.is_destroyed) continue;
        if (auto problem = check_agreement(stage, who)) {
            return std::string(name_of(who)) + ": " + *problem;
        }
    }
    // The supervisor's replica holds the words of all.
    for (const Who who : {Who::asha, Who::dina}) {
        if (auto problem = judge_reading(stage, Who::dina, who, turn)) return "dina: " + *problem;
    }
    return std::nullopt;
}

}  // namespace godwit::campaign
