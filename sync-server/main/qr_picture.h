/// A line of text as a QR picture made of characters, for a terminal or a page of text.
#pragma once

#include <string>

#include "shared/base/result.h"

namespace godwit {

/// Half blocks, two rows to a line, with the quiet zone of four. `is_coloured` sets black on white
/// whatever the terminal's colours are; without it light squares are drawn, for dark screens.
/// Fails with too_large when the text does not fit a QR code.
Result<std::string> draw_qr(const std::string& text, bool is_coloured);

}  // namespace godwit
