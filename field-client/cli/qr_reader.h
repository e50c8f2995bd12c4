/// Reads an invitation from a picture of its QR code.
///
/// Sensitive: the picture and what it says are secrets. No error repeats them.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/bytes.h"
#include "shared/base/result.h"

namespace godwit {

inline constexpr std::uint32_t picture_side_max = 8192;  ///< Pixels.

bool is_png(std::string_view content);

/// The text of the one QR code in the PNG `content`, read from `source`.
/// Fails with file_unreadable when it is no picture, is too large, or holds no code or several.
Result<std::string> read_qr(std::string_view content, const std::string& source);

}  // namespace godwit
