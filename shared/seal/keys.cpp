#include "shared/seal/keys.h"

#include <atomic>

namespace godwit {

void wipe(std::span<std::uint8_t> bytes) {
    // A volatile store is a visible effect, and the fence keeps later code from moving before it.
    volatile std::uint8_t* const start = bytes.data();
    for (std::size_t index = 0; index < bytes.size(); ++index) start[index] = 0;
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

void wipe(std::string& text) {
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    text.clear();
}

}  // namespace godwit
