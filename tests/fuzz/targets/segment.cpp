/// Segments: what decodes encodes to the bytes received, and its chain can be walked. A body that
/// does not decode costs its neighbours nothing.
#include "shared/change/segment.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const godwit::ByteView bytes(data, size);
    static_cast<void>(godwit::record_of(bytes));
    const auto segment = godwit::decode_segment(bytes);
    if (!segment) return 0;
    GODWIT_ASSERT(godwit::is_equal(godwit::encode_segment(*segment), bytes));
    GODWIT_ASSERT(godwit::hash_at(*segment, segment->first - 1) == segment->previous);
    GODWIT_ASSERT(godwit::signed_bytes(*segment).size() == 96);
    for (const godwit::Entry& entry : segment->entries) {
        const auto change = godwit::decode_change(entry.body);
        GODWIT_ASSERT(!change || change->record == entry.record);
    }
    return 0;
}
