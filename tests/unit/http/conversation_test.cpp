#include "sync-server/http/conversation.h"

#include <deque>

#include "shared/protocol/frame.h"
#include "shared/protocol/messages.h"
#include "tests/support/catch.h"

namespace godwit {
namespace {

using std::chrono::milliseconds;

class HandClock final : public MonotonicClock {
public:
    [[nodiscard]] Instant now() const override { return now_; }
    Instant now_{};
};

// A caller who sends pieces after pauses and keeps what is answered.
class ScriptedStream final : public Stream {
public:
    struct Piece {
        milliseconds pause{};
        std::string text;
    };

    explicit ScriptedStream(HandClock& clock) : clock_(clock) {}

    std::deque<Piece> pieces;
    std::string answered;
    bool is_open{};
    bool is_deaf{};  ///< Takes no answer.

    Result<void> open(Instant) override {
        is_open = true;
        return ok();
    }

    Result<std::size_t> receive(std::span<std::uint8_t> into, Instant deadline) override {
        if (pieces.empty()) return std::size_t{0};
        if (clock_.now_ + pieces.front().pause >= deadline) {
            clock_.now_ = deadline;
            return ErrorCode::timed_out;
        }
        clock_.now_ += std::exchange(pieces.front().pause, milliseconds(0));
        std::string& text = pieces.front().text;
        const std::size_t count = std::min(into.size(), text.size());
        std::copy_n(text.begin(), count, into.begin());
        text.erase(0, count);
        if (text.empty()) pieces.pop_front();
        return count;
    }

    Result<void> send(ByteView bytes, Instant deadline) override {
        if (is_deaf) {
            clock_.now_ = deadline;
            return ErrorCode::timed_out;
        }
        answered += text_of(bytes);
        return ok();
    }

private:
    HandClock& clock_;
};

struct World {
    HandClock clock;
    ScriptedStream stream{clock};
    GuardBounds guard_bounds;
    ConversationBounds bounds;
    std::vector<std::string> served;
    std::vector<std::string> diagnostics;
    std::uint16_t status{200};
    int others{};  ///< Connections open beside this one.

    void run() {
        Guard guard(guard_bounds);
        std::vector<std::unique_ptr<Guard::Place>> places;
        for (int count = 0; count < others; ++count) places.push_back(guard.enter("others"));
        const Answering answering = [this](std::string_view path, ByteView body) {
            served.push_back(std::string(path) + " " + std::string(text_of(body)));
            return Reply{status, copy_of(bytes_of("answer"))};
        };
        const Diagnostics say = [this](const std::string& line) { diagnostics.push_back(line); };
        Conversation(stream, "address", guard, clock, bounds, answering, say).run();
    }

