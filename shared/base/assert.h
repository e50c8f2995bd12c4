/// GODWIT_ASSERT states what only a bug could break. It stays on in release, never judges input,
/// and prints the condition and its place, never a value.
#pragma once

namespace godwit {

[[noreturn]] void assertion_broken(const char* condition, const char* file, int line);

}  // namespace godwit

#define GODWIT_ASSERT(condition)        \
    ((condition) ? static_cast<void>(0) \
                 : ::godwit::assertion_broken(#condition, __FILE__, __LINE__))
