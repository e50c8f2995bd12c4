/// When the host syncs by itself.
///
/// Spec: app-host §5. Pure: it is told the time.
#pragma once

#include <chrono>
#include <optional>

namespace godwit {

class SyncSchedule {
public:
    using Instant = std::chrono::steady_clock::time_point;

    void unlocked(Instant now) { due_ = now; }
    void locked() { due_.reset(); }

    /// The host begins a sync; how it ends decides when the next is due.
    void begun(Instant now);

    /// A sync ended, whoever asked for it.
    void synced(Instant now);
    void refused(Instant now);

    /// A change was written.
    void written(Instant now);

    /// Nothing while the store is locked.
    [[nodiscard]] std::optional<Instant> due() const { return due_; }

private:
    std::optional<Instant> due_;
    std::chrono::seconds pause_{};  ///< The last one after a refusal; 0 when the server answered.
};

}  // namespace godwit
