#include "shared/protocol/short_answer.h"

#include "shared/seal/receipt.h"
#include "tests/support/catch.h"
#include "tests/unit/protocol/samples.h"

namespace godwit {
namespace {

const ReplicaId asha = ReplicaId{{0xa5}};

Request asking() {
    Request request;
    request.log.bytes[0] = 7;
    request.head = {9, Digest{1, 2, 3}};
    request.epoch.bytes[0] = 4;
    request.cursors[TeamId{{8}}] = 70;
    return request;
}

/// A receipt for all that `request` holds, as its server would sign it.
Bytes receipt_for(const Request& request) {
    Receipt receipt;
    receipt.epoch = request.epoch;
    receipt.replica = asha;
    receipt.log = request.log;
    receipt.after = 3;
    receipt.through = request.head.sequence;
    receipt.hash = request.head.hash;
    receipt.received_ms = 1'800'000'000'000;
    receipt.offset_ms = -4;
    receipt.signature.fill(6);
    return encode_receipt(receipt);
}

Answer agreeing(const Request& request) {
    Answer answer;
    answer.epoch = request.epoch;
    answer.head = request.head;
    answer.cursors = request.cursors;
    answer.receipts = {receipt_for(request)};
    return answer;
}

}  // namespace

TEST_CASE("an answer that agrees with its request says so in a few bytes", "[protocol]") {
    const Request request = asking();
    const Answer whole = agreeing(request);
    Answer told = whole;
    shorten(told, request, asha);
    CHECK(encode_answer(told).size() + 150 < encode_answer(whole).size());
    Answer heard = decode_answer(encode_answer(told)).value();
    REQUIRE(restore(heard, request, asha));
    CHECK(encode_answer(heard) == encode_answer(whole));
}

TEST_CASE("what differs from the request is said", "[protocol]") {
    const Request request = asking();
    Answer whole = agreeing(request);
    SECTION("another epoch, also none") {
        whole.epoch = GENERATE(EpochId{}, EpochId{{5}});
    }
    SECTION("another head, also none") {
        whole.head = GENERATE(LogHead{}, LogHead{10, {}});
    }
    SECTION("other cursors, also none") {
        whole.cursors[TeamId{{9}}] = 1;
    }
    SECTION("no cursors") {
        whole.cursors.clear();
    }
    SECTION("two receipts") {
        whole.receipts.push_back(receipt_for(request));
    }
    SECTION("a receipt of something else") {
        whole.receipts.front()[40] ^= 1U;
    }
    SECTION("bytes that are no receipt") {
        whole.receipts = {{1, 2}};
    }
    SECTION("a full one") {
        whole = samples::full_answer();
    }
    Answer told = whole;
    shorten(told, request, asha);
    Answer heard = decode_answer(encode_answer(told)).value();
    REQUIRE(restore(heard, request, asha));
    CHECK(encode_answer(heard) == encode_answer(whole));
}

TEST_CASE("an answer that leaves out what nobody knows is refused", "[protocol]") {
    Answer told;
    SECTION("an unknown bit") {
        told.as_asked = 8;
    }
    SECTION("a short receipt that is none") {
        told.short_receipt = Bytes{0x85, 1};
    }
    SECTION("an empty one") {
        told.short_receipt = Bytes{};
    }
    CHECK_FALSE(restore(told, asking(), asha));
}

}  // namespace godwit
