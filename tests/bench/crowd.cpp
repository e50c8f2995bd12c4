#include "tests/bench/crowd.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "tests/bench/workload.h"

namespace godwit::bench {
namespace {

constexpr std::string_view phrase = "bade fimo gulu kapi lore mudo nafe";

double milliseconds_since(std::chrono::steady_clock::time_point begun) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun)
        .count();
}

Json fields_of(const Step& step) {
    Json out = Json::object();
    for (const auto& [field, value] : step.values) out[field] = value;
    return out;
}

}  // namespace

Result<Transport::Answer> TimedTransport::post(const std::string& server,
                                               const std::optional<ServerPin>& pin,
                                               std::string_view path, ByteView body) {
    const auto begun = std::chrono::steady_clock::now();
    auto answer = way_->post(server, pin, path, body);
    if (path == "/v1/exchange") exchanges_ms.push_back(milliseconds_since(begun));
    return answer;
}

Phone::Phone(std::filesystem::path folder, const Cipher& cipher, Random& random)
    : folder_(std::move(folder)), host_{clock_, random, cipher, transport, {}, "bench"} {}

Result<Json> Phone::call(std::string_view method, const Json& parameters) {
    if (!replica_) replica_ = TRY(Replica::open(folder_, host_));
    const std::string result = TRY(replica_->call(method, parameters.dump()));
    return Json::parse(result);
}

Crowd::Crowd(std::filesystem::path folder, std::size_t thread_count)
    : folder_(std::move(folder)),
      thread_count_(thread_count),
      random_(SodiumRandom::create()),
      cipher_(SodiumCipher::create().value()) {}

Outcome Crowd::each(const Part& part) {
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    Outcome outcome;
    const auto begun = std::chrono::steady_clock::now();
    const auto work = [&] {
        for (std::size_t index = next++; index < phones_.size(); index = next++) {
            const Result<void> done = part(*phones_[index], index);
            if (done) continue;
            const std::lock_guard lock(mutex);
            if (outcome.failed++ == 0) {
                outcome.first_failure =
                    std::string(facts(done.error().code).key) + " " + done.error().detail;
            }
        }
    };
    std::vector<std::thread> threads;
    for (std::size_t count = 0; count < thread_count_; ++count) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    outcome.wall_s = milliseconds_since(begun) / 1000;
    return outcome;
}

Outcome Crowd::enrol(const std::vector<std::string>& invitations) {
    for (std::size_t index = 0; index < invitations.size(); ++index) {
        phones_.push_back(
            std::make_unique<Phone>(folder_ / std::to_string(index), cipher_, *random_));
    }
    return each([&](Phone& phone, std::size_t index) -> Result<void> {
        TRY(phone.call("enrol", {{"invitation", invitations[index]}, {"phrase", phrase}}));
        phone.transport.hang_up();
        return ok();
    });
}

Outcome Crowd::sync() {
    return each([](Phone& phone, std::size_t) -> Result<void> {
        TRY(phone.call("sync"));
        phone.transport.hang_up();
        return ok();
    });
}

Outcome Crowd::write(std::int64_t records, std::int64_t edits) {
    return each([&](Phone& phone, std::size_t index) -> Result<void> {
        const Core core = make_core({records, edits, static_cast<std::int32_t>(index)});
        std::map<std::string, std::size_t> places;
        Json writes = Json::array();
        for (const Step& step : core.steps) {
            Json write = {{"fields", fields_of(step)}};
            if (step.act == Act::create) {
                places[step.record] = writes.size();
                write.update({{"do", "capture"}, {"type", "note"}});
            } else {
                write.update({{"do", "edit"}, {"record", {{"write", places.at(step.record)}}}});
            }
            writes.push_back(std::move(write));
        }
        TRY(phone.call("write_many", {{"writes", std::move(writes)}}));
        return ok();
    });
}

Outcome Crowd::arrive(std::chrono::milliseconds span) {
    // The same moments in every run. Ascending, because threads take replicas in order.
    Dice dice(60);
    std::vector<std::chrono::milliseconds> moments;
    for (std::size_t count = 0; count < phones_.size(); ++count) {
        moments.emplace_back(dice.below(static_cast<double>(span.count())));
    }
    std::sort(moments.begin(), moments.end());
    const auto begun = std::chrono::steady_clock::now();
    return each([&](Phone& phone, std::size_t index) -> Result<void> {
        std::this_thread::sleep_until(begun + moments[index]);
        TRY(phone.call("sync"));
        phone.transport.hang_up();
        return ok();
    });
}

Json Crowd::status() {
    std::mutex mutex;
    Json out = {
        {"replicas", phones_.size()}, {"saved", 0}, {"delivered", 0}, {"unsent", 0}, {"parked", 0}};
    const Outcome outcome = each([&](Phone& phone, std::size_t) -> Result<void> {
        const Json status = TRY(phone.call("status"));
        const std::lock_guard lock(mutex);
        for (const char* name : {"saved", "delivered", "unsent", "parked"}) {
            out[name] = out[name].get<std::int64_t>() + status[name].get<std::int64_t>();
        }
        return ok();
    });
    out["failed"] = outcome.failed;
    return out;
}

std::vector<double> Crowd::take_exchanges_ms() {
    std::vector<double> out;
    for (const auto& phone : phones_) {
        std::vector<double>& taken = phone->transport.exchanges_ms;
        out.insert(out.end(), taken.begin(), taken.end());
        taken.clear();
    }
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace godwit::bench
