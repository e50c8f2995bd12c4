/// Segments a store has unpacked, those looked into last: whoever walks many records comes back to
/// the same few segments again and again.
///
/// See decisions/0017.
#pragma once

#include <list>

#include "shared/change/segment.h"

namespace godwit {

/// Sensitive.
class SegmentCache {
public:
    /// Bodies held at once: more than a season's work of one worker.
    static constexpr std::size_t bytes_max = 16U << 20U;
    static constexpr std::size_t count_max = 128;

    /// The segment that holds `dot`; null when it is not here. Good until the next call.
    const Segment* find(const Dot& dot);
    const Segment* keep(Segment segment);
    /// The segment of `log` that begins at `first` is no longer what it was.
    void drop(const LogId& log, Sequence first);
    /// What is not at hand is read again.
    void keep_newest_only();
    void clear();

private:
    struct Kept {
        Segment segment;
        std::size_t bytes{};
    };
    void trim(std::size_t bytes, std::size_t count);

    std::list<Kept> kept_;  ///< The one looked into last stands first.
    std::size_t bytes_{};
};

}  // namespace godwit
