#include "tests/fuzz/allocation.h"

#include <malloc.h>

#include <cerrno>
#include <cstdint>

// The C library's own, which stand behind these when nobody counts.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);
}

namespace {

std::int64_t held = 0;  // One thread: whoever counts runs alone.
std::int64_t held_at_reset = 0;
std::int64_t peak = 0;

void* taken(void* block) {
    if (block != nullptr) held += static_cast<std::int64_t>(malloc_usable_size(block));
    if (held > peak) peak = held;
    return block;
}

void given_back(void* block) {
    if (block != nullptr) held -= static_cast<std::int64_t>(malloc_usable_size(block));
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
    return taken(__libc_malloc(size));
}

void* calloc(std::size_t count, std::size_t size) {
    return taken(__libc_calloc(count, size));
}

void* realloc(void* block, std::size_t size) {
    const std::size_t before = block == nullptr ? 0 : malloc_usable_size(block);
    void* const moved = __libc_realloc(block, size);
    if (moved != nullptr || size == 0) held -= static_cast<std::int64_t>(before);
    return taken(moved);
}

void* memalign(std::size_t alignment, std::size_t size) {
    return taken(__libc_memalign(alignment, size));
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
    return taken(__libc_memalign(alignment, size));
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
    *block = taken(__libc_memalign(alignment, size));
    return *block == nullptr ? ENOMEM : 0;
}

void free(void* block) {
    given_back(block);
    __libc_free(block);
}

}  // extern "C"

namespace godwit {

std::size_t allocation_peak() {
    return static_cast<std::size_t>(peak - held_at_reset);
}

void reset_allocation() {
    held_at_reset = held;
    peak = held;
}

}  // namespace godwit
