/// How safe a value is by the order its field declares: what `most_restrictive` and
/// `state_machine` join by.
///
/// Spec: merge §4.
#pragma once

#include <compare>
#include <cstdint>

#include "shared/base/bytes.h"
#include "shared/model/record_type.h"

namespace godwit {

/// Greater is safer.
struct Safety {
    /// Numbers order: what nobody has assessed never beats what somebody has, and what only a
    /// newer version can place counts as safest.
    enum class Standing : std::uint8_t { not_assessed = 0, declared = 1, undeclared = 2 };

    Standing standing{Standing::undeclared};
    std::int64_t place{};  ///< Among the declared.

    std::strong_ordering operator<=>(const Safety&) const = default;
};

/// `FieldSpec::order` holds codes, safest last (booleans as `true` and `false`), or one of
///   earlier   dates and moments: the earlier is safer, a year or month as its first day
///   greater, smaller   integers
Safety safety_of(const FieldSpec& field, ByteView item);

}  // namespace godwit
