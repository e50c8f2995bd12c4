/// Counts what the program allocates, whoever asks: operator new, zstd and SQLite all come by here.
#pragma once

#include <cstddef>

namespace godwit {

/// The most bytes held at once since the last call of reset_allocation(), beyond what was held
/// then; blocks as the allocator gives them.
std::size_t allocation_peak();
void reset_allocation();

}  // namespace godwit
