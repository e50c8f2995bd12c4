#include "shared/protocol/short_request.h"

#include "shared/protocol/packed_segment.h"

namespace godwit {

namespace {

constexpr std::size_t small_segment_bytes = 4 * 1024;

}  // namespace

void shorten(Request& request) {
    if (request.segments.empty() || request.segments.back().size() > small_segment_bytes) return;
    const auto last = decode_packed_segment(request.segments.back());
    if (!last || last->log != request.log || !(head_after(*last) == request.head)) return;
    request.log = {};
    request.head = {};
}

void restore(Request& request, const Segment& last) {
    if (!request.log.is_zero() || !(request.head == LogHead{})) return;
    request.log = last.log;
    request.head = head_after(last);
}

}  // namespace godwit
