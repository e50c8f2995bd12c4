/// What a conflict rule shows, told a second time and as plainly as can be, over values as JSON.
/// For fields that stand alone and can be read whole.
///
/// Spec: merge §4.
#pragma once

#include <string>
#include <vector>

#include "field-client/replica/json.h"
#include "shared/merge/record_state.h"
#include "shared/model/record_type.h"

namespace godwit::simulation {

struct NaiveSibling {
    Dot dot;
    HybridTime effective;
    Role role{Role::worker};
    std::vector<std::string>
        values;  ///< As JSON; several when they were settled to stand together.
};

struct NaiveView {
    std::vector<std::string> values;  ///< In no order where the rule has none.
    bool needs_review{};
};

NaiveView naive_view(const FieldSpec& field, std::vector<NaiveSibling> siblings);

}  // namespace godwit::simulation
