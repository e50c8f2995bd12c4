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
    const int descriptor =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0 && errno == EEXIST) return Error{ErrorCode::already_there, path.string()};
    if (descriptor < 0) return unreadable(path.string(), errno);
    return PrivateFile(std::move(path), descriptor);
}

PrivateFile::PrivateFile(PrivateFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      is_kept_(other.is_kept_) {}

PrivateFile::~PrivateFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    if (!is_kept_) ::unlink(path_.c_str());
}

Result<void> PrivateFile::write(std::string_view text) {
    std::string line(text);
    line += '\n';
    std::string_view left = line;
    while (!left.empty()) {
        const ssize_t put = ::write(descriptor_, left.data(), left.size());
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return Error{ErrorCode::storage_failed, path_.string()};
        left.remove_prefix(static_cast<std::size_t>(put));
    }
    if (::fsync(descriptor_) != 0) return Error{ErrorCode::storage_failed, path_.string()};
    return ok();
}

}  // namespace godwit
