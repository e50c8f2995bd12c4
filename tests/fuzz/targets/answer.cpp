/// Answers: what decodes is written in one way, which decodes to the same.
#include "shared/protocol/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto answer = godwit::decode_answer({data, size});
    if (!answer) return 0;
    const godwit::Bytes written = godwit::encode_answer(*answer);
    const auto again = godwit::decode_answer(written);
    GODWIT_ASSERT(again && godwit::encode_answer(*again) == written);
    return 0;
}
