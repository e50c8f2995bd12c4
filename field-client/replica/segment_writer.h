/// Own changes on their way into segments, one segment after another, each signed when it is
/// closed.
#pragma once

#include <functional>

#include "field-client/replica/store.h"

namespace godwit {

/// Sensitive.
class SegmentWriter {
public:
    using Keep = std::function<Result<void>(const Segment&)>;

    /// `previous` is the hash before the first change added; `keep` is given each segment, signed.
    /// Cipher and identity must outlive the writer.
    SegmentWriter(const Cipher& cipher, const Identity& identity, const Digest& previous,
                  std::size_t bytes_target, Keep keep);

    /// Does the next change begin a segment?
    [[nodiscard]] bool is_between() const { return segment_.entries.empty(); }
    /// Would `next` make the segment larger than its target? One change alone never does.
    [[nodiscard]] bool is_full_for(const LoggedChange& next) const;

    /// The next change of the log.
    void add(LoggedChange next);
    /// Nothing to do when nothing was added since. Fails as `keep` does.
    Result<void> close();

private:
    const Cipher& cipher_;
    const Identity& identity_;
    Digest previous_;
    std::size_t bytes_target_;
    Keep keep_;
    Segment segment_;
    std::size_t bytes_{};
};

}  // namespace godwit
