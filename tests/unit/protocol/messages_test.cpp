#include "shared/protocol/messages.h"

#include "tests/support/catch.h"
#include "tests/unit/protocol/samples.h"

namespace godwit {
namespace {

using samples::id;

template <typename Decode>
ErrorCode refusal_of(Decode decode, ByteView bytes) {
    const auto outcome = decode(bytes);
    REQUIRE_FALSE(outcome);
    return outcome.error().code;
}

// Every strict prefix, and the whole with one more byte.
template <typename Decode>
void check_no_other_length(Decode decode, const Bytes& bytes) {
    REQUIRE(decode(ByteView(bytes)));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK_FALSE(decode(ByteView(bytes).first(size)));
    }
    Bytes longer = bytes;
    longer.push_back(0);
    CHECK(refusal_of(decode, longer) == ErrorCode::trailing_bytes);
}

// `bytes` may decode or not, but what decodes says something and is said again the same way.
template <typename Decode, typename Encode>
void check_flips(Decode decode, Encode encode, const Bytes& bytes) {
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        Bytes flipped = bytes;
        flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
        const auto outcome = decode(ByteView(flipped));
        if (!outcome) continue;
        const auto again = decode(ByteView(encode(*outcome)));
        REQUIRE(again);
        CHECK(is_equal(encode(*again), encode(*outcome)));
    }
}

}  // namespace

TEST_CASE("a request comes back with every key it was given", "[protocol]") {
    const Request request = samples::full_request();
    const auto back = decode_request(encode_request(request));
    REQUIRE(back);
    CHECK(back->clock_ms == request.clock_ms);
    CHECK(back->log == request.log);
    CHECK(back->head == request.head);
    CHECK(back->epoch == request.epoch);
    CHECK(back->cursors == request.cursors);
    CHECK(back->roster_cursor == request.roster_cursor);
    CHECK(back->parked_cursor == request.parked_cursor);
    CHECK(back->statements == request.statements);
    CHECK(back->receipts == request.receipts);
    CHECK(back->segments == request.segments);
    CHECK(back->keys == request.keys);
    CHECK(back->wraps == request.wraps);
    CHECK(back->erased == request.erased);
    CHECK(back->unsent == request.unsent);
    CHECK(back->app_version == request.app_version);
    CHECK(back->budget_bytes == request.budget_bytes);
    CHECK(back->proofs == request.proofs);
    REQUIRE(back->former.size() == 1);
    CHECK(back->former[0].log == request.former[0].log);
    CHECK(back->former[0].head == request.former[0].head);
}

TEST_CASE("an answer comes back with every key it was given", "[protocol]") {
    const Answer answer = samples::full_answer();
    const auto back = decode_answer(encode_answer(answer));
    REQUIRE(back);
    CHECK(back->epoch == answer.epoch);
    CHECK(back->clock_ms == answer.clock_ms);
    CHECK(back->nonce == answer.nonce);
    CHECK(back->standing == answer.standing);
    CHECK(back->head == answer.head);
    CHECK(back->is_forked);
    CHECK(back->forked_after == 2);
    CHECK(back->receipts == answer.receipts);
    CHECK(back->safe == answer.safe);
    CHECK(back->statements == answer.statements);
    CHECK(back->roster_cursor == 13);
    CHECK(back->parked_cursor == 5);
    CHECK(back->cursors == answer.cursors);
    CHECK(back->has_more);
    CHECK(back->left == answer.left);
    CHECK(back->unproven == answer.unproven);
    CHECK(back->unkeyed == answer.unkeyed);
    REQUIRE(back->former.size() == 2);
    for (std::size_t index = 0; index < 2; ++index) {
        CHECK(back->former[index].through == answer.former[index].through);
        CHECK(back->former[index].is_forked == answer.former[index].is_forked);
        CHECK(back->former[index].safe == answer.former[index].safe);
    }
}

TEST_CASE("a message names no more than 64 former logs", "[protocol]") {
    Request request;
    request.former.resize(former_logs_max);
    CHECK(decode_request(encode_request(request)));
    request.former.resize(former_logs_max + 1);
    CHECK(decode_request(encode_request(request)).error().code == ErrorCode::too_large);
    Answer answer;
    answer.former.resize(former_logs_max + 1);
    CHECK(decode_answer(encode_answer(answer)).error().code == ErrorCode::too_large);
}

