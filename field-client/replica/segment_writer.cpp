#include "field-client/replica/segment_writer.h"

#include <utility>

#include "shared/seal/segment_signature.h"

namespace godwit {

SegmentWriter::SegmentWriter(const Cipher& cipher, const Identity& identity, const Digest& previous,
                             std::size_t bytes_target, Keep keep)
    : cipher_(cipher),
      identity_(identity),
      previous_(previous),
      bytes_target_(bytes_target),
      keep_(std::move(keep)) {}

bool SegmentWriter::is_full_for(const LoggedChange& next) const {
    return !is_between() && bytes_ + next.body.size() > bytes_target_;
}

void SegmentWriter::add(LoggedChange next) {
    if (is_between()) {
        segment_.replica = identity_.replica;
        segment_.log = next.dot.log;
        segment_.first = next.dot.sequence;
        segment_.previous = previous_;
    }
    bytes_ += next.body.size() + sizeof(Digest);
    segment_.entries.push_back({std::move(next.body), next.record, next.digest});
}

Result<void> SegmentWriter::close() {
    if (is_between()) return ok();
    sign(cipher_, segment_, identity_.signing.secret_key);
    previous_ = head_after(segment_).hash;
    bytes_ = 0;
    return keep_(std::exchange(segment_, Segment{}));
}

}  // namespace godwit
