/// Record key statements, wraps and sealed values: what decodes encodes to the bytes received; what
/// is unpadded is padded in one way.
#include "shared/seal/record_key.h"
#include "shared/seal/sealed_value.h"
#include "tests/fuzz/cheap_cipher.h"

namespace {

using godwit::ByteView;

void check_statement(ByteView bytes) {
    godwit::cbor::Decoder in(bytes);
    const auto statement = godwit::decode_record_key_statement(in);
    if (!statement || !in.is_at_end()) return;
    godwit::Bytes again;
    godwit::cbor::Encoder out(again);
    godwit::encode(out, *statement);
    GODWIT_ASSERT(godwit::is_equal(again, bytes));
    static_cast<void>(godwit::verify(godwit::CheapCipher{}, *statement, {}));
}

void check_wrap(ByteView bytes) {
    godwit::cbor::Decoder in(bytes);
    const auto wrap = godwit::decode_wrap(in);
    if (!wrap || !in.is_at_end()) return;
    godwit::Bytes again;
    godwit::cbor::Encoder out(again);
    godwit::encode(out, *wrap);
    GODWIT_ASSERT(godwit::is_equal(again, bytes));
    static_cast<void>(godwit::open_wrap(godwit::CheapCipher{}, *wrap, {}, {}));
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
    check_statement(bytes);
    check_wrap(bytes);
    check_padding(bytes);
    return 0;
}
