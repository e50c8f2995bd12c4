/// The merge told a second time, as plainly as can be: no state grows, nothing is merged. A record
/// is looked up in the whole set of changes, and a value stands unless some change covers it.
#pragma once

#include "tests/unit/merge/people.h"

namespace godwit::test {

/// Does `later` supersede or remove what `earlier` said on `field`?
bool takes_away(const Said& later, const Said& earlier, std::uint32_t field);

/// The state after all of `changes`, in whatever order they stand.
RecordState naive_state(const std::vector<Said>& changes);

}  // namespace godwit::test
