#include "field-client/cli/app_host/shared_replica.h"

#include <algorithm>
#include <array>

#include "field-client/replica/iso_time.h"

namespace godwit {

namespace {

constexpr std::string_view sync_request = R"({"jsonrpc":"2.0","id":0,"method":"sync","params":{}})";
constexpr std::string_view lock_request = R"({"jsonrpc":"2.0","id":0,"method":"lock","params":{}})";

/// The methods that may leave something for the server to hear of.
constexpr std::array writing_methods = std::to_array<std::string_view>(
    {"capture", "capture_many", "write_many", "edit", "add", "remove", "count", "note", "archive",
     "erase", "resolve", "review", "adopt", "team", "member", "invite", "revoke", "grant"});

/// A refusal as `last_sync` tells it.
Json refusal_of(const Json& error) {
    const Json& data = member(error, "data");
    return {{"code", text_member(data, "code")},
            {"kind", text_member(data, "kind")},
            {"message", text_member(error, "message")},
            {"next", text_member(data, "next")}};
}

}  // namespace

SharedReplica::SharedReplica(const Host& host, MakeTransport make_transport,
                             std::chrono::milliseconds lock_after)
    : host_{host.wall, host.random, host.cipher, host.transport, {}, host.app_version, host.files},
      make_transport_(std::move(make_transport)),
      lock_after_(lock_after),
      asked_(std::chrono::steady_clock::now()) {
    host_.progress = [this](std::string_view step, std::uint64_t done, std::uint64_t total) {
        const std::scoped_lock held(told_mutex_);
        told_.step = step;
        told_.done = done;
        told_.total = total;
    };
}

Result<std::unique_ptr<SharedReplica>> SharedReplica::open(const std::filesystem::path& folder,
                                                           const Host& host,
                                                           MakeTransport make_transport,
                                                           std::chrono::milliseconds lock_after) {
    std::unique_ptr<SharedReplica> shared(
        new SharedReplica(host, std::move(make_transport), lock_after));
    shared->replica_ = TRY(Replica::open(folder, shared->host_));
    shared->told_.is_enrolled = shared->replica_->is_enrolled();
    shared->syncer_ = std::thread(&SharedReplica::sync_when_due, shared.get());
    shared->locker_ = std::thread(&SharedReplica::lock_when_idle, shared.get());
    return shared;
}

SharedReplica::~SharedReplica() {
    close();
    if (syncer_.joinable()) syncer_.join();
    if (locker_.joinable()) locker_.join();
}

void SharedReplica::close() {
    {
        const std::scoped_lock held(told_mutex_);
        is_stopping_ = true;
        schedule_.locked();
    }
    changed_.notify_all();
    const std::scoped_lock held(replica_mutex_);
    replica_.reset();
}

std::string SharedReplica::call(std::string_view request) {
    const auto parsed = parse_json(request, "the request");
    const std::string method = parsed ? text_member(*parsed, "method") : "";
    if (method == "host") {
        return format_json(
            {{"jsonrpc", "2.0"}, {"id", member(*parsed, "id")}, {"result", host_result()}});
    }
    // A page that is merely open asks how things stand, and is no use.
    if (method != "status") {
        const std::scoped_lock held(told_mutex_);
        asked_ = std::chrono::steady_clock::now();
    }
    return carry(request, method);
}

std::string SharedReplica::carry(std::string_view request, std::string_view method) {
    const bool is_sync = method == "sync";
    if (is_sync) {
        const std::scoped_lock held(told_mutex_);
        ++told_.syncs_under_way;
    }
    std::string answer = answer_to(request, method);
    if (is_sync) {
        const std::scoped_lock held(told_mutex_);
        if (--told_.syncs_under_way == 0) told_.step.clear();
    }
    return answer;
}

std::string SharedReplica::answer_to(std::string_view request, std::string_view method) {
    std::unique_lock held(replica_mutex_);
    if (!replica_) return Replica::refusal(request, Error{ErrorCode::stopping, {}});
    std::unique_ptr<Transport> transport;
    Replica::Call call = replica_->begin(request);
    while (const Post* wanted = call.wanted()) {
        const Post post = *wanted;  // It goes when the call is dropped.
        if (!transport) transport = make_transport_();
        held.unlock();
        auto heard = transport->post(post.server, post.pin, post.path, post.body);
        held.lock();
        call.take({std::move(heard), transport->may_have_sent()});
    }
    std::string answer = call.answer();
    look_at(method, answer);
    return answer;
}

/// Keeps the schedule by what was done; the replica is held meanwhile.
void SharedReplica::look_at(std::string_view method, const std::string& answer) {
    const bool is_locked = !replica_ || !replica_->is_unlocked();
    const bool is_writing =
        std::find(writing_methods.begin(), writing_methods.end(), method) != writing_methods.end();
    const auto now = std::chrono::steady_clock::now();
    const std::scoped_lock held(told_mutex_);
    told_.is_enrolled = replica_ && replica_->is_enrolled();
    if (method == "sync") note_sync(Json::parse(answer, nullptr, false));
    if (is_locked) {
        schedule_.locked();
    } else if (told_.is_locked) {
        schedule_.unlocked(now);
    } else if (is_writing) {
        schedule_.written(now);
    }
    told_.is_locked = is_locked;
    changed_.notify_all();
}

void SharedReplica::note_sync(const Json& answer) {
    const Json& error = member(answer, "error");
    const Json refusal = error.is_null() ? Json() : refusal_of(error);
    // Another sync is under way, or the store was locked meanwhile: nothing was learnt.
    const std::string code = text_member(refusal, "code");
    if (code == facts(ErrorCode::exchange_under_way).key ||
        code == facts(ErrorCode::store_locked).key) {
        return;
    }
    told_.last_sync = {{"at", format_moment(host_.wall.now_ms())}, {"refusal", refusal}};
    const auto now = std::chrono::steady_clock::now();
    refusal.is_null() ? schedule_.synced(now) : schedule_.refused(now);
}

Json SharedReplica::host_result() {
    using std::chrono::seconds;
    const std::scoped_lock held(told_mutex_);
    const auto due = schedule_.due();
    Json next = nullptr;
    if (due) {
        const auto left = *due - std::chrono::steady_clock::now();
        next = std::max<std::int64_t>(0, std::chrono::ceil<seconds>(left).count());
    }
    return {{"enrolled", told_.is_enrolled},
            {"locked", told_.is_locked},
            {"syncing", told_.syncs_under_way > 0},
            {"step", told_.step.empty() ? Json() : Json(told_.step)},
            {"done", told_.done},
            {"total", told_.total},
            {"last_sync", told_.last_sync},
            {"next_sync_s", next},
            {"version", host_.app_version}};
}

void SharedReplica::sync_when_due() {
    std::unique_lock held(told_mutex_);
    while (!is_stopping_) {
        const auto due = schedule_.due();
        if (!due) {
            changed_.wait(held);
        } else if (*due > std::chrono::steady_clock::now()) {
            changed_.wait_until(held, *due);
        } else {
            schedule_.begun(std::chrono::steady_clock::now());
            held.unlock();
            carry(sync_request, "sync");
            held.lock();
        }
    }
}

void SharedReplica::lock_when_idle() {
    std::unique_lock held(told_mutex_);
    while (!is_stopping_) {
        const auto end = asked_ + lock_after_;
        if (told_.is_locked) {
            changed_.wait(held);
        } else if (end > std::chrono::steady_clock::now()) {
            changed_.wait_until(held, end);
        } else {
            held.unlock();
            carry(lock_request, "lock");
            held.lock();
        }
    }
}

}  // namespace godwit
