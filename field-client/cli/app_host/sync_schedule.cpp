#include "field-client/cli/app_host/sync_schedule.h"

#include <algorithm>

namespace godwit {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds while_answered = minutes(2);
constexpr seconds after_writing{5};
constexpr seconds pause_min{30};
constexpr seconds pause_max = minutes(30);

}  // namespace

void SyncSchedule::begun(Instant now) {
    if (due_) due_ = now + pause_max;
}

void SyncSchedule::synced(Instant now) {
    pause_ = {};
    if (due_) due_ = now + while_answered;
}

void SyncSchedule::refused(Instant now) {
    pause_ = std::clamp(pause_ * 2, pause_min, pause_max);
    if (due_) due_ = now + pause_;
}

void SyncSchedule::written(Instant now) {
    if (due_ && pause_ == seconds{}) due_ = std::min(*due_, now + after_writing);
}

}  // namespace godwit
