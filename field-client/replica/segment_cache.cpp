#include "field-client/replica/segment_cache.h"

#include <algorithm>

namespace godwit {

namespace {

std::size_t bytes_of_bodies(const Segment& segment) {
    std::size_t bytes = 0;
    for (const Entry& entry : segment.entries) bytes += entry.body.size();
    return bytes;
}

}  // namespace

const Segment* SegmentCache::find(const Dot& dot) {
    const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& each) {
        return each.segment.log == dot.log && each.segment.first <= dot.sequence &&
               each.segment.last() >= dot.sequence;
    });
    if (found == kept_.end()) return nullptr;
    kept_.splice(kept_.begin(), kept_, found);
    return &kept_.front().segment;
}

const Segment* SegmentCache::keep(Segment segment) {
    const std::size_t bytes = bytes_of_bodies(segment);
    kept_.push_front({std::move(segment), bytes});
    bytes_ += bytes;
    trim(bytes_max, count_max);
    return &kept_.front().segment;
}

void SegmentCache::drop(const LogId& log, Sequence first) {
    kept_.remove_if([&](const Kept& each) {
        const bool is_it = each.segment.log == log && each.segment.first == first;
        if (is_it) bytes_ -= each.bytes;
        return is_it;
    });
}

void SegmentCache::keep_newest_only() {
    trim(0, 1);
}

void SegmentCache::clear() {
    kept_.clear();
    bytes_ = 0;
}

/// The newest stays, however large.
void SegmentCache::trim(std::size_t bytes, std::size_t count) {
    while (kept_.size() > 1 && (bytes_ > bytes || kept_.size() > count)) {
        bytes_ -= kept_.back().bytes;
        kept_.pop_back();
    }
}

}  // namespace godwit
