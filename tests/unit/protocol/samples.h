/// Messages with every key in use, built from plain numbers so that a reader can check the bytes.
#pragma once

#include "shared/protocol/messages.h"

namespace godwit::samples {

template <typename IdType>
IdType id(std::uint8_t number) {
    IdType made;
    made.bytes.fill(number);
    return made;
}

inline LogHead head(Sequence sequence, std::uint8_t fill) {
    LogHead made{sequence, {}};
    made.hash.fill(fill);
    return made;
}

inline Request full_request() {
    Request request;
    request.clock_ms = 1'700'000'000'123;
    request.log = id<LogId>(0x10);
    request.head = head(7, 0xaa);
    request.epoch = id<EpochId>(0x20);
    request.cursors = {{id<TeamId>(0x31), 5}, {id<TeamId>(0x32), 900}};
    request.roster_cursor = 12;
    request.parked_cursor = 3;
    request.statements = {{1, 2}, {3}};
    request.receipts = {{4}};
    request.segments = {{5, 6, 7}};
    request.keys = {{8}};
    request.wraps = {{9}, {10}};
    request.erased = {id<RecordId>(0x41)};
    request.unsent = 77;
    request.app_version = "0.1.0";
    request.budget_bytes = 4096;
    request.proofs = {{11}};
    request.former = {{id<LogId>(0x12), head(5, 0xcc)}};
    return request;
}

inline ParkedItem parked_item() {
    ParkedItem item;
    item.number = 4;
    item.dot = {id<LogId>(0x10), 3};
    item.author = id<ReplicaId>(0x51);
    item.record = id<RecordId>(0x41);
    item.team = id<TeamId>(0x31);
    item.reason = ErrorCode::wrong_value;
    item.detail = "visit.date";
    item.body = {0xa0};
    return item;
}

inline Answer full_answer() {
    Answer answer;
    answer.epoch = id<EpochId>(0x20);
    answer.clock_ms = 1'700'000'000'456;
    answer.nonce.fill(0x61);
    answer.standing = Standing::retired;
    answer.head = head(6, 0xbb);
    answer.is_forked = true;
    answer.forked_after = 2;
    answer.receipts = {{1}};
    answer.safe = Bytes{2};
    answer.statements = {{3}};
    answer.roster_cursor = 13;
    answer.parked = {parked_item(), parked_item()};
    answer.parked[1].number = 5;
    answer.parked[1].adopted = Dot{id<LogId>(0x11), 9};
    answer.parked_cursor = 5;
    const RecordDelta plain{id<RecordId>(0x41), 8, {0x80}, {}, {}, std::nullopt};
    const RecordDelta rich{id<RecordId>(0x42), 9, {0x81}, {id<ReplicaId>(0x51)}, {8}, Bytes{9}};
    const TeamId one = id<TeamId>(0x31);
    const TeamId two = id<TeamId>(0x32);
    answer.records = {{one, plain}, {one, rich}, {two, plain}};
    answer.cursors = {{one, 9}, {two, 8}};
    answer.has_more = true;
    answer.left = {id<TeamId>(0x33)};
    answer.keys = {{7}};
    answer.verdicts = {std::nullopt, Error{ErrorCode::not_permitted, "team"}};
    answer.unproven = {id<RecordId>(0x43)};
    answer.unkeyed = {id<RecordId>(0x44)};
    answer.former = {{4, true, Bytes{12}}, {5, false, std::nullopt}};
    return answer;
}

inline Refusal refusal_with_nonce() {
    Refusal refusal{{ErrorCode::stale_nonce, "ask again"}, RequestNonceBytes{}};
    refusal.nonce->fill(0x62);
    return refusal;
}

inline FoundingRequest founding_request() {
    FoundingRequest request;
    request.secret.fill(0x71);
    request.statement = {1, 2, 3};
    return request;
}

}  // namespace godwit::samples
