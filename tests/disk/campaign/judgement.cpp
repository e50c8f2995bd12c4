#include "tests/disk/campaign/judgement.h"

#include <algorithm>

#include "sync-server/store/change_log_table.h"
#include "sync-server/store/engine.h"
#include "sync-server/store/verification.h"

namespace godwit::campaign {
namespace {

using Problem = std::optional<std::string>;

std::string text_of(const Error& error) {
    return std::string(facts(error.code).key) + ": " + error.detail;
}

/// A world without servers.
class NoTransport final : public Transport {
public:
    Result<Answer> post(const std::string&, const std::optional<ServerPin>&, std::string_view,
                        ByteView) override {
        return ErrorCode::unreachable;
    }
};

// --- A replica -----------------------------------------------------------------------------------

Result<Json> ask(Replica& replica, std::string_view method, const Json& parameters) {
    return parse_json(TRY(replica.call(method, format_json(parameters))));
}

/// `fields` as show gives them, siblings included; `promised` may say which of several words.
bool is_shown(const Json& fields, const std::string& promised, const Shown& shown) {
    const std::string field = promised.substr(0, promised.find('\n'));
    const auto found = fields.find(field);
    if (found == fields.end()) {
        return shown.is_sum &&
               std::find(shown.allowed.begin(), shown.allowed.end(), "0") != shown.allowed.end();
    }
    const std::string text = shown.is_sum ? (*found)["value"].dump() : found->dump();
    return std::any_of(shown.allowed.begin(), shown.allowed.end(), [&](const std::string& word) {
        return shown.is_sum ? text == word : text.find(word) != std::string::npos;
    });
}

bool is_closed(const Json& fields, const std::string& promised) {
    const auto found = fields.find(promised.substr(0, promised.find('\n')));
    return found != fields.end() && (*found)["readable"] == false;
}

Problem judge_record(const Result<Json>& record, const std::string& id,
                     const std::map<std::string, Shown>& fields, bool may_be_erased) {
    if (!record) return "record " + id + ": " + text_of(record.error());
    if ((*record)["erased"] == true) {
        if (may_be_erased) return std::nullopt;
        return "record " + id + " was erased by nobody";
    }
    // What its author handed over, its author can no longer open; others have it by then.
    const bool may_be_closed = (*record)["saved"] != "saved";
    for (const auto& [field, shown] : fields) {
        if (may_be_closed && is_closed((*record)["fields"], field)) continue;
        if (!is_shown((*record)["fields"], field, shown)) {
            return "record " + id + " does not show what was saved in " + field;
        }
    }
    return std::nullopt;
}

/// What `who` was promised of a record, where others who wrote in the same field may have
/// superseded it with words of theirs.
std::map<std::string, Shown> promised_of(const Promises& promises, Who who, const std::string& id) {
    auto fields = promises.of(who).records.at(id);
    for (const Who other : replicas) {
        const auto theirs = promises.of(other).tried.find(id);
        if (other == who || theirs == promises.of(other).tried.end()) continue;
        for (const auto& [field, words] : theirs->second) {
            const auto found = fields.find(field);
            if (found == fields.end()) continue;
            auto& allowed = found->second.allowed;
            allowed.insert(allowed.end(), words.begin(), words.end());
        }
    }
    return fields;
}

bool has_turn(const std::map<std::string, Shown>& fields, std::uint64_t turn) {
    return std::all_of(fields.begin(), fields.end(), [&](const auto& field) {
        return field.second.turn == every_turn || field.second.turn == turn % turn_count;
    });
}

Problem judge_records(Replica& replica, const Promises& promises, Who who, std::uint64_t turn) {
    const Kept& kept = promises.of(who);
    for (const auto& [id, fields] : kept.records) {
        if (!has_turn(fields, turn)) continue;
        const auto record = ask(replica, "show", {{"record", id}, {"siblings", true}});
        if (auto problem = judge_record(record, id, promised_of(promises, who, id),
                                        kept.maybe_erased.contains(id))) {
            return problem;
        }
    }
    for (const std::string& id : kept.erased) {
        const auto record = ask(replica, "show", {{"record", id}});
        if (!record) return "erased record " + id + ": " + text_of(record.error());
        if ((*record)["erased"] != true) return "record " + id + " came back";
    }
    return std::nullopt;
}

/// Of keys whose destruction was acknowledged, in a folder where nobody enrolled since.
Problem judge_destroyed(SimulatedDisk& disk) {
    for (const std::string& path : disk.image().files()) {
        const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
        if (name.substr(0, 3) == "key") return path + " is left of destroyed keys";
    }
    return std::nullopt;
}

Problem judge_replica(const Tools& tools, SimulatedDisk& disk, const Promises& promises, Who who,
                      const WallClock& clock, std::uint64_t turn) {
    const Kept& kept = promises.of(who);
    if (kept.is_destroyed && !kept.may_be_enrolled) {
        if (auto problem = judge_destroyed(disk)) return problem;
    }
    DrawnRandom random(1);
    NoTransport nowhere;
    auto opened =
        Replica::open(store_folder, Host{clock, random, tools.cipher, nowhere, {}, "story", disk});
    if (!opened) return "the store does not open: " + text_of(opened.error());
    Replica& replica = **opened;
    const auto unlocked = ask(replica, "unlock", {{"phrase", phrase}});
    if (!unlocked) {
        const bool is_nobodys = unlocked.error().code == ErrorCode::not_enrolled;
        if (is_nobodys && (!kept.is_enrolled || kept.may_be_destroyed)) return std::nullopt;
        return "the store does not unlock: " + text_of(unlocked.error());
    }
    if (kept.is_destroyed && !kept.may_be_enrolled) return "destroyed keys open";
    const auto verified = ask(replica, "verify", Json::object());
    if (!verified) return "verify: " + text_of(verified.error());
    return judge_records(replica, promises, who, turn);
}

// --- The server ----------------------------------------------------------------------------------

Result<Problem> judge_receipts(Database& database, const Delivered& delivered) {
    for (const auto& [log, receipts] : delivered.receipts) {
        const auto row = TRY(load_log(database, log));
        for (const auto& [through, hash] : receipts) {
            if (!row || row->head.sequence < through) {
                return Problem("a receipt was given through " + std::to_string(through) +
                               ", and the log is shorter");
            }
            const auto held = TRY(held_hashes(database, *row, through, through));
            if (held.size() != 1 || held.front() != hash) {
                return Problem("a receipt was given for other changes than these");
            }
        }
    }
    return Problem();
}

Result<Problem> judge_backup(const Tools& tools, SimulatedDisk& disk, const std::string& file,
                             const Delivered& delivered) {
    DatabaseOptions options;
    options.path = file;
    options.is_read_only = true;
    options.files = &disk;
    const auto database = TRY(Database::open(options));
    TRY(verify_chains(*database, tools.cipher));
    return judge_receipts(*database, delivered);
}

Result<Problem> judge_store(ServerStore& store, const Promises& promises) {
    const VerifyReport report = TRY(store.verify({}));
    if (!report.problems.empty()) return Problem("verify: " + report.problems.front());
    const Engine::Reading reading = TRY(store.engine().read());
    return judge_receipts(reading.database(), promises.delivered);
}

Problem judge_server(const Tools& tools, SimulatedDisk& disk, const Promises& promises,
                     const WallClock& clock) {
    DrawnRandom random(1);
    const auto store =
        ServerStore::open(promises.server_folder, false, tools.cipher, random, clock, disk);
    if (!store) return "the server does not start: " + text_of(store.error());
    const auto judged = judge_store(**store, promises);
    if (!judged) return "the server cannot be read: " + text_of(judged.error());
    if (*judged) return *judged;
    for (const auto& [file, delivered] : promises.backups) {
        const auto backup = judge_backup(tools, disk, file, delivered);
        if (!backup) return "the backup: " + text_of(backup.error());
        if (*backup) return "the backup: " + **backup;
    }
    return std::nullopt;
}

}  // namespace

Problem judge(const Tools& tools, Who who, SimulatedDisk& disk, const Promises& promises,
              std::int64_t now_ms, std::uint64_t turn) {
    StoryClock clock;
    clock.ms = now_ms;
    if (who == Who::server) return judge_server(tools, disk, promises, clock);
    return judge_replica(tools, disk, promises, who, clock, turn);
}

Problem judge_reading(Stage& stage, Who reader, Who author, std::uint64_t turn) {
    const Promises promises = *stage.promises();
    const Kept& kept = promises.of(author);
    for (const auto& [id, fields] : kept.records) {
        if (!has_turn(fields, turn)) continue;
        const auto record = stage.call(reader, "show", {{"record", id}, {"siblings", true}});
        if (auto problem = judge_record(record, id, promised_of(promises, author, id),
                                        kept.maybe_erased.contains(id))) {
            return problem;
        }
    }
    return std::nullopt;
}

}  // namespace godwit::campaign
