#include "shared/protocol/short_request.h"

#include <algorithm>

#include "shared/base/sha256.h"
#include "shared/protocol/packed_segment.h"
#include "tests/support/catch.h"
#include "tests/unit/change/samples.h"

namespace godwit {
namespace {

/// `count` changes of a log, from its second on, each with a salt nothing shortens.
Segment segment_of(std::size_t count) {
    Segment segment = samples::segment_of(2, 1);
    segment.entries.clear();
    for (std::size_t index = 0; index < count; ++index) {
        Change change = samples::change_of(segment.first + index);
        const Digest chance = sha256({Bytes(1 + index)});
        std::copy_n(chance.begin(), change.salt.size(), change.salt.begin());
        segment.entries.push_back(entry_of(encode_change(change)));
    }
    return segment;
}

Request bringing(const Segment& segment) {
    Request request;
    request.log = segment.log;
    request.head = head_after(segment);
    request.segments = {pack_segment(segment)};
    return request;
}

}  // namespace

TEST_CASE("a request does not say what its last segment says", "[protocol]") {
    const Segment segment = segment_of(2);
    const Request whole = bringing(segment);
    Request sent = whole;
    shorten(sent);

    CHECK(encode_request(sent).size() + 50 < encode_request(whole).size());
    Request heard = decode_request(encode_request(sent)).value();
    restore(heard, decode_packed_segment(heard.segments.back()).value());
    CHECK(encode_request(heard) == encode_request(whole));
}

TEST_CASE("what the last segment does not say is said", "[protocol]") {
    const Segment segment = segment_of(2);
    Request whole = bringing(segment);
    SECTION("more of the log than this request brings") {
        whole.head.sequence += 1;
    }
    SECTION("a log that went another way") {
        whole.head.hash[0] ^= 1U;
    }
    SECTION("another log") {
        whole.log.bytes[0] ^= 1U;
    }
    SECTION("no segment") {
        whole.segments.clear();
    }
    SECTION("something that is no segment") {
        whole.segments = {{1, 2, 3}};
    }
    SECTION("a segment that is long to read") {
        whole = bringing(segment_of(300));
    }
    Request sent = whole;
    shorten(sent);

    CHECK_FALSE(sent.log.is_zero());
    CHECK(encode_request(sent) == encode_request(whole));
    restore(sent, segment);
    CHECK(encode_request(sent) == encode_request(whole));
}

}  // namespace godwit