    [[nodiscard]] std::size_t answers() const {
        std::size_t count = 0;
        for (std::size_t at = 0; (at = stream.answered.find("HTTP/1.1 ", at)) != std::string::npos;
             ++at)
            ++count;
        return count;
    }
};

std::string post(const std::string& body, const std::string& target = "/v1/exchange",
                 const std::string& more = "") {
    return "POST " + target +
           " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           more + "\r\n" + body;
}

// The refusal a whole answer carries, which must be the last thing said.
Refusal refusal_in(const std::string& answered, std::uint16_t status) {
    INFO(answered);
    CHECK(answered.substr(0, 13) == "HTTP/1.1 " + std::to_string(status) + " ");
    CHECK(answered.find("Connection: close\r\n") != std::string::npos);
    const auto body = decode_frame(bytes_of(answered.substr(answered.find("\r\n\r\n") + 4)));
    REQUIRE(body);
    const auto refusal = decode_refusal(*body);
    REQUIRE(refusal);
    return *refusal;
}

}  // namespace

TEST_CASE("requests of one connection are answered in turn", "[http]") {
    World world;
    world.stream.pieces = {{{}, post("one")}, {milliseconds(20'000), post("two", "/v1/enrol")}};
    world.run();
    CHECK(world.served == std::vector<std::string>{"/v1/exchange one", "/v1/enrol two"});
    CHECK(world.answers() == 2);
    CHECK(world.stream.answered.find("close") == std::string::npos);
    CHECK(world.diagnostics.empty());
}

TEST_CASE("requests sent ahead of their answers are answered in turn", "[http]") {
    World world;
    world.stream.pieces = {{{}, post("one") + post("two") + post("three").substr(0, 20)},
                           {{}, post("three").substr(20)}};
    world.run();
    CHECK(world.served.size() == 3);
    CHECK(world.answers() == 3);
}

TEST_CASE("health says ok and asks nobody", "[http]") {
    World world;
    world.stream.pieces = {{{}, "GET /v1/health HTTP/1.1\r\nHost: a\r\n\r\n"}};
    world.run();
    CHECK(world.served.empty());
    CHECK(world.stream.answered.find("HTTP/1.1 200 OK\r\n") == 0);
    CHECK(world.stream.answered.substr(world.stream.answered.size() - 6) == "\r\n\r\nok");
}

TEST_CASE("a cut upload never reaches the service", "[http]") {
    const std::string whole = post(std::string(5'000, 'b'));
    const auto size = GENERATE(0U, 1U, 40U, 70U, 3'000U, 5'060U);
    REQUIRE(size < whole.size());
    World world;
    world.stream.pieces = {{{}, whole.substr(0, size)}};
    world.run();
    CHECK(world.served.empty());
    CHECK(world.stream.answered.empty());
}

TEST_CASE("a sender of nothing is let go without a word", "[http]") {
    World world;
    world.stream.pieces = {{milliseconds(30'000), post("late")}};
    world.run();
    CHECK(world.served.empty());
    CHECK(world.stream.answered.empty());
}

TEST_CASE("a head has one deadline, however steadily it trickles", "[http]") {
    World world;
    const std::string text = post("one");
    for (const char letter : text) world.stream.pieces.push_back({milliseconds(200), {letter}});
    world.run();
    CHECK(world.served.empty());
    CHECK(refusal_in(world.stream.answered, 408).error.code == ErrorCode::timed_out);

    World quicker;
    for (const char letter : text) quicker.stream.pieces.push_back({milliseconds(100), {letter}});
    quicker.run();
    CHECK(quicker.served.size() == 1);
}

TEST_CASE("a body has one deadline, by its size", "[http]") {
    const auto trickle = [](World& world, milliseconds pause) {
        const std::string text = post(std::string(10'240, 'b'));
        const std::size_t head = text.find("\r\n\r\n") + 4;
        world.stream.pieces.push_back({{}, text.substr(0, head)});
        for (std::size_t at = head; at < text.size(); at += 1'024) {
            world.stream.pieces.push_back({pause, text.substr(at, 1'024)});
        }
        world.run();
    };
    World slow;  // 30 seconds, and 5 for 10 KiB at 2 KiB a second: ten pieces in 35 seconds.
    trickle(slow, milliseconds(3'500));
    CHECK(slow.served.empty());
    CHECK(refusal_in(slow.stream.answered, 408).error.code == ErrorCode::timed_out);

    World quicker;
    trickle(quicker, milliseconds(3'400));
    CHECK(quicker.served.size() == 1);
}

TEST_CASE("a caller who takes no answer is left", "[http]") {
    World world;
    world.stream.is_deaf = true;
    world.stream.pieces = {{{}, post("one") + post("two")}};
    world.run();
    CHECK(world.served.size() == 1);
}

TEST_CASE("a malformed request is refused with its status, and ends the connection", "[http]") {
    struct Row {
        std::string text;
        std::uint16_t status;
        ErrorCode code;
    };
    const Row row =
        GENERATE(Row{"rubbish\r\n\r\n", 400, ErrorCode::bad_request},
                 Row{post("x", "/elsewhere"), 404, ErrorCode::not_found},
                 Row{post("x", "/v1/exchange", "Transfer-Encoding: chunked\r\n"), 400,
                     ErrorCode::bad_request},
                 Row{"POST /v1/exchange HTTP/1.1\r\nHost: a\r\nContent-Length: 9437185\r\n\r\n",
                     413, ErrorCode::too_large},
                 Row{std::string(5'000, 'x'), 413, ErrorCode::too_large});
    World world;
    world.stream.pieces = {{{}, row.text}, {{}, post("after")}};
    world.run();
    CHECK(world.served.empty());
    CHECK(world.answers() == 1);
    CHECK(refusal_in(world.stream.answered, row.status).error.code == row.code);
}

TEST_CASE("too many requests of one address are refused before their bodies come", "[http]") {
    World world;
    world.guard_bounds.requests_per_address = {1, 0.001};
    const std::string second = post("two");
    world.stream.pieces = {{{}, post("one")}, {{}, second.substr(0, second.size() - 3)}};
    world.run();
    CHECK(world.served.size() == 1);
    const std::string rest = world.stream.answered.substr(world.stream.answered.find("answer") + 6);
    CHECK(refusal_in(rest, 429).error.code == ErrorCode::too_many_requests);
}

TEST_CASE("a body for which there is no room is refused before it comes", "[http]") {
    World world;
    world.guard_bounds.body_bytes_per_address_max = 3;
    world.stream.pieces = {{{}, post("one") + post("two") + post("three").substr(0, 62)}};
    world.run();
    CHECK(world.served.size() == 2);
    const std::string last = world.stream.answered.substr(world.stream.answered.rfind("HTTP/1.1 "));
    CHECK(refusal_in(last, 429).error.code == ErrorCode::too_many_requests);
}

TEST_CASE("too many requests that name one replica are refused", "[http]") {
    World world;
    world.guard_bounds.requests_per_replica = {2, 0.001};
    const std::string asha = "GWR1" + std::string(16, 'a') + "and more";
    const std::string bela = "GWR1" + std::string(16, 'b') + "and more";
    world.stream.pieces = {{{}, post(asha) + post(bela) + post(asha) + post(asha) + post(bela)}};
    world.run();
    CHECK(world.served.size() == 3);
    const std::string last = world.stream.answered.substr(world.stream.answered.rfind("HTTP/1.1 "));
    CHECK(refusal_in(last, 429).error.code == ErrorCode::too_many_requests);
}

TEST_CASE("a connection is closed when asked, when crowded, and after its bound", "[http]") {
    SECTION("asked") {
        World world;
        world.stream.pieces = {{{}, post("one", "/v1/exchange", "Connection: close\r\n")},
                               {{}, post("two")}};
        world.run();
        CHECK(world.served.size() == 1);
        CHECK(world.stream.answered.find("Connection: close\r\n") != std::string::npos);
    }
    SECTION("bound") {
        World world;
        world.bounds.requests_max = 3;
        for (int count = 0; count < 5; ++count) world.stream.pieces.push_back({{}, post("x")});
        world.run();
        CHECK(world.served.size() == 3);
        const auto last = world.stream.answered.rfind("HTTP/1.1 ");
        CHECK(world.stream.answered.find("Connection: close\r\n") > last);
    }
    SECTION("crowded") {
        World world;
        world.others = 4;
        world.guard_bounds.connections_max = 4;
        world.stream.pieces = {{{}, post("one")}, {{}, post("two")}};
        world.run();
        CHECK(world.served.size() == 1);
        CHECK(world.stream.answered.find("Connection: close\r\n") != std::string::npos);
    }
}

TEST_CASE("the status of a reply is the service's, and diagnostics hold nothing of a body",
          "[http]") {
    World world;
    world.status = 409;
    world.stream.pieces = {{{}, post("a secret word")}};
    world.run();
    CHECK(world.stream.answered.find("HTTP/1.1 409 ") == 0);
    CHECK(world.diagnostics == std::vector<std::string>{"POST /v1/exchange 409"});
}

}  // namespace godwit
