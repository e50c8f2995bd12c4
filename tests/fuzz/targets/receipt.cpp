/// Receipts and safe marks: what decodes encodes to the bytes received, and fixes a time.
#include "shared/seal/receipt.h"
#include "tests/fuzz/cheap_cipher.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const godwit::ByteView bytes(data, size);
    const godwit::CheapCipher cipher;
    if (const auto receipt = godwit::decode_receipt(bytes)) {
        GODWIT_ASSERT(godwit::is_equal(godwit::encode_receipt(*receipt), bytes));
        static_cast<void>(godwit::verify(cipher, *receipt, {}));
        for (const std::int64_t wall_ms : {INT64_MIN, std::int64_t{0}, INT64_MAX}) {
            const auto time = godwit::effective_time({wall_ms, 7}, *receipt);
            GODWIT_ASSERT(time.wall_ms >= std::min(receipt->floor_ms, receipt->received_ms));
            GODWIT_ASSERT(time.wall_ms <= std::max(receipt->floor_ms, receipt->received_ms));
        }
    }
    if (const auto mark = godwit::decode_safe_mark(bytes)) {
        GODWIT_ASSERT(godwit::is_equal(godwit::encode_safe_mark(*mark), bytes));
        static_cast<void>(godwit::verify(cipher, *mark, {}));
    }
    return 0;
}
