#include "shared/compression/contexts.h"

namespace godwit {

DeflatingShelf& deflating_contexts() {
    static DeflatingShelf shelf;
    return shelf;
}

InflatingShelf& inflating_contexts() {
    static InflatingShelf shelf;
    return shelf;
}

}  // namespace godwit
