#include "field-client/replica/store_folder.h"
#include "shared/base/planted.h"

namespace godwit {
namespace {

constexpr std::size_t slot_bytes_max = 4096;

}  // namespace

Result<void> StoreFolder::prepare() {
    if (lock_) return ok();
    TRY(files_.make_folder(path_));
    lock_ = TRY(files_.lock(path_ / "lock"));
    return ok();
}

Result<bool> StoreFolder::has_slot() const {
    return files_.is_there(slot());
}

Result<Bytes> StoreFolder::read_slot() const {
    return files_.read(slot(), slot_bytes_max);
}

Result<void> StoreFolder::write_slot(ByteView slot_bytes) const {
    const auto fresh = path_ / "key.new";
    TRY(files_.write(fresh, slot_bytes));
    if (is_planted(PlantedBug::slot_unsynced)) return files_.rename(fresh, slot());
    return rename_durably(files_, fresh, slot());
}

Result<void> StoreFolder::destroy_slot() {
    if (!TRY(has_slot())) return ok();
    // Its name goes first: half overwritten it would be a store that neither opens nor begins anew.
    TRY(rename_durably(files_, slot(), doomed_slot()));
    return finish_destroying();
}

Result<void> StoreFolder::finish_destroying() {
    const auto doomed = doomed_slot();
    if (!TRY(files_.is_there(doomed))) return ok();
    TRY(prepare());  // Another program may be about it.
    // Overwriting is for disks that write in place; on others unlinking is what counts.
    TRY(files_.write_over(doomed, Bytes(static_cast<std::size_t>(TRY(files_.size(doomed))))));
    TRY(files_.remove(doomed));
    return files_.sync(path_);
}

Result<void> StoreFolder::set_aside_database() const {
    if (!TRY(files_.is_there(database()))) return ok();
    const auto name_of = [&](int number) {
        return path_ / ("unreadable-" + std::to_string(number) + ".db");
    };
    int number = 1;
    while (TRY(files_.is_there(name_of(number)))) ++number;
    const std::filesystem::path aside = name_of(number);
    // What lies beside it goes first: left behind, it would be taken for part of the next database.
    for (const char* rest : {"-wal", "-shm", "-journal"}) {
        const std::filesystem::path file = database().string() + rest;
        if (TRY(files_.is_there(file))) TRY(files_.rename(file, aside.string() + rest));
    }
    TRY(files_.sync(path_));
    TRY(files_.rename(database(), aside));
    return files_.sync(path_);
}

}  // namespace godwit
