#include "field-client/cli/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace godwit {

namespace {

Error unreadable(const std::string& what, int fault) {
    return Error{ErrorCode::file_unreadable, what + ": " + std::string(std::strerror(fault))};
}

Result<std::string> read_all(int descriptor, const std::string& name) {
    std::string out;
    std::array<char, 64U * 1024> buffer{};
    while (true) {
        const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unreadable(name, errno);
        if (got == 0) return out;
        out.append(buffer.data(), static_cast<std::size_t>(got));
        if (out.size() > input_bytes_max) return Error{ErrorCode::too_large, name};
    }
}

Error unwritten(const std::filesystem::path& path) {
    const auto code = errno == ENOSPC ? ErrorCode::storage_full : ErrorCode::storage_failed;
    return Error{code, path.string() + ": " + std::strerror(errno)};
}

bool write_all(int descriptor, std::string_view left) {
    while (!left.empty()) {
        const ssize_t put = ::write(descriptor, left.data(), left.size());
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        left.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

/// Where a private file lies until it is whole.
std::filesystem::path part_of(const std::filesystem::path& path) {
    std::filesystem::path part = path;
    part += ".part";
    return part;
}

/// Never in the place of another file.
Result<void> name_durably(const std::filesystem::path& path) {
    std::error_code fault;
    if (std::filesystem::exists(path, fault)) {
        return Error{ErrorCode::already_there, path.string()};
    }
    if (::rename(part_of(path).c_str(), path.c_str()) != 0) return unwritten(path);
    const auto folder = std::filesystem::absolute(path).parent_path();
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool is_synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    const int why = errno;
    if (descriptor >= 0) ::close(descriptor);
    errno = why;
    if (!is_synced) return unwritten(path);
    return ok();
}

}  // namespace

Result<std::string> read_input(const std::string& path) {
    if (path == "-") return read_all(STDIN_FILENO, "standard input");
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return unreadable(path, errno);
    Result<std::string> out = read_all(descriptor, path);
    ::close(descriptor);
    return out;
}

Result<std::string> read_descriptor(int descriptor) {
    return read_all(descriptor, "descriptor " + std::to_string(descriptor));
}

Result<PrivateFile> PrivateFile::create(std::filesystem::path path) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
        return Error{ErrorCode::already_there, path.string()};
    }
    const std::filesystem::path part = part_of(path);
    std::filesystem::remove(part, ignored);  // Left by a program that was ended.
    const int descriptor =
        ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0 && errno == ENOSPC) return unwritten(path);
    if (descriptor < 0) return unreadable(path.string(), errno);
    return PrivateFile(std::move(path), descriptor);
}

Result<void> PrivateFile::keep_unfinished(const std::filesystem::path& path) {
    std::error_code ignored;
    if (!std::filesystem::exists(part_of(path), ignored)) return ok();
    return name_durably(path);
}

PrivateFile::PrivateFile(PrivateFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      is_kept_(other.is_kept_) {}

PrivateFile::~PrivateFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    if (!is_kept_) ::unlink(part_of(path_).c_str());
}

Result<void> PrivateFile::write(std::string_view text) {
    // The line end apart: a text joined with it would be one more copy of a secret.
    const bool is_written = write_all(descriptor_, text) && write_all(descriptor_, "\n");
    if (!is_written || ::fsync(descriptor_) != 0) return unwritten(path_);
    return ok();
}

Result<void> PrivateFile::keep() {
    is_kept_ = true;
    return name_durably(path_);
}

}  // namespace godwit
