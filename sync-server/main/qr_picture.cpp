#include "sync-server/main/qr_picture.h"

#include <qrencode.h>

#include <memory>

namespace godwit {
namespace {

constexpr int quiet_squares = 4;

struct FreeCode {
    void operator()(QRcode* code) const { QRcode_free(code); }
};

bool is_dark(const QRcode& code, int column, int row) {
    const bool is_inside = column >= 0 && row >= 0 && column < code.width && row < code.width;
    return is_inside && (code.data[row * code.width + column] & 1U) != 0;
}

}  // namespace

Result<std::string> draw_qr(const std::string& text, bool is_coloured) {
    const std::unique_ptr<QRcode, FreeCode> code(
        QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_L));
    if (!code) return Error{ErrorCode::too_large, "the text does not fit a QR code"};
    // Above light and below light, above light only, below light only, neither.
    constexpr const char* blocks[] = {"\u2588", "\u2580", "\u2584", " "};
    std::string picture;
    for (int row = -quiet_squares; row < code->width + quiet_squares; row += 2) {
        if (is_coloured) picture += "\x1b[97;40m";
        for (int column = -quiet_squares; column < code->width + quiet_squares; ++column) {
            const int above = is_dark(*code, column, row) ? 2 : 0;
            const int below = is_dark(*code, column, row + 1) ? 1 : 0;
            picture += blocks[above + below];
        }
        if (is_coloured) picture += "\x1b[0m";
        picture += '\n';
    }
    return picture;
}

}  // namespace godwit
