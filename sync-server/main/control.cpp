#include "sync-server/main/control.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Thread.h>
#include <Poco/ThreadPool.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>

namespace godwit {
namespace {

namespace net = Poco::Net;

constexpr std::size_t line_bytes_max = 1U << 20U;
constexpr int threads_max = 4;
const Poco::Timespan request_timeout(5, 0);
const Poco::Timespan accept_slice(0, 100'000);  ///< How often it looks whether to stop.
constexpr std::chrono::milliseconds progress_every{200};

// A socket's address holds about a hundred bytes; a longer path is reached through its folder,
// held open.
class SocketPlace {
public:
    explicit SocketPlace(const std::filesystem::path& path) : path_(path.string()) {
        constexpr std::size_t path_bytes_max = 100;
        if (path_.size() <= path_bytes_max) return;
        folder_ = ::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        path_ = "/proc/self/fd/" + std::to_string(folder_) + "/" + path.filename().string();
    }
    ~SocketPlace() {
        if (folder_ >= 0) ::close(folder_);
    }
    SocketPlace(const SocketPlace&) = delete;
    SocketPlace& operator=(const SocketPlace&) = delete;

    [[nodiscard]] net::SocketAddress address() const {
        return net::SocketAddress(net::SocketAddress::UNIX_LOCAL, path_);
    }

private:
    std::string path_;
    int folder_ = -1;
};

void send_line(net::StreamSocket& socket, const Json& value) {
    const std::string line = value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    std::size_t sent = 0;
    while (sent < line.size()) {
        const int count =
            socket.sendBytes(line.data() + sent, static_cast<int>(line.size() - sent));
        if (count <= 0) throw net::ConnectionResetException();
        sent += static_cast<std::size_t>(count);
    }
}

/// Lines of a socket, without their ends.
class LineReader {
public:
    explicit LineReader(net::StreamSocket& socket) : socket_(socket) {}

    /// Nothing when the other end has closed, or the line is too long.
    std::optional<std::string> next() {
        while (true) {
            const auto end = text_.find('\n');
            if (end != std::string::npos) {
                std::string line = text_.substr(0, end);
                text_.erase(0, end + 1);
                return line;
            }
            char buffer[4096];
            const int count = socket_.receiveBytes(buffer, sizeof buffer);
            if (count <= 0 || text_.size() > line_bytes_max) return std::nullopt;
            text_.append(buffer, static_cast<std::size_t>(count));
        }
    }

private:
    net::StreamSocket& socket_;
    std::string text_;
};

/// One connection's work; it deletes itself when done, because nobody else waits for it.
class ControlConnection final : public Poco::Runnable {
public:
    ControlConnection(const net::StreamSocket& socket, const TaskRunner& runner)
        : socket_(socket), runner_(runner) {}

    void run() override {
        const std::unique_ptr<ControlConnection> self(this);
        try {
            socket_.setReceiveTimeout(request_timeout);
            const auto line = LineReader(socket_).next();
            if (line) send_line(socket_, answer_to(*line));
        } catch (const Poco::Exception&) {
            // Whoever asked went away; the task itself was done.
        }
    }

private:
    Json answer_to(const std::string& line) {
        const Json request = Json::parse(line, nullptr, false);
        auto last = std::chrono::steady_clock::time_point();
        const Result<Json> result = runner_(request, [&](std::uint64_t done, std::uint64_t total) {
            const auto now = std::chrono::steady_clock::now();
            if (is_gone_ || now - last < progress_every) return;
            last = now;
            tell_progress(done, total);
        });
        if (result) return {{"result", *result}};
        const Error& error = result.error();
        return {{"error",
                 {{"number", static_cast<std::uint16_t>(error.code)}, {"detail", error.detail}}}};
    }

    // A backup goes on although nobody watches it any more.
    void tell_progress(std::uint64_t done, std::uint64_t total) {
        try {
            send_line(socket_, {{"progress", {done, total}}});
        } catch (const Poco::Exception&) {
            is_gone_ = true;
        }
    }

    net::StreamSocket socket_;
    const TaskRunner& runner_;
    bool is_gone_{};
};

Error error_in(const Json& answer) {
    const Json& error = answer["error"];
    Error made;
    made.code = facts_for_number(error.value("number", std::uint16_t{0})).code;
    made.detail = error.value("detail", "");
    return made;
}

Result<std::optional<Json>> read_answer(net::StreamSocket& socket, const Progress& progress) {
    LineReader lines(socket);
    while (const auto line = lines.next()) {
        const Json answer = Json::parse(*line, nullptr, false);
        if (!answer.is_object()) break;
        if (const auto result = answer.find("result"); result != answer.end()) {
            return std::optional<Json>(std::in_place, *result);
        }
        if (answer.contains("error")) return error_in(answer);
        const auto step = answer.find("progress");
        const bool is_step = step != answer.end() && step->is_array() && step->size() == 2;
        if (is_step && progress) {
            progress((*step)[0].get<std::uint64_t>(), (*step)[1].get<std::uint64_t>());
        }
    }
    return Error{ErrorCode::unreachable, "the server went away"};
}

}  // namespace

class ControlServer::Parts final : public Poco::Runnable {
public:
    Parts(const std::filesystem::path& path, TaskRunner runner)
        : path_(path),
          runner_(std::move(runner)),
          place_(path),
          socket_(place_.address()),
          threads_("control", 1, threads_max) {
        ::chmod(path_.c_str(), 0600);
        acceptor_.start(*this);
    }

