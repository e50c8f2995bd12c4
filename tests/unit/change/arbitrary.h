/// Random items, contexts, changes and segments, within what may be written.
#pragma once

#include <rapidcheck.h>

#include "shared/change/segment.h"

namespace godwit::samples {

/// One encoded item of the profile, of at most `depth` levels.
rc::Gen<Bytes> any_item(int depth);

/// A context over few logs, so that two of them meet.
rc::Gen<Context> any_context();

rc::Gen<Change> any_change();

/// Well-formed changes, bodies that decode to nothing, and erased ones; unsigned.
rc::Gen<Segment> any_segment();

}  // namespace godwit::samples
