#include "sync-server/store/server_store.h"

#include <map>

#include "shared/base/planted.h"
#include "shared/base/text.h"
#include "shared/merge/digest.h"
#include "shared/sqlite/migration.h"
#include "sync-server/store/change_log_table.h"
#include "sync-server/store/engine.h"
#include "sync-server/store/epoch_table.h"
#include "sync-server/store/roster_table.h"
#include "sync-server/store/sight.h"
#include "sync-server/store/verification.h"

namespace godwit {
namespace {

Result<std::uint64_t> count(Database& database, std::string_view sql) {
    Query select = TRY(database.prepare(sql));
    TRY(select.step());
    return select.column_unsigned(0);
}

/// A name for a file in the making. When it goes, so does what lies there under that name and what
/// SQLite may have left beside it; a file that has been renamed stays.
class TemporaryFile {
public:
    TemporaryFile(Files& files, std::filesystem::path path)
        : files_(files), path_(std::move(path)) {
        remove();
    }
    ~TemporaryFile() { remove(); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    void remove() const {
        for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
            std::filesystem::path path = path_;
            path += suffix;
            const auto is_there = files_.is_there(path);
            if (is_there && !*is_there) continue;
            static_cast<void>(static_cast<bool>(files_.remove(path)));
        }
    }

    Files& files_;
    std::filesystem::path path_;
};

std::filesystem::path beside(const std::filesystem::path& file, const char* suffix) {
    std::filesystem::path out = file;
    out += suffix;
    return out;
}

class SqliteServerStore final : public ServerStore {
public:
    SqliteServerStore(std::unique_ptr<Engine> engine, const Cipher& cipher, const WallClock& wall)
        : engine_(std::move(engine)), cipher_(cipher), wall_(wall) {}

    Engine& engine() override { return *engine_; }

    Result<StoreStatus> status() override {
        const Engine::Reading reading = TRY(engine_->read());
        Database& database = reading.database();
        StoreStatus status;
        status.epoch = to_text(TRY(present_epoch(database)).id);
        status.changes = TRY(count(database, "SELECT coalesce(sum(sequence), 0) FROM change_log"));
        status.records = TRY(count(database, "SELECT count(*) FROM record"));
        status.parked = TRY(count(database, "SELECT count(*) FROM parked"));
        status.last_backup_ms = TRY(last_backup_ms(database));
        if (const auto roster = TRY(load_roster(database, cipher_))) {
            status.is_founded = roster->is_founded();
            status.replicas = roster->replicas().size();
            status.teams = roster->teams().size();
        }
        std::map<ReplicaId, Contact> newest;
        for (auto& [replica, contact] : TRY(contacts(database))) newest[replica] = contact;
        for (auto& [replica, contact] : engine_->contacts().unwritten()) {
            Contact& known = newest[replica];
            if (contact.app_version.empty()) contact.app_version = known.app_version;
            known = contact;
        }
        for (auto& [replica, contact] : newest) {
            status.contacts.push_back({replica, contact.last_contact_ms, contact.unsent,
                                       contact.clock_offset_ms, contact.app_version});
        }
        return status;
    }

    Result<VerifyReport> verify(const Progress& progress) override {
        const auto database = TRY(engine_->open_reader());
        const Transaction pinned = TRY(Transaction::begin(*database, Transaction::Access::read));
        return verify_everything(*database, cipher_, progress);
    }

    Result<void> backup(const std::filesystem::path& file, const SigningSecretKey& server,
                        const Progress& progress) override {
        Files& files = engine_->files();
        if (TRY(files.is_there(file))) {
            return Error{ErrorCode::already_there, file.filename().string()};
        }
        const std::int64_t backed_up_ms = wall_.now_ms();
        TemporaryFile copy(files, beside(file, ".unverified"));
        TRY(TRY(engine_->open_reader())->backup_to(copy.path(), progress));
        std::vector<LogRow> logs;
        EpochId epoch;
        {
            DatabaseOptions options;
            options.path = copy.path();
            options.is_read_only = true;
            options.files = &files;
            const auto database = TRY(Database::open(options));
            TRY(verify_chains(*database, cipher_));
            logs = TRY(all_logs(*database));
            epoch = TRY(present_epoch(*database)).id;
        }
        TRY(rename_durably(files, copy.path(), file));
        return mark_safe(logs, epoch, backed_up_ms, server);
    }

