#include "field-client/replica/store_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace godwit {
namespace {

constexpr std::size_t slot_bytes_max = 4096;

/// Closes a descriptor on every way out.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool is_open() const { return number_ >= 0; }
    int release() {
        const int number = number_;
        number_ = -1;
        return number;
    }

private:
    int number_;
};

Error failed(std::string_view what) {
    const int reason = errno;
    const auto code = reason == ENOSPC ? ErrorCode::storage_full : ErrorCode::storage_failed;
    return Error{code, std::string(what) + ": " + std::generic_category().message(reason)};
}

Result<void> write_all(int file, ByteView bytes) {
    while (!bytes.empty()) {
        const ::ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return failed("the key file could not be written");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    if (::fsync(file) != 0) return failed("the key file did not reach the disk");
    return ok();
}

Result<void> sync_folder(const std::filesystem::path& path) {
    const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.is_open() || ::fsync(folder.number()) != 0) {
        return failed("the store's folder did not reach the disk");
    }
    return ok();
}

}  // namespace

StoreFolder::~StoreFolder() {
    if (lock_) ::close(*lock_);
}

Result<void> StoreFolder::prepare() {
    if (lock_) return ok();
    std::error_code reason;
    if (!std::filesystem::is_directory(path_, reason)) {
        std::filesystem::create_directories(path_.parent_path(), reason);
        if (::mkdir(path_.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
            return failed("the store's folder could not be made");
        }
    }
    const auto file = path_ / "lock";
    Descriptor lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!lock.is_open()) return failed("the store's lock file could not be opened");
    if (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return ErrorCode::store_in_use;
        return failed("the store could not be locked");
    }
    lock_ = lock.release();
    return ok();
}

bool StoreFolder::has_slot() const {
    std::error_code reason;
    return std::filesystem::exists(slot(), reason);
}

Result<Bytes> StoreFolder::read_slot() const {
    const Descriptor file(::open(slot().c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return failed("the key file could not be opened");
    Bytes bytes(slot_bytes_max + 1);
    std::size_t count = 0;
    while (count < bytes.size()) {
        const ::ssize_t got = ::read(file.number(), bytes.data() + count, bytes.size() - count);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("the key file could not be read");
        if (got == 0) break;
        count += static_cast<std::size_t>(got);
    }
    if (count > slot_bytes_max) return Error{ErrorCode::storage_corrupt, "the key file is no slot"};
    bytes.resize(count);
    return bytes;
}

Result<void> StoreFolder::write_slot(ByteView slot_bytes) const {
    const auto fresh = path_ / "key.new";
    {
        const Descriptor file(
            ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
        if (!file.is_open()) return failed("the key file could not be made");
        TRY(write_all(file.number(), slot_bytes));
    }
    if (::rename(fresh.c_str(), slot().c_str()) != 0) {
        return failed("the key file could not be put in place");
    }
    return sync_folder(path_);
}

Result<void> StoreFolder::destroy_slot() const {
    if (!has_slot()) return ok();
    {
        const Descriptor file(::open(slot().c_str(), O_WRONLY | O_CLOEXEC));
        struct stat facts {};
        if (!file.is_open() || ::fstat(file.number(), &facts) != 0) {
            return failed("the key file could not be opened");
        }
        // Overwriting is for disks that write in place; on others unlinking is what counts.
        TRY(write_all(file.number(), Bytes(static_cast<std::size_t>(facts.st_size))));
    }
    if (::unlink(slot().c_str()) != 0) return failed("the key file could not be removed");
    return sync_folder(path_);
}

Result<void> StoreFolder::set_aside_database() const {
    std::error_code reason;
    if (!std::filesystem::exists(database(), reason)) return ok();
    std::filesystem::path aside;
    int number = 0;
    do {
        ++number;
        aside = path_ / ("unreadable-" + std::to_string(number) + ".db");
    } while (std::filesystem::exists(aside, reason));
    if (::rename(database().c_str(), aside.c_str()) != 0) {
        return failed("the former database could not be set aside");
    }
    for (const char* rest : {"-wal", "-shm", "-journal"}) {
        const std::filesystem::path file = database().string() + rest;
        std::filesystem::rename(file, aside.string() + rest, reason);  // Mostly there is none.
    }
    return sync_folder(path_);
}

}  // namespace godwit
