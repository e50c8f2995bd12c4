#include <fstream>
#include <nlohmann/json.hpp>

#include "shared/protocol/frame.h"
#include "tests/support/catch.h"
#include "tests/unit/protocol/samples.h"

namespace godwit {
namespace {

// Each file's rows: the message's name, its bytes in hexadecimal.
nlohmann::json known_answers() {
    std::ifstream file("shared/spec/known-answers/messages.json");
    REQUIRE(file);
    return nlohmann::json::parse(file);
}

Bytes encoded(const std::string& name) {
    if (name == "request_full") return encode_request(samples::full_request());
    if (name == "request_empty") return encode_request(Request{});
    if (name == "answer_full") return encode_answer(samples::full_answer());
    if (name == "answer_empty") return encode_answer(Answer{});
    if (name == "refusal_with_nonce") return encode_refusal(samples::refusal_with_nonce());
    if (name == "refusal_plain") return encode_refusal({{ErrorCode::not_found, {}}, {}});
    if (name == "founding_request") return encode_founding_request(samples::founding_request());
    if (name == "statements") return encode_statements({{1, 2}, {}});
    FAIL("no sample is called " + name);
    return {};
}

Bytes encoded_again(const std::string& name, ByteView bytes) {
    if (name.starts_with("request_")) return encode_request(decode_request(bytes).value());
    if (name.starts_with("answer_")) return encode_answer(decode_answer(bytes).value());
    if (name.starts_with("refusal_")) return encode_refusal(decode_refusal(bytes).value());
    if (name == "statements") return encode_statements(decode_statements(bytes).value());
    return encode_founding_request(decode_founding_request(bytes).value());
}

bool is_refused(const std::string& kind, ByteView bytes) {
    if (kind == "request") return !decode_request(bytes);
    if (kind == "answer") return !decode_answer(bytes);
    if (kind == "refusal") return !decode_refusal(bytes);
    if (kind == "frame") return !decode_frame(bytes);
    FAIL("no message is called " + kind);
    return false;
}

}  // namespace

TEST_CASE("messages have the bytes that are written down", "[protocol][known-answers]") {
    const auto file = known_answers();
    REQUIRE(file["messages"].size() == 8);
    for (const auto& row : file["messages"]) {
        const std::string name = row["name"];
        INFO(name);
        CHECK(format_hex(encoded(name)) == row["bytes"].get<std::string>());
        const auto bytes = parse_hex(row["bytes"].get<std::string>());
        REQUIRE(bytes);
        CHECK(encoded_again(name, *bytes) == *bytes);
    }
}

TEST_CASE("frames open to the messages that are written down", "[protocol][known-answers]") {
    const auto file = known_answers();
    REQUIRE(file["frames"].size() == 4);
    for (const auto& row : file["frames"]) {
        INFO(row["why"].get<std::string>());
        const auto frame = parse_hex(row["frame"].get<std::string>());
        REQUIRE(frame);
        const auto message = decode_frame(*frame);
        REQUIRE(message);
        CHECK(format_hex(*message) == row["message"].get<std::string>());
    }
}

TEST_CASE("messages that are written down as wrong are refused", "[protocol][known-answers]") {
    const auto file = known_answers();
    REQUIRE(file["refused"].size() == 27);
    for (const auto& row : file["refused"]) {
        INFO(row["why"].get<std::string>());
        const auto bytes = parse_hex(row["bytes"].get<std::string>());
        REQUIRE(bytes);
        CHECK(is_refused(row["kind"], *bytes));
    }
}

}  // namespace godwit
