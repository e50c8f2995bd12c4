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

}  // namespace

Result<void> write_private_file(const std::filesystem::path& path, const std::string& content) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        if (errno == EEXIST) return Error{ErrorCode::already_there, path.string()};
        return Error{ErrorCode::storage_failed, path.string() + ": " + reason()};
    }
    const bool is_written = write_all(file, content) && ::fsync(file) == 0;
    const std::string why = is_written ? std::string() : reason();
    ::close(file);
    const auto folder = std::filesystem::absolute(path).parent_path();
    if (is_written && sync_folder(folder)) return ok();
    ::unlink(path.c_str());
    return Error{ErrorCode::storage_failed, path.string() + ": " + why};
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
