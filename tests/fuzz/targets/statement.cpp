/// Statements of the roster: what decodes encodes to the bytes received, and what its signature is
/// over is the same taken from either.
#include "shared/seal/roster_statement.h"
#include "tests/fuzz/cheap_cipher.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const godwit::ByteView bytes(data, size);
    static_cast<void>(godwit::open_name(godwit::CheapCipher{}, {}, bytes));
    const auto statement = godwit::decode_statement(bytes);
    if (!statement) return 0;
    GODWIT_ASSERT(godwit::is_equal(godwit::encode_statement(*statement), bytes));
    GODWIT_ASSERT(godwit::signed_part_of(bytes) == godwit::signed_bytes(*statement));
    return 0;
}
