#include <rapidcheck.h>

#include "shared/change/segment.h"
#include "tests/support/catch.h"
#include "tests/unit/change/arbitrary.h"
#include "tests/unit/change/rewritten.h"
#include "tests/unit/change/samples.h"

using namespace godwit;
using namespace godwit::samples;

namespace {

/// `bytes` with up to three bytes changed, lost or put in.
Bytes damaged(Bytes bytes) {
    for (int left = *rc::gen::inRange(1, 4); left > 0 && !bytes.empty(); --left) {
        const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
        const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        switch (*rc::gen::inRange(0, 4)) {
            case 0:
                *place = *rc::gen::arbitrary<std::uint8_t>();
                break;
            case 1:
                *place = static_cast<std::uint8_t>(*place ^ (1U << *rc::gen::inRange(0U, 8U)));
                break;
            case 2:
                bytes.erase(place);
                break;
            default:
                bytes.insert(place, *rc::gen::arbitrary<std::uint8_t>());
        }
    }
    return bytes;
}

}  // namespace

TEST_CASE("every item that can be written is read back as written", "[change]") {
    CHECK(rc::check([] {
        const Bytes item = *any_item(4);
        RC_ASSERT(bool(cbor::check(item)));
        const auto again = rewritten(item);
        RC_ASSERT(bool(again));
        RC_ASSERT(*again == item);
    }));
}

TEST_CASE("any bytes the decoder accepts are what the encoder would write", "[change]") {
    CHECK(rc::check([] {
        const Bytes bytes = damaged(*any_item(4));
        if (!cbor::check(bytes)) {
            RC_TAG("refused");
            return;
        }
        RC_TAG("accepted");
        const auto again = rewritten(bytes);
        RC_ASSERT(bool(again));
        RC_ASSERT(*again == bytes);
    }));
}

TEST_CASE("every change that can be written is read back as written", "[change]") {
    CHECK(rc::check([] {
        const Change change = *any_change();
        RC_ASSERT(bool(check_change(change)));
        const Bytes body = encode_change(change);
        const auto again = decode_change(body);
        RC_ASSERT(bool(again));
        RC_ASSERT(*again == change);
        RC_ASSERT(encode_change(*again) == body);
    }));
}

TEST_CASE("any body that decodes is the only one of its change", "[change]") {
    CHECK(rc::check([] {
        const Bytes body = damaged(encode_change(*any_change()));
        const auto decoded = decode_change(body);
        RC_TAG(decoded ? "accepted" : "refused");
        if (!decoded) return;
        RC_ASSERT(bool(check_change(*decoded)));
        RC_ASSERT(encode_change(*decoded) == body);
    }));
}

TEST_CASE("every segment that can be written is read back as written", "[change]") {
    CHECK(rc::check([] {
        const Segment segment = *any_segment();
        const Bytes bytes = encode_segment(segment);
        const auto again = decode_segment(bytes);
        RC_ASSERT(bool(again));
        RC_ASSERT(*again == segment);
        RC_ASSERT(encode_segment(*again) == bytes);
    }));
}

TEST_CASE("any segment that decodes is the only writing of itself", "[change]") {
    CHECK(rc::check([] {
        const Bytes bytes = damaged(encode_segment(*any_segment()));
        const auto decoded = decode_segment(bytes);
        RC_TAG(decoded ? "accepted" : "refused");
        if (decoded) RC_ASSERT(encode_segment(*decoded) == bytes);
    }));
}

TEST_CASE("contexts join as a lattice", "[change]") {
    CHECK(rc::check([] {
        const Context left = *any_context();
        const Context middle = *any_context();
        const Context right = *any_context();
        const auto joined = [](Context one, const Context& other) {
            one.join(other);
            return one;
        };
        const Context both = joined(left, right);
        RC_ASSERT(both == joined(right, left));
        RC_ASSERT(joined(joined(left, middle), right) == joined(left, joined(middle, right)));
        RC_ASSERT(joined(left, left) == left);
        RC_ASSERT(both.covers(left) && both.covers(right));
        RC_ASSERT(left.covers(right) == (both == left));
    }));
}

TEST_CASE("a clock's times ascend, whatever the wall clock shows and peers say", "[change]") {
    struct SetClock : WallClock {
        std::int64_t ms = 0;
        [[nodiscard]] std::int64_t now_ms() const override { return ms; }
    };
    CHECK(rc::check([] {
        SetClock wall;
        const auto any_ms = rc::gen::oneOf(rc::gen::arbitrary<std::int64_t>(),
                                           rc::gen::inRange<std::int64_t>(-300'000, 300'000));
        HybridTime last{*rc::gen::inRange<std::int64_t>(-wall_ms_max, wall_ms_max / 2), 0};
        HybridClock clock(wall, last);
        for (int left = *rc::gen::inRange(1, 20); left > 0; --left) {
            wall.ms = *any_ms;
            const HybridTime peer{*any_ms, *rc::gen::arbitrary<std::uint32_t>()};
            const bool is_adopted = bool(clock.witness(peer));
            const HybridTime now = clock.now();
            RC_ASSERT(now > last);
            RC_ASSERT(!is_adopted || now > peer);
            RC_ASSERT(now.wall_ms <= wall_ms_max);
            last = now;
        }
    }));
}
