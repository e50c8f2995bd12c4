#include "field-client/cli/app_host/door.h"

#include <condition_variable>

#include "field-client/cli/caller.h"
#include "shared/sodium/sodium_random.h"
#include "tests/support/catch.h"
#include "tests/support/cheap_phrase_cipher.h"
#include "tests/unit/sqlite/folder.h"

namespace godwit {

namespace {

constexpr std::string_view authority = "127.0.0.1:4711";
constexpr AppFile app_files[] = {{"/", "text/html; charset=utf-8", "page"},
                                 {"/assets/app-1a2b.js", "text/javascript", "code"}};

/// A road that can be blocked: posts wait on it until it is clear, and then reach nobody.
class Road {
public:
    void wait() {
        std::unique_lock held(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(held, [&] { return is_clear_; });
    }
    void clear() {
        const std::scoped_lock held(mutex_);
        is_clear_ = true;
        changed_.notify_all();
    }
    void await_one() {
        std::unique_lock held(mutex_);
        changed_.wait(held, [&] { return waiting_ > 0; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_clear_{};
    int waiting_{};
};

class OnRoad final : public Transport {
public:
    explicit OnRoad(Road* road) : road_(road) {}
    Result<Answer> post(const std::string&, const std::optional<ServerPin>&, std::string_view,
                        ByteView) override {
        if (road_ != nullptr) road_->wait();
        return ErrorCode::unreachable;
    }

private:
    Road* road_;
};

class House {
public:
    explicit House(Road* road = nullptr,
                   std::chrono::milliseconds lock_after = std::chrono::minutes(10))
        : replica_(std::move(*SharedReplica::open(
              folder_ / "store", Host{clock_, *random_, cipher_, transport_, {}, "godwit test"},
              [road] { return std::make_unique<OnRoad>(road); }, lock_after))) {}

    AppAnswer ask(const AppRequest& request) { return door_.answer(request, authority); }

    /// A request as the app's own page makes it, once admitted.
    AppRequest page(std::string method, std::string path, std::string body = {}) {
        AppRequest out;
        out.method = std::move(method);
        out.path = std::move(path);
        out.host = authority;
        out.fetch_site = "same-origin";
        if (out.method == "POST") {
            out.origin = "http://" + std::string(authority);
            out.type = "application/json";
            out.cookies = {session_.cookie};
            out.token = session_.token;
        }
        out.body = [body](std::size_t bytes_max) -> std::optional<std::string> {
            return body.size() <= bytes_max ? std::optional(body) : std::nullopt;
        };
        return out;
    }

    void admit() { session_ = admission_.admit(admission_.new_link()).value(); }
    std::string new_link() { return admission_.new_link(); }
    Json call(const std::string& method, const Json& parameters = Json::object()) {
        const Json request = {
            {"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", parameters}};
        const AppAnswer answer = ask(page("POST", "/call", request.dump()));
        // From any thread: Catch's own checks are for one.
        return answer.status == 200 ? Json::parse(answer.body) : Json(answer.status);
    }
    /// Enrols as the first administrator, by a link to nobody.
    Json enrol() {
        FoundingLink link;
        link.server_url = "https://127.0.0.1:8443";
        link.server_key = cipher_.make_signing_keys(*random_).public_key;
        random_->fill(link.secret);
        return call("enrol", {{"invitation", format_founding_link(link)},
                              {"organisation", "Harbour"},
                              {"member", "Asha"},
                              {"phrase", "seven dry rivers cross the plain at night"}});
    }
    /// What the host tells once `what` is true of it.
    Json wait_for(const std::function<bool(const Json&)>& what) {
        Json told;
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (std::chrono::steady_clock::now() < end) {
            told = call("host")["result"];
            if (what(told)) return told;
            std::this_thread::yield();
        }
        FAIL("waited in vain: " << told.dump());
        return told;
    }
    SharedReplica& replica() { return *replica_; }

private:
    Folder folder_;
    SystemClock clock_;
    CheapPhraseCipher cipher_{*SodiumCipher::create()};
    Result<SodiumRandom> random_ = SodiumRandom::create();
    Result<SodiumRandom> own_random_ = SodiumRandom::create();
    OnRoad transport_{nullptr};
    Admission admission_{*own_random_, cipher_};
    Admission::Session session_;
    std::unique_ptr<SharedReplica> replica_;
    Door door_{app_files, admission_, *replica_};
};

std::string header(const AppAnswer& answer, std::string_view name) {
    std::string out;
    for (const auto& [each, value] : answer.headers) {
        if (each == name) out += value;
    }
    return out;
}

}  // namespace

TEST_CASE("the app's files are given to a browser of this machine", "[app_host]") {
    House house;
    AppRequest typed = house.page("GET", "/");
    typed.fetch_site = "none";
    const AppAnswer page = house.ask(typed);
    CHECK(page.status == 200);
    CHECK(page.body == "page");
    CHECK(header(page, "Content-Encoding") == "gzip");
    CHECK(header(page, "Cache-Control") == "no-store");
    const AppAnswer code = house.ask(house.page("GET", "/assets/app-1a2b.js"));
    CHECK(code.status == 200);
    CHECK(header(code, "Cache-Control") == "private, max-age=31536000, immutable");
    const std::string path = GENERATE("/x", "/assets/", "/assets/../", "//", "", "/?", "/call");
    CHECK(house.ask(house.page("GET", path)).status == 404);
}

TEST_CASE("every answer tells the browser what the page may do", "[app_host]") {
    House house;
    AppRequest foreign = house.page("GET", "/");
    foreign.host = "example.org";
    const AppAnswer answer =
        GENERATE_REF(house.ask(house.page("GET", "/")), house.ask(house.page("GET", "/x")),
                     house.ask(foreign), house.ask(house.page("POST", "/call", "{}")));
    const std::string policy = header(answer, "Content-Security-Policy");
    CHECK(policy.starts_with("default-src 'none'; "));
    CHECK(policy.find("unsafe") == std::string::npos);
    CHECK(header(answer, "X-Content-Type-Options") == "nosniff");
    CHECK(header(answer, "Referrer-Policy") == "no-referrer");
    CHECK(header(answer, "Cross-Origin-Resource-Policy") == "same-origin");
    CHECK(header(answer, "Cache-Control") == "no-store");
}

TEST_CASE("a page from elsewhere gets nothing", "[app_host]") {
    House house;
    house.admit();
    const auto with = [&](const char* method, auto change) {
        AppRequest request = house.page(method, std::string_view(method) == "GET" ? "/" : "/call",
                                        R"({"jsonrpc":"2.0","id":1,"method":"host","params":{}})");
        change(request);
        return house.ask(request).status;
    };
    for (const char* method : {"GET", "POST"}) {
        CAPTURE(method);
        REQUIRE(with(method, [](AppRequest&) {}) == 200);
        for (const char* host : {"", "127.0.0.1", "localhost:4711", "127.0.0.1:4712",
                                 "evil.example:4711", "127.0.0.1:4711.evil.example"}) {
            CAPTURE(host);
            CHECK(with(method, [&](AppRequest& request) { request.host = host; }) == 403);
        }
        for (const char* origin : {"null", "https://127.0.0.1:4711", "http://127.0.0.1:4712",
                                   "http://evil.example", "http://127.0.0.1:4711/"}) {
            CAPTURE(origin);
            CHECK(with(method, [&](AppRequest& request) { request.origin = origin; }) == 403);
        }
        for (const char* site : {"cross-site", "same-site"}) {
            CHECK(with(method, [&](AppRequest& request) { request.fetch_site = site; }) == 403);
        }
    }
    CHECK(with("POST", [](AppRequest& request) { request.origin.clear(); }) == 403);
    CHECK(with("POST", [](AppRequest& request) { request.type = "text/plain"; }) == 415);
    CHECK(with("POST", [](AppRequest& request) { request.path = "/"; }) == 404);
    CHECK(with("POST", [](AppRequest& request) { request.method = "PUT"; }) == 405);
}

TEST_CASE("a link is exchanged for a session, once", "[app_host]") {
    House house;
    const std::string body = Json({{"secret", house.new_link()}}).dump();
    const AppAnswer admitted = house.ask(house.page("POST", "/session", body));
    REQUIRE(admitted.status == 200);
    CHECK(Json::parse(admitted.body)["token"].get<std::string>().size() == 43);
    const std::string cookie = header(admitted, "Set-Cookie");
    CHECK(cookie.starts_with("godwit="));
    CHECK(cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/"));
    CHECK(house.ask(house.page("POST", "/session", body)).status == 401);
    for (const char* wrong : {"", "{", "[]", "{}", R"({"secret":1})", R"({"secret":""})"}) {
        CHECK(house.ask(house.page("POST", "/session", wrong)).status == 401);
    }
    CHECK(house.ask(house.page("POST", "/session", std::string(2'000, ' '))).status == 413);
}

TEST_CASE("a call needs its session, and nothing is read of it before", "[app_host]") {
    House house;
    house.admit();
    AppRequest request = house.page("POST", "/call");
    SECTION("no cookie") {
        request.cookies.clear();
    }
    SECTION("another program's cookie") {
        request.cookies = {"theirs"};
    }
    SECTION("no token") {
        request.token.clear();
    }
    SECTION("the cookie for a token") {
        request.token = request.cookies.front();
    }
    request.body = [](std::size_t) -> std::optional<std::string> {
        FAIL("the body was read");
        return std::nullopt;
    };
    CHECK(house.ask(request).status == 401);
}

TEST_CASE("our cookie is found among others of its name", "[app_host]") {
    House house;
    house.admit();
    AppRequest request = house.page("POST", "/call", R"({"jsonrpc":"2.0","id":1,"method":"host"})");
    request.cookies.insert(request.cookies.begin(), "theirs");
    CHECK(house.ask(request).status == 200);
}

TEST_CASE("the host tells what it does without a store", "[app_host]") {
    House house;
    house.admit();
    const Json told = house.call("host")["result"];
    CHECK(told["enrolled"] == false);
    CHECK(told["locked"] == true);
    CHECK(told["syncing"] == false);
    CHECK(told["last_sync"].is_null());
    CHECK(told["next_sync_s"].is_null());
    CHECK(told["version"] == "godwit test");
    CHECK(house.call("types").contains("result"));
    CHECK(house.call("status")["error"]["data"]["code"] == "not_enrolled");
}

TEST_CASE("while one call asks the server, others are answered", "[app_host]") {
    Road road;
    House house(&road);
    house.admit();
    Json enrolled;
    std::thread asking([&] { enrolled = house.enrol(); });
    road.await_one();
    CHECK(house.call("types").contains("result"));
    CHECK(house.call("sync")["error"]["data"]["code"] == "exchange_under_way");
    road.clear();
    asking.join();
    CHECK(enrolled.contains("result"));  // It joined; the server hears of it later.
}

TEST_CASE("what a sync of the host's own came to is told", "[app_host]") {
    House house;
    house.admit();
    REQUIRE(house.enrol().contains("result"));
    const Json told = house.wait_for([](const Json& each) { return !each["last_sync"].is_null(); });
    CHECK(told["enrolled"] == true);
    CHECK(told["last_sync"]["refusal"]["code"] == "unreachable");
    CHECK(told["last_sync"]["refusal"]["next"] != "");
    CHECK(told["next_sync_s"] <= 30);
    CHECK(told["next_sync_s"] > 0);
    REQUIRE(house.call("lock").contains("result"));
    CHECK(house.call("host")["result"]["next_sync_s"].is_null());
}

TEST_CASE("a store that nobody uses is locked, whoever watches", "[app_host]") {
    House house(nullptr, std::chrono::milliseconds(200));
    house.admit();
    REQUIRE(house.enrol().contains("result"));
    house.wait_for([](const Json& told) { return told["locked"] == true; });
    CHECK(house.call("status")["error"]["data"]["code"] == "store_locked");
}

TEST_CASE("closing waits for no road", "[app_host]") {
    Road road;
    House house(&road);
    house.admit();
    Json enrolled;
    std::thread asking([&] { enrolled = house.enrol(); });
    road.await_one();
    house.replica().close();
    CHECK(house.call("status")["error"]["data"]["code"] == "stopping");
    road.clear();
    asking.join();
    CHECK(enrolled.contains("error"));
}

}  // namespace godwit
