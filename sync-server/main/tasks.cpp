#include "sync-server/main/tasks.h"

#include <ctime>
#include <system_error>

#include "shared/base/text.h"
#include "sync-server/main/private_file.h"

namespace godwit {
namespace {

Json contact_row(const StoreStatus::ReplicaRow& row) {
    return {{"replica", to_text(row.replica)},
            {"last_contact", format_time(row.last_contact_ms)},
            {"unsent", row.unsent},
            {"clock_offset_ms", row.clock_offset_ms},
            {"app_version", row.app_version}};
}

Result<Json> status(const TaskParts& parts) {
    const StoreStatus found = TRY(parts.store.status());
    Json result = {{"url", url_of(parts.identity.host, parts.identity.port)},
                   {"serving", static_cast<bool>(parts.counts)},
                   {"founded", found.is_founded},
                   {"epoch", found.epoch},
                   {"changes", found.changes},
                   {"records", found.records},
                   {"parked", found.parked},
                   {"replicas", found.replicas},
                   {"teams", found.teams},
                   {"last_backup", nullptr},
                   {"contacts", Json::array()}};
    if (found.last_backup_ms) result["last_backup"] = format_time(*found.last_backup_ms);
    for (const auto& row : found.contacts) result["contacts"].push_back(contact_row(row));
    if (parts.counts) {
        const ServiceCounts counts = parts.counts();
        result["service"] = {{"exchanges", counts.exchanges},
                             {"refused", counts.refused},
                             {"changes", counts.changes},
                             {"commits", counts.commits}};
    }
    return result;
}

Result<Json> verify(const TaskParts& parts, const Progress& progress) {
    const VerifyReport report = TRY(parts.store.verify(progress));
    if (!report.problems.empty()) {
        constexpr std::size_t shown_max = 20;
        std::string detail = std::to_string(report.problems.size()) + " problems";
        for (std::size_t index = 0; index < std::min(shown_max, report.problems.size()); ++index) {
            detail += "; " + report.problems[index];
        }
        return Error{ErrorCode::storage_corrupt, detail};
    }
    return Json{{"changes", report.changes},
                {"segments", report.segments},
                {"records", report.records},
                {"problems", Json::array()}};
}

Result<Json> backup(const TaskParts& parts, const Json& request, const Progress& progress) {
    const auto file = request.find("file");
    if (file == request.end() || !file->is_string()) {
        return Error{ErrorCode::wrong_parameters, "no file to back up to"};
    }
    const std::filesystem::path path(file->get<std::string>());
    const std::filesystem::path keys = keys_path(path);
    const auto keys_wish = request.find("keys");
    const bool wants_keys = keys_wish == request.end() || *keys_wish != false;
    if (!path.is_absolute()) return Error{ErrorCode::wrong_parameters, "not an absolute path"};
    std::error_code fault;
    if (std::filesystem::exists(path, fault)) {
        return Error{ErrorCode::already_there, path.string()};
    }
    bool has_made_keys = false;
    if (wants_keys) {
        has_made_keys = TRY(keep_private_file(keys, format_identity(parts.identity)));
    }
    const ServerKeys server = keys_of(parts.identity, parts.cipher);
    const auto outcome = parts.store.backup(path, server.signing.secret_key, progress);
    if (!outcome) {
        // A file that has its name is a whole backup, though it could not be noted: it keeps its
        // keys.
        if (has_made_keys && !std::filesystem::exists(path, fault)) {
            std::filesystem::remove(keys, fault);
        }
        return outcome.error();
    }
    Json result = {{"file", path.string()},
                   {"bytes", std::filesystem::file_size(path, fault)},
                   {"keys", nullptr}};
    if (wants_keys) result["keys"] = keys.string();
    return result;
}

Result<Json> digest(const TaskParts& parts, const Json& request) {
    std::optional<ReplicaId> replica;
    if (const auto named = request.find("replica"); named != request.end()) {
        if (named->is_string()) replica = parse_id<ReplicaId>(named->get<std::string>());
        if (!replica) return Error{ErrorCode::wrong_parameters, "a replica's id has 32 digits"};
    }
    return Json{{"digest", format_hex(TRY(parts.store.digest(replica)))}};
}

}  // namespace

std::filesystem::path keys_path(const std::filesystem::path& backup) {
    std::filesystem::path keys = backup;
    keys += ".keys";
    return keys;
}

std::string format_time(std::int64_t wall_ms) {
    const auto seconds = static_cast<std::time_t>(wall_ms / 1'000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[32];
    const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return std::string(text, size);
}

Result<Json> run_task(const TaskParts& parts, const Json& request, const Progress& progress) {
    const auto task = request.is_object() ? request.find("task") : request.end();
    if (task == request.end() || !task->is_string()) {
        return Error{ErrorCode::wrong_parameters, "no task"};
    }
    const auto& name = task->get_ref<const std::string&>();
    if (name == "status") return status(parts);
    if (name == "verify") return verify(parts, progress);
    if (name == "backup") return backup(parts, request, progress);
    if (name == "digest") return digest(parts, request);
    return Error{ErrorCode::unknown_method, "no task is called so"};
}

}  // namespace godwit
