/// Bytes as text people and programs exchange: lower-case hexadecimal and unpadded base64url
/// (RFC 4648 §5). Parsing is strict: one text for each byte string.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/base/bytes.h"
#include "shared/base/id.h"

namespace godwit {

std::string format_hex(ByteView bytes);
std::optional<Bytes> parse_hex(std::string_view text);

std::string format_base64url(ByteView bytes);
std::optional<Bytes> parse_base64url(std::string_view text);

/// True when `text` is well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates.
bool is_utf8(std::string_view text);

template <typename Tag>
std::string to_text(const Id<Tag>& id) {
    return format_hex(id.view());
}

template <typename IdType>
std::optional<IdType> parse_id(std::string_view text) {
    const auto bytes = parse_hex(text);
    if (!bytes) return std::nullopt;
    return IdType::from(*bytes);
}

}  // namespace godwit
