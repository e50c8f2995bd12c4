/// Refusals, founding requests, enrolments and envelopes: the first byte chooses.
#include "shared/protocol/messages.h"
#include "shared/seal/request_envelope.h"
#include "tests/fuzz/cheap_cipher.h"

namespace {

using godwit::ByteView;

void check_refusal(ByteView bytes) {
    const auto refusal = godwit::decode_refusal(bytes);
    if (!refusal) return;
    // Of codes this build does not know only `malformed` is left; all else stays.
    const godwit::Bytes written = godwit::encode_refusal(*refusal);
    const auto again = godwit::decode_refusal(written);
    GODWIT_ASSERT(again && godwit::encode_refusal(*again) == written);
}

void check_founding(ByteView bytes) {
    const auto request = godwit::decode_founding_request(bytes);
    if (request) {
        GODWIT_ASSERT(godwit::is_equal(godwit::encode_founding_request(*request), bytes));
    }
}

void check_statements(ByteView bytes) {
    const auto statements = godwit::decode_statements(bytes);
    if (statements) GODWIT_ASSERT(godwit::is_equal(godwit::encode_statements(*statements), bytes));
}

void check_envelope(ByteView bytes) {
    const godwit::CheapCipher cipher;
    const auto envelope = godwit::read_envelope(bytes);
    if (!envelope) return;
    GODWIT_ASSERT(envelope->payload.size() + godwit::envelope_head_bytes == bytes.size());
    static_cast<void>(godwit::verify(cipher, *envelope, godwit::path::exchange, {}, {}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const ByteView bytes(data + 1, size - 1);
    switch (data[0] % 4) {
        case 0:
            check_refusal(bytes);
            break;
        case 1:
            check_founding(bytes);
            break;
        case 2:
            check_statements(bytes);
            break;
        default:
            check_envelope(bytes);
    }
    return 0;
}