TEST_CASE("parked items, records and verdicts come back whole", "[protocol]") {
    const Answer answer = samples::full_answer();
    const auto back = decode_answer(encode_answer(answer));
    REQUIRE(back);
    REQUIRE(back->parked.size() == 2);
    CHECK(back->parked[0].dot == answer.parked[0].dot);
    CHECK(back->parked[0].author == answer.parked[0].author);
    CHECK(back->parked[0].record == answer.parked[0].record);
    CHECK(back->parked[0].team == answer.parked[0].team);
    CHECK(back->parked[0].reason == ErrorCode::wrong_value);
    CHECK(back->parked[0].detail == "visit.date");
    CHECK(back->parked[0].body == Bytes{0xa0});
    CHECK_FALSE(back->parked[0].adopted);
    CHECK(back->parked[1].adopted == answer.parked[1].adopted);

    REQUIRE(back->records.size() == 3);
    for (std::size_t index = 0; index < 3; ++index) {
        CHECK(back->records[index].first == answer.records[index].first);
        const RecordDelta& got = back->records[index].second;
        const RecordDelta& put = answer.records[index].second;
        CHECK(got.record == put.record);
        CHECK(got.position == put.position);
        CHECK(got.state == put.state);
        CHECK(got.unconfirmed == put.unconfirmed);
        CHECK(got.wraps == put.wraps);
        CHECK(got.erasure == put.erasure);
    }
    CHECK(back->keys == answer.keys);
    REQUIRE(back->verdicts.size() == 2);
    CHECK_FALSE(back->verdicts[0]);
    CHECK(back->verdicts[1]->code == ErrorCode::not_permitted);
    CHECK(back->verdicts[1]->detail == "team");
}

TEST_CASE("a message of defaults is three bytes", "[protocol]") {
    const Bytes empty{0xa1, 0x01, 0x01};
    CHECK(encode_request(Request{}) == empty);
    CHECK(encode_answer(Answer{}) == empty);
    const auto request = decode_request(empty);
    REQUIRE(request);
    CHECK(request->budget_bytes == Request{}.budget_bytes);
    CHECK(decode_answer(empty)->standing == Standing::member);
}

TEST_CASE("no other length of a message is that message", "[protocol]") {
    check_no_other_length(decode_request, encode_request(samples::full_request()));
    check_no_other_length(decode_answer, encode_answer(samples::full_answer()));
    check_no_other_length(decode_refusal, encode_refusal(samples::refusal_with_nonce()));
    check_no_other_length(decode_founding_request,
                          encode_founding_request(samples::founding_request()));
    check_no_other_length(decode_statements, encode_statements({{1, 2}, {}}));
}

TEST_CASE("a message with any bit flipped is refused or means what it says", "[protocol]") {
    check_flips(decode_request, encode_request, encode_request(samples::full_request()));
    check_flips(decode_answer, encode_answer, encode_answer(samples::full_answer()));
    check_flips(decode_refusal, encode_refusal, encode_refusal(samples::refusal_with_nonce()));
}

TEST_CASE("keys a newer program adds are skipped, whatever they hold", "[protocol]") {
    // {1: 1, 15: 7, 40: [null, {1: h'00'}], 41: "x"}
    const Bytes newer{0xa4, 0x01, 0x01, 0x0f, 0x07, 0x18, 0x28, 0x82, 0xf6,
                      0xa1, 0x01, 0x41, 0x00, 0x18, 0x29, 0x61, 'x'};
    const auto request = decode_request(newer);
    REQUIRE(request);
    CHECK(request->unsent == 7);
    CHECK(decode_answer(Bytes{0xa2, 0x01, 0x01, 0x18, 0x28, 0xf5}));
    CHECK_FALSE(decode_answer(Bytes{0xa2, 0x01, 0x01, 0x18, 0x28, 0xf7}));

    Bytes broken = newer;
    broken[7] = 0xfb;  // A float stands where anything of our profile may.
    CHECK_FALSE(decode_request(broken));
}

TEST_CASE("the version comes first and is 1", "[protocol]") {
    CHECK(refusal_of(decode_request, Bytes{0xa1, 0x01, 0x02}) == ErrorCode::unknown_version);
    CHECK(refusal_of(decode_request, Bytes{0xa0}) == ErrorCode::malformed);
    CHECK(refusal_of(decode_request, Bytes{0xa1, 0x0f, 0x07}) == ErrorCode::malformed);
    CHECK(refusal_of(decode_refusal, Bytes{0x84, 0x02, 0x01, 0x60, 0xf6}) ==
          (ErrorCode::unknown_version));
    CHECK(refusal_of(decode_statements, Bytes{0x82, 0x02, 0x80}) == ErrorCode::unknown_version);
    CHECK(decode_statements(Bytes{0x82, 0x01, 0x80}));
}

TEST_CASE("where a team was told in part goes to and fro", "[protocol]") {
    TeamId team;
    team.bytes.fill(0x31);
    Request request;
    request.unfinished = {{team, 900}};
    const auto asked = decode_request(encode_request(request));
    REQUIRE(asked);
    CHECK(asked->unfinished == request.unfinished);
    Answer answer;
    answer.unfinished = {{team, 1800}};
    const auto answered = decode_answer(encode_answer(answer));
    REQUIRE(answered);
    CHECK(answered->unfinished == answer.unfinished);
    CHECK(answered->cursors.empty());
}

