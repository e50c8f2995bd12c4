/// Hexadecimal, base64url and UTF-8: one text for each byte string.
#include "shared/base/text.h"
#include "shared/base/assert.h"

namespace {

/// UTF-8 read the long way: each scalar value's one form is built and compared.
bool is_utf8_again(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto byte = [&](std::size_t index) -> unsigned {
            return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
        };
        const unsigned first = byte(at);
        const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        unsigned scalar = length == 1 ? first : first & (0xffU >> (length + 1));
        if (length > 1 && (first & 0xc0U) != 0xc0U) return false;
        if (first >= 0xf8) return false;
        for (std::size_t index = 1; index < length; ++index) {
            if ((byte(at + index) & 0xc0U) != 0x80U) return false;
            scalar = scalar << 6U | (byte(at + index) & 0x3fU);
        }
        const unsigned least = length == 1 ? 0 : length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
        if (scalar < least || scalar > 0x10ffff || (scalar >= 0xd800 && scalar < 0xe000)) {
            return false;
        }
        at += length;
    }
    return at == text.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const godwit::ByteView bytes(data, size);
    const std::string_view text = godwit::text_of(bytes);
    GODWIT_ASSERT(godwit::is_utf8(text) == is_utf8_again(text));
    if (const auto parsed = godwit::parse_hex(text)) {
        GODWIT_ASSERT(godwit::format_hex(*parsed) == text);
    }
    if (const auto parsed = godwit::parse_base64url(text)) {
        GODWIT_ASSERT(godwit::format_base64url(*parsed) == text);
    }
    const auto hex = godwit::parse_hex(godwit::format_hex(bytes));
    GODWIT_ASSERT(hex && godwit::is_equal(*hex, bytes));
    const auto base64 = godwit::parse_base64url(godwit::format_base64url(bytes));
    GODWIT_ASSERT(base64 && godwit::is_equal(*base64, bytes));
    return 0;
}
