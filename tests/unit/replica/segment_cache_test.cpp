#include "field-client/replica/segment_cache.h"

#include "tests/support/catch.h"

namespace godwit::test {

namespace {

constexpr std::size_t mebibyte = 1U << 20U;

LogId log_named(std::uint8_t name) {
    LogId log;
    log.bytes.fill(name);
    return log;
}

Segment segment_of(std::uint8_t log, Sequence first, std::size_t count, std::size_t body_bytes) {
    Segment segment;
    segment.log = log_named(log);
    segment.first = first;
    segment.entries.assign(count, Entry{Bytes(body_bytes, 1), {}, {}});
    return segment;
}

}  // namespace

TEST_CASE("a segment is found by any dot it holds and by no other", "[replica]") {
    SegmentCache cache;
    cache.keep(segment_of(1, 4, 3, 10));
    cache.keep(segment_of(2, 1, 1, 10));
    CHECK(cache.find({log_named(1), 3}) == nullptr);
    REQUIRE(cache.find({log_named(1), 4}) != nullptr);
    CHECK(cache.find({log_named(1), 6})->first == 4);
    CHECK(cache.find({log_named(1), 7}) == nullptr);
    CHECK(cache.find({log_named(2), 4}) == nullptr);
}

TEST_CASE("segments looked into long ago go first, and the newest stays however large",
          "[replica]") {
    SegmentCache cache;
    cache.keep(segment_of(1, 1, 1, 6 * mebibyte));
    cache.keep(segment_of(1, 2, 1, 6 * mebibyte));
    CHECK(cache.find({log_named(1), 1}) != nullptr);
    cache.keep(segment_of(1, 3, 1, 6 * mebibyte));
    CHECK(cache.find({log_named(1), 2}) == nullptr);
    CHECK(cache.find({log_named(1), 1}) != nullptr);
    cache.keep(segment_of(1, 4, 1, 40 * mebibyte));
    CHECK(cache.find({log_named(1), 1}) == nullptr);
    CHECK(cache.find({log_named(1), 4}) != nullptr);
}

TEST_CASE("many small segments are held to a number", "[replica]") {
    SegmentCache cache;
    for (Sequence first = 1; first <= SegmentCache::count_max + 1; ++first) {
        cache.keep(segment_of(1, first, 1, 1));
    }
    CHECK(cache.find({log_named(1), 1}) == nullptr);
    CHECK(cache.find({log_named(1), 2}) != nullptr);
}

TEST_CASE("a segment that was written anew is read anew", "[replica]") {
    SegmentCache cache;
    cache.keep(segment_of(1, 1, 2, 10));
    cache.keep(segment_of(1, 3, 2, 10));
    cache.drop(log_named(1), 1);
    CHECK(cache.find({log_named(1), 2}) == nullptr);
    CHECK(cache.find({log_named(1), 3}) != nullptr);
    cache.clear();
    CHECK(cache.find({log_named(1), 3}) == nullptr);
}

}  // namespace godwit::test
