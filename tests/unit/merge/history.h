/// Histories of three replicas that write, and read one another's logs in whatever order between
/// logs, told by a list of numbers: any list tells some history, so lists can be drawn and shrunk.
#pragma once

#include <array>

#include "tests/unit/merge/people.h"

namespace godwit::test {

inline constexpr std::size_t replicas_count = 3;

/// How many changes of each log.
using Prefix = std::array<std::size_t, replicas_count>;

Prefix joined(const Prefix& left, const Prefix& right);

/// Sensitive.
struct History {
    std::array<std::vector<Said>, replicas_count> logs;
    std::array<Prefix, replicas_count> held{};  ///< By replica, at the end.

    [[nodiscard]] Prefix all() const;
    /// The changes of `prefix`, one log after another.
    [[nodiscard]] std::vector<Said> changes(const Prefix& prefix) const;
};

/// The history `script` tells on two fields under `rule`: operations of the rule's kinds, now and
/// then of a kind from a newer version, seldom an erasure.
History history_of(Rule rule, const std::vector<std::uint32_t>& script);

/// The state after `prefix`, the logs interleaved as `script` says.
RecordState interleaved_state(const History& history, const Prefix& prefix,
                              const std::vector<std::uint32_t>& script);

}  // namespace godwit::test
