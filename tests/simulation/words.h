/// What people say: values that suit their fields, most of them such as nobody else could have
/// said.
#pragma once

#include "field-client/replica/json.h"
#include "shared/model/record_type.h"
#include "tests/simulation/chance.h"

namespace godwit::simulation {

/// Fields that several people are likely to write at once. Any other is picked now and then.
const FieldSpec* pick_field(Chance& chance, const RecordType& type,
                            std::initializer_list<Rule> rules);

/// What makes one value unlike another.
struct Saying {
    std::uint64_t number{};        ///< Makes it a value of its own where the field has room for it.
    std::size_t long_bytes_max{};  ///< How much somebody may go on, where they may.
};

/// One value for `field`.
Json make_value(Chance& chance, const FieldSpec& field, const Saying& saying);

/// Every field that stands together with `field`, itself included.
std::vector<const FieldSpec*> fields_together(const RecordType& type, const FieldSpec& field);

}  // namespace godwit::simulation
