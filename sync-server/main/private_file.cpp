#include "sync-server/main/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace godwit {
namespace {

constexpr std::size_t small_bytes_max = 1U << 20U;

std::string reason() {
    return std::generic_category().message(errno);
}

Error failed(const std::filesystem::path& path) {
    const auto code = errno == ENOSPC ? ErrorCode::storage_full : ErrorCode::storage_failed;
    return Error{code, path.string() + ": " + reason()};
}

bool write_all(int file, std::string_view content) {
    while (!content.empty()) {
        const ssize_t count = ::write(file, content.data(), content.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

bool sync_folder(const std::filesystem::path& folder) {
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool is_synced = file >= 0 && ::fsync(file) == 0;
    if (file >= 0) ::close(file);
    return is_synced;
}

/// Never in the place of another file.
bool give_name(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
        return true;
    }
    // Some file systems know no such renaming; nobody else writes in these folders.
    if (errno != EINVAL && errno != ENOSYS) return false;
    if (::access(to.c_str(), F_OK) == 0) {
        errno = EEXIST;
        return false;
    }
    return ::rename(from.c_str(), to.c_str()) == 0;
}

bool write_new_file(const std::filesystem::path& path, const std::string& content) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return false;
    const bool is_written = write_all(file, content) && ::fsync(file) == 0;
    const int why = errno;
    ::close(file);
    errno = why;
    return is_written;
}

}  // namespace

Result<void> rename_private_file(const std::filesystem::path& from,
                                 const std::filesystem::path& to) {
    if (!give_name(from, to)) {
        if (errno == EEXIST) return Error{ErrorCode::already_there, to.string()};
        return failed(to);
    }
    if (!sync_folder(std::filesystem::absolute(to).parent_path())) return failed(to);
    return ok();
}

Result<void> write_private_file(const std::filesystem::path& path, const std::string& content) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
        return Error{ErrorCode::already_there, path.string()};
    }
    std::filesystem::path part = path;
    part += ".part";
    std::filesystem::remove(part, ignored);  // Left by a program that was killed.
    const bool is_written = write_new_file(part, content);
    const Result<void> outcome = is_written ? rename_private_file(part, path) : failed(path);
    if (outcome) return ok();
    std::filesystem::remove(part, ignored);
    // A name that may not be durable would stand in the way of the next try.
    if (outcome.error().code != ErrorCode::already_there) std::filesystem::remove(path, ignored);
    return outcome;
}

Result<bool> keep_private_file(const std::filesystem::path& path, const std::string& content) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        TRY(write_private_file(path, content));
        return true;
    }
    const auto there = read_small_file(path);
    if (there && *there == content && check_is_private(path)) return false;
    return Error{ErrorCode::already_there, path.string()};
}

Result<std::string> read_small_file(const std::filesystem::path& path) {
    std::error_code fault;
    const auto bytes = std::filesystem::file_size(path, fault);
    if (!fault && bytes > small_bytes_max) return Error{ErrorCode::too_large, path.string()};
    std::ifstream file(path, std::ios::binary);
    if (fault || !file) return Error{ErrorCode::file_unreadable, path.string()};
    return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<void> check_is_private(const std::filesystem::path& path) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) {
        return Error{ErrorCode::no_store, path.string() + ": " + reason()};
    }
    if ((facts.st_mode & 077U) != 0) {
        return Error{ErrorCode::store_unsafe, path.string() + " is open to others than its owner"};
    }
    if (facts.st_uid != ::geteuid()) {
        return Error{ErrorCode::store_unsafe, path.string() + " belongs to another user"};
    }
    return ok();
}

}  // namespace godwit
