#include "shared/sqlite/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace godwit {
namespace {

/// Closes a descriptor on every way out.
class Descriptor final : public Files::Lock {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() override {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool is_open() const { return number_ >= 0; }

private:
    int number_;
};

Error failed(const Files::Path& path, std::string_view what) {
    const int reason = errno;
    const auto code = reason == ENOSPC ? ErrorCode::storage_full : ErrorCode::storage_failed;
    return Error{code, path.filename().string() + " " + std::string(what) + ": " +
                           std::generic_category().message(reason)};
}

Result<void> write_all(int number, const Files::Path& file, ByteView bytes) {
    while (!bytes.empty()) {
        const ::ssize_t written = ::write(number, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return failed(file, "could not be written");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    if (::fsync(number) != 0) return failed(file, "did not reach the disk");
    return ok();
}

Result<void> write_opened(const Files::Path& file, int flags, ByteView bytes) {
    const Descriptor opened(::open(file.c_str(), O_WRONLY | O_CLOEXEC | flags, S_IRUSR | S_IWUSR));
    if (!opened.is_open()) return failed(file, "could not be opened");
    return write_all(opened.number(), file, bytes);
}

class SystemFiles final : public Files {
public:
    Result<bool> is_there(const Path& path) const override {
        std::error_code reason;
        const auto type = std::filesystem::status(path, reason).type();
        if (type != std::filesystem::file_type::none) {
            return type != std::filesystem::file_type::not_found;
        }
        return Error{ErrorCode::storage_failed,
                     path.filename().string() + " could not be looked for: " + reason.message()};
    }

    Result<std::uint64_t> size(const Path& file) const override {
        std::error_code reason;
        const auto bytes = std::filesystem::file_size(file, reason);
        if (reason) return Error{ErrorCode::storage_failed, reason.message()};
        return std::uint64_t{bytes};
    }

    Result<void> make_folder(const Path& folder) override {
        std::error_code ignored;
        if (std::filesystem::is_directory(folder, ignored)) return ok();
        const Path above = std::filesystem::absolute(folder, ignored).parent_path();
        if (above != folder) TRY(make_folder(above));
        if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
            return failed(folder, "could not be made");
        }
        return sync(above);
    }

    Result<void> make_file(const Path& file) override {
        const Descriptor made(
            ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
        if (!made.is_open()) return failed(file, "could not be made");
        return ok();
    }

    Result<Bytes> read(const Path& file, std::size_t bytes_max) const override {
        const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
        if (!opened.is_open()) return failed(file, "could not be opened");
        Bytes bytes(bytes_max + 1);
        std::size_t count = 0;
        while (count < bytes.size()) {
            const ::ssize_t got =
                ::read(opened.number(), bytes.data() + count, bytes.size() - count);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return failed(file, "could not be read");
            if (got == 0) break;
            count += static_cast<std::size_t>(got);
        }
        if (count > bytes_max) {
            return Error{ErrorCode::storage_corrupt, file.filename().string() + " is too large"};
        }
        bytes.resize(count);
        return bytes;
    }

    Result<void> write(const Path& file, ByteView bytes) override {
        return write_opened(file, O_CREAT | O_TRUNC, bytes);
    }

    Result<void> write_over(const Path& file, ByteView bytes) override {
        return write_opened(file, 0, bytes);
    }

    Result<void> rename(const Path& from, const Path& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) return failed(from, "could not be renamed");
        return ok();
    }

    Result<void> remove(const Path& file) override {
        if (::unlink(file.c_str()) != 0) return failed(file, "could not be removed");
        return ok();
    }

    Result<void> sync(const Path& path) override {
        const Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!opened.is_open() || ::fsync(opened.number()) != 0) {
            return failed(path, "could not be synced");
        }
        return ok();
    }

    Result<std::unique_ptr<Lock>> lock(const Path& file) override {
        auto opened = std::make_unique<Descriptor>(
            ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
        if (!opened->is_open()) return failed(file, "could not be opened");
        if (::flock(opened->number(), LOCK_EX | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK) return ErrorCode::store_in_use;
            return failed(file, "could not be locked");
        }
        return std::unique_ptr<Lock>(std::move(opened));
    }
};

}  // namespace

Files& system_files() {
    static SystemFiles files;
    return files;
}

Result<void> rename_durably(Files& files, const Files::Path& from, const Files::Path& to) {
    TRY(files.rename(from, to));
    return files.sync(std::filesystem::absolute(to).parent_path());
}

}  // namespace godwit
