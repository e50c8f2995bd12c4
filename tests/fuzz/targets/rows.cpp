/// Rows of the local store: the first byte chooses the table. What decodes is written in one way,
/// which decodes to the same.
#include "field-client/replica/store_codec.h"

namespace {

using godwit::ByteView;

template <typename Decode>
void check(ByteView bytes, Decode decode) {
    const auto row = decode(bytes);
    if (!row) {
        GODWIT_ASSERT(row.error().code == godwit::ErrorCode::storage_corrupt);
        return;
    }
    const godwit::Bytes written = godwit::row::encode(*row);
    const auto again = decode(written);
    GODWIT_ASSERT(again && godwit::row::encode(*again) == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const ByteView bytes(data + 1, size - 1);
    switch (data[0] % 8) {
        case 0:
            check(bytes, godwit::row::decode_identity);
            break;
        case 1:
            check(bytes, godwit::row::decode_exchange);
            break;
        case 2:
            check(bytes, godwit::row::decode_log);
            break;
        case 3:
            check(bytes, godwit::row::decode_change_row);
            break;
        case 4:
            check(bytes, godwit::row::decode_record);
            break;
        case 5:
            check(bytes, godwit::row::decode_history);
            break;
        case 6:
            check(bytes, godwit::row::decode_parked);
            break;
        default:
            check(bytes, godwit::row::decode_list);
    }
    return 0;
}
