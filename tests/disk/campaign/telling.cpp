#include "tests/disk/campaign/telling.h"

#include <algorithm>

namespace godwit::campaign {

std::optional<std::string> Telling::record(const std::string& key) const {
    const auto found = stage_.names.find(key);
    if (found == stage_.names.end()) return std::nullopt;
    return found->second;
}

// --- Places --------------------------------------------------------------------------------------

void Telling::enrol(Who who) {
    const auto invitation = record("invitation of " + std::string(name_of(who)));
    if (!invitation) return;
    stage_.promise([&](Promises& all) { all.of(who).may_be_enrolled = true; });
    const auto done = stage_.call(who, "enrol", {{"invitation", *invitation}, {"phrase", phrase}});
    // Taken up again where it may have stopped half-way.
    const bool was_there = !done && done.error().code == ErrorCode::already_enrolled;
    if (!done && !was_there) return;
    if (was_there) {
        stage_.refused.pop_back();
        if (!stage_.call(who, "unlock", {{"phrase", phrase}})) return;
    }
    const auto status = was_there ? stage_.call(who, "status") : done;
    if (!status) return;
    stage_.names[std::string(name_of(who)) + "'s replica"] = (*status)["replica"];
    stage_.promise([&](Promises& all) {
        all.of(who).is_enrolled = true;
        all.of(who).is_destroyed = false;
        ++all.count;
    });
}

bool Telling::sync(Who who) {
    return stage_.promises()->of(who).is_enrolled && stage_.call(who, "sync");
}

void Telling::revoke(Who who, const std::string& key) {
    const auto replica = record(key);
    if (!replica) return;
    static_cast<void>(static_cast<bool>(
        stage_.call(who, "revoke", {{"replica", *replica}, {"manner", "compromised"}})));
    if (const auto member = record("member Bela")) {
        const auto again = stage_.call(who, "invite", {{"member", *member}});
        if (again) stage_.names["next invitation of bela"] = (*again)["invitation"];
    }
}

void Telling::destroy(Who who) {
    if (!stage_.promises()->of(who).is_enrolled) return;
    stage_.promise([&](Promises& all) { all.of(who).may_be_destroyed = true; });
    sync_or_destroy(who);
}

void Telling::sync_or_destroy(Who who) {
    const bool may_be_destroyed = stage_.promises()->of(who).may_be_destroyed;
    const auto synced = stage_.call(who, "sync");
    if (!may_be_destroyed) return;
    const bool is_told = synced && (*synced)["standing"] == "compromised";
    const bool was_told = !synced && synced.error().code == ErrorCode::not_enrolled;
    if (was_told) stage_.refused.pop_back();
    if (!is_told && !was_told) return;
    stage_.promise([&](Promises& all) {
        all.of(who) = {};
        all.of(who).is_destroyed = true;
        ++all.count;
    });
    if (const auto next = record("next invitation of bela")) {
        stage_.names["invitation of bela"] = *next;
    }
}

// --- Records -------------------------------------------------------------------------------------

void Telling::capture(Who who, const std::string& key, const std::string& type, const Json& fields,
                      bool is_draft) {
    if (!stage_.promises()->of(who).is_enrolled) return;
    const auto made =
        stage_.call(who, "capture", {{"type", type}, {"fields", fields}, {"draft", is_draft}});
    if (!made) return;
    const std::string id = (*made)["record"];
    if (!key.empty()) stage_.names[key] = id;
    stage_.promise([&](Promises& all) {
        for (const auto& [field, value] : fields.items()) {
            all.of(who).records[id][field] = {{value.get<std::string>()}, false};
        }
        ++all.count;
    });
}

void Telling::capture_many(Who who, const std::string& key, int count, std::size_t bytes) {
    Json records = Json::array();
    DiskChance chance(stage_.seed + bytes);
    for (int index = 0; index < count; ++index) {
        std::string text = key + " " + std::to_string(index) + ": ";
        while (text.size() < bytes) text += static_cast<char>('a' + chance.below(26));
        const Json fields = {{"date", "2026-11-20"}, {"site_type", "farm"}, {"narrative", text}};
        records.push_back({{"type", "visit"}, {"fields", fields}});
    }
    const auto made = stage_.call(who, "capture_many", {{"records", records}});
    if (!made) return;
    stage_.promise([&](Promises& all) {
        for (std::size_t index = 0; index < records.size(); ++index) {
            const std::string id = (*made)["records"][index]["record"];
            // The beginning names it, and the sealing vouches for the rest.
            const std::string text = records[index]["fields"]["narrative"];
            const std::size_t turn = bytes < long_text_bytes ? every_turn : index % turn_count;
            all.of(who).records[id]["narrative"] = {{text.substr(0, 100)}, false, turn};
        }
        ++all.count;
    });
}

bool Telling::say(Who who, const std::string& method, const std::string& key, Json parameters,
                  const std::string& field, const std::string& word, bool replaces) {
    const auto id = record(key);
    if (!id) return false;
    parameters["record"] = *id;
    // Where several words stand together, each is promised as if it were a field.
    const std::string promised = replaces ? field : field + "\n" + word;
    if (replaces) {
        stage_.promise([&](Promises& all) {
            all.of(who).tried[*id][promised].push_back(word);
            auto& records = all.of(who).records;
            const auto record = records.find(*id);
            if (record == records.end()) return;
            const auto found = record->second.find(promised);
            if (found != record->second.end()) found->second.allowed.push_back(word);
        });
    }
    if (!stage_.call(who, method, parameters)) return false;
    stage_.promise([&](Promises& all) {
        all.of(who).records[*id][promised] = {{word}, false};
        ++all.count;
    });
    return true;
}

bool Telling::edit(Who who, const std::string& key, const std::string& field,
                   const std::string& value) {
    return say(who, "edit", key, {{"fields", {{field, value}}}}, field, value, true);
}

void Telling::note(Who who, const std::string& key, const std::string& field,
                   const std::string& value) {
    say(who, "note", key, {{"field", field}, {"value", value}}, field, value, false);
}

void Telling::add(Who who, const std::string& key, const std::string& field,
                  const std::string& value) {
    say(who, "add", key, {{"field", field}, {"value", value}}, field, value, false);
}

void Telling::count(Who who, const std::string& key, const std::string& field, std::int64_t by) {
    const auto id = record(key);
    if (!id) return;
    const auto more = [&](const Shown& before) {
        std::vector<std::string> out;
        for (const std::string& each : before.allowed) {
            out.push_back(std::to_string(std::stoll(each) + by));
        }
        return out;
    };
    Shown before;
    stage_.promise([&](Promises& all) {
        Shown& now = all.of(who).records[*id][field];
        if (now.allowed.empty()) now = {{"0"}, true};
        before = now;
        for (std::string& each : more(before)) now.allowed.push_back(std::move(each));
    });
    if (!stage_.call(who, "count", {{"record", *id}, {"field", field}, {"by", by}})) return;
    stage_.promise([&](Promises& all) {
        all.of(who).records[*id][field] = {more(before), true};
        ++all.count;
    });
}

void Telling::review(Who who, const std::string& key, const std::string& step) {
    const auto id = record(key);
    if (!id) return;
    static_cast<void>(
        static_cast<bool>(stage_.call(who, "review", {{"record", *id}, {"step", step}})));
}

void Telling::erase(Who who, const std::string& key) {
    const auto id = record(key);
    if (!id) return;
    stage_.promise([&](Promises& all) { all.of(who).maybe_erased.insert(*id); });
    if (!stage_.call(who, "erase", {{"record", *id}})) return;
    stage_.promise([&](Promises& all) {
        all.of(who).records.erase(*id);
        all.of(who).erased.insert(*id);
        ++all.count;
    });
}

void Telling::resolve_all(Who who) {
    const auto conflicts = stage_.call(who, "conflicts");
    if (!conflicts) return;
    for (const Json& each : *conflicts) {
        Json keep = Json::array();
        for (const Json& sibling : each["siblings"]) keep.push_back(sibling["dot"]);
        static_cast<void>(static_cast<bool>(
            stage_.call(who, "resolve",
                        {{"record", each["record"]}, {"field", each["field"]}, {"keep", keep}})));
    }
}

// --- The server ----------------------------------------------------------------------------------

void Telling::back_up(const std::string& file) {
    const auto store = stage_.server();
    if (!store) return stage_.refused.push_back({Who::server, "start", store.error()});
    const Delivered held = stage_.promises()->delivered;
    const auto done = (*store)->backup(file, stage_.tools().keys.signing.secret_key, {});
    if (!done) return stage_.refused.push_back({Who::server, "backup", done.error()});
    stage_.promise([&](Promises& all) {
        all.backups[file] = held;
        ++all.count;
    });
}

void Telling::restore(const std::string& file, const std::string& folder) {
    stage_.stop_server();
    if (!stage_.promises()->backups.contains(file)) return;
    stage_.names["restoring"] = folder;
    const auto done =
        ServerStore::restore(file, folder, stage_.tools().cipher, stage_.server_random(),
                             stage_.clock, stage_.disk(Who::server));
    if (!done) return stage_.refused.push_back({Who::server, "restore", done.error()});
    stage_.promise([&](Promises& all) {
        all.delivered = all.backups[file];
        all.server_folder = folder;
        ++all.count;
    });
}

void Telling::finish_restore(const std::string& file) {
    const auto folder = record("restoring");
    if (!folder || stage_.promises()->server_folder == *folder) return;
    const bool is_there = stage_.disk(Who::server).is_there(*folder + "/godwit.db").value();
    if (!is_there) return restore(file, *folder);
    stage_.promise([&](Promises& all) {
        all.delivered = all.backups[file];
        all.server_folder = *folder;
    });
}

}  // namespace godwit::campaign
