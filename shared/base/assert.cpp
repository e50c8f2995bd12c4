#include "shared/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace godwit {

void assertion_broken(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "godwit: broken assertion: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace godwit