    Result<Digest> digest(const std::optional<ReplicaId>& replica) override {
        const Engine::Reading reading = TRY(engine_->read());
        const auto roster = TRY(load_roster(reading.database(), cipher_));
        if (replica && (!roster || roster->replica(*replica) == nullptr)) {
            return ErrorCode::unknown_replica;
        }
        std::map<TeamId, Sight> sights;
        StateDigest digest;
        RecordCursor cursor = TRY(RecordCursor::all(reading.database()));
        while (TRY(cursor.next())) {
            const RecordRow& row = cursor.row();
            if (replica) {
                auto sight = sights.find(row.team);
                if (sight == sights.end()) {
                    sight = sights.emplace(row.team, sight_of(*roster, *replica, row.team)).first;
                }
                if (!may_see(row.type, row.owners, sight->second)) continue;
            }
            digest.add(row.id, TRY(cursor.state()));
        }
        return digest.finish();
    }

private:
    Result<void> mark_safe(const std::vector<LogRow>& logs, const EpochId& epoch,
                           std::int64_t backed_up_ms, const SigningSecretKey& server) {
        const Engine::Writing writing = engine_->write();
        Transaction transaction = TRY(Transaction::begin(writing.database()));
        for (const LogRow& row : logs) {
            if (row.head.sequence == 0) continue;
            SafeMark mark{epoch, row.log, row.head.sequence, backed_up_ms, {}};
            if (is_planted(PlantedBug::safe_too_early)) ++mark.through;
            sign(cipher_, mark, server);
            TRY(save_safe_mark(writing.database(), mark));
        }
        TRY(note_backup(writing.database(), backed_up_ms));
        return transaction.commit();
    }

    std::unique_ptr<Engine> engine_;
    const Cipher& cipher_;
    const WallClock& wall_;
};

/// Makes a copied database the first of a new epoch.
Result<void> prepare_restored(const std::filesystem::path& path, const Cipher& cipher,
                              Random& random, const WallClock& wall, Files& files) {
    DatabaseOptions options;
    options.path = path;
    options.files = &files;
    const auto database = TRY(Database::open(options));
    TRY(migrate(*database, server_migrations(), wall));
    TRY(verify_chains(*database, cipher));
    Transaction transaction = TRY(Transaction::begin(*database));
    TRY(begin_next_epoch(*database, random, wall));
    // Marks of another epoch say nothing here.
    TRY(clear_safe_marks(*database));
    TRY(transaction.commit());
    return database->checkpoint();
}

}  // namespace

Result<std::unique_ptr<ServerStore>> ServerStore::open(const std::filesystem::path& folder,
                                                       bool create, const Cipher& cipher,
                                                       Random& random, const WallClock& wall,
                                                       Files& files) {
    auto engine = TRY(Engine::open(folder, create, random, wall, files));
    return std::unique_ptr<ServerStore>(
        std::make_unique<SqliteServerStore>(std::move(engine), cipher, wall));
}

Result<void> ServerStore::restore(const std::filesystem::path& file,
                                  const std::filesystem::path& folder, const Cipher& cipher,
                                  Random& random, const WallClock& wall, Files& files) {
    if (TRY(files.is_there(folder / database_name))) {
        return Error{ErrorCode::storage_failed, "a database is there already"};
    }
    TemporaryFile copy(files, folder / "godwit.db.restoring");
    {
        DatabaseOptions options;
        options.path = file;
        options.is_read_only = true;
        options.files = &files;
        const auto source = TRY(Database::open(options));
        TRY(source->backup_to(copy.path(), {}));
    }
    TRY(prepare_restored(copy.path(), cipher, random, wall, files));
    return rename_durably(files, copy.path(), folder / database_name);
}

}  // namespace godwit