TEST_CASE("keys and cursors ascend", "[protocol]") {
    CHECK(refusal_of(decode_request, Bytes{0xa3, 0x01, 0x01, 0x0f, 0x07, 0x08, 0x01}) ==
          (ErrorCode::not_deterministic));
    CHECK(refusal_of(decode_request, Bytes{0xa3, 0x01, 0x01, 0x0f, 0x07, 0x0f, 0x07}) ==
          (ErrorCode::not_deterministic));

    const auto with_teams = [](std::uint8_t first, std::uint8_t second) {
        Bytes bytes{0xa2, 0x01, 0x01, 0x06};
        cbor::Encoder out(bytes);
        out.array(4).id(id<TeamId>(first)).unsigned_integer(1).id(id<TeamId>(second));
        out.unsigned_integer(1);
        return bytes;
    };
    CHECK(decode_request(with_teams(1, 2)));
    CHECK(refusal_of(decode_request, with_teams(2, 1)) == ErrorCode::not_deterministic);
    CHECK(refusal_of(decode_request, with_teams(1, 1)) == ErrorCode::not_deterministic);
}

TEST_CASE("a run of one team's records is written once and never empty", "[protocol]") {
    const auto with_runs = [](std::vector<std::uint8_t> teams, std::size_t records_each) {
        Bytes bytes{0xa2, 0x01, 0x01, 0x0f};
        cbor::Encoder out(bytes);
        out.array(teams.size() * 2);
        for (const std::uint8_t team : teams) {
            out.id(id<TeamId>(team)).array(records_each);
            for (std::size_t index = 0; index < records_each; ++index) {
                out.array(6)
                    .id(id<RecordId>(1))
                    .unsigned_integer(1)
                    .bytes({})
                    .array(0)
                    .bytes({})
                    .null();
            }
        }
        return bytes;
    };
    CHECK(decode_answer(with_runs({2, 1, 2}, 2)));
    CHECK(refusal_of(decode_answer, with_runs({1}, 0)) == ErrorCode::not_deterministic);
    CHECK(refusal_of(decode_answer, with_runs({1, 1}, 1)) == ErrorCode::not_deterministic);
}

TEST_CASE("a small message cannot ask for a large list", "[protocol]") {
    std::vector<Bytes> many(1U << 16U, Bytes(32, 1));
    CHECK(decode_statements(encode_statements(many)));
    many.emplace_back();
    CHECK(refusal_of(decode_statements, encode_statements(many)) == ErrorCode::too_large);
}

TEST_CASE("values outside their range are refused", "[protocol]") {
    CHECK(decode_answer(Bytes{0xa2, 0x01, 0x01, 0x05, 0x03}));
    CHECK(refusal_of(decode_answer, Bytes{0xa2, 0x01, 0x01, 0x05, 0x04}) == ErrorCode::malformed);
    CHECK(refusal_of(decode_answer, Bytes{0xa2, 0x01, 0x01, 0x05, 0x00}) == ErrorCode::malformed);

    Request named;
    named.app_version = std::string(64, 'v');
    CHECK(decode_request(encode_request(named)));
    named.app_version += 'v';
    CHECK(refusal_of(decode_request, encode_request(named)) == ErrorCode::too_large);
}

TEST_CASE("a refusal keeps its code, and one this build does not know becomes malformed",
          "[protocol]") {
    const auto back = decode_refusal(encode_refusal(samples::refusal_with_nonce()));
    REQUIRE(back);
    CHECK(back->error.code == ErrorCode::stale_nonce);
    CHECK(back->error.detail == "ask again");
    CHECK(back->nonce == samples::refusal_with_nonce().nonce);

    const auto plain = decode_refusal(encode_refusal({{ErrorCode::not_found, {}}, std::nullopt}));
    REQUIRE(plain);
    CHECK_FALSE(plain->nonce);

    // [1, 60000, "", null]
    const auto unknown = decode_refusal(Bytes{0x84, 0x01, 0x19, 0xea, 0x60, 0x60, 0xf6});
    REQUIRE(unknown);
    CHECK(unknown->error.code == ErrorCode::malformed);
    CHECK(refusal_of(decode_refusal, Bytes{0x84, 0x01, 0x1a, 0, 1, 0, 0, 0x60, 0xf6}) ==
          (ErrorCode::malformed));
}

TEST_CASE("a detail that is no text is left out rather than sent", "[protocol]") {
    const auto back = decode_refusal(encode_refusal({{ErrorCode::bad_request, "\xff\xfe"}, {}}));
    REQUIRE(back);
    CHECK(back->error.code == ErrorCode::bad_request);
    CHECK(back->error.detail.empty());
}

TEST_CASE("a long list of next to nothing is refused, a short one is not", "[protocol]") {
    Request request;
    request.statements.assign(1'024, Bytes{1});
    CHECK(decode_request(encode_request(request)));
    request.statements.assign(1'025, Bytes{1});
    CHECK(decode_request(encode_request(request)).error().code == ErrorCode::too_large);
    request.statements.assign(1'025, Bytes(40, 1));
    CHECK(decode_request(encode_request(request)));
}

}  // namespace godwit
