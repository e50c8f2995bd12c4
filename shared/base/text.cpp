#include "shared/base/text.h"

namespace godwit {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::optional<std::uint32_t> hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return static_cast<std::uint32_t>(digit - '0');
    if (digit >= 'a' && digit <= 'f') return static_cast<std::uint32_t>(digit - 'a') + 10U;
    return std::nullopt;
}

std::optional<std::uint32_t> base64url_value(char digit) {
    const auto index = base64url_digits.find(digit);
    if (index == std::string_view::npos) return std::nullopt;
    return static_cast<std::uint32_t>(index);
}

/// How many bytes follow a lead byte, and the range of the first of them; a count of 0 means that
/// no character begins with this byte. The ranges shut out overlong forms, surrogates and what
/// lies beyond U+10FFFF (RFC 3629 §4).
struct Utf8Lead {
    std::size_t following;
    std::uint8_t first;
    std::uint8_t last;
};

Utf8Lead utf8_lead(std::uint8_t byte) {
    if (byte >= 0xc2 && byte <= 0xdf) return {1, 0x80, 0xbf};
    if (byte == 0xe0) return {2, 0xa0, 0xbf};
    if (byte == 0xed) return {2, 0x80, 0x9f};
    if (byte >= 0xe1 && byte <= 0xef) return {2, 0x80, 0xbf};
    if (byte == 0xf0) return {3, 0x90, 0xbf};
    if (byte >= 0xf1 && byte <= 0xf3) return {3, 0x80, 0xbf};
    if (byte == 0xf4) return {3, 0x80, 0x8f};
    return {0, 0, 0};
}

}  // namespace

std::string format_hex(ByteView bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        out.push_back(hex_digits[byte >> 4U]);
        out.push_back(hex_digits[byte & 0x0fU]);
    }
    return out;
}

std::optional<Bytes> parse_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    Bytes out;
    out.reserve(text.size() / 2);
    for (std::size_t index = 0; index < text.size(); index += 2) {
        const auto high = hex_value(text[index]);
        const auto low = hex_value(text[index + 1]);
        if (!high || !low) return std::nullopt;
        out.push_back(static_cast<std::uint8_t>((*high << 4U) | *low));
    }
    return out;
}

std::string format_base64url(ByteView bytes) {
    std::string out;
    out.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (const std::uint8_t byte : bytes) {
        pending = (pending << 8U) | byte;
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            out.push_back(base64url_digits[(pending >> bits) & 0x3fU]);
        }
    }
    if (bits > 0) out.push_back(base64url_digits[(pending << (6U - bits)) & 0x3fU]);
    return out;
}

std::optional<Bytes> parse_base64url(std::string_view text) {
    if (text.size() % 4 == 1) return std::nullopt;
    Bytes out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (const char digit : text) {
        const auto value = base64url_value(digit);
        if (!value) return std::nullopt;
        pending = (pending << 6U) | *value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<std::uint8_t>((pending >> bits) & 0xffU));
        }
    }
    // Bits left over carry nothing: were they free, several texts would name the same bytes.
    if ((pending & ((1U << bits) - 1U)) != 0) return std::nullopt;
    return out;
}

bool is_utf8(std::string_view text) {
    const ByteView bytes = bytes_of(text);
    std::size_t index = 0;
    while (index < bytes.size()) {
        const std::uint8_t byte = bytes[index++];
        if (byte < 0x80) continue;
        const Utf8Lead lead = utf8_lead(byte);
        if (lead.following == 0 || bytes.size() - index < lead.following) return false;
        if (bytes[index] < lead.first || bytes[index] > lead.last) return false;
        for (std::size_t more = 1; more < lead.following; ++more) {
            if ((bytes[index + more] & 0xc0U) != 0x80U) return false;
        }
        index += lead.following;
    }
    return true;
}

}  // namespace godwit
