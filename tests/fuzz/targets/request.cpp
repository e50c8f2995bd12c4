/// Requests: what decodes is written in one way, which decodes to the same.
#include "shared/protocol/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto request = godwit::decode_request({data, size});
    if (!request) return 0;
    const godwit::Bytes written = godwit::encode_request(*request);
    const auto again = godwit::decode_request(written);
    GODWIT_ASSERT(again && godwit::encode_request(*again) == written);
    return 0;
}
