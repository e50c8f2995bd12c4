/// Every history of three replicas in which each says up to a given number of things: all choices
/// of what is said, and of what its author had seen before.
///
/// Each history comes once, whatever the order in which it could be told, and once for all ways of
/// naming the three. Who has no use for what it had seen, as an addition, is given the least.
#pragma once

#include <functional>

#include "tests/unit/merge/history.h"

namespace godwit::test {

/// What replicas may have seen.
enum class Delivery {
    causal,  ///< Who saw a change had also seen what its author had.
    any,     ///< Any prefix of any log, as when a server was restored or a bundle overtook another.
};

struct Enumeration {
    std::vector<OperationKind> kinds;  ///< `remove` takes out all that its author sees.
    std::size_t operations_max{};      ///< Of each replica.
    Delivery delivery{Delivery::causal};
};

/// Calls `visit` with every history but the empty one; `held` says what each replica holds that
/// has read nothing since it last spoke. Returns how many visits there were.
std::size_t enumerate(const Enumeration& what, const std::function<void(const History&)>& visit);

}  // namespace godwit::test
