/// Frames: what is inflated stays within its bound, and a frame made of it holds the same.
#include "shared/protocol/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t bytes_max = 1U << 20U;
    const auto message = godwit::decode_frame({data, size}, bytes_max);
    if (!message) return 0;
    GODWIT_ASSERT(message->size() <= bytes_max);
    const auto again = godwit::decode_frame(godwit::encode_frame(*message), bytes_max);
    GODWIT_ASSERT(again && *again == *message);
    return 0;
}
