// Which record types a program knows. These two stand alone in their file: what tries upgrades out
// links others in their place.

#include "shared/model/record_type.h"

namespace godwit {

std::span<const RecordType> record_types() {
    return compiled_record_types();
}

std::uint32_t schema_version() {
    return compiled_schema_version();
}

}  // namespace godwit
