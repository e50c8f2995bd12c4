/// Batches of record key statements, wraps and sealed values: what decodes encodes to the bytes
/// received; what is unpadded is padded in one way.
#include "shared/seal/key_batch.h"
#include "shared/seal/sealed_value.h"
#include "shared/seal/wrap.h"
#include "tests/fuzz/cheap_cipher.h"

namespace {

using godwit::ByteView;

void check_statements(ByteView bytes) {
    const auto batch = godwit::decode_batch(bytes);
    if (!batch) return;
    GODWIT_ASSERT(godwit::encode_batches(*batch) ==
                  std::vector<godwit::Bytes>{godwit::copy_of(bytes)});
    godwit::RecordKeyVerifier verifier;
    for (const godwit::RecordKeyStatement& each : *batch) {
        const bool is_signed = bool(godwit::verify(godwit::CheapCipher{}, each, {}));
        // What it remembers of the batch changes no answer.
        GODWIT_ASSERT(bool(verifier.verify(godwit::CheapCipher{}, each, {})) == is_signed);
        GODWIT_ASSERT(bool(verifier.verify(godwit::CheapCipher{}, each, {})) == is_signed);
        // Alone it says the same: the batch gave it all it needs.
        GODWIT_ASSERT(*godwit::decode_statement_alone(godwit::encode_statement(each)) == each);
    }
}

void check_wraps(ByteView bytes) {
    const auto wraps = godwit::decode_wraps_of(bytes);
    if (!wraps) return;
    const godwit::RecordId record = wraps->front().record;
    GODWIT_ASSERT(godwit::is_equal(godwit::encode_wraps_of(record, *wraps), bytes));
    godwit::RecordKeyStatement statement;
    statement.record = record;
    for (const godwit::Wrap& wrap : *wraps) {
        static_cast<void>(godwit::open_wrap(godwit::CheapCipher{}, wrap, {}, statement));
    }
}

void check_padding(ByteView bytes) {
    const auto item = godwit::unpad(bytes);
    if (item) GODWIT_ASSERT(godwit::is_equal(godwit::pad(*item), bytes));
    const auto value = godwit::open_value(godwit::CheapCipher{}, {}, {}, 1, bytes);
    if (value) GODWIT_ASSERT(godwit::cbor::check(*value));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    check_statements(bytes);
    check_wraps(bytes);
    check_padding(bytes);
    return 0;
}
