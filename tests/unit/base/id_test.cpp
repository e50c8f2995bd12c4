#include "shared/base/id.h"

#include <algorithm>
#include <unordered_set>

#include "shared/base/random.h"
#include "tests/support/catch.h"

using namespace godwit;

namespace {

/// Counts instead of drawing: only how bits are fixed matters here.
class CountingRandom : public Random {
public:
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) byte = next_++;
    }

private:
    std::uint8_t next_ = 0;
};

}  // namespace

TEST_CASE("an id is made from sixteen bytes and from no other number", "[base]") {
    const Bytes sixteen(16, 7);
    const auto id = RecordId::from(sixteen);
    REQUIRE(id);
    CHECK(copy_of(id->view()) == sixteen);

    CHECK_FALSE(RecordId::from(Bytes(15, 7)));
    CHECK_FALSE(RecordId::from(Bytes(17, 7)));
    CHECK_FALSE(RecordId::from(Bytes{}));
}

TEST_CASE("ids are ordered by their bytes, first byte first", "[base]") {
    TeamId low;
    TeamId high;
    low.bytes[15] = 0xff;
    high.bytes[0] = 1;

    CHECK(low < high);
    CHECK(TeamId{}.is_zero());
    CHECK_FALSE(low.is_zero());
}

TEST_CASE("a record id is a random UUID of version 4 and tells no time", "[base]") {
    CountingRandom random;
    for (int draw = 0; draw < 16; ++draw) {
        const RecordId id = random.record_id();
        CHECK((id.bytes[6] & 0xf0U) == 0x40U);
        CHECK((id.bytes[8] & 0xc0U) == 0x80U);
    }
    CHECK(to_text(CountingRandom().record_id()) == "000102030405460788090a0b0c0d0e0f");
    CHECK(to_text(CountingRandom().id<LogId>()) == "000102030405060708090a0b0c0d0e0f");
}

TEST_CASE("ids that differ hash apart", "[base]") {
    CountingRandom random;
    std::unordered_set<LogId> ids;
    for (int draw = 0; draw < 16; ++draw) ids.insert(random.id<LogId>());
    CHECK(ids.size() == 16);
    CHECK(ids.count(LogId{}) == 0);
}

TEST_CASE("integers enter signed statements most significant byte first", "[base]") {
    CHECK(format_hex(big_endian(0)) == "0000000000000000");
    CHECK(format_hex(big_endian(0x0102030405060708)) == "0102030405060708");
    CHECK(format_hex(big_endian(UINT64_MAX)) == "ffffffffffffffff");
}
