#include "shared/merge/digest.h"

#include "tests/support/catch.h"
#include "tests/unit/merge/people.h"

namespace godwit::test {

namespace {

RecordId record(std::uint8_t number) {
    RecordId out;
    out.bytes.fill(number);
    return out;
}

}  // namespace

TEST_CASE("the digest is that of every record's id and the digest of its state", "[merge]") {
    const Bytes one = encode_state(state_after({said(asha, 1, {set(text("one"))})}));
    const Bytes two = encode_state(RecordState{});
    StateDigest digest;
    digest.add(record(1), one);
    digest.add(record(200), two);

    CHECK(digest.finish() ==
          sha256({record(1).view(), sha256({one}), record(200).view(), sha256({two})}));
}

TEST_CASE("the digest of no records is the digest of nothing", "[merge]") {
    CHECK(StateDigest{}.finish() == sha256({}));
}

TEST_CASE("the digest differs when a record, its id or its state does", "[merge]") {
    const auto of = [](std::uint8_t id, const Bytes& state) {
        StateDigest digest;
        digest.add(record(id), state);
        return digest.finish();
    };
    const Bytes one = encode_state(state_after({said(asha, 1, {set(text("one"))})}));
    const Bytes two = encode_state(state_after({said(asha, 1, {set(text("two"))})}));

    CHECK(of(1, one) == of(1, one));
    CHECK(of(1, one) != of(2, one));
    CHECK(of(1, one) != of(1, two));
    CHECK(of(1, one) != StateDigest{}.finish());
}

}  // namespace godwit::test
