#include "tests/disk/disk_vfs.h"

#include <atomic>
#include <new>
#include <thread>

#include "tests/disk/image.h"

namespace godwit {
namespace {

using Outcome = DiskWork::Outcome;

struct OpenFile {
    DiskVfs* vfs{};
    std::string path;  ///< Empty for a nameless file.
    DiskWork::FileNumber number{};
    int level{SQLITE_LOCK_NONE};
    bool must_sync_folder{};
    bool is_removed_on_close{};
};

/// SQLite allocates this; base comes first.
struct FileSlot {
    sqlite3_file base;
    OpenFile* file;
};

OpenFile& opened(sqlite3_file* base) {
    return *reinterpret_cast<FileSlot*>(base)->file;
}

DiskVfs& of(sqlite3_vfs* vfs) {
    return *static_cast<DiskVfs*>(vfs->pAppData);
}

int code_for(Outcome outcome, int failure) {
    if (outcome == Outcome::done) return SQLITE_OK;
    return outcome == Outcome::full ? SQLITE_FULL : failure;
}

// --- A file --------------------------------------------------------------------------------------

int close_file(sqlite3_file* base) {
    const std::unique_ptr<OpenFile> file(&opened(base));
    DiskVfs& vfs = *file->vfs;
    vfs.locks().unlock(file->number, file.get(), file->level, SQLITE_LOCK_NONE);
    if (file->is_removed_on_close && !file->path.empty()) {
        static_cast<void>(vfs.work().remove(file->path));
    }
    vfs.work().note_close();
    return SQLITE_OK;
}

int read_file(sqlite3_file* base, void* out, int bytes, sqlite3_int64 offset) {
    OpenFile& file = opened(base);
    const std::span<std::uint8_t> into(static_cast<std::uint8_t*>(out),
                                       static_cast<std::size_t>(bytes));
    std::size_t count = 0;
    const Outcome outcome = file.vfs->work().read(file.path, file.number,
                                                  static_cast<std::uint64_t>(offset), into, count);
    if (outcome != Outcome::done) return SQLITE_IOERR_READ;
    if (count == into.size()) return SQLITE_OK;
    std::memset(into.data() + count, 0, into.size() - count);
    return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* base, const void* from, int bytes, sqlite3_int64 offset) {
    OpenFile& file = opened(base);
    const ByteView view(static_cast<const std::uint8_t*>(from), static_cast<std::size_t>(bytes));
    return code_for(
        file.vfs->work().write(file.path, file.number, static_cast<std::uint64_t>(offset), view),
        SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* base, sqlite3_int64 size) {
    OpenFile& file = opened(base);
    return code_for(
        file.vfs->work().resize(file.path, file.number, static_cast<std::uint64_t>(size)),
        SQLITE_IOERR_TRUNCATE);
}

int sync_file(sqlite3_file* base, int) {
    OpenFile& file = opened(base);
    const Outcome outcome = file.vfs->work().sync(file.path, file.number);
    if (outcome != Outcome::done) return SQLITE_IOERR_FSYNC;
    if (std::exchange(file.must_sync_folder, false)) {
        static_cast<void>(file.vfs->work().sync_names(folder_of(file.path)));
    }
    return SQLITE_OK;
}

int size_of_file(sqlite3_file* base, sqlite3_int64* size) {
    OpenFile& file = opened(base);
    std::uint64_t bytes = 0;
    const Outcome outcome = file.vfs->work().look_size(file.path, file.number, bytes);
    *size = static_cast<sqlite3_int64>(bytes);
    return code_for(outcome, SQLITE_IOERR_FSTAT);
}

int lock_file(sqlite3_file* base, int level) {
    OpenFile& file = opened(base);
    if (file.level >= level) return SQLITE_OK;
    if (file.vfs->work().try_lock(file.path) != Outcome::done) return SQLITE_IOERR_LOCK;
    file.level = file.vfs->locks().lock(file.number, &file, file.level, level);
    return file.level >= level ? SQLITE_OK : SQLITE_BUSY;
}

int unlock_file(sqlite3_file* base, int level) {
    OpenFile& file = opened(base);
    file.vfs->locks().unlock(file.number, &file, file.level, level);
    file.level = std::min(file.level, level);
    return SQLITE_OK;
}

int check_reserved(sqlite3_file* base, int* is_reserved) {
    OpenFile& file = opened(base);
    *is_reserved = file.vfs->locks().is_reserved(file.number) ? 1 : 0;
    return SQLITE_OK;
}

int control_file(sqlite3_file*, int wish, void* argument) {
    if (wish != SQLITE_FCNTL_MMAP_SIZE) return SQLITE_NOTFOUND;
    *static_cast<sqlite3_int64*>(argument) = 0;  // Nothing is mapped, whatever was asked.
    return SQLITE_OK;
}

int sector_size(sqlite3_file* base) {
    return static_cast<int>(opened(base).vfs->work().sector_bytes());
}

int characteristics(sqlite3_file* base) {
    return opened(base).vfs->work().is_powersafe() ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0;
}

// --- Shared memory -------------------------------------------------------------------------------

int map_shared(sqlite3_file* base, int index, int bytes, int is_made, void volatile** out) {
    OpenFile& file = opened(base);
    *out = file.vfs->locks().map(file.number, &file, static_cast<std::size_t>(index),
                                 static_cast<std::size_t>(bytes), is_made != 0);
    return SQLITE_OK;
}

int lock_shared(sqlite3_file* base, int first, int count, int flags) {
    OpenFile& file = opened(base);
    return file.vfs->locks().lock_shared(file.number, &file, first, count, flags);
}

void shared_barrier(sqlite3_file* base) {
    opened(base).vfs->locks().barrier();
}

int unmap_shared(sqlite3_file* base, int) {
    OpenFile& file = opened(base);
    file.vfs->locks().unmap(file.number, &file);
    return SQLITE_OK;
}

constexpr sqlite3_io_methods methods = {
    2,
    close_file,
    read_file,
    write_file,
    truncate_file,
    sync_file,
    size_of_file,
    lock_file,
    unlock_file,
    check_reserved,
    control_file,
    sector_size,
    characteristics,
    map_shared,
    lock_shared,
    shared_barrier,
    unmap_shared,
    nullptr,
    nullptr,
};

// --- The VFS -------------------------------------------------------------------------------------

Outcome find_or_make(DiskWork& work, OpenFile& file, int flags) {
    if (file.path.empty()) {
        file.number = work.make_nameless();
        return Outcome::done;
    }
    Outcome outcome = work.open(file.path, file.number);
    if (outcome == Outcome::missing && (flags & SQLITE_OPEN_CREATE) != 0) {
        outcome = work.make(file.path, false, file.number);
    }
    return outcome;
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags, int* flags_out) {
    auto& slot = *reinterpret_cast<FileSlot*>(base);
    slot.base.pMethods = nullptr;
    auto file = std::make_unique<OpenFile>();
    file->vfs = &of(vfs);
    file->path = name != nullptr ? name : "";
    file->is_removed_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    constexpr int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    file->must_sync_folder = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & journals) != 0;
    const Outcome outcome = find_or_make(file->vfs->work(), *file, flags);
    if (outcome != Outcome::done) return code_for(outcome, SQLITE_CANTOPEN);
    file->vfs->work().note_open();
    if (flags_out != nullptr) *flags_out = flags;
    slot.file = file.release();
    slot.base.pMethods = &methods;
    return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int must_sync) {
    DiskWork& work = of(vfs).work();
    const Outcome outcome = work.remove(name);
    if (outcome == Outcome::missing) return SQLITE_IOERR_DELETE_NOENT;
    if (outcome != Outcome::done) return SQLITE_IOERR_DELETE;
    if (must_sync == 0) return SQLITE_OK;
    return code_for(work.sync_names(folder_of(name)), SQLITE_IOERR_DIR_FSYNC);
}

int look_for_file(sqlite3_vfs* vfs, const char* name, int, int* is_there) {
    bool found = false;
    const Outcome outcome = of(vfs).work().look(name, found);
    *is_there = found ? 1 : 0;
    return code_for(outcome, SQLITE_IOERR_ACCESS);
}

int full_path(sqlite3_vfs*, const char* name, int bytes_max, char* out) {
    if (name[0] != '/') return SQLITE_CANTOPEN;
    sqlite3_snprintf(bytes_max, out, "%s", name);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int bytes, char* out) {
    for (int index = 0; index < bytes; ++index) {
        out[index] = static_cast<char>(of(vfs).work().draw() & 0x7fU);
    }
    return bytes;
}

// Whoever waits lets others go on; no time passes.
int sleep_for(sqlite3_vfs*, int microseconds) {
    std::this_thread::yield();
    return microseconds;
}

int current_time_ms(sqlite3_vfs* vfs, sqlite3_int64* out) {
    constexpr sqlite3_int64 epoch_ms = 210'866'760'000'000;  // 1970 in Julian milliseconds.
    *out = epoch_ms + of(vfs).work().now_ms();
    return SQLITE_OK;
}

int current_time(sqlite3_vfs* vfs, double* out) {
    sqlite3_int64 now = 0;
    const int code = current_time_ms(vfs, &now);
    *out = static_cast<double>(now) / 86'400'000.0;
    return code;
}

int last_error(sqlite3_vfs*, int, char*) {
    return 0;
}

std::string next_name() {
    static std::atomic<std::uint64_t> count{0};
    return "simulated-disk-" + std::to_string(++count);
}

}  // namespace

DiskVfs::DiskVfs(DiskWork& work) : work_(work), name_(next_name()) {
    vfs_.iVersion = 2;
    vfs_.szOsFile = sizeof(FileSlot);
    vfs_.mxPathname = 512;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.xOpen = open_file;
    vfs_.xDelete = delete_file;
    vfs_.xAccess = look_for_file;
    vfs_.xFullPathname = full_path;
    vfs_.xRandomness = randomness;
    vfs_.xSleep = sleep_for;
    vfs_.xCurrentTime = current_time;
    vfs_.xGetLastError = last_error;
    vfs_.xCurrentTimeInt64 = current_time_ms;
    sqlite3_vfs_register(&vfs_, 0);
}

DiskVfs::~DiskVfs() {
    sqlite3_vfs_unregister(&vfs_);
}

}  // namespace godwit