    void run() override {
        while (!is_stopping_) {
            try {
                if (socket_.poll(accept_slice, net::Socket::SELECT_READ)) accept_one();
            } catch (const Poco::Exception&) {
                // Out of descriptors or threads: whoever asked is let go, and others must end
                // first.
                Poco::Thread::sleep(50);
            }
        }
    }

    void stop() {
        is_stopping_ = true;
        acceptor_.join();
        socket_.close();
        threads_.joinAll();
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }

private:
    // The connection alone holds its socket before its thread begins, which so is the one to close
    // it.
    void accept_one() {
        auto connection = std::make_unique<ControlConnection>(socket_.acceptConnection(), runner_);
        threads_.start(*connection);
        static_cast<void>(connection.release());  // It owns itself once its thread runs.
    }

    std::filesystem::path path_;
    const TaskRunner runner_;
    SocketPlace place_;
    net::ServerSocket socket_;
    Poco::ThreadPool threads_;
    Poco::Thread acceptor_;
    std::atomic<bool> is_stopping_{};
};

ControlServer::ControlServer() = default;

ControlServer::~ControlServer() {
    stop();
}

Result<std::unique_ptr<ControlServer>> ControlServer::start(const std::filesystem::path& path,
                                                            TaskRunner runner) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    std::unique_ptr<ControlServer> server(new ControlServer);
    try {
        server->parts_ = std::make_unique<Parts>(path, std::move(runner));
    } catch (const Poco::Exception& fault) {
        return Error{ErrorCode::storage_failed, path.string() + ": " + fault.displayText()};
    }
    return server;
}

void ControlServer::stop() {
    if (const auto parts = std::move(parts_)) parts->stop();
}

Result<std::optional<Json>> ask_running_server(const std::filesystem::path& path,
                                               const Json& request, const Progress& progress) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return std::optional<Json>();
    try {
        const SocketPlace place(path);
        net::StreamSocket socket;
        try {
            socket.connect(place.address());
        } catch (const net::ConnectionRefusedException&) {
            return std::optional<Json>();  // Left by a server that was killed.
        }
        send_line(socket, request);
        return read_answer(socket, progress);
    } catch (const Poco::Exception& fault) {
        return Error{ErrorCode::unreachable, "the server's socket: " + fault.displayText()};
    }
}

}  // namespace godwit
