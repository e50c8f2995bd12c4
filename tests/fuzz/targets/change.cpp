/// Bodies: what decodes is what some replica may write, and encodes to the bytes received.
#include "shared/change/change.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const godwit::ByteView bytes(data, size);
    const auto change = godwit::decode_change(bytes);
    if (!change) return 0;
    GODWIT_ASSERT(godwit::is_equal(godwit::encode_change(*change), bytes));
    GODWIT_ASSERT(godwit::check_change(*change));
    const godwit::LogId log{{1}};
    const godwit::Change again = godwit::reissue(*change, log, change->sequence / 2, {});
    const auto twice = godwit::decode_change(godwit::encode_change(again));
    GODWIT_ASSERT(!twice || *twice == again);
    return 0;
}
