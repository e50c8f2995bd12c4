#include "field-client/cli/qr_reader.h"

#include <png.h>
#include <zbar.h>

#include <memory>
#include <optional>

namespace godwit {

namespace {

struct Picture {
    std::uint32_t width{};
    std::uint32_t height{};
    Bytes pixels;  ///< One byte of grey each, row by row.
};

Result<Picture> decode_png(std::string_view content, const std::string& source) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&image, content.data(), content.size()) == 0) {
        return Error{ErrorCode::file_unreadable, source + ": the picture is damaged"};
    }
    if (image.width > picture_side_max || image.height > picture_side_max) {
        png_image_free(&image);
        return Error{ErrorCode::file_unreadable, source + ": the picture is too large"};
    }
    image.format = PNG_FORMAT_GRAY;
    Picture picture{image.width, image.height, Bytes(PNG_IMAGE_SIZE(image))};
    const png_color white{255, 255, 255};  // What a transparent picture stands on.
    if (png_image_finish_read(&image, &white, picture.pixels.data(), 0, nullptr) == 0) {
        return Error{ErrorCode::file_unreadable, source + ": the picture is damaged"};
    }
    return picture;
}

}  // namespace

bool is_png(std::string_view content) {
    return content.substr(0, 8) == std::string_view("\x89PNG\r\n\x1a\n", 8);
}

Result<std::string> read_qr(std::string_view content, const std::string& source) {
    const Picture picture = TRY(decode_png(content, source));
    using Scanner =
        std::unique_ptr<zbar::zbar_image_scanner_t, decltype(&zbar::zbar_image_scanner_destroy)>;
    using Image = std::unique_ptr<zbar::zbar_image_t, decltype(&zbar::zbar_image_destroy)>;
    const Scanner scanner(zbar::zbar_image_scanner_create(), &zbar::zbar_image_scanner_destroy);
    const Image image(zbar::zbar_image_create(), &zbar::zbar_image_destroy);
    if (!scanner || !image) return Error{ErrorCode::file_unreadable, source};
    zbar::zbar_image_scanner_set_config(scanner.get(), zbar::ZBAR_NONE, zbar::ZBAR_CFG_ENABLE, 0);
    zbar::zbar_image_scanner_set_config(scanner.get(), zbar::ZBAR_QRCODE, zbar::ZBAR_CFG_ENABLE, 1);
    constexpr unsigned long grey = 0x30303859;  // The four letters Y800.
    zbar::zbar_image_set_format(image.get(), grey);
    zbar::zbar_image_set_size(image.get(), picture.width, picture.height);
    zbar::zbar_image_set_data(image.get(), picture.pixels.data(), picture.pixels.size(), nullptr);
    zbar::zbar_scan_image(scanner.get(), image.get());

    std::optional<std::string> found;
    for (const zbar::zbar_symbol_t* symbol = zbar::zbar_image_first_symbol(image.get());
         symbol != nullptr; symbol = zbar::zbar_symbol_next(symbol)) {
        const unsigned length = zbar::zbar_symbol_get_data_length(symbol);
        std::string text(zbar::zbar_symbol_get_data(symbol), length);
        if (found && *found != text) {
            return Error{ErrorCode::file_unreadable, source + ": there are several QR codes in it"};
        }
        found = std::move(text);
    }
    if (!found) return Error{ErrorCode::file_unreadable, source + ": there is no QR code in it"};
    return *std::move(found);
}

}  // namespace godwit
